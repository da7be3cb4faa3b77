// AcknowledgedIndex: a small file beside the log that says up to which index commits were
// acknowledged. It is written after each commit and never synced, so it costs no time; it may fall
// behind, but it is never ahead of what was durable when it was written. A store that opens and
// finds fewer transactions than the file says has lost some that a client was told are safe.
//
// RocksDB alone cannot see that: the end of its log may always be what a crash cut off in the
// middle of a write, so a damaged length there reads as an honest end, and so does a log that is
// gone.
//
// One thread at a time; belongs to the store, which holds the directory's lock.
#pragma once

#include <memory>
#include <string>

#include "registry/base/index.h"
#include "registry/base/result.h"

namespace rocksdb {
class Env;
class RandomRWFile;
}  // namespace rocksdb

namespace rollcall::store {

class AcknowledgedIndex {
 public:
  // Opens `directory`/ACKNOWLEDGED for a store whose last index is `stored`, creating it when it is
  // not there: in a new directory, or because an operator removed it to accept a loss.
  // kCorruption when it says more than `stored`, or is not such a file.
  static Result<std::unique_ptr<AcknowledgedIndex>> Open(rocksdb::Env& env,
                                                         const std::string& directory,
                                                         Index stored);
  ~AcknowledgedIndex();

  // `index` is durable in the store, and about to be acknowledged.
  Result<void> Write(Index index);

 private:
  AcknowledgedIndex(std::string path, std::unique_ptr<rocksdb::RandomRWFile> file);

  const std::string path_;
  const std::unique_ptr<rocksdb::RandomRWFile> file_;
};

}  // namespace rollcall::store
