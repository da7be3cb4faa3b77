#include "agent/dns_message.h"

#include <algorithm>

#include "registry/base/ascii.h"

namespace rollcall::agent {
namespace {

constexpr uint16_t kKeptFlags = 0x0100 | 0x0020 | 0x0010;  // RD, AD, CD
constexpr uint16_t kDnssecOk = 0x8000;                     // RFC 3225, section 3

// Options that are between a client and the server that it asks: COOKIE (RFC 7873), edns-tcp-
// keepalive (RFC 7828) and padding (RFC 7830).
bool IsForUsAlone(uint16_t option) { return option >= 10 && option <= 12; }

// Transfers, and the types of transactions (RFC 6895, section 3.1): nothing to keep. 255 is ANY.
bool IsTransaction(uint16_t type) { return type >= 249 && type <= 254; }

// Where the name at `at` ends; 0 when it cannot be read. A pointer leads to a place before the name
// (RFC 1035, section 4.1.4), so that no chain of them has a loop.
size_t NameEnd(DnsView message, size_t at) {
  const size_t begin = at;
  while (at < message.size()) {
    const uint8_t length = message[at];
    if (length == 0) return at + 1;
    if (length < 64) {
      at += 1u + length;
      if (at - begin > 254) return 0;
      continue;
    }
    if (length < 0xC0 || message.size() - at < 2) return 0;
    const size_t target = DnsUint16(message, at) & 0x3FFFu;
    return target >= kDnsHeaderSize && target < begin ? at + 2 : 0;
  }
  return 0;
}

bool HasPlainOptions(DnsView message, const DnsRecord& opt) {
  if (message[opt.fixed + 5] != 0) return false;  // the version
  DnsView rest = message.subspan(opt.rdata, opt.rdata_size());
  while (!rest.empty()) {
    if (rest.size() < 4 || !IsForUsAlone(DnsUint16(rest, 0))) return false;
    const size_t size = 4u + DnsUint16(rest, 2);
    if (rest.size() < size) return false;
    rest = rest.subspan(size);
  }
  return true;
}

// What comes after the question of a query.
struct Rest {
  bool is_plain = true;  // nothing, or a plain OPT record
  std::optional<DnsRecord> opt;
};

Rest ReadRest(DnsView message, size_t question_end) {
  Rest rest;
  DnsRecords records(message);
  size_t end = question_end;
  while (const auto record = records.Next()) {
    end = record->end;
    const bool is_opt = record->type == dns_type::kOpt && record->owner + 1 == record->fixed &&
                        record->section == DnsRecord::Section::kAdditional && !rest.opt;
    if (is_opt) rest.opt = *record;
    rest.is_plain = rest.is_plain && is_opt && HasPlainOptions(message, *record);
  }
  rest.is_plain = rest.is_plain && !records.malformed() && end == message.size();
  return rest;
}

size_t UsablePayload(DnsView message, const DnsRecord& opt) {
  return std::clamp<size_t>(DnsUint16(message, opt.fixed + 2), 512, kDnsUdpPayload);
}

void AskAnew(uint16_t flags, DnsQuery* query) {
  query->upstream = query->head;
  PutDnsUint16(0, 0, &query->upstream);
  PutDnsUint16(flags, 2, &query->upstream);
  std::fill(query->upstream.begin() + 6, query->upstream.begin() + kDnsHeaderSize, uint8_t{0});
  if (!query->edns) return;
  query->upstream[11] = 1;
  query->upstream.push_back(0);
  for (const uint16_t value :
       {dns_type::kOpt, static_cast<uint16_t>(query->edns->payload), uint16_t{0},
        query->edns->dnssec_ok ? kDnssecOk : uint16_t{0}, uint16_t{0}}) {
    AppendDnsUint16(value, &query->upstream);
  }
}

std::string MakeKey(const DnsQuery& query, uint16_t flags) {
  std::string key;
  key.reserve(query.head.size());
  key.push_back(static_cast<char>(query.transport));
  key.push_back(static_cast<char>(flags >> 4));  // AD, CD, and RD in the fifth bit
  key.push_back(static_cast<char>(query.edns ? 1 + int{query.edns->dnssec_ok} : 0));
  const size_t payload = query.transport == DnsTransport::kUdp ? query.limit() : 0;
  key.push_back(static_cast<char>(payload >> 8));
  key.push_back(static_cast<char>(payload & 0xFF));
  const auto question_end = query.head.end();
  key.append(question_end - 4, question_end);  // type and class
  for (auto octet = query.head.begin() + kDnsHeaderSize; octet != question_end - 4; ++octet) {
    key.push_back(AsciiLower(static_cast<char>(*octet)));
  }
  return key;
}

}  // namespace

void PutDnsUint16(uint16_t value, size_t at, DnsOctets* octets) {
  (*octets)[at] = static_cast<uint8_t>(value >> 8);
  (*octets)[at + 1] = static_cast<uint8_t>(value & 0xFF);
}

void AppendDnsUint16(uint16_t value, DnsOctets* octets) {
  octets->push_back(static_cast<uint8_t>(value >> 8));
  octets->push_back(static_cast<uint8_t>(value & 0xFF));
}

void PutDnsUint32(uint32_t value, size_t at, DnsOctets* octets) {
  PutDnsUint16(static_cast<uint16_t>(value >> 16), at, octets);
  PutDnsUint16(static_cast<uint16_t>(value & 0xFFFF), at + 2, octets);
}

size_t DnsQuestionEnd(DnsView message) {
  if (message.size() < kDnsHeaderSize || DnsUint16(message, 4) != 1) return 0;
  size_t at = kDnsHeaderSize;
  while (at < message.size() && message[at] != 0) {
    if (message[at] > 63) return 0;
    at += 1u + message[at];
    if (at - kDnsHeaderSize > 254) return 0;
  }
  return at + 5 <= message.size() ? at + 5 : 0;  // the root label, type and class
}

std::optional<DnsQuery> ReadDnsQuery(DnsView message, DnsTransport transport) {
  if (message.size() < kDnsHeaderSize || (message[2] & 0x80) != 0) return std::nullopt;
  DnsQuery query;
  query.id = DnsUint16(message, 0);
  query.transport = transport;
  const size_t question_end = DnsQuestionEnd(message);
  const DnsView head = message.first(question_end == 0 ? kDnsHeaderSize : question_end);
  query.head.assign(head.begin(), head.end());
  query.upstream.assign(message.begin(), message.end());
  if (question_end == 0) return query;

  const Rest rest = ReadRest(message, question_end);
  if (rest.opt) {
    const bool dnssec_ok = (message[rest.opt->fixed + 6] & 0x80) != 0;
    query.edns = {.dnssec_ok = dnssec_ok, .payload = UsablePayload(message, *rest.opt)};
    if (transport == DnsTransport::kTcp) query.edns->payload = kDnsUdpPayload;
    // More than we take must not come, of what is passed on as it is either.
    PutDnsUint16(static_cast<uint16_t>(query.edns->payload), rest.opt->fixed + 2, &query.upstream);
  }
  const bool is_standard = (message[2] & 0x78) == 0;  // the opcode
  const uint16_t type = DnsUint16(message, question_end - 4);
  if (!is_standard || !rest.is_plain || IsTransaction(type)) return query;
  const uint16_t flags = DnsUint16(message, 2) & kKeptFlags;
  AskAnew(flags, &query);
  query.key = MakeKey(query, flags);
  return query;
}

bool IsAnswerTo(DnsView answer, DnsView query) {
  if (answer.size() < kDnsHeaderSize || DnsUint16(answer, 0) != DnsUint16(query, 0)) return false;
  if ((answer[2] & 0x80) == 0 || (answer[2] & 0x78) != (query[2] & 0x78)) return false;
  const size_t end = DnsQuestionEnd(query);
  if (end == 0) return true;
  // A server that could not read the query may leave out what it has not read.
  if (DnsUint16(answer, 4) == 0) return (answer[3] & 0x0F) == dns_rcode::kFormErr;
  return DnsQuestionEnd(answer) == end &&
         std::equal(answer.begin() + kDnsHeaderSize, answer.begin() + static_cast<ptrdiff_t>(end),
                    query.begin() + kDnsHeaderSize);
}

DnsRecords::DnsRecords(DnsView message) : message_(message), at_(DnsQuestionEnd(message)) {
  malformed_ = at_ == 0;
  if (!malformed_) left_ = DnsUint16(message, 6);
}

std::optional<DnsRecord> DnsRecords::Next() {
  while (!malformed_ && left_ == 0 && section_ < 2) {
    ++section_;
    left_ = DnsUint16(message_, 6 + 2 * section_);
  }
  if (malformed_ || left_ == 0) return std::nullopt;
  DnsRecord record;
  record.section = static_cast<DnsRecord::Section>(section_);
  record.owner = at_;
  record.fixed = NameEnd(message_, at_);
  malformed_ = record.fixed == 0 || message_.size() - record.fixed < 10;
  if (malformed_) return std::nullopt;
  record.type = DnsUint16(message_, record.fixed);
  record.rdata = record.fixed + 10;
  const size_t size = DnsUint16(message_, record.fixed + 8);
  malformed_ = message_.size() - record.rdata < size;
  if (malformed_) return std::nullopt;
  record.end = record.rdata + size;
  at_ = record.end;
  --left_;
  return record;
}

uint32_t DnsTtl(DnsView message, const DnsRecord& record) {
  const size_t at = record.ttl_at();
  const uint32_t ttl = static_cast<uint32_t>(DnsUint16(message, at)) << 16 |
                       static_cast<uint32_t>(DnsUint16(message, at + 2));
  return (ttl & 0x80000000u) != 0 ? 0 : ttl;
}

}  // namespace rollcall::agent
