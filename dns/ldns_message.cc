#include "dns/ldns_message.h"

#include <ldns/ldns.h>

#include <algorithm>
#include <cassert>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace rollcall::dns {

namespace {

constexpr size_t kMaxString = 255;  // RFC 1035 section 3.3

struct RecordDeleter {
  void operator()(ldns_rr* record) const { ldns_rr_free(record); }
};
using RecordPtr = std::unique_ptr<ldns_rr, RecordDeleter>;

template <typename T>
T* Required(T* made) {
  if (made == nullptr) throw std::bad_alloc();
  return made;
}

ldns_rdf* NameField(const DomainName& name) {
  return Required(
      ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, name.wire().size(), name.wire().data()));
}

ldns_rdf* OctetsField(ldns_rdf_type type, std::span<const uint8_t> octets) {
  return Required(ldns_rdf_new_frm_data(type, octets.size(), octets.data()));
}

// RFC 1035 section 3.3: a length octet and as many octets.
ldns_rdf* StringField(std::string_view text) {
  std::string octets(1, static_cast<char>(text.size()));
  octets.append(text);
  return Required(ldns_rdf_new_frm_data(LDNS_RDF_TYPE_STR, octets.size(), octets.data()));
}

// Fills in the type and the rdata of `record_`.
class DataWriter {
 public:
  explicit DataWriter(ldns_rr* record) : record_(record) {}

  void operator()(const AData& data) const {
    SetType(type::kA);
    Push(OctetsField(LDNS_RDF_TYPE_A, data.address));
  }
  void operator()(const AaaaData& data) const {
    SetType(type::kAaaa);
    Push(OctetsField(LDNS_RDF_TYPE_AAAA, data.address));
  }
  void operator()(const SrvData& data) const {
    SetType(type::kSrv);
    for (const uint16_t number : {data.priority, data.weight, data.port}) {
      Push(Required(ldns_native2rdf_int16(LDNS_RDF_TYPE_INT16, number)));
    }
    Push(NameField(data.target));
  }
  void operator()(const CnameData& data) const {
    SetType(type::kCname);
    Push(NameField(data.target));
  }
  void operator()(const NsData& data) const {
    SetType(type::kNs);
    Push(NameField(data.target));
  }
  void operator()(const SoaData& data) const {
    SetType(type::kSoa);
    Push(NameField(data.primary));
    Push(NameField(data.mailbox));
    for (const uint32_t number :
         {data.serial, data.refresh, data.retry, data.expire, data.minimum}) {
      Push(Required(ldns_native2rdf_int32(LDNS_RDF_TYPE_INT32, number)));
    }
  }
  void operator()(const TxtData& data) const {
    SetType(type::kTxt);
    std::string_view rest = data.text;
    do {  // an empty text is one empty string: RFC 1035 section 3.3.14 wants at least one
      Push(StringField(rest.substr(0, kMaxString)));
      rest.remove_prefix(std::min(rest.size(), kMaxString));
    } while (!rest.empty());
  }
  void operator()(const HinfoData& data) const {
    SetType(type::kHinfo);
    Push(StringField(data.cpu));
    Push(StringField(data.os));
  }

 private:
  void SetType(uint16_t type) const { ldns_rr_set_type(record_, static_cast<ldns_rr_type>(type)); }
  // The record owns `field` from here on.
  void Push(ldns_rdf* field) const {
    if (ldns_rr_push_rdf(record_, field)) return;
    ldns_rdf_deep_free(field);
    throw std::bad_alloc();
  }

  ldns_rr* record_;
};

RecordPtr MakeRecord(const Record& record) {
  RecordPtr made(Required(ldns_rr_new()));
  ldns_rr_set_owner(made.get(), NameField(record.owner));
  ldns_rr_set_class(made.get(), LDNS_RR_CLASS_IN);
  ldns_rr_set_ttl(made.get(), record.ttl);
  std::visit(DataWriter(made.get()), record.data);
  return made;
}

RecordPtr MakeQuestion(const Question& question) {
  RecordPtr made(Required(ldns_rr_new()));
  ldns_rr_set_question(made.get(), true);
  ldns_rr_set_owner(made.get(), NameField(question.name));
  ldns_rr_set_type(made.get(), static_cast<ldns_rr_type>(question.type));
  ldns_rr_set_class(made.get(), static_cast<ldns_rr_class>(question.klass));
  return made;
}

