#include "dns/recursive_answer.h"

#include <array>
#include <cassert>
#include <iterator>
#include <optional>
#include <utility>

#include "dns/forwarded_message.h"
#include "dns/ldns_message.h"
#include "dns/message_layout.h"
#include "dns/octet_writer.h"
#include "dns/opt_record.h"

namespace rollcall::dns {

namespace {

bool IsForwardedWhole(const PendingAnswer& pending) { return pending.answer.answer.empty(); }

// The client's query, asked of another name.
std::vector<uint8_t> QueryOf(std::span<const uint8_t> query, const Question& question,
                             const DomainName& name) {
  std::vector<uint8_t> octets(kMinUdpPayload);
  OctetWriter out(octets);
  out.Put(query.first(kHeaderSize));
  out.Put(name.wire());
  out.Put(question.type, question.klass);
  if (question.edns) {
    Edns plain;
    plain.dnssec_ok = question.edns->dnssec_ok;
    WriteOptRecord(plain, OptReply(), &out);
  }
  constexpr size_t kCountsAt = 4;
  const std::array<uint16_t, 4> counts{1, 0, 0, question.edns ? uint16_t{1} : uint16_t{0}};
  for (size_t i = 0; i < counts.size(); ++i) out.Set(kCountsAt + 2 * i, counts[i]);
  assert(!out.overflowed());
  octets.resize(out.size());
  return octets;
}

Answer NobodyAnswered() {
  Answer answer;
  answer.rcode = Rcode::kServFail;
  answer.extended_error =
      ExtendedError{ExtendedError::kNoReachableAuthority, "no recursor answered"};
  return answer;
}

// The forwarder's answer, which ends in an OPT record where the question had one, with the options
// that are between the client and us.
std::vector<uint8_t> WithOurOptions(std::span<const uint8_t> answer, const PendingAnswer& pending) {
  OptReply reply;
  reply.cookie = pending.settings.cookie;
  const size_t size =
      pending.question.edns ? OptOptionsSize(*pending.question.edns, reply) : size_t{0};
  std::vector<uint8_t> octets = TruncateForwarded(answer, pending.settings.size - size);
  if (size == 0) return octets;
  const std::optional<size_t> question_end = FindQuestionEnd(octets);
  const std::optional<RecordsLayout> records =
      question_end ? FindRecords(octets, *question_end) : std::nullopt;
  assert(records && records->opt);
  const size_t theirs = records->opt->options.size();
  const size_t end = octets.size();
  octets.resize(end + size);
  OctetWriter options(std::span<uint8_t>(octets).subspan(end));
  WriteOptOptions(*pending.question.edns, reply, &options);
  const auto rdlength = static_cast<uint16_t>(theirs + size);
  const size_t rdlength_at = end - theirs - 2;
  octets[rdlength_at] = static_cast<uint8_t>(rdlength >> 8);
  octets[rdlength_at + 1] = static_cast<uint8_t>(rdlength);
  return octets;
}

}  // namespace

PendingAnswer MakePending(std::span<const uint8_t> query, const Question& question, Answer answer,
                          const ReplySettings& settings) {
  PendingAnswer pending{question, std::move(answer), settings, {}};
  if (IsForwardedWhole(pending)) {
    pending.query.assign(query.begin(), query.end());
  } else {
    pending.query = QueryOf(query, question, *pending.answer.ask_recursors);
  }
  return pending;
}

std::vector<uint8_t> CompleteAnswer(PendingAnswer pending, std::span<const uint8_t> answer) {
  if (IsForwardedWhole(pending)) {
    if (!answer.empty()) return WithOurOptions(answer, pending);
    return EncodeMessage(pending.question, NobodyAnswered(), pending.settings).octets;
  }
  if (!answer.empty()) {
    std::vector<Record> followed = ReadAnswerSection(answer);
    std::vector<Record>& records = pending.answer.answer;
    records.insert(records.end(), std::make_move_iterator(followed.begin()),
                   std::make_move_iterator(followed.end()));
    // What the recursor could not tell whole, we cannot.
    pending.answer.has_more = (Uint16At(answer, 2) & flag::kTruncated) != 0;
    pending.answer.rcode = static_cast<Rcode>(Uint16At(answer, 2) & flag::kRcode);
  }
  return EncodeMessage(pending.question, pending.answer, pending.settings).octets;
}

}  // namespace rollcall::dns
