// What programs registered through the API, as the data directory keeps it: a file for each
// service, DATA_DIR/services/<id>.json, and for each check, DATA_DIR/checks/<id>.json, that holds
// its definition. Blocking; any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agent/local_state.h"
#include "registry/model/definition.h"

namespace rollcall::agent {

// A file of the data directory that is to hold `content`, or, without it, not to be there.
struct FileChange {
  std::string file;  // relative to the data directory
  std::optional<std::string> content;
};

FileChange FileChangeFor(const KeptChange& change);

// Reads all of them. What cannot be read is told in the log and does not keep the rest from being
// loaded: a file that makes no sense is set aside as <file>.corrupt; one that `rules` do not allow
// any more stays as it is, for the day on which they do.
Definitions LoadKeptDefinitions(const std::string& data_dir, const model::CheckRules& rules);

}  // namespace rollcall::agent
