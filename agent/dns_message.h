// DNS messages as the agent reads them: a client's query, and the records of a server's answer. The
// octets are untrusted: nothing outside of them is read, and no compression pointer is followed.
//
//   message = header question answer authority additional    ; RFC 1035, section 4.1
//   record  = owner type(2) class(2) ttl(4) size(2) rdata
//   OPT     = 0x00 type(2) payload(2) rcode-high(1) version(1) flags(2) size(2) *option
//   option  = code(2) size(2) data                           ; RFC 6891, section 6.1.2
//
// Plain functions and values, for any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rollcall::agent {

using DnsOctets = std::vector<uint8_t>;
using DnsView = std::span<const uint8_t>;

inline constexpr size_t kDnsHeaderSize = 12;
// The longest message that is received over UDP, from clients and from servers; it is what our OPT
// records say (RFC 6891, section 6.2.5).
inline constexpr uint16_t kDnsUdpPayload = 4096;

namespace dns_type {
inline constexpr uint16_t kA = 1;
inline constexpr uint16_t kSoa = 6;
inline constexpr uint16_t kAaaa = 28;
inline constexpr uint16_t kOpt = 41;
}  // namespace dns_type

namespace dns_rcode {
inline constexpr uint8_t kNoError = 0;
inline constexpr uint8_t kFormErr = 1;
inline constexpr uint8_t kServFail = 2;
inline constexpr uint8_t kNxDomain = 3;
}  // namespace dns_rcode

enum class DnsTransport : uint8_t { kUdp, kTcp };

// Preconditions: the octets are there.
inline uint16_t DnsUint16(DnsView octets, size_t at) {
  return static_cast<uint16_t>(octets[at] << 8 | octets[at + 1]);
}
void PutDnsUint16(uint16_t value, size_t at, DnsOctets* octets);
void AppendDnsUint16(uint16_t value, DnsOctets* octets);
void PutDnsUint32(uint32_t value, size_t at, DnsOctets* octets);

struct DnsQuery {
  struct Edns {
    bool dnssec_ok = false;
    size_t payload = 512;  // 512 to kDnsUdpPayload
  };

  uint16_t id = 0;
  DnsTransport transport = DnsTransport::kUdp;
  DnsOctets head;  // the header and, where there is one that can be read, the question
  std::optional<Edns> edns;
  // Queries of the same key get the same answer. Empty: answers to this one are for it alone.
  std::string key;
  // What a server is asked; the ID is still to be set.
  DnsOctets upstream;

  // How long an answer may be.
  size_t limit() const {
    if (transport == DnsTransport::kTcp) return 65535;
    return edns ? edns->payload : 512;
  }
};

// Empty when `message` is no query at all. What asks something unusual (another opcode, not one
// question, records of its own, EDNS options that change the answer) is passed on as it is, and has
// no key. Everything else is asked for anew, with an OPT record of our own where there was one:
// that record speaks to the next hop alone (RFC 6891, section 6.1.1). So a cookie, which is between
// the client and us (RFC 7873), is left out.
std::optional<DnsQuery> ReadDnsQuery(DnsView message, DnsTransport transport);

// Whether `answer` is one to `query`, a message with one question or another (RFC 5452, section
// 9.1): the ID, the opcode and the question with its spelling are the same.
bool IsAnswerTo(DnsView answer, DnsView query);

// Where the only question ends; 0 when there is not exactly one that can be read. Questions are
// never compressed.
size_t DnsQuestionEnd(DnsView message);

struct DnsRecord {
  enum class Section : uint8_t { kAnswer, kAuthority, kAdditional };

  Section section = Section::kAnswer;
  size_t owner = 0;  // where it begins
  size_t fixed = 0;  // where the type is
  size_t rdata = 0;
  size_t end = 0;
  uint16_t type = 0;

  size_t ttl_at() const { return fixed + 4; }
  size_t rdata_size() const { return end - rdata; }
};

// Goes through the records of a message with one question.
class DnsRecords {
 public:
  explicit DnsRecords(DnsView message);

  // Empty after the last record, and where one is malformed.
  std::optional<DnsRecord> Next();
  bool malformed() const { return malformed_; }

 private:
  const DnsView message_;
  size_t at_ = 0;
  size_t section_ = 0;
  uint16_t left_ = 0;  // in this section
  bool malformed_ = false;
};

// The record's TTL in seconds; with the topmost bit it counts as 0 (RFC 2181, section 8).
uint32_t DnsTtl(DnsView message, const DnsRecord& record);

}  // namespace rollcall::agent
