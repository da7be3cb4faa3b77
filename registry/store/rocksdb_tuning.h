// How RocksDB is set up for the store: a small, hot set of records, few bytes of memory, and
// nothing acknowledged ever given up. Each choice is justified in rocksdb_tuning.cc.
#pragma once

#include <rocksdb/options.h>

#include "registry/store/rocksdb_store.h"

namespace rollcall::store {

rocksdb::DBOptions DatabaseOptions(const RocksdbOptions& options);
rocksdb::ColumnFamilyOptions FamilyOptions(const RocksdbOptions& options);
rocksdb::WriteOptions CommitOptions();
rocksdb::ReadOptions ScanOptions();

}  // namespace rollcall::store
