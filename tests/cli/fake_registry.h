// A server that answers what a test tells it to, for the client commands to talk to. Its thread is
// its own; the test's thread sets answers and reads what was asked.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace rollcall::cli {

struct Answer {
  int status = 200;
  std::string body = {};
  uint64_t index = 1;  // X-Consul-Index; 0 sends none
  std::vector<std::pair<std::string, std::string>> headers = {};
};

class FakeRegistry {
 public:
  // `port` 0: any free port.
  explicit FakeRegistry(int port = 0);
  ~FakeRegistry();
  FakeRegistry(const FakeRegistry&) = delete;
  FakeRegistry& operator=(const FakeRegistry&) = delete;

  int port() const;
  std::string Url() const;

  // What a path answers from now on. A GET with `index` of the answer's own index is held until
  // the answer is replaced by one with another index: a blocking query. Other paths answer 404.
  // "DELETE /v1/..." is for that method alone, and goes before the path.
  void Set(const std::string& path, Answer answer);

  // "GET /v1/... " with the query and, after a space, the body; in order of arrival.
  std::vector<std::string> Requests() const;
  // The X-Consul-Token of each of them.
  std::vector<std::string> Tokens() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace rollcall::cli
