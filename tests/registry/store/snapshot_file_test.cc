// Snapshot files as bytes: what is written is read, and whatever is wrong with one is found and
// said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "registry/store/fields.h"
#include "registry/store/snapshot_checksum.h"
#include "registry/store/snapshot_reader.h"
#include "tests/registry/store/snapshot_bytes.h"

namespace rollcall::store {
namespace {

using std::string_literals::operator""s;  // NOLINT(misc-unused-using-decls): "..."s
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

constexpr size_t kPreambleBytes = kSnapshotMagic.size() + 1;

Result<RecordCounts> ReadIn(std::string_view bytes, size_t piece) {
  SnapshotReader reader([](const SnapshotReader::Block&) { return Result<void>(); });
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    if (Result<void> ok = reader.Feed(bytes.substr(0, piece)); !ok) return ok.error();
  }
  return reader.Finish();
}

// What is said of a file that must be refused, however it comes.
std::string FileErrorOf(const std::string& bytes) {
  const Result<RecordCounts> whole = ReadIn(bytes, bytes.size() + 1);
  const Result<RecordCounts> in_bytes = ReadIn(bytes, 1);
  EXPECT_FALSE(whole);
  EXPECT_FALSE(in_bytes);
  if (whole || in_bytes) return "";
  EXPECT_EQ(whole.error().code, ErrorCode::kCorruption);
  EXPECT_EQ(whole.error().message, in_bytes.error().message);
  return whole.error().message;
}

// The places of the frames, and of the end of the file.
std::vector<size_t> FramesOf(const std::string& bytes) {
  std::vector<size_t> frames;
  size_t at = kPreambleBytes;
  while (at < bytes.size()) {
    frames.push_back(at);
    at += kFrameHeadBytes + kFrameTailBytes + static_cast<unsigned char>(bytes[at + 1]) +
          256U * static_cast<unsigned char>(bytes[at + 2]);
  }
  frames.push_back(bytes.size());
  return frames;
}

TEST(SnapshotFileTest, BytesAreThoseOfTheGrammar) {
  SnapshotWriter writer;
  const std::string begin = writer.Begin(SomeHeader());
  EXPECT_EQ(begin.substr(0, kPreambleBytes), "rollcall snapshot\n\x01");
  EXPECT_EQ(begin.substr(kPreambleBytes, 5), "H\x18\0\0\0"s);
  EXPECT_EQ(begin.substr(kPreambleBytes + kFrameHeadBytes, 12),
            "\x03\x05"
            "1.2.3"
            "\x05\x03"
            "dc7");
  // As zlib, gzip and PNG have it.
  EXPECT_EQ(Crc32("123456789"), 0xcbf43926U);
}

TEST(SnapshotFileTest, WhatIsWrittenIsReadInPiecesOfAnySize) {
  const std::string bytes = SomeSnapshot();
  for (const size_t piece : {size_t{1}, size_t{7}, size_t{64}, bytes.size()}) {
    std::string contents;
    SnapshotReader reader([&](const SnapshotReader::Block& block) {
      EXPECT_EQ(bytes.substr(block.offset, block.content.size()), block.content);
      contents += block.content;
      return Result<void>();
    });
    EXPECT_EQ(reader.header(), nullptr);
    for (size_t at = 0; at < bytes.size(); at += piece) {
      ASSERT_TRUE(reader.Feed(std::string_view(bytes).substr(at, piece)));
    }
    const Result<RecordCounts> counts = reader.Finish();
    ASSERT_TRUE(counts) << counts.error().message;
    EXPECT_EQ(Describe(*counts), "2 nodes, 1 instances, 2 checks, 1 coordinates");
    ASSERT_NE(reader.header(), nullptr);
    EXPECT_EQ(reader.header()->version, "1.2.3");
    EXPECT_EQ(reader.header()->datacenter, "dc7");
    EXPECT_EQ(reader.header()->time, std::chrono::seconds(1'700'000'000));
    EXPECT_EQ(reader.header()->index, Index(42));
    EXPECT_EQ(CountRecords(contents, 0)->total(), 6u);
  }
}

TEST(SnapshotFileTest, EmptyCatalogIsAWholeFile) {
  SnapshotWriter writer;
  const std::string begin = writer.Begin(SomeHeader());
  const Result<RecordCounts> counts = ReadIn(begin + writer.End(), 5);
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->total(), 0u);
}

TEST(SnapshotFileTest, CutShortAnywhereIsSaidWithTheByte) {
  const std::string bytes = SomeSnapshot();
  EXPECT_EQ(FileErrorOf(""), "it is empty");
  EXPECT_EQ(FileErrorOf(bytes.substr(0, 9)),
            "it is cut short: it ends at byte 9, in its first line");
  for (size_t size = 1; size < bytes.size(); ++size) {
    EXPECT_THAT(FileErrorOf(bytes.substr(0, size)),
                HasSubstr("it is cut short: it ends at byte " + std::to_string(size) + ", "));
  }
  const size_t end = FramesOf(bytes).end()[-2];
  EXPECT_THAT(FileErrorOf(bytes.substr(0, end)), HasSubstr("before its end mark"));
}

TEST(SnapshotFileTest, EachFlippedBitIsFoundAndNeverTakenForAnotherFault) {
  const std::string bytes = SomeSnapshot();
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      const std::string error = FileErrorOf(flipped);
      if (at < kSnapshotMagic.size()) {
        EXPECT_THAT(error, HasSubstr("it is no rollcall snapshot"));
      } else if (at < kPreambleBytes) {
        EXPECT_THAT(error, HasSubstr("it has format "));
      } else {
        EXPECT_THAT(error, MatchesRegex(".* at byte [0-9]+ is damaged: .*checksum.*")) << at;
      }
    }
  }
}

