#include "agent/front/upstream_call.h"

#include <algorithm>
#include <utility>

#include "agent/front/liveness.h"

namespace rollcall::front {

using std::chrono::steady_clock;

namespace {

// What a server answers that has too much to do, or is about to stop (RFC 9110 section 15.6.4,
// RFC 6585 section 4).
bool IsOverloaded(int status) { return status == 429 || status == 503; }

}  // namespace

UpstreamCall::UpstreamCall(Upstream& upstream, UpstreamRequest request, const Plan& plan,
                           Upstream::Callback callback)
    : upstream_(upstream),
      request_(std::make_shared<const UpstreamRequest>(std::move(request))),
      plan_(plan),
      callback_(std::move(callback)),
      next_server_(plan.first_server),
      second_(upstream.loop_) {}

void UpstreamCall::Start() {
  if (!is_over()) AskNext();
}

void UpstreamCall::AskNext() {
  ++asked_;
  AskServer(std::exchange(next_server_, (next_server_ + 1) % upstream_.servers_.size()),
            ServerPool::From::kKeptOrNew);
}

void UpstreamCall::AskServer(size_t server, ServerPool::From from) {
  const auto now = steady_clock::now();
  ServerPool::Lease connection = upstream_.servers_[server]->pool.Take(UseOfConnection(), from);
  if (!connection) {
    return OnFailure(server, now, {Failure::Kind::kNotConnected, "too many requests at once"});
  }
  const auto attempt = std::make_shared<Attempt>(Attempt{server, now, std::move(connection)});
  attempts_.push_back(attempt);
  if (WaitsLong() && upstream_.liveness_) upstream_.liveness_->Add(server);
  const std::weak_ptr<Attempt> weak = attempt;
  attempt->connection->Ask(
      request_, plan_.times,
      {.on_begun = [self = shared_from_this()] { self->second_.cancel(); },
       .on_done =
           [self = shared_from_this(), weak](ServerConnection::Outcome outcome) {
             if (const auto done = weak.lock()) self->OnOutcome(done, std::move(outcome));
           }});
  if (plan_.asks_a_second && HasNext()) ArmSecond();
}

ServerPool::Use UpstreamCall::UseOfConnection() const {
  if (plan_.purpose == Upstream::Purpose::kProbe) return ServerPool::Use::kProbe;
  return WaitsLong() ? ServerPool::Use::kWaiting : ServerPool::Use::kShort;
}

void UpstreamCall::ArmSecond() {
  second_.expires_after(upstream_.options_.second_after);
  second_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
    if (cancelled || self->is_over() || !self->HasNext()) return;
    // Who begins to answer late is asked after later; the next read tries the other one first.
    if (!self->attempts_.empty()) self->upstream_.OnFailure(self->attempts_.back()->server);
    self->AskNext();
  });
}

void UpstreamCall::OnOutcome(const std::shared_ptr<Attempt>& attempt,
                             ServerConnection::Outcome outcome) {
  std::erase(attempts_, attempt);
  if (WaitsLong() && upstream_.liveness_) upstream_.liveness_->Remove(attempt->server);
  const bool was_kept = attempt->connection->is_kept();
  attempt->connection.Return();
  if (auto* reply = std::get_if<UpstreamReply>(&outcome)) {
    return OnReply(attempt->server, std::move(*reply));
  }
  const Failure& failure = std::get<Failure>(outcome);
  // The server closed a kept connection as it was about to be used; a new one tells.
  if (was_kept && failure.kind == Failure::Kind::kClosed && request_->IsIdempotent()) {
    may_be_done_ = may_be_done_ || !request_->IsRead();
    return AskServer(attempt->server, ServerPool::From::kNew);
  }
  OnFailure(attempt->server, attempt->begun, failure);
}

void UpstreamCall::OnReply(size_t server, UpstreamReply reply) {
  const bool others_may_do = HasNext() || !attempts_.empty();
  if (request_->IsRead() && IsOverloaded(reply.status) && others_may_do) {
    upstream_.OnFailure(server);
    failures_.push_back(upstream_.servers_[server]->url + ": status " +
                        std::to_string(reply.status));
    if (attempts_.empty()) AskNext();
    return;
  }
  upstream_.OnAnswer(server, plan_.purpose);
  Finish(std::move(reply));
}

void UpstreamCall::OnFailure(size_t server, SteadyTime begun, const Failure& failure) {
  upstream_.OnFailure(server);
  if (WaitsLong()) ForgetLongAgo(begun);
  if (!MayGoOn(failure)) may_be_done_ = true;
  failures_.push_back(upstream_.servers_[server]->url + ": " + failure.why);
  if (MayGoOn(failure) && HasNext()) return AskNext();
  if (attempts_.empty()) Finish(FinalError(failure.kind));
}

void UpstreamCall::ForgetLongAgo(SteadyTime begun) {
  const auto waited =
      std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - begun);
  if (waited < upstream_.options_.long_ago) return;
  asked_ = 1;
  failures_.clear();
  const auto left = std::max(request_->wait - waited, std::chrono::milliseconds(1));
  request_ = std::make_shared<const UpstreamRequest>(WithWait(*request_, left));
}

bool UpstreamCall::MayGoOn(const Failure& failure) const {
  if (request_->IsRead()) return true;
  return failure.kind == Failure::Kind::kNotConnected && !may_be_done_;
}

void UpstreamCall::OnServerSilent(size_t server) {
  if (is_over() || !WaitsLong()) return;
  const auto here = std::find_if(attempts_.begin(), attempts_.end(),
                                 [server](const auto& each) { return each->server == server; });
  if (here == attempts_.end()) return;
  const auto attempt = *here;
  attempts_.erase(here);
  upstream_.liveness_->Remove(server);
  attempt->connection->Close();
  attempt->connection.Return();
  OnFailure(server, attempt->begun, {Failure::Kind::kSilent, "it does not answer any more"});
}

Error UpstreamCall::FinalError(Failure::Kind last) const {
  std::string all;
  for (const std::string& each : failures_) all += (all.empty() ? "" : "; ") + each;
  if (last == Failure::Kind::kBadAnswer) return Corruption("no usable answer: " + all);
  if (!may_be_done_) return Unavailable("no registry server can be reached: " + all);
  return IoError("the request was sent and may have been carried out, but was not answered: " +
                 all);
}

void UpstreamCall::Finish(Result<UpstreamReply> result) {
  const auto self = shared_from_this();
  const auto callback = std::exchange(callback_, nullptr);
  EndAttempts();
  upstream_.Forget(self);
  callback(std::move(result));
}

void UpstreamCall::End() {
  if (is_over()) return;
  const auto self = shared_from_this();
  callback_ = nullptr;
  EndAttempts();
  upstream_.Forget(self);
}

void UpstreamCall::EndAttempts() {
  second_.cancel();
  for (const auto& attempt : std::exchange(attempts_, {})) {
    if (WaitsLong() && upstream_.liveness_) upstream_.liveness_->Remove(attempt->server);
    attempt->connection->Close();
    attempt->connection.Return();
  }
}

}  // namespace rollcall::front
