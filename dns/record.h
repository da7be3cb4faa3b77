// Records and answers as typed values, between what the catalog says and what goes on the wire.
// Plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dns/constants.h"
#include "dns/domain_name.h"
#include "registry/base/ip_address.h"

namespace rollcall::dns {

struct AData {
  Ipv4 address;
};
struct AaaaData {
  Ipv6 address;
};
struct SrvData {
  uint16_t priority;
  uint16_t weight;
  uint16_t port;
  DomainName target;
};
struct CnameData {
  DomainName target;
};
struct NsData {
  DomainName target;
};
struct PtrData {
  DomainName target;
};
struct SoaData {
  DomainName primary;
  DomainName mailbox;
  uint32_t serial;
  uint32_t refresh;
  uint32_t retry;
  uint32_t expire;
  uint32_t minimum;
};
struct TxtData {
  std::string text;  // split into strings of at most 255 octets on the wire
};
struct HinfoData {
  std::string cpu;  // at most 255 octets each
  std::string os;
};

using RecordData =
    std::variant<AData, AaaaData, SrvData, CnameData, NsData, PtrData, SoaData, TxtData, HinfoData>;

struct Record {
  DomainName owner;
  uint32_t ttl;
  RecordData data;
};

// A record of the additional section. It is sent only along with the answer record that it was
// added for.
struct AdditionalRecord {
  static constexpr size_t kNone = static_cast<size_t>(-1);
  size_t added_for;  // index into Answer::answer; kNone: for the answer as a whole
  Record record;
};

// Why there is no answer (RFC 8914). Codes: section 4.
struct ExtendedError {
  static constexpr uint16_t kOther = 0;
  static constexpr uint16_t kFiltered = 17;
  static constexpr uint16_t kProhibited = 18;
  static constexpr uint16_t kNotAuthoritative = 20;
  static constexpr uint16_t kNotSupported = 21;
  static constexpr uint16_t kNoReachableAuthority = 22;

  uint16_t code = kOther;
  std::string_view text;  // for people; of static storage
};

struct Answer {
  Rcode rcode = Rcode::kNoError;
  bool authoritative = false;
  std::vector<Record> answer;
  std::vector<Record> authority;
  // Those for an answer record first, in the order of these.
  std::vector<AdditionalRecord> additional;
  // There was more than `AnswerSize` asked for: the message is truncated, whatever fits.
  bool has_more = false;
  std::optional<ExtendedError> extended_error;  // told to who speaks EDNS
  // What recursors are to be asked for before this is an answer: the question's name, where nothing
  // of this is ours, or the end of a chain of aliases that leads out of our domains.
  std::optional<DomainName> ask_recursors;
};

}  // namespace rollcall::dns
