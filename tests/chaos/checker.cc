#include "tests/chaos/checker.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "tests/chaos/linearizability.h"

namespace rollcall::chaos {
namespace {

constexpr size_t kMostTold = 5;

std::string Text(Time time) { return std::to_string(time.count() / 1000) + " ms"; }

void Tell(Findings* findings, const std::string& finding) {
  if (findings->size() < kMostTold) findings->push_back(finding);
}

// Somebody was told this index between two moments.
struct Told {
  uint64_t index = 0;
  Time began{};
  Time ended{};
};

// Of those who were told one after the other, none was told less than the one before.
void CheckRising(std::vector<Told> told, const std::string& where, Findings* findings) {
  std::vector<Told> by_end = told;
  std::sort(told.begin(), told.end(),
            [](const Told& a, const Told& b) { return a.began < b.began; });
  std::sort(by_end.begin(), by_end.end(),
            [](const Told& a, const Told& b) { return a.ended < b.ended; });
  auto before = by_end.begin();
  Told highest;
  for (const Told& each : told) {
    for (; before != by_end.end() && before->ended < each.began; ++before) {
      if (before->index > highest.index) highest = *before;
    }
    if (each.index < highest.index) {
      Tell(findings, where + ": index " + std::to_string(each.index) + " at " + Text(each.ended) +
                         ", after " + std::to_string(highest.index) + " at " + Text(highest.ended));
    }
  }
}

std::string KeyText(int key) { return "key " + std::to_string(key); }

}  // namespace

Findings CheckLinearizable(const History& history) {
  std::map<int, std::pair<std::vector<Write>, std::vector<Read>>> keys;
  for (const Write& each : history.writes) keys[each.key].first.push_back(each);
  for (const Read& each : history.reads) {
    if (each.consistency == Consistency::kConsistent) keys[each.key].second.push_back(each);
  }
  Findings findings;
  for (const auto& [key, operations] : keys) {
    const auto found = FindNonlinearizable(operations.first, operations.second);
    if (found) Tell(&findings, KeyText(key) + " is not linearizable: " + *found);
  }
  return findings;
}

Findings CheckIndexes(const History& history) {
  Findings findings;
  std::map<std::pair<int, Value>, uint64_t> index_of;  // of a key's value
  const auto note = [&](const Read& read) {
    if (read.value == kAbsent) return;
    const auto [known, is_new] = index_of.try_emplace({read.key, read.value}, read.modify_index);
    if (is_new || known->second == read.modify_index) return;
    Tell(&findings, KeyText(read.key) + ", value " + std::to_string(read.value) + ": ModifyIndex " +
                        std::to_string(read.modify_index) + " at server " +
                        std::to_string(read.server) + ", and " + std::to_string(known->second) +
                        " elsewhere");
  };
  std::map<std::pair<int, int>, std::vector<Told>> at_server;  // by server and key
  std::map<int, std::vector<Told>> consistent;                 // by key
  for (const Read& each : history.reads) {
    note(each);
    const Told told{each.index, each.began, each.ended};
    at_server[{each.server, each.key}].push_back(told);
    if (each.consistency == Consistency::kConsistent) consistent[each.key].push_back(told);
  }
  for (const View& each : history.views) {
    note(each.read);
    if (each.read.index < each.asked) {
      Tell(&findings, "the watcher of " + KeyText(each.read.key) + " brought index " +
                          std::to_string(each.asked) + " to server " +
                          std::to_string(each.read.server) + " and was told " +
                          std::to_string(each.read.index) + " at " + Text(each.read.ended));
    }
    at_server[{each.read.server, each.read.key}].push_back(
        {each.read.index, each.read.began, each.read.ended});
  }
  for (const Write& each : history.writes) {
    const auto index = index_of.find({each.key, each.value});
    if (each.outcome != Outcome::kDone || index == index_of.end()) continue;
    at_server[{each.server, each.key}].push_back({index->second, each.began, each.ended});
  }
  for (const auto& [where, told] : at_server) {
    CheckRising(told, KeyText(where.second) + " at server " + std::to_string(where.first),
                &findings);
  }
  for (const auto& [key, told] : consistent) {
    CheckRising(told, "consistent reads of " + KeyText(key), &findings);
  }
  return findings;
}

Findings CheckExpiry(const History& history, const Bounds& bounds) {
  std::map<int, std::vector<Beat>> beats;
  for (const Beat& each : history.beats) beats[each.check].push_back(each);
  for (auto& [check, own] : beats) {
    std::sort(own.begin(), own.end(),
              [](const Beat& a, const Beat& b) { return a.ended < b.ended; });
  }
  Findings findings;
  for (const Critical& seen : history.criticals) {
    const std::vector<Beat>& own = beats[seen.check];
    bool is_explained = false;
    for (size_t i = 0; i < own.size() && !is_explained; ++i) {
      // It may have expired between this heartbeat and the next.
      const Time expired = own[i].began + bounds.ttl;
      const Time renewed = i + 1 < own.size() ? own[i + 1].ended : Time::max();
      is_explained = expired < renewed && expired <= seen.ended &&
                     (renewed == Time::max() || renewed + bounds.most_stale >= seen.began);
    }
    if (is_explained) continue;
    Tell(&findings, "check " + std::to_string(seen.check) + " was critical at server " +
                        std::to_string(seen.server) + " at " + Text(seen.ended) +
                        " although heartbeats had been accepted all the time");
  }
  return findings;
}

Findings CheckWatchers(const History& history, const Bounds& bounds, Time until) {
  std::vector<Disturbance> disturbances = history.disturbances;
  std::sort(disturbances.begin(), disturbances.end(),
            [](const Disturbance& a, const Disturbance& b) { return a.began < b.began; });
  // By when a watcher must have been told of what was so at `time`.
  const auto due = [&](Time time) {
    Time at = time + bounds.told_within;
    for (const Disturbance& each : disturbances) {
      if (each.began <= at && each.ended >= time) {
        at = std::max(at, each.ended + bounds.told_within);
      }
    }
    return at;
  };
  struct Views {
    std::vector<std::pair<Time, uint64_t>> highest;  // index told by then, rising
  };
  std::map<std::pair<int, int>, Views> watchers;  // by key and watcher
  std::vector<View> views = history.views;
  std::sort(views.begin(), views.end(),
            [](const View& a, const View& b) { return a.read.ended < b.read.ended; });
  for (const View& each : views) {
    auto& highest = watchers[{each.read.key, each.watcher}].highest;
    const uint64_t before = highest.empty() ? 0 : highest.back().second;
    if (each.read.index > before) highest.emplace_back(each.read.ended, each.read.index);
  }
  Findings findings;
  for (const Read& read : history.reads) {
    if (read.consistency != Consistency::kConsistent) continue;
    const Time by = due(read.ended);
    if (by > until) continue;
    for (auto of_key = watchers.lower_bound({read.key, 0});
         of_key != watchers.end() && of_key->first.first == read.key; ++of_key) {
      const auto& highest = of_key->second.highest;
      const auto told =
          std::lower_bound(highest.begin(), highest.end(), read.index,
                           [](const auto& each, uint64_t index) { return each.second < index; });
      if (told != highest.end() && told->first <= by) continue;
      Tell(&findings, "the watcher of " + KeyText(read.key) + " was not told by " + Text(by) +
                          " of index " + std::to_string(read.index) + ", read at " +
                          Text(read.ended) +
                          (told == highest.end() ? std::string(", and never")
                                                 : ", but at " + Text(told->first)));
    }
  }
  return findings;
}

}  // namespace rollcall::chaos
