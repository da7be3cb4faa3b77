// What is asked of a server of the registry, and what it answers. Plain values.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "registry/base/result.h"

namespace rollcall::front {

struct HeaderField {
  std::string name;
  std::string value;
};

struct UpstreamRequest {
  std::string method = "GET";
  std::string target;  // escaped, with its query: "/v1/catalog/nodes?dc=dc1"
  // End-to-end fields. Host, Content-Length and Connection are added when it is sent.
  std::vector<HeaderField> headers = {};
  std::string body = {};
  // How long the server may rightly be silent: a blocking query's ?wait, which is in the target,
  // too. 0: it answers at once.
  std::chrono::milliseconds wait{0};

  // Whether it may be sent to two servers, or again: it changes nothing there (RFC 9110
  // section 9.2.1).
  bool IsRead() const;
  // Whether sending it twice to one server does what sending it once does (section 9.2.2).
  bool IsIdempotent() const;
};

// The same with that much left to wait, also in its target.
UpstreamRequest WithWait(UpstreamRequest request, std::chrono::milliseconds wait);

// Whether it brings an ACL token: ?token=, X-Consul-Token, Authorization: Bearer.
bool HasToken(const UpstreamRequest& request);
// Whether it shows, or removes, the token that it brings: /v1/acl/token/self and /v1/acl/logout,
// however the path is escaped. Such a request goes with no token but its own.
bool IsAboutItsToken(const UpstreamRequest& request);
// Gives it one where it has none and may have one; an empty `token` is none.
void AddToken(UpstreamRequest* request, const std::string& token);

// kInvalidArgument for what would break out of its place in an HTTP message.
Result<void> CheckSendable(const UpstreamRequest& request);

struct UpstreamReply {
  int status = 0;
  std::vector<HeaderField> headers;  // as they came
  std::string body;
  std::string server;  // the URL of who answered

  // The first one of that name, ignoring case; empty when there is none.
  std::string_view Header(std::string_view name) const;
};

}  // namespace rollcall::front
