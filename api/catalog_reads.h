// The reads of /v1/catalog and /v1/health: what each endpoint answers, and when that has changed.
// What many clients ask for in the same form is rendered once per change and shared.
// Any thread, on any snapshot.
#pragma once

#include <string>

#include "api/filter/filter.h"
#include "api/read.h"
#include "api/shared/query_options.h"

namespace rollcall::api {

// What a read needs beside the name that it is about.
template <typename Record>
struct ListOptions {
  std::string datacenter;
  QueryOptions query;
  filter::Filter<Record> filter;
};

// catalog/nodes; catalog/services: {name: [tag, ...]}, of the nodes with the ?node-meta asked for.
Read ListNodes(ListOptions<filter::NodeRecord> options);
Read ListServices(const QueryOptions& options);

// catalog/service/:name and health/service/:name list the same instances in the same order.
Read CatalogService(std::string name, ListOptions<filter::CatalogServiceRecord> options);
Read HealthService(std::string name, ListOptions<filter::HealthRecord> options);

// catalog/connect, catalog/gateway-services, health/connect, health/ingress of a service: empty,
// there is no service mesh here. The index is that of a service that was never there.
Read NothingInTheMesh();

// catalog/node/:name: {"Node": {...}, "Services": {id: {...}}}, or null.
Read CatalogNode(std::string name, ListOptions<model::Instance> options);
// catalog/node-services/:name: the services as a list; both null for no node.
Read CatalogNodeServices(std::string name, ListOptions<model::Instance> options);

// health/node/:name, health/checks/:name (of a service), health/state/:state ("any" or a status;
// for another word the list is empty, as in Consul).
Read HealthNode(std::string name, ListOptions<model::Check> options);
Read HealthChecks(std::string service, ListOptions<model::Check> options);
Read HealthState(std::string state, ListOptions<model::Check> options);

}  // namespace rollcall::api
