#include "api/agent_self.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "api/agent_members.h"
#include "api/local_node.h"
#include "api/shared/agent_json.h"
#include "api/shared/self_json.h"
#include "registry/model/coordinate_json.h"

namespace rollcall::api {
namespace {

using http::Exchange;
using nlohmann::ordered_json;

ordered_json CoordJson(const catalog::Snapshot& snapshot, const ServerInfo& info) {
  const catalog::CoordinateSet* set = snapshot.FindCoordinates(info.node_name);
  const model::Coordinate* known = set == nullptr ? nullptr : set->Find("");
  return known == nullptr ? UnmeasuredCoordinateJson() : model::CoordinateJson(*known)["Coord"];
}

// Consul's statistics are texts throughout.
ordered_json StatsJson(const catalog::Snapshot& snapshot, const ServerInfo& info,
                       const catalog::NodeEntry* node) {
  size_t services = 0;
  size_t checks = 0;
  size_t ttl_checks = 0;
  if (node != nullptr) {
    for (const catalog::InstanceEntry& entry : node->instances) {
      if (!IsServersOwn(*entry.instance)) ++services;
    }
    for (const catalog::CheckEntry& entry : node->checks) {
      if (IsServersOwn(*entry.check)) continue;
      ++checks;
      if (entry.ttl != nullptr) ++ttl_checks;
    }
  }
  return {{"agent",
           {{"check_monitors", "0"},
            {"check_ttls", std::to_string(ttl_checks)},
            {"checks", std::to_string(checks)},
            {"services", std::to_string(services)}}},
          {"build", {{"prerelease", ""}, {"revision", ""}, {"version", info.version}}},
          {"consul",
           {{"acl", "disabled"},
            {"bootstrap", "true"},
            {"known_datacenters", "1"},
            {"leader", "true"},
            {"leader_addr", ServerAddress(info)},
            {"server", "true"}}},
          // By this agents tell how often they should compare all that they have.
          {"serf_lan", {{"members", std::to_string(snapshot.nodes().size())}}}};
}

ordered_json ServerSelfJson(const ServerInfo& info, const catalog::Snapshot& snapshot) {
  const catalog::NodeEntry* node = snapshot.FindNode(info.node_name);
  SelfFacts facts;
  facts.datacenter = info.datacenter;
  facts.version = info.version;
  facts.node_name = info.node_name;
  if (node != nullptr) {
    facts.node_id = node->node->id.view();
    facts.meta = &node->node->meta;
  }
  facts.address = info.address;
  facts.http_port = info.http_port;
  facts.dns_port = info.dns_port;
  facts.is_server = true;
  facts.member = ServerMemberJson(snapshot, info);
  facts.coordinate = CoordJson(snapshot, info);
  facts.stats = StatsJson(snapshot, info, node);
  return SelfJson(std::move(facts));
}

}  // namespace

http::Handler AgentSelfHandler(ApiWorker& worker) {
  return [&worker](const std::shared_ptr<Exchange>& exchange) {
    exchange->Respond(
        JsonAnswer(exchange->request(), ServerSelfJson(worker.info(), *worker.Snapshot())));
  };
}

http::Handler RootHandler() {
  return [](const std::shared_ptr<Exchange>& exchange) {
    exchange->Respond(http::TextResponse(200, "Consul Agent"));
  };
}

}  // namespace rollcall::api
