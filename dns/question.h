// The question of one DNS message, parsed from untrusted bytes. Allocates nothing, throws nothing,
// and reads no octet outside of the message.
//
//   message  = header question *rr            ; RFC 1035 section 4.1
//   header   = id(2) flags(2) qdcount(2) ancount(2) nscount(2) arcount(2)
//   question = name qtype(2) qclass(2)
//   rr       = name type(2) class(2) ttl(4) rdlength(2) rdata(rdlength)
//
// Of the records after the question only OPT is looked at; the others are checked for their bounds.
// Of OPT's options only Client Subnet and COOKIE are; what is malformed in them, or in their
// sequence, is FORMERR. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "dns/cookie.h"
#include "dns/domain_name.h"

namespace rollcall::dns {

// EDNS Client Subnet as it was sent (RFC 7871 section 6).
struct ClientSubnet {
  uint16_t family = 0;  // 1: IPv4, 2: IPv6
  uint8_t source_prefix = 0;
  uint8_t size = 0;  // of `address`: as many octets as the prefix needs
  std::array<uint8_t, 16> address{};
};

// What an OPT record says (RFC 6891 section 6.1.3).
struct Edns {
  uint16_t udp_payload = 0;  // as sent: may be below 512
  uint8_t version = 0;
  bool dnssec_ok = false;
  std::optional<ClientSubnet> client_subnet;  // of a family that we know
  std::optional<SentCookie> cookie;
};

struct Question {
  uint16_t id = 0;
  uint8_t opcode = 0;
  bool recursion_desired = false;
  // False when the question section could not be read: an answer then carries none.
  bool has_question = false;
  DomainName name;  // in the question's case
  uint16_t type = 0;
  uint16_t klass = 0;
  std::optional<Edns> edns;
};

enum class QuestionOutcome : uint8_t {
  kDrop,  // not even a header, or itself a response: answering could start a loop
  kFormErr,
  kNotImp,      // an opcode other than QUERY
  kBadVers,     // an EDNS version that we do not speak (RFC 6891 section 6.1.3)
  kCookieOnly,  // no question, but a COOKIE option: the client wants one (RFC 7873 section 5.4)
  kOk,
};

// `*question` is filled as far as the message could be read, which an error answer needs.
QuestionOutcome ParseQuestion(std::span<const uint8_t> message, Question* question);

}  // namespace rollcall::dns
