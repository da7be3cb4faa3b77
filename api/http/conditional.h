// Conditional requests: a client that has an answer already asks whether it is still the same
// (RFC 9110 section 13.1.2). Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "api/http/request.h"
#include "api/http/response.h"

namespace rollcall::http {

// The entity tag W/"<opaque>" for an ETag field. Weak, as content goes out with and without
// compression under one tag. `opaque` is of the program's making: visible ASCII without quotes.
std::string WeakETag(std::string_view opaque);

// Whether the request's If-None-Match has `etag` in its list, or is "*": a GET or HEAD is then
// answered with 304 (NotModified). Compares weakly (section 8.8.3.2): W/"1" matches "1". A field
// that is malformed matches as far as it can be read; without the field nothing matches.
bool MatchesIfNoneMatch(const Request& request, std::string_view etag);

// 304 with the ETag; further fields that the 200 would have carried (Cache-Control) are the
// caller's to add (section 15.4.5).
Response NotModified(std::string_view etag);

}  // namespace rollcall::http
