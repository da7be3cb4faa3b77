// Workload: many clients at once, each a thread, from construction until it is stopped: they write
// and read keys at all servers, keep checks alive, and watch.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

#include "tests/chaos/client.h"
#include "tests/chaos/recorder.h"

namespace rollcall::chaos {

constexpr int kKeys = 12;
constexpr int kChecks = 6;
constexpr std::chrono::seconds kTtl{6};

class Workload {
 public:
  // `recorder` outlives it.
  Workload(Addresses servers, uint64_t seed, Recorder* recorder);
  ~Workload() { Stop(); }

  // In this order, one after the other; each ends when its threads have.
  void StopWriters() { StopAll(&writers_); }
  void StopBeating() { StopAll(&beating_); }
  void Stop();

 private:
  struct Group {
    std::atomic<bool> is_stopping{false};
    std::vector<std::thread> threads;
  };
  using Random = std::mt19937_64;

  static void StopAll(Group* group);
  int AnyServer(Random* random) const;
  // Each one client's life.
  void WriteAndRead(int client);
  void Beat(int check);
  void Watch(int key);
  void WatchCritical(int server);

  const Addresses servers_;
  const uint64_t seed_;
  Recorder* const recorder_;
  std::atomic<Value> last_value_{kAbsent};
  Group writers_;
  Group beating_;
  Group watching_;
};

}  // namespace rollcall::chaos
