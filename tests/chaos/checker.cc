#include "tests/chaos/checker.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
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

std::string ValueText(Value value) { return value == kAbsent ? "absent" : std::to_string(value); }

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

namespace {

// What all answers about one key say together.
class KeyState {
 public:
  void Take(const Read& read, Findings* findings) {
    if (read.value != kAbsent) {
      const auto [known, is_new] = modified_.try_emplace(read.value, read.modify_index);
      if (!is_new && known->second != read.modify_index) {
        Tell(findings, Where(read) + " has ModifyIndex " + std::to_string(read.modify_index) +
                           ", and " + std::to_string(known->second) + " elsewhere");
      }
      written_.insert(read.modify_index);
    }
    const auto [known, is_new] = at_index_.try_emplace(read.index, read.value);
    if (!is_new && known->second != read.value) {
      Tell(findings, Where(read) + " at index " + std::to_string(read.index) + ", and " +
                         ValueText(known->second) + " elsewhere");
    }
  }

  // Once all have been taken.
  void CheckWhole(const Read& read, Findings* findings) const {
    if (read.value == kAbsent) return;
    const auto next = written_.upper_bound(read.modify_index);
    if (next == written_.end() || *next > read.index) return;
    Tell(findings, Where(read) + " at index " + std::to_string(read.index) +
                       ", although another one had been written at " + std::to_string(*next));
  }

  std::optional<uint64_t> IndexOf(Value value) const {
    const auto known = modified_.find(value);
    if (known == modified_.end()) return std::nullopt;
    return known->second;
  }

 private:
  static std::string Where(const Read& read) {
    return KeyText(read.key) + ", value " + ValueText(read.value) + " at server " +
           std::to_string(read.server) + " at " + Text(read.ended);
  }

  std::map<Value, uint64_t> modified_;
  std::set<uint64_t> written_;
  std::map<uint64_t, Value> at_index_;
};

}  // namespace

Findings CheckIndexes(const History& history) {
  Findings findings;
  std::vector<Read> answers = history.reads;
  for (const View& each : history.views) {
    answers.push_back(each.read);
    if (each.read.index < each.asked) {
      Tell(&findings, "the watcher of " + KeyText(each.read.key) + " brought index " +
                          std::to_string(each.asked) + " to server " +
                          std::to_string(each.read.server) + " and was told " +
                          std::to_string(each.read.index) + " at " + Text(each.read.ended));
    }
  }
  std::map<int, KeyState> keys;
  for (const Read& each : answers) keys[each.key].Take(each, &findings);
  std::map<std::pair<int, int>, std::vector<Told>> at_server;  // by server and key
  for (const Read& each : answers) {
    keys[each.key].CheckWhole(each, &findings);
    at_server[{each.server, each.key}].push_back({each.index, each.began, each.ended});
  }
  for (const Write& each : history.writes) {
    const std::optional<uint64_t> index = keys[each.key].IndexOf(each.value);
    if (each.outcome != Outcome::kDone || !index) continue;
    at_server[{each.server, each.key}].push_back({*index, each.began, each.ended});
  }
  std::map<int, std::vector<Told>> consistent;  // by key
  for (const Read& each : history.reads) {
    if (each.consistency != Consistency::kConsistent) continue;
    consistent[each.key].push_back({each.index, each.began, each.ended});
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

namespace {

// Whether the check may have been critical in that answer: it may have expired between a heartbeat
// and the next, if these are all.
bool IsExplained(const Critical& seen, const std::vector<Beat>& beats, const Bounds& bounds) {
  for (size_t i = 0; i < beats.size(); ++i) {
    const Time expired = beats[i].began + bounds.ttl;
    const bool is_last = i + 1 == beats.size();
    if (expired > seen.ended || (!is_last && beats[i + 1].ended <= expired)) continue;
    if (is_last || beats[i + 1].ended + bounds.most_stale >= seen.began) return true;
  }
  return false;
}

}  // namespace

Findings CheckExpiry(const History& history, const Bounds& bounds) {
  std::vector<Beat> beats = history.beats;
  std::sort(beats.begin(), beats.end(),
            [](const Beat& a, const Beat& b) { return a.ended < b.ended; });
  struct Own {
    std::vector<Beat> offered;
    std::vector<Beat> accepted;
  };
  std::map<int, Own> checks;
  for (const Beat& each : beats) {
    checks[each.check].offered.push_back(each);
    if (each.is_accepted) checks[each.check].accepted.push_back(each);
  }
  Findings findings;
  for (const Critical& seen : history.criticals) {
    const Own& own = checks[seen.check];
    if (IsExplained(seen, own.offered, bounds)) continue;
    Tell(&findings,
         "check " + std::to_string(seen.check) + " was critical at server " +
             std::to_string(seen.server) + " at " + Text(seen.ended) +
             " although heartbeats had been " +
             (IsExplained(seen, own.accepted, bounds) ? "offered to every server" : "accepted") +
             " all the time");
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
