// The messages of a forwarder: what a recursor is asked, which answers are answers to that, and
// what the client gets of them. An OPT record speaks to the next hop alone (RFC 6891 section
// 6.1.1), so each side gets one of ours, and only where the client sent one. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dns/constants.h"
#include "dns/question.h"

namespace rollcall::dns {

// The query that asks a recursor for what `query` (parsed into `question` without complaint) asks
// us: its question in its case, its RD, AD and CD bits (RFC 4035 section 3.2.2, RFC 6840 section
// 5.7), and with EDNS its DO bit. None of its options: cookies are between it and us (RFC 7873),
// and whose addresses are in a Client Subnet is told to nobody else (RFC 7871 section 11).
std::vector<uint8_t> MakeUpstreamQuery(std::span<const uint8_t> query, const Question& question,
                                       uint16_t id);

enum class AnswerKind : uint8_t {
  kNone,       // answers something else, or is malformed: as if it had not come
  kTruncated,  // has TC. Its records are not looked at, and may be cut anywhere
  kWhole,
};

// What `octets`, which came from the server that was asked, are as an answer to `upstream_query`:
// of the same ID, name, type and class (RFC 5452 section 9.1). The name is compared in its case, so
// that a client which draws that at random is protected by it beyond us.
AnswerKind KindOfAnswer(std::span<const uint8_t> octets, std::span<const uint8_t> upstream_query);

// All below: of an answer that is not kNone.

// Whether it says that the server did not answer the question, and another may.
bool IsServersFailure(std::span<const uint8_t> answer);

// The answer that the client gets: with its ID and RA. With EDNS, our OPT record is the last
// record and has the DO bit of the question (RFC 3225 section 3), and of the upstream's OPT record
// the extended rcode and the extended errors (RFC 8914 section 3). Of a truncated answer whose
// records are cut, there is only the question. At most 65,535 octets.
std::vector<uint8_t> MakeClientAnswer(std::span<const uint8_t> answer, const Question& question,
                                      uint16_t advertised_payload);

// What the header, a question and an OPT record without options may take.
inline constexpr size_t kMinForwarded = kHeaderSize + DomainName::kMaxSize + 4 + 11;

// `answer`, which MakeClientAnswer made, if it has no more than `limit` (at least kMinForwarded)
// octets. Else its question and OPT record alone, with TC: its first records would not help a
// client, which is to ask again over TCP (RFC 2181 section 9).
std::vector<uint8_t> TruncateForwarded(std::span<const uint8_t> answer, size_t limit);

}  // namespace rollcall::dns
