// Response: what a handler answers. A value; made on any thread, given to Exchange::Respond.
// Content-Length, Connection and Vary are the session's work and must not be added here; nor need a
// handler think of compression (gzip.h), but an ETag is best a weak one (conditional.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/http/body.h"
#include "registry/base/index.h"

namespace rollcall::http {

// What a request has changed; not sent, but told to who watches the answers (Exchange::OnAnswer).
struct Change {
  Index index;             // after it
  bool is_change = false;  // false: all was so already
};

struct Response {
  int status = 200;
  Body body;
  // Header fields as they go out, "Name: value\r\n" each. AddHeader writes them; a block that was
  // prepared once may be appended as it is.
  std::string header_block;
  std::optional<Change> change;

  // `name` is a constant of the program. In `value`, which may come from outside, control
  // characters become spaces, so that it can never begin another header field (RFC 9110
  // section 5.5).
  Response& AddHeader(std::string_view name, std::string_view value);
};

// An answer without a body and without a content type.
Response EmptyResponse(int status);
// "text/plain; charset=utf-8", the form of every error.
Response TextResponse(int status, Body text);
// "application/json".
Response JsonResponse(Body json, int status = 200);

// What the session knows about the answer beyond the response itself.
struct Framing {
  enum class Connection { kDefault, kClose, kKeepAlive };
  Connection connection = Connection::kDefault;
  // How the client learns where the content ends (RFC 9112 section 6.3).
  enum class Length { kKnown, kChunked, kUntilClose };
  Length length = Length::kKnown;
};

// False for the statuses that have no content whatever the response says (RFC 9110 section 6.4.1).
bool StatusHasContent(int status);

// Appends the status line and all header fields, to the empty line that ends them.
void AppendHead(const Response& response, const Framing& framing, std::string& out);

}  // namespace rollcall::http
