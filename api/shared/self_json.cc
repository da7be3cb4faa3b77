#include "api/shared/self_json.h"

#include <utility>

#include "registry/model/coordinate_json.h"

namespace rollcall::api {
namespace {

using nlohmann::ordered_json;

ordered_json ConfigJson(const SelfFacts& facts) {
  return {{"Datacenter", facts.datacenter}, {"NodeName", facts.node_name},
          {"NodeID", facts.node_id},        {"Revision", ""},
          {"Server", facts.is_server},      {"Version", facts.version}};
}

// As Consul says that there is none.
int PortOrNone(int port) { return port == 0 ? -1 : port; }

// Of Consul's whole configuration, what clients have been seen to read.
ordered_json DebugConfigJson(const SelfFacts& facts) {
  return {{"AdvertiseAddrLAN", facts.address},
          {"AdvertiseAddrWAN", facts.address},
          {"ConnectEnabled", false},
          {"DNSPort", facts.dns_port},
          {"Datacenter", facts.datacenter},
          {"GRPCPort", -1},
          {"HTTPPort", PortOrNone(facts.http_port)},
          {"HTTPSPort", PortOrNone(facts.https_port)},
          {"NodeID", facts.node_id},
          {"NodeName", facts.node_name},
          {"SerfPortLAN", 8301},
          {"SerfPortWAN", 8302},
          {"ServerMode", facts.is_server},
          {"ServerPort", 8300}};
}

}  // namespace

ordered_json SelfJson(SelfFacts facts) {
  ordered_json meta = ordered_json::object();
  if (facts.meta != nullptr) {
    for (const auto& [key, value] : *facts.meta) meta[key.str()] = value;
  }
  return {{"Config", ConfigJson(facts)},          {"DebugConfig", DebugConfigJson(facts)},
          {"Coord", std::move(facts.coordinate)}, {"Member", std::move(facts.member)},
          {"Stats", std::move(facts.stats)},      {"Meta", std::move(meta)}};
}

ordered_json UnmeasuredCoordinateJson() {
  model::Coordinate unmeasured;
  unmeasured.error = 1.5;
  unmeasured.height = 1e-5;
  return model::CoordinateJson(unmeasured)["Coord"];
}

}  // namespace rollcall::api
