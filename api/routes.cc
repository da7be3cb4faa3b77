#include "api/routes.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "api/access/guard.h"
#include "api/access/rules_handler.h"
#include "api/acl/acl_routes.h"
#include "api/acl/login_handlers.h"
#include "api/agent_checks.h"
#include "api/agent_health.h"
#include "api/agent_maintenance.h"
#include "api/agent_members.h"
#include "api/agent_self.h"
#include "api/agent_services.h"
#include "api/agent_token.h"
#include "api/batch_handler.h"
#include "api/catalog_handlers.h"
#include "api/coordinate_handlers.h"
#include "api/event_handlers.h"
#include "api/openapi/description.h"
#include "api/openapi/document.h"
#include "api/operations_handlers.h"
#include "api/prometheus_sd.h"
#include "api/read_handlers.h"
#include "api/renewals_handler.h"
#include "api/reply.h"
#include "api/route_row.h"
#include "api/route_traits.h"
#include "api/server_handlers.h"
#include "api/shared/needs.h"
#include "api/snapshot_handlers.h"

namespace rollcall::api {
namespace {

using openapi::Description;
using openapi::Parameters;

// Of what most routes are about: services and the nodes that they run on.
const std::vector<acl::Resource> kBoth = {acl::Resource::kNode, acl::Resource::kService};
const Needs kSeen = Needs::Filtered(kBoth);
const Needs kWritesInBody = Needs::Judged(acl::Right::kWrite, kBoth, Needs::Name::kInBody);
const Needs kWritesInCatalog = Needs::Judged(acl::Right::kWrite, kBoth, Needs::Name::kInCatalog);

// What every read of the catalog takes.
const Parameters kRead = [] {
  Parameters all = kBlocking;
  all.emplace_back("cached");
  return all;
}();

std::vector<Row> Table(ApiWorker& w) {
  using enum http::Method;
  using enum acl::Resource;
  using enum Needs::Name;
  using model::CheckStatus;
  using openapi::kBytes;
  using openapi::kNothing;
  using openapi::kText;
  return {
      {kGet, "/", Needs::Nothing(), RootHandler(),
       Description("Says that this is an agent's API.", kText)},
      {kPut, "/v1/catalog/register", kWritesInBody, RegisterHandler(w),
       Description("Registers a node, and with it a service instance and checks.", "True")
           .Takes({"dc"})
           .Body("Registration")
           .Fails({409})},
      {kPut, "/v1/catalog/deregister", kWritesInBody, DeregisterHandler(w),
       Description("Removes a check, a service instance, or a node with all that it holds.", "True")
           .Takes({"dc"})
           .Body("Deregistration")},
      {kPut, "/v1/catalog/batch", kWritesInBody, BatchHandler(w),
       Description("Registers and deregisters many at once, each for itself, in one commit.",
                   "BatchResults")
           .Body("Batch")},
      {kPut, "/v1/catalog/heartbeat", kWritesInBody, HeartbeatHandler(w),
       Description("Renews the TTLs of a node's checks.", "True").Body("Heartbeat").Fails({404})},
      {kPut, "/v1/internal/renewals", Needs::OtherServer(), RenewalsHandler(w),
       Description("Of servers that share a store: tells the one that owns expiry which TTLs "
                   "heartbeats have renewed elsewhere.",
                   "RenewalStamp")
           .Body("Renewals")
           .Fails({404, 409})},
      {kGet, "/v1/internal/acl/rules", Needs::Token(), AccessRulesHandler(w),
       Description("The rules of the token that is presented, for an agent that has to know what "
                   "its bearer may do.",
                   "AccessRules")
           .Fails({401})},
      {kGet, "/v1/catalog/datacenters", Needs::Nothing(), DatacentersHandler(w),
       Description("The datacenters.", "Texts")},
      {kGet, "/v1/catalog/nodes", Needs::Filtered({kNode}), ReadHandler(w, NodesRead),
       Description("All nodes.", "Node[]").Takes(kRead, {"node-meta", "near", "filter"})},
      {kGet, "/v1/catalog/services", Needs::Filtered({kService}), ReadHandler(w, ServicesRead),
       Description("The names of all services, each with the tags of its instances.",
                   "ServiceNames")
           .Takes(kRead, {"node-meta"})},
      {kGet, "/v1/catalog/service/*name", kSeen, ReadHandler(w, CatalogServiceRead),
       Description("The instances of a service.", "CatalogService[]")
           .Takes(kRead, {"tag", "node-meta", "near", "filter"})},
      {kGet, "/v1/catalog/node/*name", kSeen, ReadHandler(w, CatalogNodeRead),
       Description("A node and its service instances, by ID.", "CatalogNode")
           .Takes(kRead, {"filter"})},
      {kGet, "/v1/catalog/node-services/*name", kSeen, ReadHandler(w, CatalogNodeServicesRead),
       Description("A node and its service instances, as a list.", "CatalogNodeServices")
           .Takes(kRead, {"filter"})},
      {kGet, "/v1/catalog/connect/*name", kSeen, ReadHandler(w, MeshRead),
       Description("The mesh-capable instances of a service: none.", "CatalogService[]")
           .Takes(kRead, {"filter"})},
      {kGet, "/v1/catalog/gateway-services/*name", kSeen, ReadHandler(w, MeshRead),
       Description("The services behind a gateway: none.", "CatalogService[]")
           .Takes(kRead, {"filter"})},
      {kGet, "/v1/health/service/*name", kSeen, ReadHandler(w, HealthServiceRead),
       Description("The instances of a service with their nodes and checks.", "HealthService[]")
           .Takes(kRead, {"passing", "tag", "node-meta", "near", "filter"})},
      {kGet, "/v1/health/node/*name", kSeen, ReadHandler(w, HealthNodeRead),
       Description("The checks of a node.", "Check[]").Takes(kRead, {"filter"})},
      {kGet, "/v1/health/checks/*name", kSeen, ReadHandler(w, HealthChecksRead),
       Description("The checks of a service's instances.", "Check[]")
           .Takes(kRead, {"node-meta", "near", "filter"})},
      {kGet, "/v1/health/state/*name", kSeen, ReadHandler(w, HealthStateRead),
       Description("The checks in a state: passing, warning, critical, or any.", "Check[]")
           .Takes(kRead, {"node-meta", "near", "filter"})},
      {kGet, "/v1/health/connect/*name", kSeen, ReadHandler(w, MeshRead),
       Description("The mesh-capable instances of a service with their checks: none.",
                   "HealthService[]")
           .Takes(kRead, {"filter"})},
      {kGet, "/v1/health/ingress/*name", kSeen, ReadHandler(w, MeshRead),
       Description("The ingress gateways of a service: none.", "HealthService[]")
           .Takes(kRead, {"filter"})},
      {kGet, "/v1/agent/self", Needs::ReadOwn(kAgent), AgentSelfHandler(w),
       Description("What this server is.", "AgentSelf").Takes({"pretty"})},
      {kGet, "/v1/agent/services", Needs::Filtered({kService}), AgentServicesHandler(w),
       Description("The services of the server's own node, by ID.", "AgentServices")
           .Takes({"filter", "pretty"})},
      {kGet, "/v1/agent/checks", Needs::Filtered({kNode, kService}), AgentChecksHandler(w),
       Description("The checks of the server's own node, by ID.", "AgentChecks")
           .Takes({"filter", "pretty"})},
      {kGet, "/v1/agent/service/*id", Needs::Judged(acl::Right::kRead, {kService}, kInCatalog),
       AgentServiceHandler(w),
       Description("One service of the server's own node, with a hash of its content.",
                   "AgentService")
           .Takes({"hash", "wait", "dc", "pretty"})
           .Fails({404})},
      {kPut, "/v1/agent/service/register", Needs::Judged(acl::Right::kWrite, {kService}, kInBody),
       AgentRegisterServiceHandler(w),
       Description("Registers a service on the server's own node.", kNothing)
           .Takes({"replace-existing-checks"})
           .Body("ServiceDefinition")},
      {kPut, "/v1/agent/service/deregister/*id", kWritesInCatalog, AgentDeregisterServiceHandler(w),
       Description("Removes a service of the server's own node and its checks.", kNothing)},
      {kPut, "/v1/agent/service/maintenance/*id", kWritesInCatalog,
       AgentServiceMaintenanceHandler(w),
       Description("Puts a service of the server's own node into maintenance, or takes it out.",
                   kNothing)
           .Takes({"enable", "reason"})
           .Fails({404})},
      {kPut, "/v1/agent/maintenance", Needs::WriteOwn(kNode), AgentMaintenanceHandler(w),
       Description("Puts the server's own node into maintenance, or takes it out.", kNothing)
           .Takes({"enable", "reason"})},
      {kGet, "/v1/agent/health/service/id/*id",
       Needs::Judged(acl::Right::kRead, {kService}, kInCatalog), AgentHealthByIdHandler(w),
       Description("Whether a service of the server's own node can be used, by ID.", "AgentHealth")
           .Takes({"health-format", "pretty"})
           .OrText()
           .AlsoWith({404, 429, 503})},
      {kGet, "/v1/agent/health/service/name/*name", Needs::Read(kService, "name"),
       AgentHealthByNameHandler(w),
       Description("Whether the services of that name on the server's own node can be used.",
                   "AgentHealth[]")
           .Takes({"health-format", "pretty"})
           .OrText()
           .AlsoWith({404, 429, 503})},
      {kGet, "/v1/agent/members", Needs::Filtered({kNode}), AgentMembersHandler(w),
       Description("This server, and the nodes that agents keep alive.", "Member[]")
           .Takes({"wan", "member-segment", "pretty"})},
      {kPut, "/v1/agent/join/*address", Needs::WriteOwn(kAgent), AgentJoinHandler(w),
       Description("Accepted, and does nothing: there is no gossip to join.", kNothing)},
      {kPut, "/v1/agent/force-leave/*node", Needs::Write(acl::Scalar::kOperator),
       AgentForceLeaveHandler(w),
       Description("Removes a node whose agent has failed.", kNothing).Fails({404})},
      {kPut, "/v1/agent/check/register", kWritesInBody, AgentRegisterCheckHandler(w),
       Description("Registers a check on the server's own node.", kNothing)
           .Body("AgentCheckDefinition")
           .Fails({404})},
      {kPut, "/v1/agent/check/deregister/*id", kWritesInCatalog, AgentDeregisterCheckHandler(w),
       Description("Removes a check of the server's own node.", kNothing)},
      {kPut, "/v1/agent/check/pass/*id", kWritesInCatalog,
       AgentCheckStatusHandler(w, CheckStatus::kPassing),
       Description("Reports a TTL check as passing.", kNothing).Takes({"note"}).Fails({404})},
      {kPut, "/v1/agent/check/warn/*id", kWritesInCatalog,
       AgentCheckStatusHandler(w, CheckStatus::kWarning),
       Description("Reports a TTL check as warning.", kNothing).Takes({"note"}).Fails({404})},
      {kPut, "/v1/agent/check/fail/*id", kWritesInCatalog,
       AgentCheckStatusHandler(w, CheckStatus::kCritical),
       Description("Reports a TTL check as critical.", kNothing).Takes({"note"}).Fails({404})},
      {kPut, "/v1/agent/check/update/*id", kWritesInCatalog, AgentCheckUpdateHandler(w),
       Description("Reports a TTL check's status and output.", kNothing)
           .Body("CheckUpdate")
           .Fails({404})},
      {kGet, "/v1/coordinate/datacenters", Needs::Nothing(), CoordinateDatacentersHandler(w),
       Description("The coordinates of the servers of each datacenter.",
                   "DatacenterCoordinates[]")},
      {kGet, "/v1/coordinate/nodes", Needs::Filtered({kNode}), ReadHandler(w, CoordinateNodesRead),
       Description("The network coordinates of all nodes that have any.", "NodeCoordinate[]")
           .Takes(kRead, {"coordinate-segment"})},
      {kGet, "/v1/coordinate/node/*name", Needs::Read(kNode, "name"), CoordinateNodeHandler(w),
       Description("The network coordinates of a node.", "NodeCoordinate[]")
           .Takes(kBlocking, {"coordinate-segment"})
           .Fails({404})},
      {kPut, "/v1/coordinate/update", Needs::Judged(acl::Right::kWrite, {kNode}, kInBody),
       UpdateCoordinateHandler(w),
       Description("Sets the network coordinate of a node in a segment.", kNothing)
           .Takes({"dc"})
           .Body("CoordinateUpdate")
           .Fails({404})},
      {kPut, "/v1/event/fire/*name", Needs::Write(kEvent, "name"), FireEventHandler(w),
       Description("Fires a user event: a name, a payload, and whom it is for.", "Event")
           .Takes({"for-node", "for-service", "for-tag", "dc"})
           .Body(kBytes)},
      {kGet, "/v1/event/list", Needs::Filtered({kEvent}), ListEventsHandler(w),
       Description("The last user events.", "Event[]")
           .Takes(kBlocking, {"event-name", "on-node", "on-service", "on-tag"})},
      {kGet, "/v1/prometheus/sd", kSeen, PrometheusSdHandler(w),
       Description("Service instances as targets for Prometheus' http_sd_configs.",
                   "PrometheusTargets[]")
           .Takes({"service", "tag", "node-meta", "filter", "passing", "tag_separator", "dc",
                   "pretty", "If-None-Match"})},
      {kGet, "/v1/agent/version", Needs::ReadOwn(kAgent), VersionHandler(w),
       Description("The version of the server and its sources.", "Version")},
      {kGet, "/v1/agent/host", Needs::Read(acl::Scalar::kOperator), HostHandler(w),
       Description("Memory, CPUs, system and disk of the host that the server runs on.", "Host")},
      {kGet, "/v1/agent/metrics", Needs::ReadOwn(kAgent), MetricsHandler(w),
       Description("What the server counts and measures, as JSON or for Prometheus.", "Metrics")
           .Takes({"metrics-format"})
           .OrText()},
      {kGet, "/v1/agent/monitor", Needs::ReadOwn(kAgent), OwnMonitorHandler(w),
       Description("Streams the server's log, a line at a time, until the client goes.", kText)
           .Takes({"loglevel", "logjson"})},
      {kPut, "/v1/agent/reload", Needs::WriteOwn(kAgent), ReloadHandler(w),
       Description("Reads the configuration file again and applies what needs no restart.",
                   kNothing)},
      {kPut, "/v1/agent/leave", Needs::WriteOwn(kAgent), LeaveHandler(w),
       Description("Stops the server as SIGTERM does.", kNothing)},
      {kPut, "/v1/agent/token/*name", Needs::WriteOwn(kAgent), AgentTokenHandler(w),
       Description("Sets a token that the server uses where a request brings none.", kNothing)
           .Body("AgentToken")
           .Fails({401, 404})},
      {kGet, "/v1/snapshot", Needs::Write(acl::Scalar::kAcl), GetSnapshotHandler(w),
       Description("The whole catalog at one index, in rollcall's own format.", kBytes)
           .Carries({"X-Consul-Index"})
           .Takes({"stale", "consistent", "dc", "token"})},
      {kPut, "/v1/snapshot", Needs::Write(acl::Scalar::kAcl), PutSnapshotHandler(w),
       Description("Registers what a snapshot holds.", "SnapshotResult")
           .Takes({"merge"})
           .Body(kBytes)
           .Fails({409})},
      {kGet, "/v1/status/leader", Needs::Nothing(), LeaderHandler(w),
       Description("The server that lets checks expire; empty when none is known.", "Text")},
      {kGet, "/v1/status/peers", Needs::Nothing(), PeersHandler(w),
       Description("All servers.", "Texts")},
      {kGet, "/v1/operator/raft/configuration", Needs::Read(acl::Scalar::kOperator),
       RaftConfigurationHandler(w),
       Description("All servers, where they are, and how far the one that answers has come.",
                   "RaftConfiguration")
           .Takes({"stale", "dc", "pretty"})},
      {kGet, "/v1/operator/autopilot/health", Needs::Read(acl::Scalar::kOperator),
       AutopilotHealthHandler(w),
       Description("Whether the servers are well, as far as the one that answers knows.",
                   "AutopilotHealth")
           .Takes({"stale", "dc", "pretty"})
           .AlsoWith({429})},
  };
}

http::Handler DocumentHandler(std::shared_ptr<const http::SharedBody> document) {
  return [document = std::move(document)](const std::shared_ptr<http::Exchange>& exchange) {
    exchange->Respond(http::JsonResponse(document));
  };
}

// The description of all routes, its own among them.
std::string DocumentOf(const std::vector<Row>& rows, const std::string& version) {
  std::vector<openapi::Operation> operations;
  operations.reserve(rows.size());
  for (const Row& row : rows) {
    operations.push_back({row.method, row.pattern, row.needs.ToText(), row.description});
  }
  return openapi::MakeDocument(operations, version).dump();
}

}  // namespace

std::vector<ApiRoute> RouteTable(ApiWorker& worker) {
  std::vector<Row> rows = Table(worker);
  for (Row& row : AclRows(worker)) rows.push_back(std::move(row));
  rows.push_back({http::Method::kGet, "/openapi.json", Needs::Nothing(), http::Handler(),
                  Description("This description of the API.", "OpenApi")});
  rows.back().handler = DocumentHandler(
      std::make_shared<const http::SharedBody>(DocumentOf(rows, worker.info().version)));
  std::vector<ApiRoute> table;
  table.reserve(rows.size());
  for (Row& row : rows) {
    const RouteTraits traits = TraitsOf(row.method, row.pattern, row.description.statuses);
    table.push_back({row.needs,
                     {row.method, std::string(row.pattern),
                      Guarded(worker, row.needs, traits, std::move(row.handler)),
                      std::string(row.description.summary)}});
    if (traits.is_login) {
      table.back().route.too_large = [&worker](const http::Request& request) {
        return RefuseUnreadLogin(worker, request);
      };
    }
  }
  return table;
}

std::vector<http::Route> Routes(ApiWorker& worker) {
  std::vector<http::Route> routes;
  for (ApiRoute& each : RouteTable(worker)) routes.push_back(std::move(each.route));
  return routes;
}

}  // namespace rollcall::api
