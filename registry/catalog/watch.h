// Watches: who waits for what, and whom a change wakes.
//
// A WatchKey names one thing that can change. The writer publishes a ChangeSet per batch: the new
// snapshot and the keys of what changed in it. Every worker keeps a WatchTable of its own waiters,
// on its own thread, and nothing of it is shared: a wake-up is one message to each worker, however
// many wait.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "registry/base/index.h"
#include "registry/catalog/snapshot.h"

namespace rollcall::catalog {

// A 64-bit hash of the kind and the lower-cased name. Two names that collide wake each other's
// waiters for nothing, which costs them one look at an index.
class WatchKey {
 public:
  static WatchKey AllNodes();                      // any node's record
  static WatchKey AllServices();                   // the names and tags of services
  static WatchKey AllInstances();                  // any instance, or its node's record
  static WatchKey AllChecks();                     // any check
  static WatchKey AllCoordinates();                // any node's coordinates
  static WatchKey Node(std::string_view name);     // a node, its instances and checks
  static WatchKey Service(std::string_view name);  // a service's instances, their nodes and checks
  static WatchKey Coordinates(std::string_view node);  // a node's coordinates, and nothing else

  // Something that is not in the catalog, by a name that its owner chooses: who changes it wakes
  // it.
  static WatchKey Outside(std::string_view name);

  uint64_t hash() const { return hash_; }
  friend bool operator==(WatchKey, WatchKey) = default;
  friend auto operator<=>(WatchKey, WatchKey) = default;

 private:
  explicit WatchKey(uint64_t hash) : hash_(hash) {}
  uint64_t hash_;
};

struct WatchKeyHash {
  size_t operator()(WatchKey key) const { return key.hash(); }
};

// What one batch of commits changed. Immutable once published.
struct ChangeSet {
  std::shared_ptr<const Snapshot> snapshot;
  std::vector<WatchKey> keys;  // sorted, each once
};

// Told of every published batch, on the writer's thread, after the snapshot can be read. Must
// return at once: hand over to another thread what takes time.
class ChangeListener {
 public:
  virtual ~ChangeListener() = default;
  virtual void OnChange(const std::shared_ptr<const ChangeSet>& changes) = 0;
};

// The waiters of one worker. Only that worker's thread may touch it or a Ticket.
class WatchTable {
 private:
  struct Waiter {
    std::function<void()> on_change;
    uint64_t parked_at = 0;
  };
  using Waiters = std::list<Waiter>;
  using Table = std::unordered_map<WatchKey, Waiters, WatchKeyHash>;

 public:
  WatchTable() = default;
  WatchTable(const WatchTable&) = delete;
  WatchTable& operator=(const WatchTable&) = delete;

  // A waiter's place; leaving it (destruction, Leave) forgets the waiter. May be left from inside
  // its own on_change. The table must outlive it.
  class Ticket {
   public:
    Ticket() = default;
    Ticket(Ticket&& other) noexcept { *this = std::move(other); }
    Ticket& operator=(Ticket&& other) noexcept;
    ~Ticket() { Leave(); }
    void Leave();
    bool is_parked() const { return table_ != nullptr; }

   private:
    friend class WatchTable;
    WatchTable* table_ = nullptr;
    Table::value_type* place_ = nullptr;  // stays put when the table grows
    Waiters::iterator waiter_;
  };

  // Calls `on_change` at every later Wake that names `key`, until the ticket is left. A waiter that
  // is parked during a Wake is not called by that one.
  Ticket Park(WatchKey key, std::function<void()> on_change);

  // Calls the waiters of the keys that changed. They may park and leave others meanwhile.
  void Wake(const ChangeSet& changes);

  size_t size() const { return size_; }

 private:
  void WakeKey(WatchKey key);
  void Remove(Table::value_type* place, Waiters::iterator waiter);

  Table table_;
  size_t size_ = 0;
  uint64_t wakes_ = 0;  // numbers the calls of Wake

  // While WakeKey walks a list: the list, its next waiter (moved on when that one leaves), and the
  // waiters that have left, kept until no callback of theirs can be running.
  Waiters* walking_ = nullptr;
  Waiters::iterator next_;
  Waiters left_during_wake_;
};

}  // namespace rollcall::catalog
