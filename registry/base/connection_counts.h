// ConnectionCounts: how many connections the servers of one port have, in all and of each client
// address, and whether one more is welcome. Synchronises itself: every worker's listener asks it.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "registry/base/lock_guarded.h"

namespace rollcall {

class ConnectionCounts {
 public:
  enum class Verdict { kWelcome, kTooManyOfAddress, kTooManyInAll };

  // 0 means no limit.
  ConnectionCounts(size_t max_in_all, size_t max_per_address)
      : max_in_all_(max_in_all), max_per_address_(max_per_address) {}

  // Counts the connection in when it is welcome; every kWelcome is paired with one Leave.
  Verdict Enter(const std::string& address);
  void Leave(const std::string& address);

 private:
  struct Counts {
    size_t in_all = 0;
    std::unordered_map<std::string, size_t> of_address;  // only while there is a limit on it
  };

  const size_t max_in_all_;
  const size_t max_per_address_;
  LockGuarded<Counts> counts_;
};

}  // namespace rollcall
