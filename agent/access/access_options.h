// How an agent controls access to its own API. A plain value.
#pragma once

#include <chrono>
#include <string>

#include "agent/access/token_resolver.h"

namespace rollcall::access {

struct AccessOptions {
  bool enabled = false;  // acl.enabled
  DownPolicy down_policy = DownPolicy::kExtendCache;
  std::chrono::milliseconds token_ttl{30'000};
  std::string default_token = {};  // for who presents none; empty: they are anonymous
};

}  // namespace rollcall::access
