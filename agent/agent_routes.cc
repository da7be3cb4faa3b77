#include "agent/agent_routes.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "agent/access/guard.h"
#include "agent/routes/about.h"
#include "agent/routes/local_reads.h"
#include "agent/routes/registrations.h"
#include "agent/routes/token_route.h"
#include "api/shared/error_response.h"
#include "api/shared/monitor_handler.h"
#include "api/shared/query_options.h"

namespace rollcall::agent {
namespace {

using api::Needs;
using model::CheckStatus;

// Refused before anything else, as in Consul's open version.
http::Handler WithoutEnterprise(http::Handler handler) {
  return [handler = std::move(handler)](const std::shared_ptr<http::Exchange>& exchange) {
    if (Result<void> ok = api::RefuseEnterpriseParameters(exchange->request()); !ok) {
      return exchange->Respond(api::ErrorResponse(ok.error()));
    }
    handler(exchange);
  };
}

struct Row {
  http::Method method;
  std::string_view pattern;
  Needs needs;
  access::AnyHandler handler;
  std::string_view summary;
};

// What is of a service or of the node.
const std::vector<acl::Resource> kBoth = {acl::Resource::kNode, acl::Resource::kService};
const Needs kWritesById = Needs::Judged(acl::Right::kWrite, kBoth, Needs::Name::kInCatalog);

std::vector<Row> Table(RouteContext& c) {
  using enum http::Method;
  using enum acl::Resource;
  using enum acl::Right;
  using enum Needs::Name;
  return {
      {kGet, "/v1/agent/self", Needs::ReadOwn(kAgent), SelfHandler(c),
       "What this agent is: its node, its datacenter, its version."},
      {kGet, "/v1/agent/services", Needs::Filtered({kService}), ServicesHandler(c),
       "The services of this host, by ID."},
      {kGet, "/v1/agent/checks", Needs::Filtered({kNode, kService}), ChecksHandler(c),
       "The checks of this host, by ID."},
      {kGet, "/v1/agent/service/*id", Needs::Judged(kRead, {kService}, kInCatalog),
       ServiceHandler(c), "One service of this host, with a hash of its content."},
      {kPut, "/v1/agent/service/register", Needs::Judged(kWrite, {kService}, kInBody),
       RegisterServiceHandler(c), "Registers a service of this host with its checks."},
      {kPut, "/v1/agent/service/deregister/*id", kWritesById, DeregisterServiceHandler(c),
       "Removes a service of this host and its checks."},
      {kPut, "/v1/agent/service/maintenance/*id", kWritesById, ServiceMaintenanceHandler(c),
       "Puts a service of this host into maintenance, or takes it out."},
      {kPut, "/v1/agent/maintenance", Needs::WriteOwn(kNode), MaintenanceHandler(c),
       "Puts this host into maintenance, or takes it out."},
      {kGet, "/v1/agent/health/service/id/*id", Needs::Judged(kRead, {kService}, kInCatalog),
       HealthByIdHandler(c), "Whether a service of this host can be used, by ID."},
      {kGet, "/v1/agent/health/service/name/*name", Needs::Read(kService, "name"),
       HealthByNameHandler(c), "Whether the services of that name on this host can be used."},
      {kPut, "/v1/agent/check/register", Needs::Judged(kWrite, kBoth, kInBody),
       RegisterCheckHandler(c), "Registers a check of this host or of one of its services."},
      {kPut, "/v1/agent/check/deregister/*id", kWritesById, DeregisterCheckHandler(c),
       "Removes a check of this host."},
      {kPut, "/v1/agent/check/pass/*id", kWritesById, CheckStatusHandler(c, CheckStatus::kPassing),
       "Reports a TTL check as passing."},
      {kPut, "/v1/agent/check/warn/*id", kWritesById, CheckStatusHandler(c, CheckStatus::kWarning),
       "Reports a TTL check as warning."},
      {kPut, "/v1/agent/check/fail/*id", kWritesById, CheckStatusHandler(c, CheckStatus::kCritical),
       "Reports a TTL check as critical."},
      {kPut, "/v1/agent/check/update/*id", kWritesById, CheckUpdateHandler(c),
       "Reports a TTL check's status and output."},
      {kGet, "/v1/agent/members", Needs::OfWhoAnswers(), PassOnHandler(c),
       "The registry's servers, and the nodes that agents keep alive."},
      {kPut, "/v1/agent/force-leave/*node", Needs::OfWhoAnswers(), PassOnHandler(c),
       "Removes a node whose agent has failed from the registry."},
      {kPut, "/v1/agent/join/*address", Needs::WriteOwn(kAgent), JoinHandler(c),
       "Accepted, and does nothing: there is no gossip to join."},
      {kGet, "/v1/agent/version", Needs::ReadOwn(kAgent), VersionHandler(c),
       "The version of the agent and its sources."},
      {kGet, "/v1/agent/host", Needs::Read(acl::Scalar::kOperator), HostHandler(c),
       "Memory, CPUs, system and disk of the host that the agent runs on."},
      {kGet, "/v1/agent/metrics", Needs::ReadOwn(kAgent), MetricsHandler(c),
       "What the agent counts and measures, as JSON or for Prometheus."},
      {kGet, "/v1/agent/monitor", Needs::ReadOwn(kAgent), api::MonitorHandler(c.log),
       "Streams the agent's log, a line at a time, until the client goes."},
      {kPut, "/v1/agent/reload", Needs::WriteOwn(kAgent), ReloadHandler(c),
       "Reads the definitions from files again."},
      {kPut, "/v1/agent/token/*name", Needs::WriteOwn(kAgent), TokenHandler(c),
       "Gives the agent an ACL token of its own: default, agent, dns or replication."},
      {kPut, "/v1/agent/leave", Needs::WriteOwn(kAgent), LeaveHandler(c),
       "Takes leave of the registry and stops the agent."},
  };
}

}  // namespace

std::vector<AgentRoute> AgentRouteTable(RouteContext& context) {
  std::vector<AgentRoute> table;
  for (Row& row : Table(context)) {
    http::Handler guarded = context.guard.Guarded(row.needs, std::move(row.handler));
    table.push_back({std::move(row.needs),
                     {row.method, std::string(row.pattern), WithoutEnterprise(std::move(guarded)),
                      std::string(row.summary)}});
  }
  return table;
}

std::vector<http::Route> AgentRoutes(RouteContext& context) {
  std::vector<http::Route> routes;
  for (AgentRoute& each : AgentRouteTable(context)) routes.push_back(std::move(each.route));
  return routes;
}

}  // namespace rollcall::agent
