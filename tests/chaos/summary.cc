#include "tests/chaos/summary.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <vector>

namespace rollcall::chaos {
namespace {

Time LongestGap(std::vector<Time> times, Time from, Time to) {
  std::sort(times.begin(), times.end());
  Time longest{};
  Time last = from;
  for (const Time each : times) {
    if (each < from || each > to) continue;
    longest = std::max(longest, each - last);
    last = each;
  }
  return std::max(longest, to - last);
}

std::string Seconds(Time time) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.2f s", static_cast<double>(time.count()) / 1e6);
  return text;
}

}  // namespace

LongestWaits FindLongestWaits(const History& history, Time from, Time to) {
  std::vector<Time> writes;
  std::vector<Time> reads;
  std::map<int, std::vector<Time>> beats;
  for (const Write& each : history.writes) {
    if (each.outcome == Outcome::kDone) writes.push_back(each.ended);
  }
  for (const Read& each : history.reads) {
    if (each.consistency == Consistency::kConsistent) reads.push_back(each.ended);
  }
  for (const Beat& each : history.beats) {
    if (each.is_accepted) beats[each.check].push_back(each.ended);
  }
  LongestWaits waits{LongestGap(writes, from, to), LongestGap(reads, from, to), {}};
  for (const auto& [check, times] : beats) {
    waits.beat = std::max(waits.beat, LongestGap(times, from, to));
  }
  return waits;
}

std::string Text(const LongestWaits& waits) {
  return "longest without a write " + Seconds(waits.write) + ", a consistent read " +
         Seconds(waits.read) + ", a check's heartbeat " + Seconds(waits.beat);
}

std::string Summary(const History& history) {
  size_t done = 0;
  size_t unknown = 0;
  for (const Write& each : history.writes) {
    done += each.outcome == Outcome::kDone;
    unknown += each.outcome == Outcome::kUnknown;
  }
  size_t consistent = 0;
  for (const Read& each : history.reads) {
    consistent += each.consistency == Consistency::kConsistent;
  }
  size_t accepted = 0;
  for (const Beat& each : history.beats) accepted += each.is_accepted;
  const auto text = [](size_t number) { return std::to_string(number); };
  return text(history.writes.size()) + " writes: " + text(done) + " acknowledged, " +
         text(unknown) + " of unknown outcome, " + text(history.writes.size() - done - unknown) +
         " refused\n" + text(history.reads.size()) + " reads: " + text(consistent) +
         " consistent; " + text(history.views.size()) + " answers to watchers; " +
         text(history.failed_reads) + " reads and watches without an answer\n" + text(accepted) +
         " heartbeats accepted, " + text(history.beats.size() - accepted) + " not; " +
         text(history.criticals.size()) + " times a check was seen critical\n" +
         text(history.disturbances.size()) + " faults\n";
}

}  // namespace rollcall::chaos
