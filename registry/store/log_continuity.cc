#include "registry/store/log_continuity.h"

#include <rocksdb/write_batch.h>

#include "registry/store/meta.h"

namespace rollcall::store {
namespace {

constexpr uint32_t kMetaFamily = 0;  // RocksDB's "default"

// Finds what a batch says of its own indexes.
class BatchIndexesFinder final : public rocksdb::WriteBatch::Handler {
 public:
  rocksdb::Status PutCF(uint32_t family, const rocksdb::Slice& key,
                        const rocksdb::Slice& value) override {
    if (family == kMetaFamily && key == rocksdb::Slice(kLastBatchKey)) {
      found_ = DecodeBatchIndexes(value.ToStringView(), &indexes_);
    }
    return rocksdb::Status::OK();
  }
  rocksdb::Status DeleteCF(uint32_t, const rocksdb::Slice&) override {
    return rocksdb::Status::OK();
  }

  bool found() const { return found_; }
  const BatchIndexes& indexes() const { return indexes_; }

 private:
  bool found_ = false;
  BatchIndexes indexes_;
};

}  // namespace

rocksdb::WalFilter::WalProcessingOption LogContinuity::LogRecordFound(
    unsigned long long /*log_number*/, const std::string& log_file_name,  // NOLINT
    const rocksdb::WriteBatch& batch, rocksdb::WriteBatch* /*new_batch*/, bool* /*batch_changed*/) {
  BatchIndexesFinder finder;
  if (!batch.Iterate(&finder).ok()) return WalProcessingOption::kCorruptedRecord;
  // The batch that marks a new database with its format has no index.
  if (!finder.found()) return WalProcessingOption::kContinueProcessing;
  const auto [first, last] = finder.indexes();
  if (last_.is_set() && first != last_.Next()) {
    gap_ = "the log up to " + log_file_name + " goes from index " + std::to_string(last_.value()) +
           " to " + std::to_string(first.value());
    return WalProcessingOption::kCorruptedRecord;
  }
  last_ = last;
  return WalProcessingOption::kContinueProcessing;
}

}  // namespace rollcall::store
