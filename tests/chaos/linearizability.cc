#include "tests/chaos/linearizability.h"

#include <algorithm>
#include <map>
#include <utility>

namespace rollcall::chaos {
namespace {

constexpr size_t kMostAtOnce = 64;

struct Operation {
  bool is_write = false;
  Value value = kAbsent;
  Time began{};
  Time ended{};
  bool has_end = true;
  int server = 0;
};

// The end of a write that is known by what was read: see the header.
Operation Seen(Operation write, Time first_read_ended) {
  write.ended = std::max(write.began, first_read_ended);
  return write;
}

std::vector<Operation> OperationsOf(const std::vector<Write>& writes,
                                    const std::vector<Read>& reads) {
  std::vector<Operation> all;
  std::map<Value, Time> first_read;  // when the first read of a value ended
  for (const Read& read : reads) {
    all.push_back({false, read.value, read.began, read.ended, true, read.server});
    const auto [known, is_new] = first_read.try_emplace(read.value, read.ended);
    if (!is_new) known->second = std::min(known->second, read.ended);
  }
  for (const Write& write : writes) {
    if (write.outcome == Outcome::kNotDone) continue;
    Operation one{true, write.value, write.began, write.ended, true, write.server};
    if (write.outcome == Outcome::kUnknown) {
      if (write.value == kAbsent) {
        one.has_end = false;
      } else {
        const auto read = first_read.find(write.value);
        if (read == first_read.end()) continue;
        one = Seen(one, read->second);
      }
    }
    all.push_back(one);
  }
  return all;
}

std::string Describe(const Operation& operation) {
  const std::string value = operation.value == kAbsent ? "absent" : std::to_string(operation.value);
  return std::string(operation.is_write ? "write " : "read ") + value + " at server " +
         std::to_string(operation.server) + " [" + std::to_string(operation.began.count()) + ", " +
         (operation.has_end ? std::to_string(operation.ended.count()) : "?") + "]";
}

class Search {
 public:
  std::optional<std::string> Run(const std::vector<Operation>& operations);

 private:
  struct State {
    Value value = kAbsent;
    uint64_t done = 0;  // of the unfinished operations, those that have taken effect
    auto operator<=>(const State&) const = default;
  };
  // With how many deregistrations of unknown outcome used, at the least.
  using States = std::map<State, size_t>;

  static uint64_t Bit(size_t place) { return uint64_t{1} << place; }
  static bool Add(States* states, const State& state, size_t used);
  // Reads that can take effect do.
  State Settled(State state) const;
  std::optional<size_t> FreePlace() const;
  void Begin(size_t place);
  bool End(size_t place);
  std::string Explain(const Operation& ended, const States& before) const;

  std::vector<const Operation*> places_ = std::vector<const Operation*>(kMostAtOnce);
  size_t unknown_ = 0;  // deregistrations that have begun and have no end
  States states_ = {{State{}, 0}};
};

bool Search::Add(States* states, const State& state, size_t used) {
  const auto [known, is_new] = states->try_emplace(state, used);
  if (is_new) return true;
  if (known->second <= used) return false;
  known->second = used;
  return true;
}

Search::State Search::Settled(State state) const {
  for (size_t i = 0; i < places_.size(); ++i) {
    const Operation* each = places_[i];
    if (each != nullptr && !each->is_write && each->value == state.value) state.done |= Bit(i);
  }
  return state;
}

std::optional<size_t> Search::FreePlace() const {
  const auto free = std::find(places_.begin(), places_.end(), nullptr);
  if (free == places_.end()) return std::nullopt;
  return static_cast<size_t>(free - places_.begin());
}

void Search::Begin(size_t place) {
  if (places_[place]->is_write) return;
  for (const auto& [state, used] : std::exchange(states_, {})) {
    Add(&states_, Settled(state), used);
  }
}

// The operation must have taken effect by now: makes those that have not begun to do so, in every
// order in which that can be reached. False when it cannot.
bool Search::End(size_t place) {
  States reached;
  States seen;
  std::vector<std::pair<State, size_t>> open(states_.begin(), states_.end());
  while (!open.empty()) {
    const auto [state, used] = open.back();
    open.pop_back();
    if ((state.done & Bit(place)) != 0) {
      Add(&reached, {state.value, state.done & ~Bit(place)}, used);
      continue;
    }
    const auto go_on = [&](State next, size_t next_used) {
      next = Settled(next);
      if (Add(&seen, next, next_used)) open.emplace_back(next, next_used);
    };
    for (size_t i = 0; i < places_.size(); ++i) {
      if (places_[i] == nullptr || !places_[i]->is_write || (state.done & Bit(i)) != 0) continue;
      go_on({places_[i]->value, state.done | Bit(i)}, used);
    }
    if (used < unknown_ && state.value != kAbsent) go_on({kAbsent, state.done}, used + 1);
  }
  states_ = std::move(reached);
  return !states_.empty();
}

std::string Search::Explain(const Operation& ended, const States& before) const {
  std::string text = Describe(ended) + " cannot have taken effect: the key held one of {";
  std::vector<Value> values;
  for (const auto& [state, used] : before) values.push_back(state.value);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  for (const Value value : values) {
    text += " " + (value == kAbsent ? std::string("absent") : std::to_string(value));
  }
  text += " }; under way were " + std::to_string(unknown_) + " deregistrations of unknown outcome";
  for (const Operation* each : places_) {
    if (each != nullptr && each->is_write) text += ", " + Describe(*each);
  }
  return text;
}

std::optional<std::string> Search::Run(const std::vector<Operation>& operations) {
  // At the same moment, beginnings first: what touches may overlap.
  std::vector<std::pair<std::pair<Time, bool>, const Operation*>> events;
  for (const Operation& each : operations) {
    events.push_back({{each.began, false}, &each});
    if (each.has_end) events.push_back({{each.ended, true}, &each});
  }
  std::sort(events.begin(), events.end());
  for (const auto& [when, operation] : events) {
    if (!operation->has_end) {
      ++unknown_;
      continue;
    }
    if (!when.second) {
      const std::optional<size_t> place = FreePlace();
      if (!place) return "more than " + std::to_string(kMostAtOnce) + " operations at once";
      places_[*place] = operation;
      Begin(*place);
      continue;
    }
    const auto place =
        static_cast<size_t>(std::find(places_.begin(), places_.end(), operation) - places_.begin());
    const States before = states_;
    if (!End(place)) return Explain(*operation, before);
    places_[place] = nullptr;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> FindNonlinearizable(const std::vector<Write>& writes,
                                               const std::vector<Read>& reads) {
  return Search().Run(OperationsOf(writes, reads));
}

}  // namespace rollcall::chaos
