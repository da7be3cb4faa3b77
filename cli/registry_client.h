// The client commands' side of the HTTP API: one server or agent, one request at a time.
// Errors are whole sentences for a person: what failed, and what to do.
// Not thread-safe; each command makes its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http/tls_client.h"
#include "cli/http_address.h"
#include "registry/base/result.h"

namespace rollcall::cli {

// Whom to ask, and as whom.
struct Target {
  HttpAddress address;
  // Of https.
  http::TlsClientFiles tls = {};
  std::string server_name = {};  // that its certificate must have; empty: the address's host
  std::string token = {};        // the secret of an ACL token; empty: none is sent
};

struct Response {
  std::string body;
  uint64_t index = 0;  // X-Consul-Index; 0 when there was none
  // X-Consul-Results-Filtered-By-ACLs: what the token may not read is not in it.
  bool is_filtered = false;
};

// Where a bearer token is exchanged for a token of the registry.
inline constexpr const char* kLoginPath = "/v1/acl/login";
// Where the first token is made. It takes none.
inline constexpr const char* kBootstrapPath = "/v1/acl/bootstrap";

// Query parameters in order. An empty value is sent as a bare name ("passing").
using Query = std::vector<std::pair<std::string, std::string>>;

class RegistryClient {
 public:
  explicit RegistryClient(Target target);
  ~RegistryClient();
  RegistryClient(const RegistryClient&) = delete;
  RegistryClient& operator=(const RegistryClient&) = delete;

  // How long it may take to connect; 5 s unless set.
  void SetConnectTimeout(std::chrono::seconds timeout);
  // How long an answer may take; 10 s unless set. A blocking query needs more than its wait.
  void SetAnswerTimeout(std::chrono::seconds timeout);

  // `path` is already percent-encoded (see EncodeSegment). Success is a 2xx answer.
  // kUnavailable: not reached, no answer, or a 5xx; kNotFound: 404; kConflict: 409;
  // kPermissionDenied: 401 and 403; kInvalidArgument: other 4xx, and files of TLS that cannot be
  // used.
  Result<Response> Get(const std::string& path, const Query& query = {});
  Result<Response> Put(const std::string& path, const std::string& json_body = {});
  Result<Response> Post(const std::string& path, const std::string& json_body = {});
  Result<Response> Delete(const std::string& path);
  Result<Response> PutBytes(const std::string& path, const std::string& body);

  // GET of an answer of any length, handed to `sink` as it comes; its error ends the download and
  // is the result. The answer timeout is for each piece.
  using Sink = std::function<Result<void>(std::string_view bytes)>;
  Result<Response> Download(const std::string& path, const Sink& sink);

  const HttpAddress& address() const { return target_.address; }
  // To ask another one in the same way.
  const Target& target() const { return target_; }

 private:
  class Connection;

  const Target target_;
  std::unique_ptr<Connection> connection_;
};

// For whom a list is printed that access control has made shorter: an empty one looks as if nothing
// were there. Empty when nothing is left out.
std::string WhatIsLeftOut(const Target& target, const Response& response);
// Says it on stderr, where there is something to say.
void NoteWhatIsLeftOut(const Target& target, const Response& response);

// A name as one segment of a path: everything but RFC 3986's unreserved characters is encoded.
std::string EncodeSegment(std::string_view name);

}  // namespace rollcall::cli
