// The reads of /v1/catalog and /v1/health: what each endpoint answers, and when that has changed.
// What many clients ask for in the same form is rendered once per change and shared.
// Any thread, on any snapshot.
#pragma once

#include <string>

#include "api/query_options.h"
#include "api/read.h"

namespace rollcall::api {

// catalog/nodes, catalog/services.
Read ListNodes(std::string datacenter);
Read ListServices();

// catalog/service/:name and health/service/:name list the same instances in the same order.
Read CatalogService(const std::string& name, std::string datacenter, const QueryOptions& options);
Read HealthService(const std::string& name, std::string datacenter, const QueryOptions& options);

// catalog/node/:name: {"Node": {...}, "Services": {id: {...}}}, or null.
Read CatalogNode(const std::string& name, std::string datacenter);
// catalog/node-services/:name: the services as a list; both null for no node.
Read CatalogNodeServices(const std::string& name, std::string datacenter);

// health/node/:name, health/checks/:name (of a service), health/state/:state ("any" or a status;
// for another word the list is empty, as in Consul).
Read HealthNode(const std::string& name);
Read HealthChecks(const std::string& service);
Read HealthState(const std::string& state);

}  // namespace rollcall::api
