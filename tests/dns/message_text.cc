#include "tests/dns/message_text.h"

#include <gtest/gtest.h>
#include <ldns/ldns.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <sstream>

namespace rollcall::dns {

namespace {

struct PacketDeleter {
  void operator()(ldns_pkt* packet) const { ldns_pkt_free(packet); }
};
using PacketPtr = std::unique_ptr<ldns_pkt, PacketDeleter>;

std::string Take(char* text) {
  std::string taken(text == nullptr ? "" : text);
  free(text);
  while (!taken.empty() && taken.back() == '\n') taken.pop_back();
  return taken;
}

std::string RecordText(const ldns_rr* record) {
  std::string text = Take(ldns_rdf2str(ldns_rr_owner(record)));
  if (ldns_rr_is_question(record)) {
    text += " " + Take(ldns_rr_class2str(ldns_rr_get_class(record)));
    return text + " " + Take(ldns_rr_type2str(ldns_rr_get_type(record)));
  }
  EXPECT_EQ(ldns_rr_get_class(record), LDNS_RR_CLASS_IN);
  text += " " + std::to_string(ldns_rr_ttl(record));
  text += " " + Take(ldns_rr_type2str(ldns_rr_get_type(record)));
  for (size_t i = 0; i < ldns_rr_rd_count(record); ++i) {
    text += " " + Take(ldns_rdf2str(ldns_rr_rdf(record, i)));
  }
  return text;
}

std::vector<std::string> SectionText(const ldns_rr_list* list) {
  std::vector<std::string> lines;
  for (size_t i = 0; i < ldns_rr_list_rr_count(list); ++i) {
    lines.push_back(RecordText(ldns_rr_list_rr(list, i)));
  }
  return lines;
}

}  // namespace

QueryText ParseQueryText(const std::string& text) {
  QueryText query;
  std::istringstream(text) >> query.name >> query.type;
  return query;
}

std::vector<uint8_t> EncodeQuery(const QueryText& query) {
  ldns_rdf* name = ldns_dname_new_frm_str(query.name.c_str());
  EXPECT_NE(name, nullptr) << query.name;
  const PacketPtr packet(
      ldns_pkt_query_new(name, ldns_get_rr_type_by_name(query.type.c_str()),
                         ldns_get_rr_class_by_name(query.klass.c_str()),
                         static_cast<uint16_t>(query.recursion_desired ? LDNS_RD : 0)));
  ldns_pkt_set_id(packet.get(), query.id);
  if (query.edns) {
    ldns_pkt_set_edns_udp_size(packet.get(), *query.edns);
    ldns_pkt_set_edns_do(packet.get(), query.dnssec_ok);
    if (!query.options.empty()) {
      ldns_rdf* options = nullptr;
      EXPECT_EQ(ldns_str2rdf_hex(&options, query.options.c_str()), LDNS_STATUS_OK);
      ldns_pkt_set_edns_data(packet.get(), options);
    }
  }
  uint8_t* octets = nullptr;
  size_t size = 0;
  EXPECT_EQ(ldns_pkt2wire(&octets, packet.get(), &size), LDNS_STATUS_OK);
  std::vector<uint8_t> encoded(octets, octets + size);
  free(octets);
  return encoded;
}

bool LdnsReads(std::span<const uint8_t> octets) {
  ldns_pkt* packet = nullptr;
  const ldns_status status = ldns_wire2pkt(&packet, octets.data(), octets.size());
  const PacketPtr freed(packet);
  return status == LDNS_STATUS_OK;
}

MessageText DecodeMessage(std::span<const uint8_t> octets) {
  MessageText text;
  ldns_pkt* raw = nullptr;
  const ldns_status status = ldns_wire2pkt(&raw, octets.data(), octets.size());
  EXPECT_EQ(status, LDNS_STATUS_OK) << ldns_get_errorstr_by_id(status);
  if (status != LDNS_STATUS_OK) return text;
  const PacketPtr packet(raw);
  text.rcode = Take(ldns_pkt_rcode2str(ldns_pkt_get_rcode(raw)));
  text.extended_rcode =
      ldns_pkt_edns_extended_rcode(raw) << 4 | static_cast<int>(ldns_pkt_get_rcode(raw));
  text.id = ldns_pkt_id(raw);
  text.size = octets.size();
  const std::pair<const char*, bool> flags[] = {{"qr", ldns_pkt_qr(raw)}, {"aa", ldns_pkt_aa(raw)},
                                                {"tc", ldns_pkt_tc(raw)}, {"rd", ldns_pkt_rd(raw)},
                                                {"ra", ldns_pkt_ra(raw)}, {"ad", ldns_pkt_ad(raw)},
                                                {"cd", ldns_pkt_cd(raw)}};
  for (const auto& [name, set] : flags) {
    if (set) text.flags += (text.flags.empty() ? "" : " ") + std::string(name);
  }
  text.question = SectionText(ldns_pkt_question(raw));
  text.answer = SectionText(ldns_pkt_answer(raw));
  text.authority = SectionText(ldns_pkt_authority(raw));
  text.additional = SectionText(ldns_pkt_additional(raw));
  if (ldns_pkt_edns(raw)) {
    text.edns = ldns_pkt_edns_udp_size(raw);
    text.dnssec_ok = ldns_pkt_edns_do(raw);
    if (const ldns_rdf* options = ldns_pkt_edns_data(raw)) {
      for (size_t i = 0; i < ldns_rdf_size(options); ++i) {
        constexpr char kDigits[] = "0123456789abcdef";
        text.options += kDigits[ldns_rdf_data(options)[i] >> 4];
        text.options += kDigits[ldns_rdf_data(options)[i] & 0xf];
      }
    }
  }
  return text;
}

}  // namespace rollcall::dns