TEST(SnapshotFileTest, DamageIsNamedWithItsPlace) {
  const std::string bytes = SomeSnapshot();
  const std::vector<size_t> frames = FramesOf(bytes);
  ASSERT_EQ(frames.size(), 5u);
  const char* const names[] = {"the header", "the block", "the block", "the end mark"};
  for (size_t i = 0; i < 4; ++i) {
    std::string damaged = bytes;
    damaged[frames[i] + kFrameHeadBytes + 3] ^= 1;
    EXPECT_EQ(FileErrorOf(damaged),
              names[i] + " at byte "s + std::to_string(frames[i]) +
                  " is damaged: its content does not have the checksum that it "
                  "says");
  }
}

TEST(SnapshotFileTest, OtherFilesAreToldApart) {
  EXPECT_EQ(FileErrorOf("{\"service\": {}}"),
            "it is no rollcall snapshot: its first line is another");
  EXPECT_EQ(FileErrorOf("\x1f"), "it is cut short: it ends at byte 1, in its first line");
  EXPECT_THAT(FileErrorOf("\x1f\x8b\x08 and so on"), HasSubstr("gzip, as Consul's snapshots are"));
  std::string newer = SomeSnapshot();
  newer[kSnapshotMagic.size()] = 2;
  EXPECT_EQ(FileErrorOf(newer),
            "it has format 2 at byte 18, and this program reads format 1: a newer rollcall wrote "
            "it");
  newer[kSnapshotMagic.size()] = 0;
  EXPECT_EQ(FileErrorOf(newer), "it has format 0 at byte 18, and this program reads format 1");
  EXPECT_EQ(FileErrorOf(SomeSnapshot() + "x"),
            "something follows its end at byte " + std::to_string(SomeSnapshot().size()));
}

TEST(SnapshotFileTest, BlocksThatAreMissingTwiceOrInAnotherOrderAreFound) {
  const std::string bytes = SomeSnapshot();
  const std::vector<size_t> frames = FramesOf(bytes);
  const auto frame = [&](size_t i) { return bytes.substr(frames[i], frames[i + 1] - frames[i]); };
  const std::string begin = bytes.substr(0, frames[1]);
  EXPECT_THAT(FileErrorOf(begin + frame(1) + frame(3)),
              HasSubstr("something is missing or too much"));
  EXPECT_THAT(FileErrorOf(begin + frame(1) + frame(1) + frame(2) + frame(3)),
              HasSubstr("something is missing or too much"));
  EXPECT_THAT(FileErrorOf(begin + frame(2) + frame(1) + frame(3)),
              HasSubstr("it is not as it was written"));
  EXPECT_THAT(FileErrorOf(bytes.substr(0, frames[0]) + frame(1)),
              HasSubstr("no header comes before"));
  EXPECT_THAT(FileErrorOf(begin + frame(0)), HasSubstr("there is one before it"));
}

TEST(SnapshotFileTest, HeaderThatAnnouncesSomethingElseIsFound) {
  SnapshotWriter writer;
  SnapshotHeader header = SomeHeader();
  header.expected.nodes = 2;
  SnapshotBlock block;
  block.Add(SomeNode("a"), Occurrence::kFirst);
  const std::string begin = writer.Begin(header) + writer.Block(block);
  EXPECT_EQ(FileErrorOf(begin + writer.End()),
            "its header announces 2 nodes, 0 instances, 0 checks, 0 coordinates, and there are "
            "1 nodes, 0 instances, 0 checks, 0 coordinates");
}

TEST(SnapshotFileTest, ErrorOfWhoTakesTheBlocksIsTheReaders) {
  SnapshotReader reader([](const SnapshotReader::Block&) { return Result<void>(IoError("full")); });
  EXPECT_EQ(reader.Feed(SomeSnapshot()).error().message, "full");
  EXPECT_EQ(reader.Feed("").error().message, "full");
  EXPECT_EQ(reader.Finish().error().message, "full");
}

}  // namespace
}  // namespace rollcall::store
