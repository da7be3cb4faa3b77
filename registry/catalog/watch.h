// Watches: who waits for what, and whom a change wakes.
//
// A WatchKey names one thing that can change. The writer publishes a ChangeSet per batch: the new
// snapshot and the keys of what changed in it. Every worker keeps a WatchTable (watch_table.h) of
// its own waiters, on its own thread, and nothing of it is shared: a wake-up is one message to each
// worker, however many wait.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "registry/base/index.h"
#include "registry/catalog/snapshot.h"

namespace rollcall::catalog {

// A 64-bit hash of the kind and the lower-cased name. Two names that collide wake each other's
// waiters for nothing, which costs them one look at an index.
class WatchKey {
 public:
  WatchKey() = default;                            // of nothing; equal to none of the others
  static WatchKey AllNodes();                      // any node's record
  static WatchKey AllServices();                   // the names and tags of services
  static WatchKey AllInstances();                  // any instance, or its node's record
  static WatchKey AllChecks();                     // any check
  static WatchKey AllCoordinates();                // any node's coordinates
  static WatchKey Acl();                           // any object of access control
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
  uint64_t hash_ = 0;
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

}  // namespace rollcall::catalog
