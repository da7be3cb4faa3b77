// GET agent/self: what an agent, or the server as one, is. In Consul's shape, with what its clients
// have been seen to read. Any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "registry/model/records.h"

namespace rollcall::api {

struct SelfFacts {
  std::string_view datacenter;
  std::string_view version;
  std::string_view node_name;
  std::string_view node_id;
  std::string_view address;
  const model::StringMap* meta = nullptr;  // the node's; null: none
  int http_port = 0;                       // 0: off
  int https_port = 0;                      // likewise
  int dns_port = 0;                        // 0: off
  bool is_server = false;
  nlohmann::ordered_json member;      // member_json.h
  nlohmann::ordered_json coordinate;  // the `Coord` of the node's coordinate
  nlohmann::ordered_json stats;       // texts, by group
};

nlohmann::ordered_json SelfJson(SelfFacts facts);

// What a node that has measured nothing says of its place: what Serf begins with.
nlohmann::ordered_json UnmeasuredCoordinateJson();

}  // namespace rollcall::api
