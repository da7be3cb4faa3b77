// Recorder: the history of a run while it is made. Any thread.
#pragma once

#include <chrono>
#include <string>

#include "registry/base/lock_guarded.h"
#include "tests/chaos/history.h"

namespace rollcall::chaos {

class Recorder {
 public:
  Time Now() const {
    return std::chrono::duration_cast<Time>(std::chrono::steady_clock::now() - began_);
  }

  void Add(const Write& write) { history_.Lock()->writes.push_back(write); }
  void Add(const Read& read) { history_.Lock()->reads.push_back(read); }
  void Add(const View& view) { history_.Lock()->views.push_back(view); }
  void Add(const Beat& beat) { history_.Lock()->beats.push_back(beat); }
  void Add(const Critical& critical) { history_.Lock()->criticals.push_back(critical); }
  void Add(const Disturbance& disturbance) { history_.Lock()->disturbances.push_back(disturbance); }
  void AddOddity(const std::string& text) { history_.Lock()->oddities.push_back(text); }
  void AddFailedRead() { ++history_.Lock()->failed_reads; }

  History Copy() { return *history_.Lock(); }

 private:
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  LockGuarded<History> history_;
};

}  // namespace rollcall::chaos
