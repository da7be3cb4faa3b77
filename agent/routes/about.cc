#include "agent/routes/about.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "api/shared/agent_json.h"
#include "api/shared/error_response.h"
#include "api/shared/member_json.h"
#include "api/shared/metrics_answer.h"
#include "api/shared/self_json.h"
#include "registry/model/definition.h"

namespace rollcall::agent {
namespace {

using nlohmann::ordered_json;
using ExchangePtr = std::shared_ptr<http::Exchange>;

ordered_json OwnMemberJson(const RouteContext& context) {
  const model::Node& node = context.state.node();
  api::Member member;
  member.name = node.name.str();
  member.address = node.address.str();
  member.tags = api::MemberTags("node", context.info.datacenter, node.id.view());
  member.tags["build"] = context.info.build.version + ":";
  return api::MemberJson(std::move(member));
}

// Consul's statistics are texts throughout.
ordered_json StatsJson(const RouteContext& context) {
  size_t monitors = 0;
  size_t ttls = 0;
  const auto checks = context.state.Checks();
  for (const auto& check : checks) {
    if (check->type == "script") ++monitors;
    if (check->type == "ttl") ++ttls;
  }
  const api::BuildVersion& build = context.info.build;
  return {
      {"agent",
       {{"check_monitors", std::to_string(monitors)},
        {"check_ttls", std::to_string(ttls)},
        {"checks", std::to_string(checks.size())},
        {"services", std::to_string(context.state.instances().size())}}},
      {"build", {{"prerelease", ""}, {"revision", build.revision}, {"version", build.version}}},
      {"consul", {{"acl", context.guard.enabled() ? "enabled" : "disabled"}, {"server", "false"}}}};
}

http::Response Self(const RouteContext& context, const http::Request& request) {
  const model::Node& node = context.state.node();
  api::SelfFacts facts;
  facts.datacenter = context.info.datacenter;
  facts.version = context.info.build.version;
  facts.node_name = node.name.view();
  facts.node_id = node.id.view();
  facts.address = node.address.view();
  facts.meta = &node.meta;
  facts.http_port = context.info.http_port;
  facts.https_port = context.info.https_port;
  facts.dns_port = context.info.dns_port;
  facts.member = OwnMemberJson(context);
  facts.coordinate = api::UnmeasuredCoordinateJson();
  facts.stats = StatsJson(context);
  return api::JsonAnswer(request, api::SelfJson(std::move(facts)));
}

}  // namespace

http::Handler SelfHandler(RouteContext& context) {
  return [&context](const ExchangePtr& exchange) {
    exchange->Respond(Self(context, exchange->request()));
  };
}

http::Handler VersionHandler(RouteContext& context) {
  return [&context](const ExchangePtr& exchange) {
    exchange->Respond(api::VersionAnswer(context.info.build));
  };
}

http::Handler HostHandler(RouteContext& context) {
  return [&context](const ExchangePtr& exchange) {
    exchange->Respond(http::JsonResponse(api::Render(api::HostInfoJson(context.host))));
  };
}

http::Handler MetricsHandler(RouteContext& context) {
  return [&context](const ExchangePtr& exchange) {
    exchange->Respond(
        api::MetricsAnswer(exchange->request(), context.actions.metrics, context.info.started));
  };
}

http::Handler PassOnHandler(RouteContext& context) {
  return [&context](const ExchangePtr& exchange) { context.actions.pass_on(exchange); };
}

http::Handler JoinHandler(RouteContext&) {
  return [](const ExchangePtr& exchange) {
    if (exchange->request().PathParameter("address").empty()) {
      return exchange->Respond(api::ErrorResponse(InvalidArgument("Missing address to join")));
    }
    exchange->Respond(api::EmptyOk());
  };
}

http::Handler ReloadHandler(RouteContext& context) {
  return [&context](const ExchangePtr& exchange) {
    const Result<void> done = context.actions.reload();
    exchange->Respond(done ? api::EmptyOk() : http::TextResponse(400, done.error().message));
  };
}

http::Handler LeaveHandler(RouteContext& context) {
  return [&context](const ExchangePtr& exchange) {
    exchange->Respond(api::EmptyOk());
    context.actions.leave();
  };
}

}  // namespace rollcall::agent
