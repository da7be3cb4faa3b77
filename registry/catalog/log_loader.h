// LoadLog: makes a catalog of everything that a shared log holds.
// Any thread; one at a time for a log and for a pool.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "registry/base/result.h"
#include "registry/catalog/proposal_builder.h"
#include "registry/catalog/snapshot.h"
#include "registry/catalog/upkeep.h"
#include "registry/model/value_pool.h"
#include "registry/store/shared_log.h"

namespace rollcall::catalog {

struct LoadedLog {
  store::Position position;  // of which all this is
  std::shared_ptr<const Snapshot> snapshot;
  std::vector<boost::intrusive_ptr<Deadline>> deadlines;
  NodeRevisions revisions;
  std::map<std::string, std::string> group;  // ServerGroup's keys, and the fences
};

// Errors: as SharedLog::Load has them; kCorruption names a document that cannot be read.
Result<LoadedLog> LoadLog(store::SharedLog* log, model::ValuePool* pool,
                          const std::stop_token& given_up = {});

}  // namespace rollcall::catalog
