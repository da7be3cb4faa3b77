#include "dns/ldns_message.h"

#include <ldns/ldns.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <memory>
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
  void operator()(const PtrData& data) const {
    SetType(type::kPtr);
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

void Require(ldns_status status) {
  if (status == LDNS_STATUS_MEM_ERR) throw std::bad_alloc();
  if (status != LDNS_STATUS_OK) throw std::runtime_error(ldns_get_errorstr_by_id(status));
}

// The names that a message holds so far, and where: what ldns compresses by.
class NameTable {
 public:
  NameTable() : tree_(Required(ldns_rbtree_create(ldns_dname_compare_v))) {}
  NameTable(const NameTable&) = delete;
  NameTable& operator=(const NameTable&) = delete;
  ~NameTable() {
    while (tree_->count > 0) Free(ldns_rbtree_delete(tree_, ldns_rbtree_first(tree_)->key));
    ldns_rbtree_free(tree_);
  }

  ldns_rbtree_t* tree() { return tree_; }

  // Takes the names of `other` that are new.
  void Join(NameTable* other) {
    while (other->tree_->count > 0) {
      ldns_rbnode_t* const node =
          ldns_rbtree_delete(other->tree_, ldns_rbtree_first(other->tree_)->key);
      if (ldns_rbtree_insert(tree_, node) == nullptr) Free(node);
    }
  }

 private:
  static void Free(ldns_rbnode_t* node) {
    ldns_rdf_deep_free(static_cast<ldns_rdf*>(const_cast<void*>(node->key)));
    LDNS_FREE(node);
  }

  ldns_rbtree_t* tree_;
};

void WriteRecord(const RecordPtr& record, ldns_pkt_section section, NameTable* names,
                 ldns_buffer* buffer) {
  Require(ldns_rr2buffer_wire_compress(buffer, record.get(), section, names->tree()));
  if (section == LDNS_SECTION_QUESTION || ldns_rr_get_type(record.get()) != LDNS_RR_TYPE_SRV) {
    return;
  }
  // The target itself is not compressed (RFC 2782), but the owner of its address may point to it:
  // a third less for each instance. ldns notes a name's place only where it may compress it, so
  // the target is written a second time over itself, against an empty table.
  const ldns_rdf* const target = ldns_rr_rdf(record.get(), ldns_rr_rd_count(record.get()) - 1);
  NameTable places;
  ldns_buffer_set_position(buffer, ldns_buffer_position(buffer) - ldns_rdf_size(target));
  Require(ldns_dname2buffer_wire_compress(buffer, target, places.tree()));
  names->Join(&places);
}

struct BufferDeleter {
  void operator()(ldns_buffer* buffer) const { ldns_buffer_free(buffer); }
};

// At the buffer's end, growing it.
void Write16(uint16_t value, ldns_buffer* buffer) {
  if (!ldns_buffer_reserve(buffer, sizeof value)) throw std::bad_alloc();
  ldns_buffer_write_u16(buffer, value);
}

struct PacketDeleter {
  void operator()(ldns_pkt* packet) const { ldns_pkt_free(packet); }
};

std::string_view OctetsOf(const ldns_rdf* field) {
  return {reinterpret_cast<const char*>(ldns_rdf_data(field)), ldns_rdf_size(field)};
}

template <typename Data>
std::optional<RecordData> ReadAddress(std::string_view octets) {
  Data data{};
  if (octets.size() != data.address.size()) return std::nullopt;
  std::copy(octets.begin(), octets.end(), data.address.begin());
  return data;
}

std::optional<RecordData> ReadData(const ldns_rr* record) {
  if (ldns_rr_get_class(record) != LDNS_RR_CLASS_IN || ldns_rr_rd_count(record) != 1) {
    return std::nullopt;
  }
  const std::string_view octets = OctetsOf(ldns_rr_rdf(record, 0));
  switch (ldns_rr_get_type(record)) {
    case LDNS_RR_TYPE_A:
      return ReadAddress<AData>(octets);
    case LDNS_RR_TYPE_AAAA:
      return ReadAddress<AaaaData>(octets);
    case LDNS_RR_TYPE_CNAME:
      if (const std::optional<DomainName> target = DomainName::FromWire(octets)) {
        return CnameData{*target};
      }
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<Record> ReadRecord(const ldns_rr* record) {
  const std::optional<DomainName> owner = DomainName::FromWire(OctetsOf(ldns_rr_owner(record)));
  std::optional<RecordData> data = ReadData(record);
  if (!owner || !data) return std::nullopt;
  return Record{*owner, ldns_rr_ttl(record), std::move(*data)};
}

}  // namespace

std::vector<Record> ReadAnswerSection(std::span<const uint8_t> message) {
  ldns_pkt* parsed = nullptr;
  if (ldns_wire2pkt(&parsed, message.data(), message.size()) != LDNS_STATUS_OK) return {};
  const std::unique_ptr<ldns_pkt, PacketDeleter> packet(parsed);
  std::vector<Record> records;
  const ldns_rr_list* const answer = ldns_pkt_answer(packet.get());
  for (size_t i = 0; i < ldns_rr_list_rr_count(answer); ++i) {
    if (std::optional<Record> record = ReadRecord(ldns_rr_list_rr(answer, i))) {
      records.push_back(std::move(*record));
    }
  }
  return records;
}

class LdnsMessage::Records {
 public:
  explicit Records(ldns_pkt_section section) : section_(section) {}

  size_t size() const { return records_.size(); }
  void Add(const Record& record) { records_.push_back(MakeRecord(record)); }
  void AddQuestion(const Question& question) { records_.push_back(MakeQuestion(question)); }
  void Write(size_t count, NameTable* names, ldns_buffer* buffer) const {
    for (size_t i = 0; i < count; ++i) WriteRecord(records_[i], section_, names, buffer);
  }

 private:
  ldns_pkt_section section_;
  std::vector<RecordPtr> records_;
};

LdnsMessage::LdnsMessage(const Question& question, const Answer& answer, const OptReply& opt,
                         uint16_t extra_flags)
    : id_(question.id), edns_(question.edns), opt_(opt) {
  flags_ =
      static_cast<uint16_t>(flag::kResponse | extra_flags | question.opcode << flag::kOpcodeShift |
                            (answer.authoritative ? flag::kAuthoritative : 0) |
                            // Copied: RFC 1035 section 4.1.1.
                            (question.recursion_desired ? flag::kRecursionDesired : 0) |
                            (static_cast<uint16_t>(opt_.rcode) & flag::kRcode));
  for (const ldns_pkt_section section : {LDNS_SECTION_QUESTION, LDNS_SECTION_ANSWER,
                                         LDNS_SECTION_AUTHORITY, LDNS_SECTION_ADDITIONAL}) {
    sections_.emplace_back(section);
  }
  if (question.has_question) sections_[0].AddQuestion(question);
  for (const Record& record : answer.answer) sections_[1].Add(record);
  for (const Record& record : answer.authority) sections_[2].Add(record);
  for (const AdditionalRecord& record : answer.additional) sections_[3].Add(record.record);
}

LdnsMessage::~LdnsMessage() = default;

std::vector<uint8_t> LdnsMessage::Encode(const SectionCounts& counts) const {
  const std::array<size_t, 4> sizes = {sections_[0].size(), counts.answer, counts.authority,
                                       counts.additional};
  const std::unique_ptr<ldns_buffer, BufferDeleter> buffer(
      Required(ldns_buffer_new(kMinUdpPayload)));
  Write16(id_, buffer.get());
  Write16(flags_, buffer.get());
  for (size_t i = 0; i < sizes.size(); ++i) {
    const size_t opt = i == 3 && edns_ ? 1 : 0;
    Write16(static_cast<uint16_t>(sizes[i] + opt), buffer.get());
  }
  NameTable names;
  for (size_t i = 0; i < sizes.size(); ++i) {
    assert(sizes[i] <= sections_[i].size());
    sections_[i].Write(sizes[i], &names, buffer.get());
  }
  const uint8_t* const begin = ldns_buffer_begin(buffer.get());
  std::vector<uint8_t> octets(begin, begin + ldns_buffer_position(buffer.get()));
  if (edns_) AppendOpt(&octets);
  return octets;
}

void LdnsMessage::AppendOpt(std::vector<uint8_t>* octets) const {
  const size_t at = octets->size();
  octets->resize(at + OptRecordSize(*edns_, opt_));
  OctetWriter out(std::span<uint8_t>(*octets).subspan(at));
  WriteOptRecord(*edns_, opt_, &out);
}

}  // namespace rollcall::dns
