// From records to the bytes of a message, through ldns, with names compressed.
//
// A message that would be too long is cut by whole records, and what it really takes decides, after
// compression. Left out are, in this order and only as far as needed:
//   1. additional records that were not added for one answer record (the name server's address)
//   2. the authority section of a message that has an answer
//   3. answer records from the last on, each along with the additional records added for it
//   4. of the last answer record, its additional records
// TC is set whenever anything was left out (RFC 2181 section 9 asks for less, but a client that got
// an SRV record without its address should ask again over TCP).
// Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "dns/cookie.h"
#include "dns/question.h"
#include "dns/record.h"

namespace rollcall::dns {

// What a message is made for, besides its question and answer.
struct ReplySettings {
  size_t size;                  // the most octets that the message may have
  uint16_t advertised_payload;  // in our OPT record: what we receive (RFC 6891 section 6.2.3)
  std::optional<CookieReply> cookie = std::nullopt;  // in our OPT record
  bool recursion_available = false;                  // the RA bit
};

// How long an answer may be: over UDP the smaller of what the client takes (512 without EDNS, and
// never less: RFC 6891 section 6.2.5) and `max_udp_payload`.
size_t UdpLimit(const Question& question, uint16_t max_udp_payload);

// How many records could be in a message of `size` octets at the very most.
size_t MaxRecords(size_t size);

struct Message {
  std::vector<uint8_t> octets;
  bool truncated = false;
};

// Throws std::bad_alloc, and std::runtime_error should ldns refuse a record.
Message EncodeMessage(const Question& question, const Answer& answer,
                      const ReplySettings& settings);

}  // namespace rollcall::dns
