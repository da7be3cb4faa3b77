// What an entry of a shared log means: the mutations that its documents are, against the catalog as
// it was before. A pure function.
#pragma once

#include <string>
#include <vector>

#include "registry/base/result.h"
#include "registry/catalog/snapshot.h"
#include "registry/model/mutation.h"
#include "registry/store/shared_log.h"
#include "registry/store/sharing.h"

namespace rollcall::catalog {

struct EntryMutations {
  model::Transaction mutations;
  // What is wrong with documents that cannot be read, a sentence each; they are passed over. No
  // server writes such ones: somebody else did.
  std::vector<std::string> damaged;
};

// The mutations that lead from `before` to what is there with the entry, in an order in which each
// finds what it needs. A record that the entry repeats as it was is none.
EntryMutations MutationsOf(const store::Entry& entry, const Snapshot& before,
                           store::Sharing& sharing);

}  // namespace rollcall::catalog
