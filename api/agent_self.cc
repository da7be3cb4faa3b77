#include "api/agent_self.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "api/agent_members.h"
#include "api/local_node.h"
#include "api/servers.h"
#include "api/shared/agent_json.h"
#include "api/shared/monitor_handler.h"
#include "api/shared/self_json.h"
#include "registry/base/go_duration.h"
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

const char* BoolText(bool value) { return value ? "true" : "false"; }

ordered_json ConsulStatsJson(const ServerInfo& info, const std::vector<KnownServer>& servers,
                             const KnownServer& self) {
  return {{"acl", info.controls_access ? "enabled" : "disabled"},
          {"bootstrap", BoolText(servers.size() == 1)},
          {"known_datacenters", "1"},
          {"leader", BoolText(self.is_leader)},
          {"leader_addr", LeaderAddress(servers)},
          {"server", "true"}};
}

// What a server of Consul says of Raft, as far as it holds for a log that servers share.
ordered_json RaftStatsJson(const std::vector<KnownServer>& servers, const KnownServer& self,
                           const ServerState& state) {
  return {{"applied_index", std::to_string(state.index.value())},
          {"last_contact", FormatGoDuration(state.last_contact)},
          {"num_peers", std::to_string(servers.size() - 1)},
          {"state", self.is_leader ? "Leader" : "Follower"},
          {"trouble", state.trouble}};
}

// Consul's statistics are texts throughout.
ordered_json StatsJson(ApiWorker& worker, const catalog::Snapshot& snapshot,
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
  const std::vector<KnownServer> servers = KnownServers(worker);
  const KnownServer& self = OwnServer(servers);
  return {{"agent",
           {{"check_monitors", "0"},
            {"check_ttls", std::to_string(ttl_checks)},
            {"checks", std::to_string(checks)},
            {"services", std::to_string(services)}}},
          {"build", {{"prerelease", ""}, {"revision", ""}, {"version", worker.info().version}}},
          {"consul", ConsulStatsJson(worker.info(), servers, self)},
          {"raft", RaftStatsJson(servers, self, OwnState(worker))},
          // By this agents tell how often they should compare all that they have.
          {"serf_lan", {{"members", std::to_string(snapshot.nodes().size())}}}};
}

ordered_json ServerSelfJson(ApiWorker& worker, const catalog::Snapshot& snapshot) {
  const ServerInfo& info = worker.info();
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
  facts.https_port = info.https_port;
  facts.dns_port = info.dns_port;
  facts.is_server = true;
  facts.member = ServerMemberJson(snapshot, info);
  facts.coordinate = CoordJson(snapshot, info);
  facts.stats = StatsJson(worker, snapshot, node);
  return SelfJson(std::move(facts));
}

}  // namespace

http::Handler AgentSelfHandler(ApiWorker& worker) {
  return [&worker](const std::shared_ptr<Exchange>& exchange) {
    exchange->Respond(JsonAnswer(exchange->request(), ServerSelfJson(worker, *worker.Snapshot())));
  };
}

AccessHandler OwnMonitorHandler(ApiWorker& worker) {
  return [&worker](const std::shared_ptr<Exchange>& exchange, const acl::BearerPtr& bearer) {
    FollowLog(worker.shared().log, exchange,
              StillMay(worker, bearer, [&worker](const acl::Authorizer& may) {
                return may.MayRead(acl::Resource::kAgent, worker.info().node_name);
              }));
  };
}

http::Handler RootHandler() {
  return [](const std::shared_ptr<Exchange>& exchange) {
    exchange->Respond(http::TextResponse(200, "Consul Agent"));
  };
}

}  // namespace rollcall::api
