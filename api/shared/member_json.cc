#include "api/shared/member_json.h"

#include <utility>

namespace rollcall::api {

using nlohmann::ordered_json;

// The protocol numbers are Consul 1.8's, whose interface this is.
ordered_json MemberJson(Member member) {
  return {{"Name", std::move(member.name)},
          {"Addr", std::move(member.address)},
          {"Port", member.port},
          {"Tags", std::move(member.tags)},
          {"Status", member.status},
          {"ProtocolMin", 1},
          {"ProtocolMax", 5},
          {"ProtocolCur", 2},
          {"DelegateMin", 2},
          {"DelegateMax", 5},
          {"DelegateCur", 4}};
}

ordered_json MemberTags(std::string_view role, std::string_view datacenter, std::string_view id) {
  return {{"role", role}, {"dc", datacenter}, {"id", id},      {"segment", ""},
          {"vsn", "2"},   {"vsn_min", "2"},   {"vsn_max", "3"}};
}

}  // namespace rollcall::api
