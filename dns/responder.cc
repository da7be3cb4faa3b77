#include "dns/responder.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <ctime>
#include <exception>
#include <optional>
#include <utility>

#include "dns/answer.h"
#include "dns/message_layout.h"

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
    case QuestionOutcome::kCookieOnly:
      return Rcode::kNoError;
    default:
      return Rcode::kFormErr;
  }
}

}  // namespace

Responder::Responder(std::shared_ptr<const Zone> zone, const ResponderSetup& setup)
    : zone_(std::move(zone)),
      setup_(setup),
      random_(setup.seed),
      fast_path_(&random_),
      cookies_(setup.cookie_secret),
      token_sight_(setup.access, setup.token),
      may_log_at_(setup.clock->Now()) {}

size_t Responder::MaxAnswerSize(Transport transport) const {
  return transport == Transport::kUdp ? zone_->options().max_udp_payload : kMaxMessageSize;
}

Response Responder::Respond(const Query& query, std::span<uint8_t> out) noexcept {
  Response response;
  Question question;
  const QuestionOutcome outcome = ParseQuestion(query.octets, &question);
  if (outcome == QuestionOutcome::kDrop) {
    counters_.dropped.Add();
    return response;
  }
  (query.transport == Transport::kUdp ? counters_.udp_queries : counters_.tcp_queries).Add();
  WrittenAnswer written;
  try {
    written = RespondTo(query, question, outcome, out, &response.pending);
  } catch (const std::exception& error) {
    response.pending.reset();
    written = WriteServFail(question, error.what(), out);
  }
  if (response.pending != nullptr) return response;
  response.size = written.size;
  Count(written);
  return response;
}

void Responder::Count(const WrittenAnswer& written) {
  if (written.size == 0) return;
  // Recursors may give answers of rcodes that we know nothing of.
  const auto rcode = static_cast<size_t>(written.rcode);
  if (rcode < counters_.answers.size()) counters_.answers[rcode].Add();
  if (written.truncated) counters_.truncated.Add();
}

Recursion Responder::RecursionFor(const Query& query, const Question& question) const {
  if (setup_.forwarder == nullptr) return Recursion::kOff;
  if (!zone_->options().allow_recursion.Contains(query.client)) return Recursion::kProhibited;
  return question.recursion_desired ? Recursion::kAllowed : Recursion::kNotDesired;
}

WrittenAnswer Responder::RespondTo(const Query& query, const Question& question,
                                   QuestionOutcome outcome, std::span<uint8_t> out,
                                   std::shared_ptr<PendingAnswer>* pending) {
  const uint16_t max_udp_payload = zone_->options().max_udp_payload;
  bool has_valid_cookie = false;
  const Recursion recursion = RecursionFor(query, question);
  const ReplySettings settings{
      query.transport == Transport::kUdp ? UdpLimit(question, max_udp_payload) : kMaxMessageSize,
      max_udp_payload, AnswerCookie(query, question, &has_valid_cookie),
      recursion == Recursion::kAllowed || recursion == Recursion::kNotDesired};
  // By TCP, or with a cookie of ours, the client is where it says.
  if (setup_.rate_limiter != nullptr && query.transport == Transport::kUdp && !has_valid_cookie &&
      !setup_.rate_limiter->Allows(query.client, setup_.clock->Now())) {
    return RespondLimited(question, settings, out);
  }
  if (outcome != QuestionOutcome::kOk) {
    return Encode(question, Refusal(RcodeOf(outcome)), settings, out);
  }
  if (question.klass != kClassIn) return Encode(question, Refusal(Rcode::kRefused), settings, out);
  const AnswerSource source = SourceOf(query, recursion);
  if (const std::optional<WrittenAnswer> written =
          fast_path_.Answer(source, question, settings, out)) {
    return *written;
  }
  Answer answer = AnswerQuestion(source, question, MaxRecords(settings.size));
  if (!answer.ask_recursors) return Encode(question, answer, settings, out);
  *pending = std::make_shared<PendingAnswer>(
      MakePending(query.octets, question, std::move(answer), settings));
  return {};
}

