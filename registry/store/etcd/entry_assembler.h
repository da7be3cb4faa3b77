// EntryAssembler: makes entries of the changes that a watch tells of. A watch tells them in the
// order of their revisions, but an answer ends anywhere: only the next revision, or the end of an
// answer that is not to be continued, shows that an entry is whole.
// One thread's own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "registry/base/result.h"
#include "registry/store/etcd/keys.h"
#include "registry/store/etcd/log_format.h"
#include "registry/store/shared_log.h"

namespace rollcall::store {

// One change of one key, as etcd tells it.
struct WatchedChange {
  std::string key;  // with the prefix
  std::optional<std::string> value;
  uint64_t revision = 0;
};

// An entry, what was written to the head by it, if it moved that, and the log's format, if it
// changed that.
struct AssembledEntry {
  Entry entry;
  std::string token;
  std::optional<LogFormat> format;
};

class EntryAssembler {
 public:
  // `run`: of this server. Entries up to `after` are known. `log_uuid`: see LogFormat.
  EntryAssembler(EtcdKeys keys, uint64_t run, Index after, std::string log_uuid)
      : keys_(std::move(keys)), run_(run), uuid_(std::move(log_uuid)), last_(after) {}

  enum class More { kNo, kYes };

  // The changes of one answer; kYes: the next answer goes on where it ends, maybe within a
  // revision. kCorruption: it is not what a sound log tells (a step back, the head or the log's
  // name removed); kInvalidArgument: the log's format has become one that is not known. Nothing
  // more is to be taken from it then.
  Result<std::vector<AssembledEntry>> Add(std::vector<WatchedChange> changes, More more);

 private:
  Result<void> AddOne(WatchedChange change, std::vector<AssembledEntry>* whole);
  Result<void> TakeFormat(const WatchedChange& change);
  void Finish(std::vector<AssembledEntry>* whole);

  const EtcdKeys keys_;
  const uint64_t run_;
  const std::string uuid_;              // of the log
  Index last_;                          // the newest that is whole
  std::optional<AssembledEntry> open_;  // may not be whole yet
};

}  // namespace rollcall::store
