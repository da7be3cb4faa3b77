#include "agent/agent_routes.h"

#include <memory>
#include <utility>

#include "agent/routes/about.h"
#include "agent/routes/local_reads.h"
#include "agent/routes/registrations.h"
#include "agent/routes/token_route.h"
#include "api/shared/error_response.h"
#include "api/shared/monitor_handler.h"
#include "api/shared/query_options.h"

namespace rollcall::agent {
namespace {

using model::CheckStatus;

// What is refused before any handler sees it.
http::Handler Guarded(http::Handler handler) {
  return [handler = std::move(handler)](const std::shared_ptr<http::Exchange>& exchange) {
    if (Result<void> ok = api::RefuseEnterpriseParameters(exchange->request()); !ok) {
      return exchange->Respond(api::ErrorResponse(ok.error()));
    }
    handler(exchange);
  };
}

std::vector<http::Route> Table(RouteContext& c) {
  using enum http::Method;
  return {
      {kGet, "/v1/agent/self", SelfHandler(c),
       "What this agent is: its node, its datacenter, its version."},
      {kGet, "/v1/agent/services", ServicesHandler(c), "The services of this host, by ID."},
      {kGet, "/v1/agent/checks", ChecksHandler(c), "The checks of this host, by ID."},
      {kGet, "/v1/agent/service/*id", ServiceHandler(c),
       "One service of this host, with a hash of its content."},
      {kPut, "/v1/agent/service/register", RegisterServiceHandler(c),
       "Registers a service of this host with its checks."},
      {kPut, "/v1/agent/service/deregister/*id", DeregisterServiceHandler(c),
       "Removes a service of this host and its checks."},
      {kPut, "/v1/agent/service/maintenance/*id", ServiceMaintenanceHandler(c),
       "Puts a service of this host into maintenance, or takes it out."},
      {kPut, "/v1/agent/maintenance", MaintenanceHandler(c),
       "Puts this host into maintenance, or takes it out."},
      {kGet, "/v1/agent/health/service/id/*id", HealthByIdHandler(c),
       "Whether a service of this host can be used, by ID."},
      {kGet, "/v1/agent/health/service/name/*name", HealthByNameHandler(c),
       "Whether the services of that name on this host can be used."},
      {kPut, "/v1/agent/check/register", RegisterCheckHandler(c),
       "Registers a check of this host or of one of its services."},
      {kPut, "/v1/agent/check/deregister/*id", DeregisterCheckHandler(c),
       "Removes a check of this host."},
      {kPut, "/v1/agent/check/pass/*id", CheckStatusHandler(c, CheckStatus::kPassing),
       "Reports a TTL check as passing."},
      {kPut, "/v1/agent/check/warn/*id", CheckStatusHandler(c, CheckStatus::kWarning),
       "Reports a TTL check as warning."},
      {kPut, "/v1/agent/check/fail/*id", CheckStatusHandler(c, CheckStatus::kCritical),
       "Reports a TTL check as critical."},
      {kPut, "/v1/agent/check/update/*id", CheckUpdateHandler(c),
       "Reports a TTL check's status and output."},
      {kGet, "/v1/agent/members", PassOnHandler(c),
       "The registry's servers, and the nodes that agents keep alive."},
      {kPut, "/v1/agent/force-leave/*node", PassOnHandler(c),
       "Removes a node whose agent has failed from the registry."},
      {kPut, "/v1/agent/join/*address", JoinHandler(c),
       "Accepted, and does nothing: there is no gossip to join."},
      {kGet, "/v1/agent/version", VersionHandler(c), "The version of the agent and its sources."},
      {kGet, "/v1/agent/host", HostHandler(c),
       "Memory, CPUs, system and disk of the host that the agent runs on."},
      {kGet, "/v1/agent/metrics", MetricsHandler(c),
       "What the agent counts and measures, as JSON or for Prometheus."},
      {kGet, "/v1/agent/monitor", api::MonitorHandler(c.log),
       "Streams the agent's log, a line at a time, until the client goes."},
      {kPut, "/v1/agent/reload", ReloadHandler(c), "Reads the definitions from files again."},
      {kPut, "/v1/agent/token/*name", TokenHandler(c),
       "Gives the agent an ACL token of its own: default, agent, dns or replication."},
      {kPut, "/v1/agent/leave", LeaveHandler(c),
       "Takes leave of the registry and stops the agent."},
  };
}

}  // namespace

std::vector<http::Route> AgentRoutes(RouteContext& context) {
  std::vector<http::Route> routes = Table(context);
  for (http::Route& route : routes) route.handler = Guarded(std::move(route.handler));
  return routes;
}

}  // namespace rollcall::agent
