// Row: a line of the route table before it is put together (api/routes.h). A value.
#pragma once

#include <string_view>

#include "api/access/guard.h"
#include "api/http/request.h"
#include "api/openapi/description.h"
#include "api/shared/needs.h"

namespace rollcall::api {

// A route, what it demands of who asks, and what the API's description says of it.
struct Row {
  http::Method method;
  std::string_view pattern;
  Needs needs;
  AnyHandler handler;
  openapi::Description description;
};

// What every blocking read takes.
inline const openapi::Parameters kBlocking = {"index",     "wait", "stale",  "consistent", "leader",
                                              "max_stale", "dc",   "pretty", "token"};

}  // namespace rollcall::api
