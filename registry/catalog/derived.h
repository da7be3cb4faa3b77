// What follows from the records: the rules that both ways to a snapshot share, changing the one
// before (SnapshotBuilder) and loading one (SnapshotLoader). Pure functions: any thread.
#pragma once

#include <vector>

#include "registry/catalog/snapshot.h"
#include "registry/model/records.h"

namespace rollcall::catalog {

// The status of an instance for which these checks count.
model::CheckStatus WorstOf(const CheckList& node_checks, const CheckList& checks);

// Each tag once, sorted: an instance that lists one twice carries it once.
std::vector<Text> DistinctTags(const model::Instance& instance);

}  // namespace rollcall::catalog
