// RocksdbStore: the store of a single server, embedded. One column family for each kind of record
// ("node", "instance", "check", "coordinate") and RocksDB's "default" for what the store says of
// itself (meta.h); keys and values as in record_codec.cc.
//
// Threads as store.h says: one at a time. RocksDB's two background threads are its own.
// The store holds its directory's lock for as long as it lives; a directory has one store at a
// time.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "registry/base/index.h"
#include "registry/base/result.h"
#include "registry/store/store.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Env;
class Status;
}  // namespace rocksdb

namespace rollcall::store {

class AcknowledgedIndex;

struct RocksdbOptions {
  // Where the files are; not owned, must outlive the store. Null: the operating system's.
  rocksdb::Env* env = nullptr;
  // What each kind of record keeps in memory before it is written out as a table. RocksDB holds two
  // of them at the most, so the five column families take ten times this when writes are heavy.
  size_t write_buffer_bytes = size_t{8} << 20;
};

class RocksdbStore final : public Store {
 public:
  // Opens the store in directory `path`, creating the directory and the store when they are not
  // there. Errors are one line that names the directory or the file:
  //   kUnavailable       another process holds the directory
  //   kPermissionDenied  it cannot be created or written
  //   kInvalidArgument   `path` is no directory; it holds another program's database, or one that a
  //                      newer rollcall wrote
  //   kCorruption        a file is damaged or missing, or acknowledged transactions are gone
  //   kIo                anything else that the operating system refuses
  static Result<std::unique_ptr<Store>> Open(const std::string& path,
                                             const RocksdbOptions& options = {});
  ~RocksdbStore() override;

  Result<Index> Load(const ChunkSink& sink) override;
  Result<std::vector<Index>> Commit(std::span<const model::Transaction> batch) override;

 private:
  struct Families;

  RocksdbStore(std::string path, std::unique_ptr<rocksdb::DB> db,
               std::unique_ptr<Families> families);

  // The rest of Open, on an open database.
  Result<void> CheckFormat();
  Result<void> MarkAsNew();
  Result<void> WriteFormat();
  Result<void> ReadLastIndex();

  Error Translate(const rocksdb::Status& status) const;

  // Constant after Open.
  const std::string path_;
  const std::unique_ptr<rocksdb::DB> db_;
  const std::unique_ptr<Families> families_;  // closed before db_
  std::unique_ptr<AcknowledgedIndex> acknowledged_;

  Index last_index_;
  // After a failed write it is not known what the disk holds: fsync may have dropped dirty pages,
  // so that another fsync would succeed without them.
  bool failed_ = false;
};

}  // namespace rollcall::store
