#include "dns/responder.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <exception>
#include <utility>

#include "dns/answer.h"
#include "dns/wire.h"

namespace rollcall::dns {

namespace {

constexpr std::chrono::seconds kLogInterval{1};

Answer Refusal(Rcode rcode) {
  Answer answer;
  answer.rcode = rcode;
  return answer;
}

}  // namespace

Responder::Responder(std::shared_ptr<const Zone> zone, catalog::SnapshotReader* catalog,
                     uint64_t seed, const Clock* clock)
    : zone_(std::move(zone)),
      catalog_(catalog),
      clock_(clock),
      random_(seed),
      may_log_at_(clock->Now()) {}

std::vector<uint8_t> Responder::Respond(std::span<const uint8_t> query,
                                        Transport transport) noexcept {
  Question question;
  const QuestionOutcome outcome = ParseQuestion(query, &question);
  if (outcome == QuestionOutcome::kDrop) {
    counters_.dropped.Add();
    return {};
  }
  (transport == Transport::kUdp ? counters_.udp_queries : counters_.tcp_queries).Add();
  try {
    return RespondTo(question, outcome, transport);
  } catch (const std::exception& error) {
    return RespondServFail(question, error.what());
  }
}

std::vector<uint8_t> Responder::RespondTo(const Question& question, QuestionOutcome outcome,
                                          Transport transport) {
  const uint16_t max_udp_payload = zone_->options().max_udp_payload;
  const MessageLimits limits{
      transport == Transport::kUdp ? UdpLimit(question, max_udp_payload) : kMaxMessageSize,
      max_udp_payload};
  const Answer answer = AnswerTo(question, outcome, MaxRecords(limits.size));
  Message message = EncodeMessage(question, answer, limits);
  counters_.answers[static_cast<size_t>(answer.rcode)].Add();
  if (message.truncated) counters_.truncated.Add();
  return std::move(message.octets);
}

Answer Responder::AnswerTo(const Question& question, QuestionOutcome outcome, size_t max_records) {
  switch (outcome) {
    case QuestionOutcome::kFormErr:
      return Refusal(Rcode::kFormErr);
    case QuestionOutcome::kNotImp:
      return Refusal(Rcode::kNotImp);
    case QuestionOutcome::kBadVers:
      return Refusal(Rcode::kBadVers);
    case QuestionOutcome::kDrop:
    case QuestionOutcome::kOk:
      break;
  }
  if (question.klass != kClassIn) return Refusal(Rcode::kRefused);
  // Held for the answer's time: the snapshot's records are read until the last name is built.
  const std::shared_ptr<const catalog::Snapshot> snapshot = catalog_->Current();
  return AnswerQuestion({*zone_, *snapshot, random_}, question, max_records);
}

std::vector<uint8_t> Responder::RespondServFail(const Question& question,
                                                const char* reason) noexcept {
  try {
    if (const Clock::TimePoint now = clock_->Now(); now >= may_log_at_) {
      may_log_at_ = now + kLogInterval;
      spdlog::error("dns: answering {} type {} failed: {}", question.name.ToText(), question.type,
                    reason);
    }
    Message message = EncodeMessage(question, Refusal(Rcode::kServFail),
                                    {kMinUdpPayload, zone_->options().max_udp_payload});
    counters_.answers[static_cast<size_t>(Rcode::kServFail)].Add();
    return std::move(message.octets);
  } catch (const std::exception&) {  // no memory even for this
    counters_.dropped.Add();
    return {};
  }
}

}  // namespace rollcall::dns
