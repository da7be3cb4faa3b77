// Resolve: what a command changes, given the catalog as it is. A pure function: the rules of
// registration are here and nowhere else.
#pragma once

#include "registry/base/clock.h"
#include "registry/base/result.h"
#include "registry/catalog/snapshot.h"
#include "registry/model/command.h"
#include "registry/model/mutation.h"

namespace rollcall::catalog {

class Deadline;

// As many as Consul allows a datacenter.
inline constexpr size_t kMaxSegments = 64;

// The mutations that carry out `command`, in an order in which each finds what it needs. Empty when
// the catalog says so already: a registration that changes nothing writes nothing.
//
// Register: ensures the node, the instance, the checks; a check that names an instance takes that
//   instance's name and tags, and keeps them in step. kInvalidArgument when that instance is not
//   there. A node that comes with the ID of another one takes its place (it was renamed); one that
//   comes with another ID than the living node of its name is refused with kConflict.
// Deregister: never an error.
// UpdateCheck: kNotFound when there is no such check.
// UpdateCoordinate: kNotFound when there is no such node; kInvalidArgument for a node in more than
//   kMaxSegments network segments.
// ChangeAcl: kConflict when any of the objects has changed after `as_of`; kInvalidArgument when it
//   names one twice.
Result<model::Transaction> Resolve(const model::Command& command, const Snapshot& state);

// The removal of a node with all that it holds.
model::Transaction RemovalOf(const NodeEntry& node, const Snapshot& state);

// What follows from a deadline that has passed: the check goes critical, or what it belongs to is
// deregistered (an instance; for a check of the node, the node). Empty when the deadline was
// renewed or is no longer that of the check.
model::Transaction ResolveExpired(const Deadline& deadline, Clock::TimePoint now,
                                  const Snapshot& state);

}  // namespace rollcall::catalog
