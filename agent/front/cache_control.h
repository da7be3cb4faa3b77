// What a request's Cache-Control fields ask of a cache: Consul's documentation of agent caching,
// RFC 9111 section 5.2.1, RFC 5861 section 4.
#pragma once

#include <chrono>
#include <optional>

#include "api/http/request.h"

namespace rollcall::front {

struct CacheControl {
  // must-revalidate, no-cache and max-age=0: the registry has to be asked.
  bool must_revalidate = false;
  std::optional<std::chrono::seconds> max_age;
  std::optional<std::chrono::seconds> stale_if_error;
};

// Nothing when an age is not a number, which the registry refuses. Unknown directives are ignored.
std::optional<CacheControl> CacheControlOf(const http::Request& request);

}  // namespace rollcall::front
