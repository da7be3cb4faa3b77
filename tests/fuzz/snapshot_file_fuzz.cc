// Fuzz target: a snapshot file. What must hold: it is read alike in one piece and in bytes; an
// error is kCorruption and says why; what passes is made of blocks that can be written again, to
// bytes that pass and hold the same. Checksums hide most of a reader from random bytes, so that
// each input is also read as the content of a block of a file that is otherwise right.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "registry/store/snapshot_block.h"
#include "registry/store/snapshot_reader.h"
#include "registry/store/snapshot_writer.h"

namespace {

using namespace rollcall;         // NOLINT: a program of one file
using namespace rollcall::store;  // NOLINT

void Require(bool holds) {
  if (!holds) std::abort();
}

template <typename T>
std::string Judged(const Result<T>& result) {
  if (result) return "";
  Require(result.error().code == ErrorCode::kCorruption);
  Require(!result.error().message.empty());
  return result.error().message;
}

std::string Read(std::string_view bytes, size_t piece, std::string* again) {
  SnapshotWriter writer;
  *again = writer.Begin({});
  SnapshotReader reader([&](const SnapshotReader::Block& block) -> Result<void> {
    model::ValuePool pool;
    const auto commands = CommandsOf(block.content, block.offset, &pool);
    if (!commands) return commands.error();
    if (!block.content.empty()) *again += writer.Block(block.content, block.counts);
    return {};
  });
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    if (Result<void> ok = reader.Feed(bytes.substr(0, piece)); !ok) return Judged(ok);
  }
  std::string judged = Judged(reader.Finish());
  if (judged.empty()) Require(writer.counts() == reader.counts());
  *again += writer.End();
  return judged;
}

void Try(std::string_view bytes) {
  std::string again, same;
  const std::string judged = Read(bytes, bytes.size() + 1, &again);
  Require(judged == Read(bytes, 1, &same));
  if (!judged.empty()) return;
  Require(again == same);
  Require(Read(again, 4096, &same).empty() && again == same);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  Try(bytes);
  if (bytes.empty()) return 0;
  SnapshotWriter writer;
  std::string file = writer.Begin({});
  const Result<RecordCounts> counts = CountRecords(bytes, 0);
  file += writer.Block(bytes, counts ? *counts : RecordCounts());
  Try(file + writer.End());
  return 0;
}
