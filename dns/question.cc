#include "dns/question.h"

#include <algorithm>
#include <string_view>

#include "dns/constants.h"

namespace rollcall::dns {

namespace {

constexpr uint16_t kEdnsFlagDnssecOk = 0x8000;  // RFC 3225 section 3

// Reads forward through the message. Every step checks what is left before it takes it.
class Cursor {
 public:
  explicit Cursor(std::span<const uint8_t> octets) : rest_(octets) {}

  size_t left() const { return rest_.size(); }

  bool Skip(size_t count) {
    if (rest_.size() < count) return false;
    rest_ = rest_.subspan(count);
    return true;
  }

  bool Read8(uint8_t* value) {
    if (rest_.empty()) return false;
    *value = rest_[0];
    return Skip(1);
  }

  // The next `count` octets, to be read by themselves.
  bool Take(size_t count, Cursor* part) {
    if (rest_.size() < count) return false;
    *part = Cursor(rest_.first(count));
    return Skip(count);
  }

  bool ReadAll(std::span<uint8_t> octets) {
    if (rest_.size() < octets.size()) return false;
    std::copy_n(rest_.begin(), octets.size(), octets.begin());
    return Skip(octets.size());
  }

  bool Read16(uint16_t* value) {
    if (rest_.size() < 2) return false;
    *value = static_cast<uint16_t>(rest_[0] << 8 | rest_[1]);
    return Skip(2);
  }

  // A name that is not compressed: nothing comes before the question that it could point to.
  bool ReadName(DomainName* name) {
    const std::string_view octets(reinterpret_cast<const char*>(rest_.data()), rest_.size());
    return name->Read(octets) && Skip(name->wire().size());
  }

  // A name as owner of a record, where a pointer ends it (RFC 1035 section 4.1.4). Not followed.
  bool SkipName(bool* is_root) {
    *is_root = !rest_.empty() && rest_[0] == 0;
    for (size_t size = 0; size < DomainName::kMaxSize;) {
      if (rest_.empty()) return false;
      const uint8_t length = rest_[0];
      if ((length & kPointerBits) == kPointerBits) return Skip(2);
      if (length > DomainName::kMaxLabel) return false;
      if (!Skip(size_t{1} + length)) return false;
      if (length == 0) return true;
      size += size_t{1} + length;
    }
    return false;
  }

 private:
  std::span<const uint8_t> rest_;
};

// RFC 7871 section 6. An option of a family that we do not know is passed over.
bool ReadClientSubnet(Cursor option, Edns* edns) {
  ClientSubnet subnet;
  uint8_t scope_prefix;
  if (!option.Read16(&subnet.family) || !option.Read8(&subnet.source_prefix) ||
      !option.Read8(&scope_prefix)) {
    return false;
  }
  if (subnet.family != 1 && subnet.family != 2) return true;
  const int longest = subnet.family == 1 ? 32 : 128;
  if (subnet.source_prefix > longest) return false;
  subnet.size = static_cast<uint8_t>((subnet.source_prefix + 7) / 8);
  if (option.left() != subnet.size ||
      !option.ReadAll(std::span(subnet.address).first(subnet.size))) {
    return false;
  }
  const int unused_bits = subnet.size * 8 - subnet.source_prefix;
  if (unused_bits > 0 && (subnet.address[subnet.size - 1u] & ((1 << unused_bits) - 1)) != 0) {
    return false;
  }
  if (!edns->client_subnet) edns->client_subnet = subnet;
  return true;
}

// RFC 7873 section 5.2.2: a client cookie of 8 octets, and none or 8 to 32 of a server's. Of
// several options the first counts.
bool ReadCookie(Cursor option, Edns* edns) {
  SentCookie cookie;
  if (!option.ReadAll(cookie.client)) return false;
  const size_t left = option.left();
  if (left != 0 && (left < SentCookie::kMinServer || left > SentCookie::kMaxServer)) return false;
  cookie.server_size = static_cast<uint8_t>(left);
  option.ReadAll(std::span(cookie.server).first(left));
  if (!edns->cookie) edns->cookie = cookie;
  return true;
}

// RFC 6891 section 6.1.2.
bool ReadOptions(Cursor options, Edns* edns) {
  while (options.left() > 0) {
    uint16_t code, size;
    Cursor option({});
    if (!options.Read16(&code) || !options.Read16(&size) || !options.Take(size, &option)) {
      return false;
    }
    if (code == option::kClientSubnet && !ReadClientSubnet(option, edns)) return false;
    if (code == option::kCookie && !ReadCookie(option, edns)) return false;
  }
  return true;
}

// One record after the question. False when it is malformed.
bool ReadRecord(Cursor* cursor, Question* question) {
  bool is_root;
  uint16_t type, klass, ttl_high, ttl_low, rdlength;
  Cursor rdata({});
  if (!cursor->SkipName(&is_root) || !cursor->Read16(&type) || !cursor->Read16(&klass) ||
      !cursor->Read16(&ttl_high) || !cursor->Read16(&ttl_low) || !cursor->Read16(&rdlength) ||
      !cursor->Take(rdlength, &rdata)) {
    return false;
  }
  if (type != type::kOpt) return true;
  // RFC 6891 sections 6.1.1 and 6.1.2: at most one OPT, owned by the root.
  if (!is_root || question->edns) return false;
  Edns edns;
  edns.udp_payload = klass;
  edns.version = static_cast<uint8_t>(ttl_high & 0xff);
  edns.dnssec_ok = (ttl_low & kEdnsFlagDnssecOk) != 0;
  question->edns = edns;
  // What the options of another version mean is unknown.
  return edns.version != 0 || ReadOptions(rdata, &*question->edns);
}

}  // namespace

QuestionOutcome ParseQuestion(std::span<const uint8_t> message, Question* question) {
  *question = Question();
  Cursor cursor(message);
  uint16_t flags, qdcount, ancount, nscount, arcount;
  if (!cursor.Read16(&question->id) || !cursor.Read16(&flags) || !cursor.Read16(&qdcount) ||
      !cursor.Read16(&ancount) || !cursor.Read16(&nscount) || !cursor.Read16(&arcount)) {
    return QuestionOutcome::kDrop;
  }
  if ((flags & flag::kResponse) != 0) return QuestionOutcome::kDrop;
  question->opcode = static_cast<uint8_t>(flags >> flag::kOpcodeShift & 0xf);
  question->recursion_desired = (flags & flag::kRecursionDesired) != 0;
  // What follows the header of another opcode may mean anything.
  if (question->opcode != kOpcodeQuery) return QuestionOutcome::kNotImp;
  if (qdcount > 1) return QuestionOutcome::kFormErr;  // RFC 9619 section 4
  if (qdcount == 1) {
    if (!cursor.ReadName(&question->name) || !cursor.Read16(&question->type) ||
        !cursor.Read16(&question->klass)) {
      return QuestionOutcome::kFormErr;
    }
    question->has_question = true;
  }
  const uint32_t records = uint32_t{ancount} + nscount + arcount;
  for (uint32_t i = 0; i < records; ++i) {
    if (!ReadRecord(&cursor, question)) return QuestionOutcome::kFormErr;
  }
  if (cursor.left() != 0) return QuestionOutcome::kFormErr;
  if (question->edns && question->edns->version != 0) return QuestionOutcome::kBadVers;
  if (qdcount == 0) {
    return question->edns && question->edns->cookie ? QuestionOutcome::kCookieOnly
                                                    : QuestionOutcome::kFormErr;
  }
  return QuestionOutcome::kOk;
}

}  // namespace rollcall::dns
