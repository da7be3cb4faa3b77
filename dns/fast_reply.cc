#include "dns/fast_reply.h"

#include <algorithm>
#include <cassert>

#include "dns/soa.h"

namespace rollcall::dns {

namespace {

// RFC 1035 section 4.1.1.
constexpr size_t kFlagsAt = 2;
constexpr size_t kQuestionCountAt = 4;
constexpr size_t kAnswerCountAt = 6;
constexpr size_t kAuthorityCountAt = 8;
constexpr size_t kAdditionalCountAt = 10;

constexpr uint16_t kPointerToQuestion = kPointer | kHeaderSize;

}  // namespace

FastReply::FastReply(const Zone& zone, const Question& question, const ReplySettings& settings,
                     std::span<uint8_t> out)
    : zone_(zone), question_(question), out_(out.first(settings.size)) {
  opt_.advertised_payload = settings.advertised_payload;
  opt_.cookie = settings.cookie;
  Explain(std::nullopt);
  // RD is copied (RFC 1035 section 4.1.1).
  flags_ = static_cast<uint16_t>(flag::kResponse |
                                 (question.recursion_desired ? flag::kRecursionDesired : 0) |
                                 (settings.recursion_available ? flag::kRecursionAvailable : 0));
  constexpr std::array<uint8_t, kHeaderSize> kNoHeaderYet{};
  out_.Put(kNoHeaderYet);
  out_.Set(0, question.id);
  out_.Set(kQuestionCountAt, 1);
  out_.Put(question.name.wire());
  out_.Put(question.type, question.klass);
}

void FastReply::Explain(std::optional<ExtendedError> error) {
  opt_.extended_error = error;
  opt_size_ = question_.edns ? OptRecordSize(*question_.edns, opt_) : 0;
}

template <typename Address>
void FastReply::AddAnswer(const Address& address, uint32_t ttl) {
  out_.Put(kPointerToQuestion, TypeOf(address), kClassIn, ttl,
           static_cast<uint16_t>(address.size()));
  out_.Put(address);
  ++answers_;
}
template void FastReply::AddAnswer(const Ipv4& address, uint32_t ttl);
template void FastReply::AddAnswer(const Ipv6& address, uint32_t ttl);

size_t FastReply::AddSrv(const Srv& srv, uint32_t ttl) {
  const size_t data_size = kSrvFixed + srv.labels.size() + srv.apex.size();
  out_.Put(kPointerToQuestion, type::kSrv, kClassIn, ttl, static_cast<uint16_t>(data_size),
           kSrvPriority, srv.weight, srv.port);
  const size_t target_at = out_.size();
  out_.Put(srv.labels);  // not compressed (RFC 2782)
  out_.Put(srv.apex);
  ++answers_;
  return target_at;
}

uint16_t FastReply::PointerToApex(size_t size) const {
  return static_cast<uint16_t>(kPointer | (kHeaderSize + question_.name.wire().size() - size));
}

template <typename Address>
void FastReply::AddAdditional(const Target& owner, const Address& address, uint32_t ttl) {
  if (owner.at <= kMaxPointed) {
    out_.Put(static_cast<uint16_t>(kPointer | owner.at));
  } else {
    out_.Put(owner.labels);
    out_.Put(PointerToApex(owner.apex.size()));
  }
  out_.Put(TypeOf(address), kClassIn, ttl, static_cast<uint16_t>(address.size()));
  out_.Put(address);
  ++additional_;
}
template void FastReply::AddAdditional(const Target& owner, const Ipv4& address, uint32_t ttl);
template void FastReply::AddAdditional(const Target& owner, const Ipv6& address, uint32_t ttl);

void FastReply::AddSoa(std::string_view apex, Index serial) {
  const uint16_t apex_pointer = PointerToApex(apex.size());
  constexpr size_t kNameSizes = 2 * (1 + kPointerSize) + kSoaPrimary.size() + kSoaMailbox.size();
  constexpr size_t kNumberSizes = 5 * sizeof(uint32_t);
  const auto negative_ttl = static_cast<uint32_t>(zone_.options().negative_ttl.count());
  out_.Put(apex_pointer, type::kSoa, kClassIn, negative_ttl,
           static_cast<uint16_t>(kNameSizes + kNumberSizes));
  for (const std::string_view label : {kSoaPrimary, kSoaMailbox}) {
    out_.Put(static_cast<uint8_t>(label.size()));
    out_.Put(label);
    out_.Put(apex_pointer);
  }
  out_.Put(static_cast<uint32_t>(serial.value()), kSoaRefresh, kSoaRetry, kSoaExpire, negative_ttl);
  ++authority_;
}

size_t FastReply::Finish() {
  if (question_.edns) {
    WriteOptRecord(*question_.edns, opt_, &out_);
    ++additional_;
  }
  out_.Set(kFlagsAt,
           static_cast<uint16_t>(flags_ | (static_cast<uint16_t>(opt_.rcode) & flag::kRcode)));
  out_.Set(kAnswerCountAt, answers_);
  out_.Set(kAuthorityCountAt, authority_);
  out_.Set(kAdditionalCountAt, additional_);
  assert(!out_.overflowed());
  return out_.size();
}

}  // namespace rollcall::dns
