// ParkedEverywhere: the parked queries of all workers of a server, for waking them by a key that
// is not the catalog's.
#pragma once

#include <vector>

#include "api/parked_queries.h"
#include "registry/base/lock_guarded.h"
#include "registry/catalog/watch.h"

namespace rollcall::api {

// Any thread. A worker's queries are in it for as long as they exist.
class ParkedEverywhere {
 public:
  void Add(ParkedQueries* queries) { all_.Lock()->push_back(queries); }
  void Remove(ParkedQueries* queries) { std::erase(*all_.Lock(), queries); }

  // Each worker looks soon, on its own thread, at what waits for `key`.
  void Wake(catalog::WatchKey key) {
    auto all = all_.Lock();  // Wake only posts
    for (ParkedQueries* queries : *all) queries->Wake(key);
  }

 private:
  LockGuarded<std::vector<ParkedQueries*>> all_;
};

}  // namespace rollcall::api
