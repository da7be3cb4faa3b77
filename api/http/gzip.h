// Compression of answers: whether a client wants it (RFC 9110 section 12.5.3), and doing it.
// Pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/http/request.h"
#include "api/http/response.h"

namespace rollcall::http {

// Whether the request's Accept-Encoding fields make gzip acceptable, and no less welcome than no
// compression at all. Without such a field anything would be acceptable, but clients that say
// nothing often understand nothing: false. An element that is malformed counts as not there.
bool WantsGzip(const Request& request);

// Replaces the response's content by its gzip form when that pays: text or JSON of more than
// kMinGzipBytes that becomes smaller. Leaves alone what has a Content-Encoding already, or a strong
// ETag: that names the very bytes, so content that is to be compressed has a weak one.
inline constexpr size_t kMinGzipBytes = 1024;
void CompressIfWorthwhile(Response& response);

// `bytes` as gzip (RFC 1952); nothing when that is not smaller.
std::optional<std::string> GzipOf(std::string_view bytes);

}  // namespace rollcall::http
