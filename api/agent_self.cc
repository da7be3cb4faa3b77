#include "api/agent_self.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "api/agent_members.h"
#include "api/local_node.h"
#include "api/shared/agent_json.h"
#include "registry/model/coordinate_json.h"

namespace rollcall::api {
namespace {

using http::Exchange;
using nlohmann::ordered_json;

ordered_json ConfigJson(const ServerInfo& info, const std::string& node_id) {
  return {{"Datacenter", info.datacenter},
          {"NodeName", info.node_name},
          {"NodeID", node_id},
          {"Revision", ""},
          {"Server", true},
          {"Version", info.version}};
}

// Of Consul's whole configuration, what clients have been seen to read.
ordered_json DebugConfigJson(const ServerInfo& info, const std::string& node_id) {
  return {{"AdvertiseAddrLAN", info.address},
          {"AdvertiseAddrWAN", info.address},
          {"ConnectEnabled", false},
          {"DNSPort", info.dns_port},
          {"Datacenter", info.datacenter},
          {"GRPCPort", -1},
          {"HTTPPort", info.http_port},
          {"NodeID", node_id},
          {"NodeName", info.node_name},
          {"SerfPortLAN", 8301},
          {"SerfPortWAN", 8302},
          {"ServerMode", true},
          {"ServerPort", 8300}};
}

// Until the node has one, what Serf begins with: nothing measured, and little trust in it.
ordered_json CoordJson(const catalog::Snapshot& snapshot, const ServerInfo& info) {
  model::Coordinate unmeasured;
  unmeasured.error = 1.5;
  unmeasured.height = 1e-5;
  const catalog::CoordinateSet* set = snapshot.FindCoordinates(info.node_name);
  const model::Coordinate* known = set == nullptr ? nullptr : set->Find("");
  return model::CoordinateJson(known == nullptr ? unmeasured : *known)["Coord"];
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

ordered_json SelfJson(const ServerInfo& info, const catalog::Snapshot& snapshot) {
  const catalog::NodeEntry* node = snapshot.FindNode(info.node_name);
  const std::string node_id = node == nullptr ? "" : node->node->id.str();
  ordered_json meta = ordered_json::object();
  if (node != nullptr) {
    for (const auto& [key, value] : node->node->meta) meta[key.str()] = value;
  }
  return {
      {"Config", ConfigJson(info, node_id)},      {"DebugConfig", DebugConfigJson(info, node_id)},
      {"Coord", CoordJson(snapshot, info)},       {"Member", ServerMemberJson(snapshot, info)},
      {"Stats", StatsJson(snapshot, info, node)}, {"Meta", std::move(meta)}};
}

}  // namespace

http::Handler AgentSelfHandler(ApiWorker& worker) {
  return [&worker](const std::shared_ptr<Exchange>& exchange) {
    exchange->Respond(JsonAnswer(exchange->request(), SelfJson(worker.info(), *worker.Snapshot())));
  };
}

http::Handler RootHandler() {
  return [](const std::shared_ptr<Exchange>& exchange) {
    exchange->Respond(http::TextResponse(200, "Consul Agent"));
  };
}

}  // namespace rollcall::api
