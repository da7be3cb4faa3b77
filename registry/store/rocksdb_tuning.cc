#include "registry/store/rocksdb_tuning.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/table.h>

namespace rollcall::store {

rocksdb::DBOptions DatabaseOptions(const RocksdbOptions& options) {
  rocksdb::DBOptions db;
  db.env = options.env != nullptr ? options.env : rocksdb::Env::Default();
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  db.paranoid_checks = true;

  // What may follow the last synced batch is the torn write of one that nobody was told about, so a
  // log that ends in the middle of a record is a sound log. Anything else that is wrong with it is
  // not: this mode refuses to open then. kPointInTimeRecovery, RocksDB's default, would instead
  // drop every batch after the damaged one, acknowledged or not, without a word;
  // kAbsoluteConsistency would refuse after every power loss. What this mode cannot tell from a
  // torn end is seen by LogContinuity (a log that others follow) and AcknowledgedIndex (the last
  // log). RocksDB's own track_and_verify_wals_in_manifest is off: in 7.8 it can call a log missing
  // that was deleted in good order (facebook/rocksdb pull request 10892).
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // What is read from the log when the store opens goes to a synced table at once. The process may
  // have been killed between writing a batch and syncing it: it is served from now on, so it must
  // not be lost to a later power failure.
  db.avoid_flush_during_recovery = false;

  // The log is replayed at every start: keep it to a second's work.
  db.max_total_wal_size = 32u << 20;
  db.max_manifest_file_size = 4u << 20;
  db.max_background_jobs = 2;

  // RocksDB's own text log: warnings, and no more than 2 MiB of them.
  db.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  db.max_log_file_size = 1u << 20;
  db.keep_log_file_num = 2;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  return db;
}

rocksdb::ColumnFamilyOptions FamilyOptions(const RocksdbOptions& options) {
  rocksdb::ColumnFamilyOptions family;
  family.write_buffer_size = options.write_buffer_bytes;
  family.max_write_buffer_number = 2;
  // Records are short texts that resemble each other; lz4 costs less than reading what it saves.
  family.compression = rocksdb::kLZ4Compression;

  // Nothing is read but by the one scan at start-up and by compactions: the catalog is in memory.
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(size_t{1} << 20);
  table.block_size = size_t{16} << 10;
  table.checksum = rocksdb::kXXH3;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return family;
}

rocksdb::WriteOptions CommitOptions() {
  rocksdb::WriteOptions write;
  write.sync = true;
  return write;
}

rocksdb::ReadOptions ScanOptions() {
  rocksdb::ReadOptions read;
  read.verify_checksums = true;
  read.fill_cache = false;
  read.readahead_size = size_t{2} << 20;
  read.total_order_seek = true;
  return read;
}

}  // namespace rollcall::store
