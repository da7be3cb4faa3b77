// What limits and the audit log have to know of a route. Plain values; any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "api/http/request.h"
#include "api/limits/request_limits.h"

namespace rollcall::api {

struct RouteTraits {
  // kRenewal: it mostly says that something is still alive, which writes nothing; what it does
  // write is told of like any other write.
  enum class Effect : uint8_t { kRead, kRenewal, kWrite };

  std::string_view pattern;  // a constant of the program
  Effect effect = Effect::kRead;
  // False: what keeps checks from expiring is never over a limit, and is heard from a client that
  // has failed to authenticate too often. Otherwise one program could make its host's node
  // critical, with a loop or with a token that has expired.
  bool is_limited = true;
  bool answers_with_429 = false;  // 429 says something of what was asked for
  bool handles_secrets = false;   // of tokens: in the body, or by mistake in the path
  bool is_login = false;          // presents what proves who somebody is, without a token

  RequestKind kind() const {
    return effect == Effect::kRead ? RequestKind::kRead : RequestKind::kWrite;
  }
};

// `statuses`: what the route answers with when all is well.
RouteTraits TraitsOf(http::Method method, std::string_view pattern,
                     const std::vector<int>& statuses);

}  // namespace rollcall::api
