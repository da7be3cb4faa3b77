// Writer: how commands become the next snapshots. LocalWriter has a store to itself; SharedWriter
// writes to a log together with other servers.
//
// Belongs to the catalog's writer thread, but for Load (the constructing thread, before it starts).
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "registry/base/index.h"
#include "registry/base/result.h"
#include "registry/model/command.h"

namespace rollcall::catalog {

// What a command did.
struct Written {
  Index index;   // of its transaction, or of the catalog when it changed nothing
  bool changed;  // false: the catalog already said so; nothing was written and nobody woken
};

using Done = std::function<void(Result<Written>)>;

class WriteGuard;

// A command that waits for its answer, which is given once.
struct Pending {
  model::Command command;
  Done done;
  std::shared_ptr<const WriteGuard> guard = nullptr;  // null: it is carried out on any state
};

class Writer {
 public:
  virtual ~Writer() = default;

  // Makes the first snapshot.
  virtual Result<void> Load() = 0;

  // As many commands as may be given to Work together.
  virtual size_t Room() const = 0;

  // Sees to these commands, and to whatever else is due. `done` of each is called here or in a
  // later call.
  virtual void Work(std::vector<Pending> commands) = 0;

  // Work is to be called again after this time at the latest, also when there are no commands.
  // kForever: not before there are.
  static constexpr std::chrono::nanoseconds kForever = std::chrono::nanoseconds::max();
  virtual std::chrono::nanoseconds TimeToWork() const = 0;

  // Nothing more will come: answers what still waits.
  virtual void End() {}
};

}  // namespace rollcall::catalog
