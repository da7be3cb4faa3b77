#include "registry/catalog/watch_table.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

namespace rollcall::catalog {
namespace {

constexpr size_t kFewestSlots = 16;
// So far ahead are the slots of a change's keys fetched into the cache, and the waiters of a list.
constexpr size_t kKeysAhead = 4;
constexpr size_t kWaitersAhead = 8;

}  // namespace

void Waiter::Leave() {
  if (table_ != nullptr) std::exchange(table_, nullptr)->Remove(*this);
}

// One Wake. When it ends, also by an exception, the table may change again.
class WatchTable::Waking {
 public:
  explicit Waking(WatchTable& table) : table_(table) {
    assert(!table.is_waking_);
    table.is_waking_ = true;
  }
  Waking(const Waking&) = delete;
  Waking& operator=(const Waking&) = delete;
  ~Waking() {
    if (table_.walked_ != nullptr) table_.EndWalk();
    table_.is_waking_ = false;
    for (Waiter* waiter : table_.arrivals_) {
      if (waiter != nullptr) table_.Enlist(*waiter);
    }
    table_.arrivals_.clear();
  }

 private:
  WatchTable& table_;
};

void WatchTable::Park(WatchKey key, Waiter& waiter) {
  assert(!waiter.is_parked() && key != WatchKey());
  waiter.key_ = key;
  if (is_waking_) {
    waiter.place_ = static_cast<uint32_t>(arrivals_.size());
    arrivals_.push_back(&waiter);
    waiter.is_an_arrival_ = true;
  } else {
    Enlist(waiter);
  }
  waiter.table_ = this;
  ++size_;
}

void WatchTable::Enlist(Waiter& waiter) {
  Waiters& waiters = FindOrUse(waiter.key_).waiters;
  waiter.place_ = static_cast<uint32_t>(waiters.size());
  waiters.push_back(&waiter);
  waiter.is_an_arrival_ = false;
}

void WatchTable::Remove(Waiter& waiter) {
  --size_;
  if (waiter.is_an_arrival_) {
    arrivals_[waiter.place_] = nullptr;
    return;
  }
  Slot* slot = Find(waiter.key_);
  assert(slot != nullptr && slot->waiters[waiter.place_] == &waiter);
  if (slot == walked_) {
    slot->waiters[waiter.place_] = nullptr;
    has_struck_out_ = true;
    return;
  }
  Waiter* const last = slot->waiters.back();
  slot->waiters[waiter.place_] = last;
  last->place_ = waiter.place_;
  slot->waiters.pop_back();
  if (slot->waiters.empty()) slot->waiters = {};  // its memory, too
}

WatchTable::Slot* WatchTable::Find(WatchKey key) {
  if (slots_.empty()) return nullptr;
  for (size_t at = HomeOf(key);; at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at].key == key) return &slots_[at];
    if (slots_[at].key == WatchKey()) return nullptr;
  }
}

WatchTable::Slot& WatchTable::FindOrUse(WatchKey key) {
  if (Slot* slot = Find(key)) return *slot;
  if (used_ >= slots_.size() / 5 * 4) Rebuild();
  size_t at = HomeOf(key);
  while (slots_[at].key != WatchKey()) at = (at + 1) & (slots_.size() - 1);
  slots_[at].key = key;
  ++used_;
  return slots_[at];
}

// Leaves out the keys that nobody waits for; what is left, and one more, takes at most half.
void WatchTable::Rebuild() {
  const auto is_waited_for = [](const Slot& slot) { return !slot.waiters.empty(); };
  used_ = static_cast<size_t>(std::count_if(slots_.begin(), slots_.end(), is_waited_for));
  const size_t count = std::bit_ceil(std::max(kFewestSlots, 2 * (used_ + 1)));
  std::vector<Slot> before = std::exchange(slots_, std::vector<Slot>(count));
  shift_ = static_cast<unsigned>(64 - std::countr_zero(count));
  for (Slot& slot : before) {
    if (!is_waited_for(slot)) continue;
    size_t at = HomeOf(slot.key);
    while (slots_[at].key != WatchKey()) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = std::move(slot);
  }
}

void WatchTable::Wake(const ChangeSet& changes, const std::function<void(Waiter&)>& wake) {
  if (size_ == 0) return;
  const Waking waking(*this);
  const std::vector<WatchKey>& keys = changes.keys;
  if (keys.size() > used_) {
    for (Slot& slot : slots_) {
      if (slot.waiters.empty()) continue;
      if (std::binary_search(keys.begin(), keys.end(), slot.key)) WakeSlot(slot, wake);
    }
    return;
  }
  const auto fetch = [&](size_t i) {
    if (i < keys.size()) __builtin_prefetch(&slots_[HomeOf(keys[i])]);
  };
  for (size_t i = 0; i < kKeysAhead; ++i) fetch(i);
  for (size_t i = 0; i < keys.size(); ++i) {
    fetch(i + kKeysAhead);
    if (Slot* slot = Find(keys[i])) WakeSlot(*slot, wake);
  }
}

void WatchTable::WakeSlot(Slot& slot, const std::function<void(Waiter&)>& wake) {
  walked_ = &slot;
  const Waiters& waiters = slot.waiters;
  const auto fetch = [&](size_t i) {
    if (i < waiters.size()) __builtin_prefetch(waiters[i]);
  };
  for (size_t i = 0; i < kWaitersAhead; ++i) fetch(i);
  for (size_t i = 0; i < waiters.size(); ++i) {
    fetch(i + kWaitersAhead);
    if (waiters[i] != nullptr) wake(*waiters[i]);
  }
  EndWalk();
}

// Those who are left in the list close up.
void WatchTable::EndWalk() {
  Waiters& waiters = std::exchange(walked_, nullptr)->waiters;
  if (!std::exchange(has_struck_out_, false)) return;
  waiters.erase(std::remove(waiters.begin(), waiters.end(), nullptr), waiters.end());
  for (size_t i = 0; i < waiters.size(); ++i) waiters[i]->place_ = static_cast<uint32_t>(i);
  if (waiters.empty()) waiters = {};
}

}  // namespace rollcall::catalog
