// Prober: runs checks, each at its own interval, without ever blocking: a target that hangs costs
// one socket and one timer, a script that hangs a process, two descriptors and one timer, and no
// other check is delayed. Depends on nothing of the agent, because the registry probes the checks
// of its own node with it too.
//
// All of it runs on the io_context's thread, which is also the only one that may call it. A check
// starts somewhere in its first interval, at random, so that many checks do not fire together, and
// then at a steady beat; an attempt that outlives the interval is followed by the next one at once.
// Targets named by address are reached independently of each other. Names go through the system's
// resolver, one at a time: a name server that hangs delays checks of other names.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "registry/model/definition.h"
#include "registry/model/records.h"

namespace boost::asio {
class io_context;
}

namespace rollcall::probe {

struct ProbeResult {
  model::CheckStatus status = model::CheckStatus::kCritical;
  std::string output;  // cut at model::OutputLimit
};

class Probe;
class TlsContexts;

// When to begin with a check that is run at `interval`: `fraction` of that from now, on the last
// tick before, but not in the past. A tick is a twentieth of the interval, at most half a second:
// so checks do not fire together, and an agent of many does not wake up for each of them.
std::chrono::steady_clock::time_point FirstAttempt(std::chrono::steady_clock::time_point now,
                                                   std::chrono::nanoseconds interval,
                                                   double fraction);

class Prober {
 public:
  // Called for each attempt that ends. May call Ensure and Remove.
  using OnResult = std::function<void(const std::string& key, const ProbeResult& result)>;
  // A number in [0, 1).
  using Random = std::function<double()>;

  // `loop` must outlive the Prober; callbacks stop when the Prober is destroyed.
  Prober(boost::asio::io_context& loop, OnResult on_result, Random random);
  ~Prober();
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;

  // Runs the check from now on, of any kind but TTL and alias; interval and timeout must be set.
  // The same again changes nothing, another one starts afresh.
  void Ensure(const std::string& key, const model::CheckRun& run);

  // No result of `key` is reported once this returns.
  void Remove(const std::string& key);

 private:
  struct Schedule;

  std::shared_ptr<Probe> MakeProbe(const model::CheckRun& run);
  void StartAttempt(const std::shared_ptr<Schedule>& schedule);
  void WaitUntilDue(const std::shared_ptr<Schedule>& schedule);
  void Stop(Schedule& schedule);

  boost::asio::io_context& loop_;
  const OnResult on_result_;
  const Random random_;
  const std::unique_ptr<TlsContexts> tls_;
  std::unordered_map<std::string, std::shared_ptr<Schedule>> schedules_;
};

}  // namespace rollcall::probe
