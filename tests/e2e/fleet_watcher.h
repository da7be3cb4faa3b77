// FleetWatcher: asks a registry all the while, over DNS and over HTTP, and holds each answer
// against what has to be in it: every instance of the service, and nothing critical anywhere. No
// answer is none, however long: a registry that is restarted may be silent, but not wrong.
//
// Two threads of its own ask. The rest may be called from any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "registry/base/lock_guarded.h"

namespace rollcall::e2e {

class FleetWatcher {
 public:
  struct Fleet {
    int dns_port = 0;
    int http_port = 0;
    std::vector<std::string> services;
    size_t instances_each = 0;
  };
  explicit FleetWatcher(Fleet fleet);
  ~FleetWatcher();

  uint64_t DnsAnswers() const { return dns_answers_; }
  uint64_t HttpAnswers() const { return http_answers_; }
  // What was wrong: the first few, each a line.
  std::vector<std::string> Problems() const;

 private:
  void AskDns();
  void AskHttp();
  void Note(const std::string& problem);

  const Fleet fleet_;
  std::atomic<bool> stopping_{false};
  std::atomic<uint64_t> dns_answers_{0};
  std::atomic<uint64_t> http_answers_{0};
  mutable LockGuarded<std::vector<std::string>> problems_;
  std::array<std::thread, 2> threads_;  // last: they use all of the above
};

}  // namespace rollcall::e2e
