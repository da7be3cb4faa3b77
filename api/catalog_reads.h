// The reads of /v1/catalog and /v1/health: what each endpoint answers, and when that has changed.
// What many clients ask for in the same form is rendered once per change and shared.
// Any thread, on any snapshot.
#pragma once

#include <string>

#include "api/filter/filter.h"
#include "api/query_options.h"
#include "api/read.h"

namespace rollcall::api {

// What a read needs beside the name that it is about.
template <typename Record>
struct ListOptions {
  std::string datacenter;
  QueryOptions query;
  filter::Filter<Record> filter;
};

// catalog/nodes; catalog/services: {name: [tag, ...]}, of the nodes with the ?node-meta asked for.
Read ListNodes(const ListOptions<filter::NodeRecord>& options);
Read ListServices(const QueryOptions& options);

// catalog/service/:name and health/service/:name list the same instances in the same order.
Read CatalogService(const std::string& name,
                    const ListOptions<filter::CatalogServiceRecord>& options);
Read HealthService(const std::string& name, const ListOptions<filter::HealthRecord>& options);

// catalog/connect, catalog/gateway-services, health/connect, health/ingress of a service: empty,
// there is no service mesh here. The index is that of a service that was never there.
Read NothingInTheMesh();

// catalog/node/:name: {"Node": {...}, "Services": {id: {...}}}, or null.
Read CatalogNode(const std::string& name, const ListOptions<model::Instance>& options);
// catalog/node-services/:name: the services as a list; both null for no node.
Read CatalogNodeServices(const std::string& name, const ListOptions<model::Instance>& options);

// health/node/:name, health/checks/:name (of a service), health/state/:state ("any" or a status;
// for another word the list is empty, as in Consul).
Read HealthNode(const std::string& name, const ListOptions<model::Check>& options);
Read HealthChecks(const std::string& service, const ListOptions<model::Check>& options);
Read HealthState(const std::string& state, const ListOptions<model::Check>& options);

}  // namespace rollcall::api
