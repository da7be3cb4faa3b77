// The server's own node, as its /v1/agent endpoints see it. Any thread, on any snapshot.
#pragma once

#include "registry/model/records.h"

namespace rollcall::api {

// The server registers itself as Consul's servers do, so that clients which look for the servers
// find them: a node with these. They are the server's, and no business of /v1/agent.
inline constexpr char kServerServiceId[] = "consul";
inline constexpr char kNodeAliveCheckId[] = "serfHealth";

inline bool IsServersOwn(const model::Instance& instance) {
  return instance.id == kServerServiceId;
}
inline bool IsServersOwn(const model::Check& check) {
  return check.check_id == kNodeAliveCheckId && check.service_id.empty();
}

}  // namespace rollcall::api
