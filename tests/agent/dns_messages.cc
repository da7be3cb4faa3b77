#include "tests/agent/dns_messages.h"

#include <arpa/inet.h>
#include <ldns/ldns.h>

#include <array>
#include <memory>
#include <sstream>

namespace rollcall::agent::test {
namespace {

// "owner<TAB>30<TAB>IN<TAB>A<TAB>10.0.0.1<NEWLINE>" without the class.
std::string RecordText(const ldns_rr* record) {
  const std::unique_ptr<char, decltype(&free)> text(ldns_rr2str(record), &free);
  std::istringstream words(text.get());
  std::string all;
  for (std::string word; words >> word;) {
    if (word == "IN") continue;
    all += (all.empty() ? "" : " ") + word;
  }
  return all;
}

std::vector<std::string> Records(const ldns_rr_list* list) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < ldns_rr_list_rr_count(list); ++i) {
    texts.push_back(RecordText(ldns_rr_list_rr(list, i)));
  }
  return texts;
}

std::vector<int> ExtendedErrors(const ldns_rdf* options) {
  std::vector<int> codes;
  if (options == nullptr) return codes;
  DnsView rest(ldns_rdf_data(options), ldns_rdf_size(options));
  while (rest.size() >= 4) {
    if (DnsUint16(rest, 0) == 15) codes.push_back(DnsUint16(rest, 4));
    rest = rest.subspan(4u + DnsUint16(rest, 2));
  }
  return codes;
}

}  // namespace

DnsOctets NameOctets(const std::string& name) {
  DnsOctets octets;
  std::istringstream labels(name);
  for (std::string label; std::getline(labels, label, '.');) {
    octets.push_back(static_cast<uint8_t>(label.size()));
    octets.insert(octets.end(), label.begin(), label.end());
  }
  octets.push_back(0);
  return octets;
}

DnsOctets Query(const Asked& asked) {
  DnsOctets octets;
  for (const int value : {int{asked.id}, int{asked.flags}, 1, 0, 0, asked.payload != 0 ? 1 : 0}) {
    AppendDnsUint16(static_cast<uint16_t>(value), &octets);
  }
  const DnsOctets name = NameOctets(asked.name);
  octets.insert(octets.end(), name.begin(), name.end());
  AppendDnsUint16(asked.type, &octets);
  AppendDnsUint16(1, &octets);
  if (asked.payload == 0) return octets;
  octets.push_back(0);
  for (const size_t value : {size_t{41}, static_cast<size_t>(asked.payload), size_t{0},
                             asked.dnssec_ok ? size_t{0x8000} : 0, asked.options.size()}) {
    AppendDnsUint16(static_cast<uint16_t>(value), &octets);
  }
  octets.insert(octets.end(), asked.options.begin(), asked.options.end());
  return octets;
}

DnsOctets Option(uint16_t code, const DnsOctets& data) {
  DnsOctets octets;
  AppendDnsUint16(code, &octets);
  AppendDnsUint16(static_cast<uint16_t>(data.size()), &octets);
  octets.insert(octets.end(), data.begin(), data.end());
  return octets;
}

AnswerTo::AnswerTo(const DnsOctets& query, uint8_t rcode)
    : octets_(query.begin(), query.begin() + static_cast<ptrdiff_t>(DnsQuestionEnd(query))) {
  octets_[2] = static_cast<uint8_t>(octets_[2] | 0x84);  // QR, AA
  octets_[3] = rcode;
  for (size_t at = 6; at < 12; ++at) octets_[at] = 0;
}

AnswerTo& AnswerTo::Record(size_t section, const DnsOctets& owner, uint16_t type, uint32_t ttl,
                           const DnsOctets& rdata) {
  Octets(owner);
  AppendDnsUint16(type, &octets_);
  AppendDnsUint16(1, &octets_);
  AppendDnsUint16(static_cast<uint16_t>(ttl >> 16), &octets_);
  AppendDnsUint16(static_cast<uint16_t>(ttl), &octets_);
  AppendDnsUint16(static_cast<uint16_t>(rdata.size()), &octets_);
  Octets(rdata);
  return Count(section, 1);
}

AnswerTo& AnswerTo::Address(const std::string& address, uint32_t ttl) {
  std::array<uint8_t, 16> octets{};
  const bool is_v4 = address.find(':') == std::string::npos;
  inet_pton(is_v4 ? AF_INET : AF_INET6, address.c_str(), octets.data());
  return Record(0, {0xC0, 12}, is_v4 ? kA : kAaaa, ttl,
                DnsOctets(octets.begin(), octets.begin() + (is_v4 ? 4 : 16)));
}

AnswerTo& AnswerTo::Additional(const std::string& name, const std::string& address, uint32_t ttl) {
  DnsOctets octets(4);
  inet_pton(AF_INET, address.c_str(), octets.data());
  return Record(2, NameOctets(name), kA, ttl, octets);
}

AnswerTo& AnswerTo::Soa(uint32_t ttl, uint32_t minimum) {
  DnsOctets rdata = {1, 'm', 0, 1, 'r', 0};
  for (const uint32_t value : {1u, 2u, 3u, 4u, minimum}) {
    AppendDnsUint16(static_cast<uint16_t>(value >> 16), &rdata);
    AppendDnsUint16(static_cast<uint16_t>(value), &rdata);
  }
  return Record(1, NameOctets("consul"), kSoa, ttl, rdata);
}

AnswerTo& AnswerTo::Opt(const DnsOctets& options) {
  octets_.push_back(0);
  for (const size_t value : {size_t{41}, size_t{1232}, size_t{0}, size_t{0}, options.size()}) {
    AppendDnsUint16(static_cast<uint16_t>(value), &octets_);
  }
  Octets(options);
  return Count(2, 1);
}

AnswerTo& AnswerTo::Octets(const DnsOctets& octets) {
  octets_.insert(octets_.end(), octets.begin(), octets.end());
  return *this;
}

AnswerTo& AnswerTo::Count(size_t section, int more) {
  const size_t at = 6 + 2 * section;
  PutDnsUint16(static_cast<uint16_t>(DnsUint16(octets_, at) + more), at, &octets_);
  return *this;
}

Decoded Decode(DnsView message) {
  Decoded decoded;
  ldns_pkt* read = nullptr;
  if (ldns_wire2pkt(&read, message.data(), message.size()) != LDNS_STATUS_OK) return decoded;
  const std::unique_ptr<ldns_pkt, decltype(&ldns_pkt_free)> packet(read, &ldns_pkt_free);
  decoded.readable = true;
  decoded.id = ldns_pkt_id(read);
  const std::unique_ptr<char, decltype(&free)> rcode(ldns_pkt_rcode2str(ldns_pkt_get_rcode(read)),
                                                     &free);
  decoded.rcode = rcode.get();
  decoded.authoritative = ldns_pkt_aa(read) != 0;
  decoded.truncated = ldns_pkt_tc(read) != 0;
  const std::vector<std::string> questions = Records(ldns_pkt_question(read));
  if (!questions.empty()) decoded.question = questions[0];
  decoded.answer = Records(ldns_pkt_answer(read));
  decoded.authority = Records(ldns_pkt_authority(read));
  decoded.additional = Records(ldns_pkt_additional(read));
  decoded.edns = ldns_pkt_edns(read) != 0;
  decoded.dnssec_ok = ldns_pkt_edns_do(read) != 0;
  decoded.extended_errors = ExtendedErrors(ldns_pkt_edns_data(read));
  return decoded;
}

}  // namespace rollcall::agent::test
