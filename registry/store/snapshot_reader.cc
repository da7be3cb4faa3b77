// The grammar is at the top of snapshot_writer.cc.
#include "registry/store/snapshot_reader.h"

#include <algorithm>
#include <utility>

#include "registry/model/value_pool.h"
#include "registry/store/fields.h"
#include "registry/store/sharing.h"
#include "registry/store/snapshot_block.h"
#include "registry/store/snapshot_checksum.h"

namespace rollcall::store {
namespace {

constexpr std::string_view kGzipMagic = "\x1f\x8b";

uint32_t ReadFour(std::string_view bytes) {
  uint32_t number = 0;
  for (size_t i = 0; i < 4; ++i) {
    number |= static_cast<uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return number;
}

std::string At(uint64_t offset) { return " at byte " + std::to_string(offset); }

// What is at that place, by its type.
std::string NameOf(FrameType type, uint64_t offset) {
  switch (type) {
    case FrameType::kHeader:
      return "the header" + At(offset);
    case FrameType::kBlock:
      return "the block" + At(offset);
    case FrameType::kEnd:
      break;
  }
  return "the end mark" + At(offset);
}

Error Damaged(const std::string& name, const std::string& what) {
  return Corruption(name + " is damaged: " + what);
}

bool IsFrameType(char byte) { return std::string_view("HBE").find(byte) != std::string_view::npos; }

}  // namespace

Result<void> SnapshotReader::Feed(std::string_view bytes) {
  if (error_) return *error_;
  buffer_.append(bytes);
  while (true) {
    Result<bool> took = Step();
    if (!took) {
      error_ = took.error();
      return *error_;
    }
    if (!*took) break;
  }
  buffer_.erase(0, taken_);
  dropped_ += taken_;
  taken_ = 0;
  return {};
}

Result<RecordCounts> SnapshotReader::Finish() {
  if (error_) return *error_;
  if (!has_ended_) return CutShort();
  return counts_;
}

Error SnapshotReader::CutShort() const {
  const uint64_t size = offset() + rest().size();
  if (size == 0) return Corruption("it is empty");
  return Corruption("it is cut short: it ends at byte " + std::to_string(size) + ", " +
                    (!has_begun_               ? "in its first line"
                     : rest().empty()          ? "before its end mark"
                     : header_ == std::nullopt ? "in its header"
                                               : "within what begins" + At(offset())));
}

Result<bool> SnapshotReader::Step() {
  if (has_ended_) {
    if (rest().empty()) return false;
    return Corruption("something follows its end" + At(offset()));
  }
  return has_begun_ ? TakeFrame() : TakeMagic();
}

Result<bool> SnapshotReader::TakeMagic() {
  const std::string_view begin = rest();
  const size_t known = std::min(begin.size(), kSnapshotMagic.size());
  if (begin.substr(0, known) != kSnapshotMagic.substr(0, known)) {
    if (begin.starts_with(kGzipMagic)) {
      return Corruption(
          "it is compressed with gzip, as Consul's snapshots are; what can be read is "
          "what `rollcall export` writes");
    }
    if (begin.size() < kGzipMagic.size() && kGzipMagic.starts_with(begin)) return false;
    return Corruption("it is no rollcall snapshot: its first line is another");
  }
  if (begin.size() <= kSnapshotMagic.size()) return false;
  const auto format = static_cast<uint8_t>(begin[kSnapshotMagic.size()]);
  if (format != kSnapshotFormat) {
    return Corruption("it has format " + std::to_string(format) + At(kSnapshotMagic.size()) +
                      ", and this program reads format " + std::to_string(kSnapshotFormat) +
                      (format > kSnapshotFormat ? ": a newer rollcall wrote it" : ""));
  }
  taken_ += kSnapshotMagic.size() + 1;
  digest_.Add(begin.substr(0, kSnapshotMagic.size() + 1));
  has_begun_ = true;
  return true;
}

Result<bool> SnapshotReader::TakeFrame() {
  const std::string_view begin = rest();
  if (begin.size() < kFrameHeadBytes) return false;
  if (Crc32(begin.substr(0, 5)) != ReadFour(begin.substr(5))) {
    return Damaged("what begins" + At(offset()),
                   "its head does not have the checksum that it says");
  }
  if (!IsFrameType(begin[0])) {
    return Damaged("what begins" + At(offset()), "it is of no type that is known");
  }
  const size_t size = ReadFour(begin.substr(1));
  const size_t whole = kFrameHeadBytes + size + kFrameTailBytes;
  if (begin.size() < whole) return false;
  const Frame frame{static_cast<FrameType>(begin[0]), begin.substr(kFrameHeadBytes, size),
                    offset()};
  if (Crc32(frame.content) != ReadFour(begin.substr(kFrameHeadBytes + size))) {
    return Damaged(NameOf(frame.type, frame.offset),
                   "its content does not have the checksum that it says");
  }
  if (Result<void> ok = OnFrame(frame); !ok) return ok.error();
  if (!has_ended_) digest_.Add(begin.substr(0, whole));
  taken_ += whole;
  return true;
}

Result<void> SnapshotReader::OnFrame(const Frame& frame) {
  if (!header_ && frame.type != FrameType::kHeader) {
    return Damaged(NameOf(frame.type, frame.offset), "no header comes before it");
  }
  switch (frame.type) {
    case FrameType::kHeader:
      return OnHeader(frame);
    case FrameType::kBlock:
      return OnBlockFrame(frame);
    case FrameType::kEnd:
      break;
  }
  return OnEnd(frame);
}

Result<void> SnapshotReader::OnHeader(const Frame& frame) {
  if (header_) return Damaged(NameOf(frame.type, frame.offset), "there is one before it");
  model::ValuePool pool;
  Sharing sharing(&pool);
  FieldReader fields(frame.content, sharing);
  SnapshotHeader header;
  Text version, datacenter;
  fields.Field(1, version);
  fields.Field(2, datacenter);
  fields.Field(3, header.time);
  fields.Field(4, header.index);
  fields.Count(5, header.expected.nodes);
  fields.Count(6, header.expected.instances);
  fields.Count(7, header.expected.checks);
  if (const char* error = fields.Finish()) {
    return Damaged(NameOf(frame.type, frame.offset), error);
  }
  header.version = version.str();
  header.datacenter = datacenter.str();
  header_ = std::move(header);
  return {};
}

Result<void> SnapshotReader::OnBlockFrame(const Frame& frame) {
  const uint64_t begin = frame.offset + kFrameHeadBytes;
  Result<RecordCounts> counts = CountRecords(frame.content, begin);
  if (!counts) return counts.error();
  counts_ += *counts;
  ++blocks_;
  return on_block_({frame.content, begin, *counts});
}

Result<void> SnapshotReader::OnEnd(const Frame& frame) {
  const std::string name = NameOf(frame.type, frame.offset);
  model::ValuePool pool;
  Sharing sharing(&pool);
  FieldReader fields(frame.content, sharing);
  RecordCounts counts;
  uint64_t blocks = 0;
  Text digest;
  fields.Count(1, counts.nodes);
  fields.Count(2, counts.instances);
  fields.Count(3, counts.checks);
  fields.Count(4, counts.coordinates);
  fields.Count(5, blocks);
  fields.Field(6, digest);
  if (const char* error = fields.Finish()) return Damaged(name, error);
  if (counts != counts_ || blocks != blocks_) {
    return Corruption("something is missing or too much: " + name + " counts " + Describe(counts) +
                      " in " + std::to_string(blocks) + " blocks, and there are " +
                      Describe(counts_) + " in " + std::to_string(blocks_));
  }
  if (digest != digest_.FinishAsText()) {
    return Corruption("it is not as it was written: " + name +
                      " does not have the checksum of what is before it");
  }
  if (Result<void> ok = CheckExpected(); !ok) return ok;
  has_ended_ = true;
  return {};
}

Result<void> SnapshotReader::CheckExpected() const {
  const RecordCounts& expected = header_->expected;
  const auto differs = [](uint64_t said, uint64_t found) { return said != 0 && said != found; };
  if (!differs(expected.nodes, counts_.nodes) && !differs(expected.instances, counts_.instances) &&
      !differs(expected.checks, counts_.checks)) {
    return {};
  }
  return Corruption("its header announces " + Describe(expected) + ", and there are " +
                    Describe(counts_));
}

}  // namespace rollcall::store
