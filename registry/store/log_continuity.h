// LogContinuity: watches RocksDB replay its log while a store opens, and stops it when a batch does
// not follow the one before it. RocksDB tolerates a cut-off end of every log file, also of one that
// others follow; there it means that acknowledged batches in the middle are gone.
// Used by the thread that opens the store; must outlive the database that it was given to.
#pragma once

#include <rocksdb/wal_filter.h>

#include <string>

#include "registry/base/index.h"

namespace rollcall::store {

class LogContinuity final : public rocksdb::WalFilter {
 public:
  WalProcessingOption LogRecordFound(unsigned long long log_number,  // NOLINT: RocksDB's type
                                     const std::string& log_file_name,
                                     const rocksdb::WriteBatch& batch,
                                     rocksdb::WriteBatch* new_batch, bool* batch_changed) override;
  const char* Name() const override { return "rollcall.LogContinuity"; }

  // What was found to be missing, in one line; empty when the log is whole.
  const std::string& gap() const { return gap_; }

 private:
  Index last_;  // of the batch before; unset before the first
  std::string gap_;
};

}  // namespace rollcall::store
