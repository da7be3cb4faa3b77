#include "registry/catalog/watch.h"

#include <algorithm>
#include <utility>

#include "registry/base/ascii.h"

namespace rollcall::catalog {
namespace {

// FNV-1a over the kind and the lower-cased name, then mixed so that the low bits depend on all.
uint64_t Hash(char kind, std::string_view name) {
  constexpr uint64_t kPrime = 0x100000001b3;
  uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&hash](char c) {
    hash ^= static_cast<unsigned char>(c);
    hash *= kPrime;
  };
  add(kind);
  for (const char c : name) add(AsciiLower(c));
  hash ^= hash >> 32;
  return hash * 0x9e3779b97f4a7c15;
}

}  // namespace

WatchKey WatchKey::AllNodes() { return WatchKey(Hash('N', "")); }
WatchKey WatchKey::AllServices() { return WatchKey(Hash('S', "")); }
WatchKey WatchKey::AllInstances() { return WatchKey(Hash('I', "")); }
WatchKey WatchKey::AllChecks() { return WatchKey(Hash('C', "")); }
WatchKey WatchKey::AllCoordinates() { return WatchKey(Hash('D', "")); }
WatchKey WatchKey::Node(std::string_view name) { return WatchKey(Hash('n', name)); }
WatchKey WatchKey::Service(std::string_view name) { return WatchKey(Hash('s', name)); }
WatchKey WatchKey::Coordinates(std::string_view node) { return WatchKey(Hash('d', node)); }
WatchKey WatchKey::Outside(std::string_view name) { return WatchKey(Hash('o', name)); }

WatchTable::Ticket& WatchTable::Ticket::operator=(Ticket&& other) noexcept {
  if (this != &other) {
    Leave();
    table_ = std::exchange(other.table_, nullptr);
    place_ = other.place_;
    waiter_ = other.waiter_;
  }
  return *this;
}

void WatchTable::Ticket::Leave() {
  if (table_ == nullptr) return;
  std::exchange(table_, nullptr)->Remove(place_, waiter_);
}

WatchTable::Ticket WatchTable::Park(WatchKey key, std::function<void()> on_change) {
  Ticket ticket;
  ticket.table_ = this;
  ticket.place_ = &*table_.try_emplace(key).first;
  Waiters& waiters = ticket.place_->second;
  ticket.waiter_ = waiters.insert(waiters.end(), Waiter{std::move(on_change), wakes_});
  ++size_;
  return ticket;
}

void WatchTable::Remove(Table::value_type* place, Waiters::iterator waiter) {
  Waiters& waiters = place->second;
  if (walking_ == &waiters && next_ == waiter) ++next_;
  // The callback may be the one that runs now: it is destroyed after it has left the list.
  Waiters gone;
  gone.splice(gone.begin(), waiters, waiter);
  --size_;
  if (waiters.empty() && walking_ != &waiters) table_.erase(WatchKey(place->first));
  if (walking_ != nullptr) left_during_wake_.splice(left_during_wake_.end(), gone);
}

void WatchTable::Wake(const ChangeSet& changes) {
  ++wakes_;
  if (changes.keys.size() <= table_.size()) {
    for (const WatchKey key : changes.keys) WakeKey(key);
  } else {
    std::vector<WatchKey> watched;
    watched.reserve(table_.size());
    for (const auto& entry : table_) watched.push_back(entry.first);
    for (const WatchKey key : watched) {
      if (std::binary_search(changes.keys.begin(), changes.keys.end(), key)) WakeKey(key);
    }
  }
}

void WatchTable::WakeKey(WatchKey key) {
  const auto place = table_.find(key);
  if (place == table_.end()) return;
  walking_ = &place->second;  // stays put when the table grows
  for (next_ = walking_->begin(); next_ != walking_->end();) {
    const Waiters::iterator waiter = next_++;
    if (waiter->parked_at < wakes_) waiter->on_change();
  }
  if (std::exchange(walking_, nullptr)->empty()) table_.erase(key);
  left_during_wake_.clear();
}

}  // namespace rollcall::catalog
