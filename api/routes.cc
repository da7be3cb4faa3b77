#include "api/routes.h"

#include <memory>
#include <utility>

#include "api/agent_checks.h"
#include "api/agent_health.h"
#include "api/agent_maintenance.h"
#include "api/agent_members.h"
#include "api/agent_self.h"
#include "api/agent_services.h"
#include "api/catalog_handlers.h"
#include "api/coordinate_handlers.h"
#include "api/event_handlers.h"
#include "api/monitor_handler.h"
#include "api/operations_handlers.h"
#include "api/prometheus_sd.h"
#include "api/query_options.h"
#include "api/read_handlers.h"
#include "api/reply.h"

namespace rollcall::api {
namespace {

// What is refused before any handler sees it.
http::Handler Guarded(http::Handler handler) {
  return [handler = std::move(handler)](const std::shared_ptr<http::Exchange>& exchange) {
    if (Result<void> ok = RefuseEnterpriseParameters(exchange->request()); !ok) {
      return exchange->Respond(ErrorResponse(ok.error()));
    }
    handler(exchange);
  };
}

std::vector<http::Route> Table(ApiWorker& w) {
  using enum http::Method;
  using model::CheckStatus;
  return {
      {kGet, "/", RootHandler(), "Says that this is an agent's API."},
      {kPut, "/v1/catalog/register", RegisterHandler(w),
       "Registers a node, and with it a service instance and checks."},
      {kPut, "/v1/catalog/deregister", DeregisterHandler(w),
       "Removes a check, a service instance, or a node with all that it holds."},
      {kPut, "/v1/catalog/heartbeat", HeartbeatHandler(w), "Renews the TTLs of a node's checks."},
      {kGet, "/v1/catalog/datacenters", DatacentersHandler(w), "The datacenters."},
      {kGet, "/v1/catalog/nodes", ReadHandler(w, NodesRead), "All nodes."},
      {kGet, "/v1/catalog/services", ReadHandler(w, ServicesRead),
       "The names of all services, each with the tags of its instances."},
      {kGet, "/v1/catalog/service/*name", ReadHandler(w, CatalogServiceRead),
       "The instances of a service."},
      {kGet, "/v1/catalog/node/*name", ReadHandler(w, CatalogNodeRead),
       "A node and its service instances, by ID."},
      {kGet, "/v1/catalog/node-services/*name", ReadHandler(w, CatalogNodeServicesRead),
       "A node and its service instances, as a list."},
      {kGet, "/v1/catalog/connect/*name", ReadHandler(w, MeshRead),
       "The mesh-capable instances of a service: none."},
      {kGet, "/v1/catalog/gateway-services/*name", ReadHandler(w, MeshRead),
       "The services behind a gateway: none."},
      {kGet, "/v1/health/service/*name", ReadHandler(w, HealthServiceRead),
       "The instances of a service with their nodes and checks."},
      {kGet, "/v1/health/node/*name", ReadHandler(w, HealthNodeRead), "The checks of a node."},
      {kGet, "/v1/health/checks/*name", ReadHandler(w, HealthChecksRead),
       "The checks of a service's instances."},
      {kGet, "/v1/health/state/*name", ReadHandler(w, HealthStateRead),
       "The checks in a state: passing, warning, critical, or any."},
      {kGet, "/v1/health/connect/*name", ReadHandler(w, MeshRead),
       "The mesh-capable instances of a service with their checks: none."},
      {kGet, "/v1/health/ingress/*name", ReadHandler(w, MeshRead),
       "The ingress gateways of a service: none."},
      {kGet, "/v1/agent/self", AgentSelfHandler(w), "What this server is."},
      {kGet, "/v1/agent/services", AgentServicesHandler(w),
       "The services of the server's own node, by ID."},
      {kGet, "/v1/agent/checks", AgentChecksHandler(w),
       "The checks of the server's own node, by ID."},
      {kGet, "/v1/agent/service/*id", AgentServiceHandler(w),
       "One service of the server's own node, with a hash of its content."},
      {kPut, "/v1/agent/service/register", AgentRegisterServiceHandler(w),
       "Registers a service on the server's own node."},
      {kPut, "/v1/agent/service/deregister/*id", AgentDeregisterServiceHandler(w),
       "Removes a service of the server's own node and its checks."},
      {kPut, "/v1/agent/service/maintenance/*id", AgentServiceMaintenanceHandler(w),
       "Puts a service of the server's own node into maintenance, or takes it out."},
      {kPut, "/v1/agent/maintenance", AgentMaintenanceHandler(w),
       "Puts the server's own node into maintenance, or takes it out."},
      {kGet, "/v1/agent/health/service/id/*id", AgentHealthByIdHandler(w),
       "Whether a service of the server's own node can be used, by ID."},
      {kGet, "/v1/agent/health/service/name/*name", AgentHealthByNameHandler(w),
       "Whether the services of that name on the server's own node can be used."},
      {kGet, "/v1/agent/members", AgentMembersHandler(w),
       "This server, and the nodes that agents keep alive."},
      {kPut, "/v1/agent/join/*address", AgentJoinHandler(w),
       "Accepted, and does nothing: there is no gossip to join."},
      {kPut, "/v1/agent/force-leave/*node", AgentForceLeaveHandler(w),
       "Removes a node whose agent has failed."},
      {kPut, "/v1/agent/check/register", AgentRegisterCheckHandler(w),
       "Registers a check on the server's own node."},
      {kPut, "/v1/agent/check/deregister/*id", AgentDeregisterCheckHandler(w),
       "Removes a check of the server's own node."},
      {kPut, "/v1/agent/check/pass/*id", AgentCheckStatusHandler(w, CheckStatus::kPassing),
       "Reports a TTL check as passing."},
      {kPut, "/v1/agent/check/warn/*id", AgentCheckStatusHandler(w, CheckStatus::kWarning),
       "Reports a TTL check as warning."},
      {kPut, "/v1/agent/check/fail/*id", AgentCheckStatusHandler(w, CheckStatus::kCritical),
       "Reports a TTL check as critical."},
      {kPut, "/v1/agent/check/update/*id", AgentCheckUpdateHandler(w),
       "Reports a TTL check's status and output."},
      {kGet, "/v1/agent/monitor", MonitorHandler(w), "Streams the server's log."},
      {kGet, "/v1/coordinate/datacenters", CoordinateDatacentersHandler(w),
       "The coordinates of the servers of each datacenter."},
      {kGet, "/v1/coordinate/nodes", ReadHandler(w, CoordinateNodesRead),
       "The network coordinates of all nodes that have any."},
      {kGet, "/v1/coordinate/node/*name", CoordinateNodeHandler(w),
       "The network coordinates of a node."},
      {kPut, "/v1/coordinate/update", UpdateCoordinateHandler(w),
       "Sets the network coordinate of a node in a segment."},
      {kPut, "/v1/event/fire/*name", FireEventHandler(w),
       "Fires a user event: a name, a payload, and whom it is for."},
      {kGet, "/v1/event/list", ListEventsHandler(w), "The last user events."},
      {kGet, "/v1/prometheus/sd", PrometheusSdHandler(w),
       "Service instances as targets for Prometheus' http_sd_configs."},
      {kGet, "/v1/agent/version", VersionHandler(w), "The version of the server and its sources."},
      {kGet, "/v1/agent/host", HostHandler(w),
       "Memory, CPUs, system and disk of the host that the server runs on."},
      {kGet, "/v1/agent/metrics", MetricsHandler(w),
       "What the server counts and measures, as JSON or for Prometheus."},
      {kPut, "/v1/agent/reload", ReloadHandler(w),
       "Reads the configuration file again and applies what needs no restart."},
      {kPut, "/v1/agent/leave", LeaveHandler(w), "Stops the server as SIGTERM does."},
      {kGet, "/v1/status/leader", LeaderHandler(w), "The server that takes the writes."},
      {kGet, "/v1/status/peers", PeersHandler(w), "All servers."},
  };
}

}  // namespace

std::vector<http::Route> Routes(ApiWorker& worker) {
  std::vector<http::Route> routes = Table(worker);
  for (http::Route& route : routes) route.handler = Guarded(std::move(route.handler));
  return routes;
}

}  // namespace rollcall::api
