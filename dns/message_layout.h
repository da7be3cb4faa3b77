// Where the parts of a DNS message are, found in untrusted octets. Allocates nothing, throws
// nothing, and reads no octet outside of the message. Follows no compression pointer: a record's
// owner is stepped over, and what its rdata means is left to whom it is for. Any thread.
//
//   message = header question answer authority additional    ; RFC 1035 section 4.1
//   OPT     = 0x00 type(2) payload(2) rcode-high(1) version(1) flags(2) rdlength(2) *option
//   option  = code(2) size(2) data(size)                     ; RFC 6891 section 6.1.2
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace rollcall::dns {

// The two octets from `at` on. Precondition: they are there.
inline uint16_t Uint16At(std::span<const uint8_t> octets, size_t at) {
  return static_cast<uint16_t>(octets[at] << 8 | octets[at + 1]);
}

// Where the question ends. Empty when there is no whole header, not exactly one question, or not
// the whole of it.
std::optional<size_t> FindQuestionEnd(std::span<const uint8_t> message);

struct OptLayout {
  uint8_t extended_rcode = 0;  // the upper eight bits of the rcode
  uint8_t version = 0;
  std::span<const uint8_t> options;  // whole ones, if of version 0
};

struct RecordsLayout {
  // Where the OPT record begins, or else where the last record ends.
  size_t end = 0;
  // Additional records up to there. Those behind the OPT record are not told of: their names may
  // point to any place behind it, so that they could not be kept without it.
  uint16_t additional = 0;
  std::optional<OptLayout> opt;
};

// The records after the question, which FindQuestionEnd has found. Empty when one of them is not
// whole, and when there is an OPT record that is not the only one, not additional or not owned by
// the root (RFC 6891 section 6.1.1). Octets after the last record are passed over.
std::optional<RecordsLayout> FindRecords(std::span<const uint8_t> message, size_t question_end);

// The first option in `options`, which is cut off from their front; empty when there is none.
// Precondition: they are whole ones.
struct Option {
  uint16_t code = 0;
  std::span<const uint8_t> whole;  // with its code and size
};
std::optional<Option> TakeOption(std::span<const uint8_t>* options);

}  // namespace rollcall::dns
