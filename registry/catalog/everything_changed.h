// The keys of everything that is in either of two snapshots: where a catalog has been loaded anew,
// nobody knows what has changed.
#pragma once

#include <vector>

#include "registry/catalog/snapshot.h"
#include "registry/catalog/watch.h"

namespace rollcall::catalog {

// Sorted, each once. Any thread.
std::vector<WatchKey> EverythingChanged(const Snapshot& before, const Snapshot& now);

}  // namespace rollcall::catalog
