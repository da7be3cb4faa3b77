// file     := magic format header block* end
// magic    := "rollcall snapshot\n"
// format   := one byte, kSnapshotFormat
// header   := frame of type 'H'    block := frame of type 'B'    end := frame of type 'E'
// frame    := type size crc content crc
// type     := one byte
// size     := four bytes: how many the content has
// crc      := four bytes: CRC-32 of type and size, and of the content
//             (numbers of four bytes have the least significant first)
//
// The contents of header and end are fields, as record_codec.cc has them: tag, wire, content.
//
//   header  1 text    version of the program that wrote it
//           2 text    datacenter
//           3 time    when, in nanoseconds since 1970
//           4 number  index of the catalog
//           5 number  nodes, 6 instances, 7 checks that will come; one that is left out is not
//           known
//   end     1 number  nodes, 2 instances, 3 checks, 4 coordinates, 5 blocks
//           6 bytes   SHA-256 of the file up to this frame
//
// The content of a block is described at the top of snapshot_block.cc. Each block can be
// understood, and registered, without those before it.
//
// A size has a checksum of its own, so that a damaged one is not taken for a file that is cut
// short.
#include "registry/store/snapshot_writer.h"

#include <cassert>
#include <limits>

#include "registry/store/fields.h"
#include "registry/store/snapshot_checksum.h"

namespace rollcall::store {
namespace {

void AppendFour(std::string* out, uint32_t number) {
  for (int shift = 0; shift < 32; shift += 8) {
    out->push_back(static_cast<char>((number >> shift) & 0xff));
  }
}

void AppendFrame(std::string* out, FrameType type, std::string_view content) {
  assert(content.size() <= std::numeric_limits<uint32_t>::max());
  const size_t begin = out->size();
  out->push_back(static_cast<char>(type));
  AppendFour(out, static_cast<uint32_t>(content.size()));
  AppendFour(out, Crc32(std::string_view(*out).substr(begin)));
  out->append(content);
  AppendFour(out, Crc32(content));
}

}  // namespace

std::string Describe(const RecordCounts& counts) {
  return std::to_string(counts.nodes) + " nodes, " + std::to_string(counts.instances) +
         " instances, " + std::to_string(counts.checks) + " checks, " +
         std::to_string(counts.coordinates) + " coordinates";
}

std::string SnapshotWriter::Begin(const SnapshotHeader& header) {
  std::string content;
  FieldWriter fields(&content);
  fields.Field(1, Text(header.version));
  fields.Field(2, Text(header.datacenter));
  fields.Field(3, header.time);
  fields.Field(4, header.index);
  fields.Count(5, header.expected.nodes);
  fields.Count(6, header.expected.instances);
  fields.Count(7, header.expected.checks);
  std::string bytes(kSnapshotMagic);
  bytes.push_back(static_cast<char>(kSnapshotFormat));
  AppendFrame(&bytes, FrameType::kHeader, content);
  digest_.Add(bytes);
  return bytes;
}

std::string SnapshotWriter::Block(std::string_view content, const RecordCounts& counts) {
  assert(!content.empty());
  std::string bytes;
  bytes.reserve(kFrameHeadBytes + content.size() + kFrameTailBytes);
  AppendFrame(&bytes, FrameType::kBlock, content);
  digest_.Add(bytes);
  counts_ += counts;
  ++blocks_;
  return bytes;
}

std::string SnapshotWriter::End() {
  std::string content;
  FieldWriter fields(&content);
  fields.Count(1, counts_.nodes);
  fields.Count(2, counts_.instances);
  fields.Count(3, counts_.checks);
  fields.Count(4, counts_.coordinates);
  fields.Count(5, blocks_);
  fields.Field(6, Text(digest_.FinishAsText()));
  std::string bytes;
  AppendFrame(&bytes, FrameType::kEnd, content);
  return bytes;
}

}  // namespace rollcall::store
