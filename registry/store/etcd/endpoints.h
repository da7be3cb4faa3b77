// EtcdEndpoints: which endpoint is next, when, and why the others are not. After a failure the next
// one is tried at once; when all have failed, after a pause that grows from round to round. One
// thread's own.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "registry/base/clock.h"
#include "registry/store/etcd/options.h"

namespace rollcall::store {

class EtcdEndpoints {
 public:
  // `random`: for the pauses, so that servers do not come back all at once.
  EtcdEndpoints(const EtcdOptions& options, std::function<uint64_t()> random);

  const EtcdEndpoint& current() const { return endpoints_[current_]; }

  // The current one cannot be used, or no more. Goes to the next one; it is to be tried after so
  // long.
  std::chrono::milliseconds Failed(const std::string& reason, Clock::TimePoint now);
  // The current one answers.
  void Works(Clock::TimePoint now);

  // What is wrong with each that has failed since one last worked: "h1:2379: no answer in time;
  // ..."
  std::string Trouble() const;

 private:
  std::chrono::milliseconds Pause();

  const std::vector<EtcdEndpoint> endpoints_;
  const std::chrono::milliseconds first_pause_;
  const std::chrono::milliseconds longest_pause_;
  const std::function<uint64_t()> random_;
  size_t current_ = 0;
  std::vector<std::string> reasons_;  // of each endpoint; empty: none
  size_t failures_ = 0;               // since one last worked for a while
  std::chrono::milliseconds pause_;   // before the next round
  std::optional<Clock::TimePoint> works_since_;
};

}  // namespace rollcall::store
