#include "agent/dns_answer.h"

#include <algorithm>
#include <utility>

namespace rollcall::agent {
namespace {

using std::chrono::seconds;

// No record is believed for longer (RFC 8767, section 4), and no denial (RFC 2308, section 5).
constexpr uint32_t kMaxTtl = 604'800;
constexpr uint32_t kMaxNegativeTtl = 3600;
constexpr uint16_t kExtendedError = 15;
constexpr uint16_t kQuestionName = 0xC00C;  // a pointer to it
constexpr uint8_t kAuthoritative = 0x04;

// Precondition: `opt` is whole.
DnsOctets ExtendedErrorsOf(DnsView message, const DnsRecord& opt) {
  DnsOctets errors;
  DnsView rest = message.subspan(opt.rdata, opt.rdata_size());
  while (rest.size() >= 4) {
    const size_t size = 4u + DnsUint16(rest, 2);
    if (rest.size() < size) break;
    if (DnsUint16(rest, 0) == kExtendedError) {
      errors.insert(errors.end(), rest.begin(), rest.begin() + static_cast<ptrdiff_t>(size));
    }
    rest = rest.subspan(size);
  }
  return errors;
}

// How long `record` is to be believed. A SOA record is in the authority section to say how long the
// denial is (RFC 2308, section 3); its last field is MINIMUM.
uint32_t TtlOf(DnsView answer, const DnsRecord& record) {
  const uint32_t ttl = std::min(DnsTtl(answer, record), kMaxTtl);
  constexpr size_t kMinSoa = 2 + 5 * 4;
  if (record.type != dns_type::kSoa || record.section != DnsRecord::Section::kAuthority ||
      record.rdata_size() < kMinSoa) {
    return ttl;
  }
  const uint32_t minimum = static_cast<uint32_t>(DnsUint16(answer, record.end - 4)) << 16 |
                           DnsUint16(answer, record.end - 2);
  return std::min({ttl, minimum, kMaxNegativeTtl});
}

bool IsAddressOfQuestion(DnsView message, const DnsRecord& record) {
  const bool is_address = (record.type == dns_type::kA && record.rdata_size() == 4) ||
                          (record.type == dns_type::kAaaa && record.rdata_size() == 16);
  return is_address && record.section == DnsRecord::Section::kAnswer &&
         record.fixed == record.owner + 2 && DnsUint16(message, record.owner) == kQuestionName;
}

// Moves the rdata alone: no name is in it that another record might point to.
void Shuffle(const std::vector<DnsRecord>& addresses, std::mt19937* random, DnsOctets* octets) {
  const auto rdata = [octets](const DnsRecord& record) {
    return octets->begin() + static_cast<ptrdiff_t>(record.rdata);
  };
  for (size_t i = addresses.size(); i > 1; --i) {
    const size_t other = std::uniform_int_distribution<size_t>(0, i - 1)(*random);
    if (other == i - 1) continue;
    const auto from = rdata(addresses[i - 1]);
    std::swap_ranges(from, from + static_cast<ptrdiff_t>(addresses[i - 1].rdata_size()),
                     rdata(addresses[other]));
  }
}

void TakeOverQuestion(const DnsQuery& query, DnsOctets* octets) {
  PutDnsUint16(query.id, 0, octets);
  if (DnsUint16(*octets, 4) != 1 || octets->size() < query.head.size()) return;
  std::copy(query.head.begin() + kDnsHeaderSize, query.head.end(),
            octets->begin() + kDnsHeaderSize);
}

DnsOctets ExtendedErrorOption(uint16_t code) {
  DnsOctets option;
  for (const uint16_t value : {kExtendedError, uint16_t{2}, code}) AppendDnsUint16(value, &option);
  return option;
}

// The last record, if the query had one and there is room; of `options`, what fits: extended errors
// go before anything else does (RFC 8914, section 3).
void AppendOpt(const DnsQuery& query, const std::vector<DnsOctets>& options, DnsOctets* octets) {
  constexpr size_t kBareOpt = 11;
  const size_t limit = query.limit();
  if (!query.edns || octets->size() + kBareOpt > limit) return;
  PutDnsUint16(static_cast<uint16_t>(DnsUint16(*octets, 10) + 1), 10, octets);
  octets->push_back(0);  // the root owns it
  for (const uint16_t value : {dns_type::kOpt, kDnsUdpPayload, uint16_t{0}}) {
    AppendDnsUint16(value, octets);
  }
  AppendDnsUint16(query.edns->dnssec_ok ? 0x8000 : 0, octets);
  const size_t size_at = octets->size();
  AppendDnsUint16(0, octets);
  for (const DnsOctets& option : options) {
    if (octets->size() + option.size() > limit) continue;
    octets->insert(octets->end(), option.begin(), option.end());
  }
  PutDnsUint16(static_cast<uint16_t>(octets->size() - size_at - 2), size_at, octets);
}

}  // namespace

DnsAnswerKind KindOfDnsAnswer(DnsView answer) {
  int extended_rcode = 0;
  if (DnsQuestionEnd(answer) != 0) {
    DnsRecords records(answer);
    while (const auto record = records.Next()) {
      if (record->type == dns_type::kOpt) extended_rcode = answer[record->fixed + 4];
    }
    if (records.malformed()) return DnsAnswerKind::kMalformed;
  }
  const int rcode = answer[3] & 0x0F;
  const bool knows = rcode == dns_rcode::kNoError || rcode == dns_rcode::kNxDomain;
  return extended_rcode == 0 && knows ? DnsAnswerKind::kAnswer : DnsAnswerKind::kFailure;
}

std::optional<KeptDnsAnswer> KeepDnsAnswer(DnsView answer) {
  KeptDnsAnswer kept;
  std::optional<uint32_t> ttl;
  size_t end = DnsQuestionEnd(answer);
  bool has_opt = false;
  bool has_soa = false;
  DnsRecords records(answer);
  while (const auto record = records.Next()) {
    // What comes after the OPT record could not be kept without it: names may point there.
    if (has_opt) return std::nullopt;
    if (record->type == dns_type::kOpt) {
      has_opt = true;
      kept.extended_errors = ExtendedErrorsOf(answer, *record);
      if (record->section != DnsRecord::Section::kAdditional) return std::nullopt;
      continue;
    }
    end = record->end;
    has_soa = has_soa ||
              (record->type == dns_type::kSoa && record->section == DnsRecord::Section::kAuthority);
    const uint32_t own = TtlOf(answer, *record);
    ttl = std::min(ttl.value_or(own), own);
  }
  const bool is_negative = DnsUint16(answer, 6) == 0 || (answer[3] & 0x0F) == dns_rcode::kNxDomain;
  if (records.malformed() || !ttl || (is_negative && !has_soa)) return std::nullopt;
  kept.octets.assign(answer.begin(), answer.begin() + static_cast<ptrdiff_t>(end));
  if (has_opt) {
    PutDnsUint16(static_cast<uint16_t>(DnsUint16(answer, 10) - 1), 10, &kept.octets);
  }
  kept.ttl = seconds(*ttl);
  return kept;
}

DnsOctets ServeKeptDnsAnswer(const KeptDnsAnswer& kept, const DnsQuery& query, const DnsAge& age,
                             std::mt19937* random) {
  DnsOctets octets;
  octets.reserve(kept.octets.size() + kept.extended_errors.size() + 17);
  octets = kept.octets;
  TakeOverQuestion(query, &octets);
  octets[2] &= static_cast<uint8_t>(~kAuthoritative);
  std::vector<DnsRecord> a;
  std::vector<DnsRecord> aaaa;
  DnsRecords records(kept.octets);
  while (const auto record = records.Next()) {
    // A SOA record's TTL says no more than how long the denial is to be believed (RFC 2308, 5).
    const int64_t ttl = TtlOf(kept.octets, *record);
    const int64_t left = ttl - std::clamp<int64_t>(age.age.count(), 0, ttl);
    PutDnsUint32(age.stale ? kStaleDnsTtl : static_cast<uint32_t>(left), record->ttl_at(), &octets);
    if (!IsAddressOfQuestion(kept.octets, *record)) continue;
    (record->type == dns_type::kA ? a : aaaa).push_back(*record);
  }
  Shuffle(a, random, &octets);
  Shuffle(aaaa, random, &octets);
  std::vector<DnsOctets> options;
  if (age.stale) {
    options.push_back(ExtendedErrorOption(kept.is_nxdomain() ? dns_extended_error::kStaleNxDomain
                                                             : dns_extended_error::kStale));
  }
  options.push_back(kept.extended_errors);
  AppendOpt(query, options, &octets);
  return octets;
}

DnsOctets PassDnsAnswer(DnsView answer, const DnsQuery& query) {
  DnsOctets octets(answer.begin(), answer.end());
  TakeOverQuestion(query, &octets);
  return octets;
}

DnsOctets DnsErrorAnswer(const DnsQuery& query, uint8_t rcode,
                         std::optional<uint16_t> extended_error) {
  DnsOctets octets = query.head;
  octets[2] = static_cast<uint8_t>(0x80 | (query.head[2] & 0x79));  // QR, opcode, RD
  octets[3] = rcode;
  PutDnsUint16(query.head.size() > kDnsHeaderSize ? 1 : 0, 4, &octets);
  std::fill(octets.begin() + 6, octets.begin() + kDnsHeaderSize, uint8_t{0});
  std::vector<DnsOctets> options;
  if (extended_error) options.push_back(ExtendedErrorOption(*extended_error));
  AppendOpt(query, options, &octets);
  return octets;
}

}  // namespace rollcall::agent
