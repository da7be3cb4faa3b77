// What a command says beside what it writes: that the owner of a check is alive.
// A function without state: any thread may call it.
#pragma once

#include "registry/base/clock.h"
#include "registry/catalog/renewals.h"
#include "registry/catalog/snapshot.h"
#include "registry/model/command.h"

namespace rollcall::catalog {

// Renews the deadlines of the checks that `command`, which has been carried out in `state`, names
// with the status that they have, and notes it in `renewals` (null: nowhere).
void RenewDeadlines(const model::Command& command, const Snapshot& state, Clock::TimePoint now,
                    Renewals* renewals = nullptr);

}  // namespace rollcall::catalog
