// The members of agent/members, in Consul's shape, whose gossip pool they are. Any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace rollcall::api {

// Serf's numbers for a member's state.
inline constexpr int kMemberAlive = 1;
inline constexpr int kMemberFailed = 4;

inline constexpr int kMemberLanPort = 8301;
inline constexpr int kMemberWanPort = 8302;

struct Member {
  std::string name;
  std::string address;
  int port = kMemberLanPort;
  nlohmann::ordered_json tags;
  int status = kMemberAlive;
};

nlohmann::ordered_json MemberJson(Member member);

// `role`: "consul" of a server, "node" of an agent. `id`: the node's.
nlohmann::ordered_json MemberTags(std::string_view role, std::string_view datacenter,
                                  std::string_view id);

}  // namespace rollcall::api