AnswerSource Responder::SourceOf(const Query& query, Recursion recursion) {
  // The reference is held until the next query.
  AnswerSource source{*zone_, *setup_.catalog->Current(), random_, StableKeyOf(query.client),
                      recursion};
  if (setup_.is_too_old && setup_.is_too_old()) source.outage = Outage::kTooOld;
  if (!token_sight_.enabled()) return source;
  const Result<Sight> sight = token_sight_.At(source.snapshot);
  if (sight) {
    source.sight = *sight;
  } else {
    // As in Consul: the anonymous token is for who has none, not for who has a wrong one.
    source.outage = Outage::kNoToken;
    source.sight = Sight(acl::Authorizer::DenyAll());
    LogNoToken(sight.error());
  }
  return source;
}

void Responder::LogNoToken(const Error& error) {
  if (!setup_.token->MayTell(setup_.clock->Now())) return;
  spdlog::error("dns: the token for DNS cannot be used, so that questions get SERVFAIL: {}",
                error.message);
}

std::optional<CookieReply> Responder::AnswerCookie(const Query& query, const Question& question,
                                                   bool* is_valid) {
  *is_valid = false;
  if (!question.edns || !question.edns->cookie) return std::nullopt;
  const SentCookie& sent = *question.edns->cookie;
  const uint32_t now =
      setup_.unix_time != nullptr ? setup_.unix_time() : static_cast<uint32_t>(std::time(nullptr));
  *is_valid = cookies_.IsValid(sent, query.client, now);
  (*is_valid ? counters_.cookies_valid : counters_.cookies_other).Add();
  return cookies_.Answer(sent, *is_valid, query.client, now);
}

WrittenAnswer Responder::RespondLimited(const Question& question, const ReplySettings& settings,
                                        std::span<uint8_t> out) {
  if (DrawBelow(2, &random_) == 0) {
    counters_.limited_dropped.Add();
    return {};
  }
  counters_.limited_slipped.Add();
  // RFC 7873 section 5.2.3: with the cookie that it is given, the client is answered at once.
  if (settings.cookie) return Encode(question, Refusal(Rcode::kBadCookie), settings, out);
  Answer answer;
  answer.has_more = true;  // by TCP
  return Encode(question, answer, settings, out);
}

WrittenAnswer Responder::Encode(const Question& question, const Answer& answer,
                                const ReplySettings& settings, std::span<uint8_t> out) {
  const Message message = EncodeMessage(question, answer, settings);
  assert(message.octets.size() <= out.size());
  std::copy(message.octets.begin(), message.octets.end(), out.begin());
  return {message.octets.size(), answer.rcode, message.truncated};
}

void Responder::Resolve(const std::shared_ptr<PendingAnswer>& pending,
                        const Forwarder::OnAnswer& on_answer) {
  try {
    setup_.forwarder->Forward(pending->query,
                              [this, pending, on_answer](std::span<const uint8_t> answer) {
                                on_answer(Complete(pending.get(), answer));
                              });
  } catch (const std::exception& error) {  // no memory, or no random numbers
    LogFailure(pending->question, error.what());
    on_answer(Complete(pending.get(), {}));
  }
}

std::vector<uint8_t> Responder::Complete(PendingAnswer* pending, std::span<const uint8_t> answer) {
  const Question question = pending->question;
  std::vector<uint8_t> octets;
  try {
    octets = CompleteAnswer(std::move(*pending), answer);
  } catch (const std::exception& error) {
    octets.resize(kMinUdpPayload);
    octets.resize(WriteServFail(question, error.what(), octets).size);
  }
  if (octets.empty()) return octets;
  const uint16_t flags = Uint16At(octets, 2);
  Count({octets.size(), static_cast<Rcode>(flags & flag::kRcode), (flags & flag::kTruncated) != 0});
  return octets;
}

void Responder::LogFailure(const Question& question, const char* reason) noexcept {
  try {
    const Clock::TimePoint now = setup_.clock->Now();
    if (now < may_log_at_) return;
    may_log_at_ = now + kLogInterval;
    spdlog::error("dns: answering {} type {} failed: {}", question.name.ToText(), question.type,
                  reason);
  } catch (const std::exception&) {
    // Without memory there is no log either.
  }
}

WrittenAnswer Responder::WriteServFail(const Question& question, const char* reason,
                                       std::span<uint8_t> out) noexcept {
  try {
    LogFailure(question, reason);
    return Encode(question, Refusal(Rcode::kServFail),
                  {kMinUdpPayload, zone_->options().max_udp_payload}, out);
  } catch (const std::exception&) {  // no memory even for this
    counters_.dropped.Add();
    return {};
  }
}

}  // namespace rollcall::dns
