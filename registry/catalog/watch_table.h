// WatchTable: the waiters of one worker, by the key that they wait for.
//
// An open-addressing table (linear probing, a power of two of slots) whose slots hold a key and a
// contiguous list of pointers to its waiters. So a change that wakes a few of a million reads two
// places of the table, the key's slot and its list, and then the waiters, which are prefetched: the
// time is that of the memory, not of the table (BM_ReadTenOf in tests/bench/micro).
//
// A key whose last waiter has left keeps its slot, since its clients tend to come back; a table
// that is full of those drops them instead of growing.
//
// Threads: only the worker's own may touch the table or a waiter.
#pragma once

#include <boost/container/vector.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "registry/catalog/watch.h"

namespace rollcall::catalog {

class WatchTable;

// Base of what is woken. Its owner keeps it in one place for as long as it is parked.
class Waiter {
 public:
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // Its table forgets it, in a time that does not depend on how many wait. Nothing happens when it
  // is not parked. May be called, and the waiter destroyed, while it is being woken.
  void Leave();
  bool is_parked() const { return table_ != nullptr; }

 protected:
  Waiter() = default;
  ~Waiter() { Leave(); }

 private:
  friend class WatchTable;
  WatchTable* table_ = nullptr;  // outlives the waiter, or has let it go
  WatchKey key_;
  uint32_t place_ = 0;          // in the key's list, or in WatchTable::arrivals_
  bool is_an_arrival_ = false;  // of the Wake that runs
};

class WatchTable {
 public:
  WatchTable() = default;
  WatchTable(const WatchTable&) = delete;
  WatchTable& operator=(const WatchTable&) = delete;

  // `waiter`, which is parked nowhere, is woken by every later Wake that names `key`, until it
  // leaves; not by a Wake that is running.
  void Park(WatchKey key, Waiter& waiter);

  // Calls `wake` for each waiter of the keys that changed, in any order. It may park and let leave
  // any waiters, but not call Wake.
  void Wake(const ChangeSet& changes, const std::function<void(Waiter&)>& wake);

  // How many are parked.
  size_t size() const { return size_; }

 private:
  friend class Waiter;
  // Of 16 bytes, so that more slots fit into a processor's caches.
  using Waiters = boost::container::vector<
      Waiter*, void,
      boost::container::vector_options_t<
          boost::container::stored_size<uint32_t>,
          boost::container::growth_factor<boost::container::growth_factor_50>>>;
  struct Slot {
    WatchKey key;  // of nothing: the slot has never been used
    Waiters waiters;
  };
  class Waking;

  size_t HomeOf(WatchKey key) const { return key.hash() >> shift_; }
  Slot* Find(WatchKey key);
  Slot& FindOrUse(WatchKey key);
  void Rebuild();
  void Enlist(Waiter& waiter);
  void Remove(Waiter& waiter);
  void WakeSlot(Slot& slot, const std::function<void(Waiter&)>& wake);
  void EndWalk();

  std::vector<Slot> slots_;
  unsigned shift_ = 0;  // a hash's bits less those that number the slots
  size_t used_ = 0;     // slots that have a key
  size_t size_ = 0;

  // While Wake runs no slot moves and no list grows: who parks is kept in arrivals_ until it ends.
  bool is_waking_ = false;
  std::vector<Waiter*> arrivals_;  // null: has left again
  // Who leaves the list that is being walked is struck out of it (null) until the walk ends.
  Slot* walked_ = nullptr;
  bool has_struck_out_ = false;
};

}  // namespace rollcall::catalog
