// WriteGuard: the condition that a command is carried out on, asked of the very state that the
// command meets: whoever submits one has looked at a snapshot, and what he relied on there, his
// rights and the names of what is to be replaced, may be gone when its turn comes.
// Made by whoever submits; called on the catalog's writer thread.
#pragma once

#include "registry/catalog/snapshot.h"
#include "registry/catalog/writer.h"
#include "registry/model/command.h"

namespace rollcall::catalog {

class WriteGuard {
 public:
  virtual ~WriteGuard() = default;

  // Whether the command may be carried out on `state`. It looks at nothing else than the nodes that
  // the command concerns, access control, and whether what has to come before it was given back.
  // Called before each attempt to carry the command out.
  virtual bool Holds(const Snapshot& state, const model::Command& command) const = 0;

  // That it did not hold, and GiveBack will be called: before any command behind it is looked at.
  virtual void WillGiveBack() const {}

  // It did not hold: nothing has been done. The current snapshot is that state, or newer. Either
  // the command is submitted anew or `done` is called. Returns at once.
  virtual void GiveBack(model::Command command, Done done) const = 0;
};

}  // namespace rollcall::catalog
