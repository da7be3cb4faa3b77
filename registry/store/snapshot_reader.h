// SnapshotReader: takes a snapshot file as it comes, in pieces of any size, and hands out its
// blocks once their checksums are right. It keeps one frame. Any bytes at all may be given to it.
//   SnapshotReader reader([](const SnapshotReader::Block& block) { ...; return Result<void>(); });
//   reader.Feed(piece);  ...
//   reader.Finish();     // only now it is known that the file is whole
// Belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "registry/base/result.h"
#include "registry/base/sha256_hasher.h"
#include "registry/store/snapshot_format.h"

namespace rollcall::store {

class SnapshotReader {
 public:
  struct Block {
    std::string_view content;  // see snapshot_block.h; valid while it is handed out
    uint64_t offset;           // of the content in the file
    RecordCounts counts;       // of the records that no block before has
  };
  // An error of it is that of Feed.
  using OnBlock = std::function<Result<void>(const Block&)>;

  explicit SnapshotReader(OnBlock on_block) : on_block_(std::move(on_block)) {}

  // kCorruption says what is wrong, and at which byte of the file; so does every later call.
  Result<void> Feed(std::string_view bytes);
  // The file ends here: what it held.
  Result<RecordCounts> Finish();

  // As soon as it has come; else null.
  const SnapshotHeader* header() const { return header_ ? &*header_ : nullptr; }
  // Of the blocks so far.
  const RecordCounts& counts() const { return counts_; }

 private:
  struct Frame {
    FrameType type;
    std::string_view content;
    uint64_t offset;  // of the frame
  };

  // Takes what is there of the next piece of the grammar; true when it took one.
  Result<bool> Step();
  Result<bool> TakeMagic();
  Result<bool> TakeFrame();
  Result<void> OnFrame(const Frame& frame);
  Result<void> OnHeader(const Frame& frame);
  Result<void> OnBlockFrame(const Frame& frame);
  Result<void> OnEnd(const Frame& frame);
  Result<void> CheckExpected() const;
  Error CutShort() const;
  std::string_view rest() const { return std::string_view(buffer_).substr(taken_); }
  uint64_t offset() const { return dropped_ + taken_; }

  const OnBlock on_block_;
  std::string buffer_;
  size_t taken_ = 0;      // of the buffer
  uint64_t dropped_ = 0;  // of the file, before the buffer
  bool has_begun_ = false;
  bool has_ended_ = false;
  std::optional<SnapshotHeader> header_;
  RecordCounts counts_;
  uint64_t blocks_ = 0;
  Sha256Hasher digest_;
  std::optional<Error> error_;
};

}  // namespace rollcall::store
