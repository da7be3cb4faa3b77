// What a history says in numbers. Pure functions, any thread.
#pragma once

#include <string>

#include "tests/chaos/history.h"

namespace rollcall::chaos {

struct LongestWaits {
  Time write{};
  Time read{};  // consistent
  Time beat{};  // of any check
};

// The longest times between `from` and `to` without a write that was acknowledged, a consistent
// read that was answered, and for any one check a heartbeat that was accepted.
LongestWaits FindLongestWaits(const History& history, Time from, Time to);
std::string Text(const LongestWaits& waits);

// Operations by their outcome, and the like: a few lines.
std::string Summary(const History& history);

}  // namespace rollcall::chaos
