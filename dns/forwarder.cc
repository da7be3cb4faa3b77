#include "dns/forwarder.h"

#include <cassert>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "dns/constants.h"
#include "dns/question.h"

namespace rollcall::dns {

struct Forwarder::Pending {
  std::vector<uint8_t> query;  // the client's
  Question question;
  OnAnswer on_answer;
  std::vector<bool> tried;  // by server
  size_t asked = 0;         // the server that is being asked
  Clock::TimePoint asked_at;
  std::shared_ptr<UpstreamExchange> exchange;
  std::vector<uint8_t> last_error;  // as the client would get it
};

Forwarder::Forwarder(boost::asio::io_context* io, RecursorOptions options, const Clock* clock,
                     RandomSource random)
    : options_(std::move(options)),
      clock_(clock),
      resources_{io, std::move(random), options_.timeout, std::vector<uint8_t>(kMaxMessageSize)},
      health_(options_.servers.size(), clock) {}

Forwarder::~Forwarder() { Stop(); }

void Forwarder::Forward(std::span<const uint8_t> query, OnAnswer on_answer) {
  if (stopped_) return;
  if (pending_.size() >= options_.max_in_flight) {
    counters_.refused_busy.Add();
    return on_answer({});
  }
  Pending pending;
  const QuestionOutcome outcome = ParseQuestion(query, &pending.question);
  assert(outcome == QuestionOutcome::kOk);
  static_cast<void>(outcome);
  pending.query.assign(query.begin(), query.end());
  pending.on_answer = std::move(on_answer);
  pending.tried.resize(options_.servers.size());
  counters_.forwarded.Add();
  AskNextServer(pending_.insert(pending_.end(), std::move(pending)));
}

void Forwarder::Stop() {
  stopped_ = true;
  PendingList dropped;  // what the callbacks own may call back here when it goes
  dropped.swap(pending_);
  for (Pending& pending : dropped) {
    if (pending.exchange != nullptr) pending.exchange->Stop();
  }
}

void Forwarder::AskNextServer(PendingList::iterator pending) {
  bool is_asked = false;
  try {
    is_asked = StartNextExchange(pending);
  } catch (const std::exception&) {  // no memory, or no random numbers: as if nobody answered
    if (pending->exchange != nullptr) pending->exchange->Stop();
  }
  if (is_asked) return;
  const std::vector<uint8_t> error = std::move(pending->last_error);
  Finish(pending, error);
}

bool Forwarder::StartNextExchange(PendingList::iterator pending) {
  const std::optional<size_t> next = health_.Next(pending->tried);
  if (!next) return false;
  pending->tried[*next] = true;
  pending->asked = *next;
  pending->asked_at = clock_->Now();
  pending->exchange = std::make_shared<UpstreamExchange>(
      &resources_, options_.servers[*next],
      MakeUpstreamQuery(pending->query, pending->question, resources_.random()),
      [this, pending](UpstreamOutcome outcome, std::span<const uint8_t> octets) {
        OnExchangeEnd(pending, outcome, octets);
      });
  pending->exchange->Start();
  return true;
}

void Forwarder::OnExchangeEnd(PendingList::iterator pending, UpstreamOutcome outcome,
                              std::span<const uint8_t> octets) {
  if (pending->exchange->used_tcp()) counters_.tcp_retries.Add();
  switch (outcome) {
    case UpstreamOutcome::kTimeout:
      counters_.timeouts.Add();
      health_.OnSilence(pending->asked, pending->asked_at);
      break;
    case UpstreamOutcome::kUnreachable:
      health_.OnUnreachable(pending->asked);
      break;
    case UpstreamOutcome::kAnswer: {
      health_.OnAnswer(pending->asked);
      std::vector<uint8_t> answer;
      try {
        answer = MakeClientAnswer(octets, pending->question, options_.advertised_payload);
      } catch (const std::bad_alloc&) {
        return Finish(pending, {});
      }
      if (!IsServersFailure(octets)) return Finish(pending, answer);
      pending->last_error = std::move(answer);
      break;
    }
  }
  AskNextServer(pending);
}

void Forwarder::Finish(PendingList::iterator pending, std::span<const uint8_t> answer) {
  (answer.empty() ? counters_.failed : counters_.answered).Add();
  const OnAnswer on_answer = std::move(pending->on_answer);
  pending_.erase(pending);
  on_answer(answer);
}

}  // namespace rollcall::dns
