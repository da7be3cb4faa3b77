// AuditEntry: what the audit log tells of one request, and its line of JSON. Plain values; any
// thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "api/http/request.h"
#include "api/http/response.h"
#include "api/route_traits.h"

namespace rollcall::api {

struct AuditEntry {
  std::chrono::system_clock::time_point time;
  std::string accessor;     // of the token; empty: there was none, or it was not looked up
  std::string client;       // IP address
  std::string certificate;  // the subject of the client's; empty: none
  std::string auth_method;  // of the login that has made the token; empty: it is about none
  std::string_view method;  // a constant of the program, as is the route
  std::string path;         // as it was sent, without the query
  std::string_view route;   // its pattern
  int status = 0;
  std::optional<http::Change> change;  // where it is known
  std::string error;                   // what was answered, when that was an error
  std::string request_id;              // X-Request-Id; empty: none
};

// 401, 403 or 429.
bool IsRefusal(int status);

// Whether there is an entry: for a write, for a renewal that has changed something, and for a
// request that was refused (401, 403, 429). `answer` is null when there was none.
bool IsAudited(const RouteTraits& route, const http::Response* answer);

// Holds no secret: no query, no body; where the route handles secrets, neither a path that was not
// found to be right nor what an error says of the body.
AuditEntry MakeAuditEntry(const RouteTraits& route, const http::Request& request,
                          const http::Response* answer, std::string_view accessor,
                          std::chrono::system_clock::time_point time);

// "2026-11-26T20:15:34.123Z", always with three digits, so that it sorts as text.
std::string AuditTime(std::chrono::system_clock::time_point time);

// One JSON object and "\n". All that clients choose is cut to a length and escaped to plain ASCII,
// so that it can neither end the line nor move a terminal's cursor; bytes that are no UTF-8 become
// U+FFFD.
std::string LineOf(const AuditEntry& entry);

// The line that stands where `count` entries are missing.
std::string LineOfLost(uint64_t count, std::chrono::system_clock::time_point time);

}  // namespace rollcall::api