void Push(ldns_pkt* packet, ldns_pkt_section section, RecordPtr record) {
  if (!ldns_pkt_push_rr(packet, section, record.get())) throw std::bad_alloc();
  record.release();
}

void SetHeader(const Question& question, const Answer& answer, ldns_pkt* packet) {
  ldns_pkt_set_id(packet, question.id);
  ldns_pkt_set_qr(packet, true);
  ldns_pkt_set_opcode(packet, static_cast<ldns_pkt_opcode>(question.opcode));
  ldns_pkt_set_aa(packet, answer.authoritative);
  ldns_pkt_set_rd(packet, question.recursion_desired);  // copied: RFC 1035 section 4.1.1
  ldns_pkt_set_rcode(packet, static_cast<uint8_t>(static_cast<uint16_t>(answer.rcode) & 0xf));
}

void SetEdns(const Edns& asked, Rcode rcode, uint16_t advertised_payload, ldns_pkt* packet) {
  ldns_pkt_set_edns_udp_size(packet, advertised_payload);
  ldns_pkt_set_edns_extended_rcode(packet, static_cast<uint8_t>(static_cast<uint16_t>(rcode) >> 4));
  ldns_pkt_set_edns_do(packet, asked.dnssec_ok);  // copied: RFC 3225 section 3
}

struct BufferDeleter {
  void operator()(ldns_buffer* buffer) const { ldns_buffer_free(buffer); }
};

void SetCount(ldns_pkt* packet, ldns_pkt_section section, ldns_rr_list* list, size_t count) {
  ldns_rr_list_set_rr_count(list, count);
  ldns_pkt_set_section_count(packet, section, static_cast<uint16_t>(count));
}

void SetCounts(ldns_pkt* packet, const SectionCounts& counts) {
  SetCount(packet, LDNS_SECTION_ANSWER, ldns_pkt_answer(packet), counts.answer);
  SetCount(packet, LDNS_SECTION_AUTHORITY, ldns_pkt_authority(packet), counts.authority);
  SetCount(packet, LDNS_SECTION_ADDITIONAL, ldns_pkt_additional(packet), counts.additional);
}

}  // namespace

void LdnsMessage::PacketDeleter::operator()(ldns_struct_pkt* packet) const {
  ldns_pkt_free(packet);
}

LdnsMessage::LdnsMessage(const Question& question, const Answer& answer,
                         uint16_t advertised_payload)
    : packet_(Required(ldns_pkt_new())),
      all_{answer.answer.size(), answer.authority.size(), answer.additional.size()} {
  SetHeader(question, answer, packet_.get());
  if (question.has_question) {
    Push(packet_.get(), LDNS_SECTION_QUESTION, MakeQuestion(question));
  }
  for (const Record& record : answer.answer) {
    Push(packet_.get(), LDNS_SECTION_ANSWER, MakeRecord(record));
  }
  for (const Record& record : answer.authority) {
    Push(packet_.get(), LDNS_SECTION_AUTHORITY, MakeRecord(record));
  }
  for (const AdditionalRecord& additional : answer.additional) {
    Push(packet_.get(), LDNS_SECTION_ADDITIONAL, MakeRecord(additional.record));
  }
  if (question.edns) {
    SetEdns(*question.edns, answer.rcode, advertised_payload, packet_.get());
  }
}

std::vector<uint8_t> LdnsMessage::Encode(const SectionCounts& counts, bool truncated) {
  assert(counts.answer <= all_.answer && counts.authority <= all_.authority &&
         counts.additional <= all_.additional);
  const std::unique_ptr<ldns_buffer, BufferDeleter> buffer(
      Required(ldns_buffer_new(kMinUdpPayload)));
  ldns_pkt_set_tc(packet_.get(), truncated);
  SetCounts(packet_.get(), counts);
  const ldns_status status = ldns_pkt2buffer_wire(buffer.get(), packet_.get());
  // The lists free what they count.
  SetCounts(packet_.get(), all_);
  if (status != LDNS_STATUS_OK) throw std::runtime_error(ldns_get_errorstr_by_id(status));
  const uint8_t* const begin = ldns_buffer_begin(buffer.get());
  return std::vector<uint8_t>(begin, begin + ldns_buffer_position(buffer.get()));
}

}  // namespace rollcall::dns
