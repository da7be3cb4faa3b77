#include "dns/forwarded_message.h"

#include <algorithm>
#include <cassert>
#include <optional>

#include "dns/constants.h"
#include "dns/message_layout.h"

namespace rollcall::dns {

namespace {

// What we ask recursors to send at most: more may be lost where fragments are.
constexpr uint16_t kUpstreamPayload = 1232;
constexpr uint16_t kOptDnssecOk = 0x8000;  // RFC 3225 section 3
constexpr size_t kMinExtendedError = 6;    // RFC 8914 section 2: code, size and the error's number

struct OurOpt {
  uint16_t payload = 0;
  uint8_t extended_rcode = 0;
  bool dnssec_ok = false;
  std::vector<uint8_t> options = {};
};

void AppendUint16(uint16_t value, std::vector<uint8_t>* octets) {
  octets->push_back(static_cast<uint8_t>(value >> 8));
  octets->push_back(static_cast<uint8_t>(value & 0xff));
}

void PutUint16(uint16_t value, size_t at, std::vector<uint8_t>* octets) {
  (*octets)[at] = static_cast<uint8_t>(value >> 8);
  (*octets)[at + 1] = static_cast<uint8_t>(value & 0xff);
}

// As the last of `additional` records.
void AppendOurOpt(const OurOpt& opt, uint16_t additional, std::vector<uint8_t>* octets) {
  octets->push_back(0);  // the root owns it
  for (const uint16_t value :
       {uint16_t{type::kOpt}, opt.payload, static_cast<uint16_t>(opt.extended_rcode << 8),
        opt.dnssec_ok ? kOptDnssecOk : uint16_t{0}, static_cast<uint16_t>(opt.options.size())}) {
    AppendUint16(value, octets);
  }
  octets->insert(octets->end(), opt.options.begin(), opt.options.end());
  PutUint16(additional, 10, octets);
}

std::vector<uint8_t> ExtendedErrorsOf(const OptLayout& opt) {
  std::vector<uint8_t> kept;
  std::span<const uint8_t> rest = opt.version == 0 ? opt.options : std::span<const uint8_t>();
  while (const std::optional<Option> option = TakeOption(&rest)) {
    if (option->code != option::kExtendedError || option->whole.size() < kMinExtendedError)
      continue;
    kept.insert(kept.end(), option->whole.begin(), option->whole.end());
  }
  return kept;
}

// Header and question of `message`, and no records.
std::vector<uint8_t> QuestionAlone(std::span<const uint8_t> message, size_t question_end) {
  std::vector<uint8_t> octets(message.begin(),
                              message.begin() + static_cast<std::ptrdiff_t>(question_end));
  std::fill(octets.begin() + 6, octets.begin() + kHeaderSize, uint8_t{0});
  return octets;
}

std::optional<RecordsLayout> LayoutOf(std::span<const uint8_t> answer) {
  const std::optional<size_t> question_end = FindQuestionEnd(answer);
  if (!question_end) return std::nullopt;
  return FindRecords(answer, *question_end);
}

}  // namespace

std::vector<uint8_t> MakeUpstreamQuery(std::span<const uint8_t> query, const Question& question,
                                       uint16_t id) {
  constexpr uint16_t kKept =
      flag::kRecursionDesired | flag::kAuthenticData | flag::kCheckingDisabled;
  const std::optional<size_t> question_end = FindQuestionEnd(query);
  assert(question_end);
  std::vector<uint8_t> octets = QuestionAlone(query, *question_end);
  PutUint16(id, 0, &octets);
  PutUint16(Uint16At(query, 2) & kKept, 2, &octets);
  if (question.edns) {
    AppendOurOpt({.payload = kUpstreamPayload, .dnssec_ok = question.edns->dnssec_ok}, 1, &octets);
  }
  return octets;
}

AnswerKind KindOfAnswer(std::span<const uint8_t> octets, std::span<const uint8_t> upstream_query) {
  const std::optional<size_t> question_end = FindQuestionEnd(octets);
  if (!question_end || question_end != FindQuestionEnd(upstream_query)) return AnswerKind::kNone;
  const uint16_t flags = Uint16At(octets, 2);
  if (Uint16At(octets, 0) != Uint16At(upstream_query, 0) || (flags & flag::kResponse) == 0 ||
      (flags & flag::kOpcode) != 0 ||
      !std::equal(octets.begin() + kHeaderSize,
                  octets.begin() + static_cast<std::ptrdiff_t>(*question_end),
                  upstream_query.begin() + kHeaderSize)) {
    return AnswerKind::kNone;
  }
  if ((flags & flag::kTruncated) != 0) return AnswerKind::kTruncated;
  const std::optional<RecordsLayout> records = FindRecords(octets, *question_end);
  if (!records) return AnswerKind::kNone;
  // An rcode that a client without EDNS could not be told.
  const bool asked_with_edns = Uint16At(upstream_query, 10) != 0;
  if (!asked_with_edns && records->opt && records->opt->extended_rcode != 0) {
    return AnswerKind::kNone;
  }
  return AnswerKind::kWhole;
}

bool IsServersFailure(std::span<const uint8_t> answer) {
  const std::optional<RecordsLayout> records = LayoutOf(answer);
  const int extended = records && records->opt ? records->opt->extended_rcode : 0;
  switch (static_cast<Rcode>(extended << 4 | (Uint16At(answer, 2) & flag::kRcode))) {
    case Rcode::kFormErr:
    case Rcode::kServFail:
    case Rcode::kNotImp:
    case Rcode::kRefused:
    case Rcode::kBadVers:
    case Rcode::kBadCookie:
      return true;
    case Rcode::kNoError:
    case Rcode::kNxDomain:
      break;
  }
  return false;
}

std::vector<uint8_t> MakeClientAnswer(std::span<const uint8_t> answer, const Question& question,
                                      uint16_t advertised_payload) {
  const std::optional<size_t> question_end = FindQuestionEnd(answer);
  assert(question_end);
  const std::optional<RecordsLayout> records = FindRecords(answer, *question_end);
  std::vector<uint8_t> octets;
  if (records) {
    octets.assign(answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(records->end));
    PutUint16(records->additional, 10, &octets);
  } else {
    octets = QuestionAlone(answer, *question_end);
  }
  PutUint16(question.id, 0, &octets);
  PutUint16(Uint16At(octets, 2) | flag::kRecursionAvailable, 2, &octets);
  if (!question.edns) return octets;
  OurOpt opt{.payload = advertised_payload, .dnssec_ok = question.edns->dnssec_ok};
  if (records && records->opt) {
    opt.extended_rcode = records->opt->extended_rcode;
    opt.options = ExtendedErrorsOf(*records->opt);
  }
  AppendOurOpt(opt, static_cast<uint16_t>((records ? records->additional : 0) + 1), &octets);
  return TruncateForwarded(octets, kMaxMessageSize);
}

std::vector<uint8_t> TruncateForwarded(std::span<const uint8_t> answer, size_t limit) {
  assert(limit >= kMinForwarded);
  if (answer.size() <= limit) return {answer.begin(), answer.end()};
  const std::optional<size_t> question_end = FindQuestionEnd(answer);
  const std::optional<RecordsLayout> records = LayoutOf(answer);
  assert(question_end && records);
  std::vector<uint8_t> octets = QuestionAlone(answer, *question_end);
  PutUint16(Uint16At(octets, 2) | flag::kTruncated, 2, &octets);
  if (!records->opt) return octets;
  const std::span<const uint8_t> opt = answer.subspan(records->end);
  // Extended errors go before anything else does (RFC 8914 section 3).
  constexpr size_t kBareOpt = 11;
  const bool is_whole = octets.size() + opt.size() <= limit;
  octets.insert(octets.end(), opt.begin(), is_whole ? opt.end() : opt.begin() + kBareOpt);
  if (!is_whole) PutUint16(0, octets.size() - 2, &octets);
  PutUint16(1, 10, &octets);
  return octets;
}

}  // namespace rollcall::dns
