#include "api/parked_queries.h"

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <exception>
#include <string>
#include <utility>

#include "api/reply.h"

namespace rollcall::api {

namespace {

// A turn ends after so many answers, or after so long: answers that are not kept take their time.
constexpr size_t kAnswersPerTurn = 64;
constexpr std::chrono::milliseconds kTurn{2};

}  // namespace

ParkedQueries::ParkedQueries(boost::asio::io_context& loop, catalog::Catalog& catalog,
                             catalog::SnapshotReader& reader, ParkedLimit& limit, uint64_t seed)
    : loop_(loop),
      catalog_(catalog),
      reader_(reader),
      limit_(limit),
      random_(static_cast<std::minstd_rand::result_type>(seed)) {
  catalog_.AddListener(this);
}

ParkedQueries::~ParkedQueries() { catalog_.RemoveListener(this); }

void ParkedQueries::OnChange(const std::shared_ptr<const catalog::ChangeSet>& changes) {
  // The snapshot is published already, so a query that parks after this message was sent has seen
  // it, and one that parked before is in the table when it arrives: no change is missed.
  boost::asio::post(loop_, [this, changes] {
    // Also lets go of the old snapshot, which an idle worker would keep for ever.
    reader_.Current();
    WakeWaiters(*changes);
  });
}

void ParkedQueries::Wake(catalog::WatchKey key) {
  boost::asio::post(loop_, [this, key] { WakeWaiters({nullptr, {key}}); });
}

void ParkedQueries::Answer(std::shared_ptr<http::Exchange> exchange, BlockingQuery query) {
  const std::shared_ptr<const catalog::Snapshot> snapshot = reader_.Current();
  if (query.is_due(*snapshot)) return exchange->Respond(query.respond(*snapshot));
  if (!limit_.TryEnter()) {
    return exchange->Respond(ErrorResponse(
        Unavailable("Too many blocking queries: the server's limit is " +
                    std::to_string(limit_.limit()) + " (max-parked-queries); try again later")));
  }
  Park(std::move(exchange), std::move(query));
}

void ParkedQueries::Park(std::shared_ptr<http::Exchange> exchange, BlockingQuery query) {
  const QueryId id = ++last_id_;
  Parked& parked =
      queries_.try_emplace(id, id, std::move(exchange), std::move(query), limit_, loop_)
          .first->second;
  table_.Park(parked.query.key, parked);
  parked.deadline.expires_after(WithJitter(parked.query.wait));
  parked.deadline.async_wait([this, id](boost::system::error_code cancelled) {
    if (!cancelled) Finish(id);
  });
  parked.exchange->OnShutdown([this, id] { Finish(id); });
  parked.exchange->OnClosed([this, id] { queries_.erase(id); });
}

void ParkedQueries::WakeWaiters(const catalog::ChangeSet& changes) {
  table_.Wake(changes, [this](catalog::Waiter& waiter) {
    auto& parked = static_cast<Parked&>(waiter);
    if (parked.is_woken) return;
    woken_.push_back(parked.id);
    parked.is_woken = true;
  });
  if (!is_answering_woken_) AnswerWoken();
}

void ParkedQueries::AnswerWoken() {
  const auto began = std::chrono::steady_clock::now();
  size_t answered = 0;
  while (!woken_.empty() && answered < kAnswersPerTurn &&
         (answered == 0 || std::chrono::steady_clock::now() - began < kTurn)) {
    const QueryId id = woken_.front();
    woken_.pop_front();
    ++answered;
    try {
      AnswerIfDue(id);
    } catch (const std::exception& error) {  // no memory: the others still get their answers
      spdlog::error("api: a blocking query is not answered: {}", error.what());
    }
  }
  is_answering_woken_ = false;
  if (woken_.empty()) return;
  boost::asio::post(loop_, [this] { AnswerWoken(); });
  is_answering_woken_ = true;
}

void ParkedQueries::AnswerIfDue(QueryId id) {
  const auto found = queries_.find(id);
  if (found == queries_.end()) return;
  found->second.is_woken = false;
  const std::shared_ptr<const catalog::Snapshot> snapshot = reader_.Current();
  if (found->second.query.is_due(*snapshot)) Finish(id);
}

void ParkedQueries::Finish(QueryId id) {
  // Out of the table first: answering may park the connection's next query.
  auto taken = queries_.extract(id);
  if (taken.empty()) return;
  Parked& parked = taken.mapped();
  parked.Leave();
  parked.deadline.cancel();
  const std::shared_ptr<const catalog::Snapshot> snapshot = reader_.Current();
  parked.exchange->Respond(parked.query.respond(*snapshot));
}

std::chrono::nanoseconds ParkedQueries::WithJitter(std::chrono::nanoseconds wait) {
  return wait + std::chrono::nanoseconds(
                    std::uniform_int_distribution<int64_t>(0, wait.count() / 16)(random_));
}

}  // namespace rollcall::api
