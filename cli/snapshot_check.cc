#include "cli/snapshot_check.h"

#include <utility>

#include "registry/store/snapshot_block.h"

namespace rollcall::cli {

SnapshotCheck::SnapshotCheck(std::string name)
    : name_(std::move(name)),
      reader_([this](const store::SnapshotReader::Block& block) -> Result<void> {
        auto commands = store::CommandsOf(block.content, block.offset, &pool_);
        return commands ? Result<void>() : commands.error();
      }) {}

Result<void> SnapshotCheck::Feed(std::string_view bytes) {
  Result<void> ok = reader_.Feed(bytes);
  return ok ? ok : Named(ok.error());
}

Result<store::RecordCounts> SnapshotCheck::Finish() {
  Result<store::RecordCounts> counts = reader_.Finish();
  return counts ? counts : Named(counts.error());
}

uint64_t SnapshotCheck::expected_records() const {
  return header() == nullptr ? 0 : header()->expected.total();
}

std::string SnapshotCheck::Summary() const {
  std::string text = Describe(reader_.counts());
  if (header() == nullptr) return text;
  return text + " of " + header()->datacenter + " at index " +
         std::to_string(header()->index.value());
}

Error SnapshotCheck::Named(const Error& error) const {
  return {error.code, name_ + ": " + error.message};
}

}  // namespace rollcall::cli
