// Answers as the agent keeps them, and as clients get them: a kept answer with its TTLs counted
// down, or as a stale one (RFC 8767); a server's answer as it came; an error.
//
// Plain functions and values, for any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>

#include "agent/dns_message.h"

namespace rollcall::agent {

enum class DnsAnswerKind : uint8_t {
  kAnswer,   // NOERROR or NXDOMAIN: what the server knows now
  kFailure,  // another rcode: another server may know (RFC 8767, section 4)
  kMalformed,
};

// Of an answer to the query that was asked.
DnsAnswerKind KindOfDnsAnswer(DnsView answer);

struct KeptDnsAnswer {
  DnsOctets octets;             // without its OPT record
  DnsOctets extended_errors;    // the options of that which go with the answer (RFC 8914)
  std::chrono::seconds ttl{0};  // how long it is fresh

  bool is_nxdomain() const { return (octets[3] & 0x0F) == dns_rcode::kNxDomain; }
};

// What can be kept of a kAnswer. It is fresh as long as each of its records is; a negative one as
// long as its SOA record says (RFC 2308, section 5), and without that it cannot be kept.
std::optional<KeptDnsAnswer> KeepDnsAnswer(DnsView answer);

// How old a kept answer is when it is served.
struct DnsAge {
  std::chrono::seconds age{0};
  bool stale = false;
};

// The TTL of stale records. RFC 8767, section 4, recommends 30 s; but services move more often than
// hosts, and a stale answer that the client keeps is one that outlives the server's return.
inline constexpr uint32_t kStaleDnsTtl = 5;

// `kept` as the answer to `query`, which is of its key: the query's ID and spelling, the addresses
// of the question's name in random order, not authoritative, and if the query had an OPT record one
// of ours, with the extended error 3 or 19 when the answer is stale.
DnsOctets ServeKeptDnsAnswer(const KeptDnsAnswer& kept, const DnsQuery& query, const DnsAge& age,
                             std::mt19937* random);

// `answer`, as a server sent it to a query of the same key, with this query's ID and spelling.
DnsOctets PassDnsAnswer(DnsView answer, const DnsQuery& query);

// An answer that says why there is none. With an OPT record if the query had one, and in it the
// extended error, if one is given.
DnsOctets DnsErrorAnswer(const DnsQuery& query, uint8_t rcode,
                         std::optional<uint16_t> extended_error);

namespace dns_extended_error {  // RFC 8914, section 4
inline constexpr uint16_t kStale = 3;
inline constexpr uint16_t kStaleNxDomain = 19;
inline constexpr uint16_t kNoReachableAuthority = 22;
}  // namespace dns_extended_error

}  // namespace rollcall::agent
