// What a program of this host asks, as it is sent on to the registry, and what comes back, as the
// program is told it. A gateway's work in HTTP: RFC 9110 section 7.6. Pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/front/upstream_request.h"
#include "api/http/request.h"
#include "api/http/response.h"
#include "registry/base/result.h"

namespace rollcall::front {

// The target in origin form, byte for byte as it was sent, but for two things: parameters named in
// `dropped` are left out, and the value of `near=_agent` becomes `escaped_node`.
std::string TargetOf(const http::Request& request, std::string_view escaped_node,
                     std::span<const std::string_view> dropped = {});
// `target` with one parameter more, whose text needs no escapes.
std::string WithParameter(std::string target, std::string_view name, std::string_view value);

// The end-to-end fields of a request, and that no compression is wanted: the server's session
// compresses for its client itself.
std::vector<HeaderField> HeadersOf(const http::Request& request);

// What a blocking query says of its patience.
struct Patience {
  uint64_t index = 0;                 // 0: it does not block
  std::chrono::milliseconds wait{0};  // 5 minutes unless asked otherwise, 10 at most
};
// Nothing when it is malformed, which the registry will say.
std::optional<Patience> PatienceOf(const http::Request& request);

// The answer with its end-to-end fields. Fields named in `dropped` are left out.
http::Response ResponseOf(UpstreamReply reply, std::span<const std::string_view> dropped = {});
// Only its fields, as a response's header block.
std::string HeaderBlockOf(const UpstreamReply& reply,
                          std::span<const std::string_view> dropped = {});
// 503 when nobody could be asked, 504 when there was no answer, 502 when it is no good.
http::Response ResponseOf(const Error& error);

}  // namespace rollcall::front
