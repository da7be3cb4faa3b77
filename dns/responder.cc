#include "dns/responder.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include "dns/answer.h"

namespace rollcall::dns {

namespace {

constexpr std::chrono::seconds kLogInterval{1};

Answer Refusal(Rcode rcode) {
  Answer answer;
  answer.rcode = rcode;
  return answer;
}

// Of a question that could not be taken.
Rcode RcodeOf(QuestionOutcome outcome) {
  switch (outcome) {
    case QuestionOutcome::kNotImp:
      return Rcode::kNotImp;
    case QuestionOutcome::kBadVers:
      return Rcode::kBadVers;
    default:
      return Rcode::kFormErr;
  }
}

}  // namespace

Responder::Responder(std::shared_ptr<const Zone> zone, catalog::SnapshotReader* catalog,
                     uint64_t seed, const Clock* clock)
    : zone_(std::move(zone)),
      catalog_(catalog),
      clock_(clock),
      random_(seed),
      fast_path_(&random_),
      may_log_at_(clock->Now()) {}

size_t Responder::MaxAnswerSize(Transport transport) const {
  return transport == Transport::kUdp ? zone_->options().max_udp_payload : kMaxMessageSize;
}

size_t Responder::Respond(const Query& query, std::span<uint8_t> out) noexcept {
  Question question;
  const QuestionOutcome outcome = ParseQuestion(query.octets, &question);
  if (outcome == QuestionOutcome::kDrop) {
    counters_.dropped.Add();
    return 0;
  }
  (query.transport == Transport::kUdp ? counters_.udp_queries : counters_.tcp_queries).Add();
  WrittenAnswer written;
  try {
    written = RespondTo(query, question, outcome, out);
  } catch (const std::exception& error) {
    written = WriteServFail(question, error.what(), out);
  }
  if (written.size == 0) {
    counters_.dropped.Add();
    return 0;
  }
  counters_.answers[static_cast<size_t>(written.rcode)].Add();
  if (written.truncated) counters_.truncated.Add();
  return written.size;
}

WrittenAnswer Responder::RespondTo(const Query& query, const Question& question,
                                   QuestionOutcome outcome, std::span<uint8_t> out) {
  const uint16_t max_udp_payload = zone_->options().max_udp_payload;
  const MessageLimits limits{
      query.transport == Transport::kUdp ? UdpLimit(question, max_udp_payload) : kMaxMessageSize,
      max_udp_payload};
  if (outcome != QuestionOutcome::kOk) {
    return Encode(question, Refusal(RcodeOf(outcome)), limits, out);
  }
  if (question.klass != kClassIn) return Encode(question, Refusal(Rcode::kRefused), limits, out);
  // The reference is held until the next query.
  const AnswerSource source{*zone_, *catalog_->Current(), random_, StableKeyOf(query.client)};
  if (const std::optional<WrittenAnswer> written =
          fast_path_.Answer(source, question, limits, out)) {
    return *written;
  }
  const Answer answer = AnswerQuestion(source, question, MaxRecords(limits.size));
  return Encode(question, answer, limits, out);
}

WrittenAnswer Responder::Encode(const Question& question, const Answer& answer,
                                const MessageLimits& limits, std::span<uint8_t> out) {
  const Message message = EncodeMessage(question, answer, limits);
  assert(message.octets.size() <= out.size());
  std::copy(message.octets.begin(), message.octets.end(), out.begin());
  return {message.octets.size(), answer.rcode, message.truncated};
}

WrittenAnswer Responder::WriteServFail(const Question& question, const char* reason,
                                       std::span<uint8_t> out) noexcept {
  try {
    if (const Clock::TimePoint now = clock_->Now(); now >= may_log_at_) {
      may_log_at_ = now + kLogInterval;
      spdlog::error("dns: answering {} type {} failed: {}", question.name.ToText(), question.type,
                    reason);
    }
    return Encode(question, Refusal(Rcode::kServFail),
                  {kMinUdpPayload, zone_->options().max_udp_payload}, out);
  } catch (const std::exception&) {  // no memory even for this
    return {};
  }
}

}  // namespace rollcall::dns
