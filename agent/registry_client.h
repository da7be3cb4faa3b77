// RegistryClient: HTTP to whichever of the registry's servers answers. Stays with the one that did,
// over a kept connection, and moves on when it fails. Blocking, on a loop of its own; used by one
// thread, except Interrupt.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "agent/uri_escape.h"
#include "api/http/request.h"
#include "api/http/tls_client.h"
#include "registry/base/result.h"

namespace rollcall::agent {

struct RegistryRequest {
  http::Method method = http::Method::kGet;
  std::string path;  // escaped, with its query
  std::string body = {};
  std::string token = {};  // an ACL token's secret; empty: none is sent
};

struct RegistryAnswer {
  int status = 0;  // below 500, and not 429
  std::string body;
};

class RegistryClient {
 public:
  struct Options {
    std::vector<std::string> servers;  // "http://host:port" or https; at least one
    // As front::Upstream's.
    std::shared_ptr<http::TlsClient> tls = nullptr;
    std::string tls_name = {};
    std::chrono::milliseconds connect_timeout{2000};
    std::chrono::milliseconds answer_timeout{5000};
  };

  explicit RegistryClient(const Options& options);
  ~RegistryClient();

  // Tries each server once, the current one first. kUnavailable when none answered: what the last
  // one said. An overloaded or failing server (429, 5xx) counts as one that does not answer.
  Result<RegistryAnswer> Send(const RegistryRequest& request);

  // The server that answered last, or the one to be asked first.
  const std::string& server() const { return urls_[current_]; }

  // From here on no request waits longer than `timeout` for each step of it.
  void Hurry(std::chrono::milliseconds timeout);

  // Ends the request under way, and any other until Hurry, as a failure. Any thread.
  void Interrupt();

 private:
  class Connections;

  Result<RegistryAnswer> SendTo(size_t index, const RegistryRequest& request);

  const std::vector<std::string> urls_;
  const std::unique_ptr<Connections> connections_;
  size_t current_ = 0;
  std::atomic<bool> interrupted_{false};
};

}  // namespace rollcall::agent
