#include "registry/catalog/local_writer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "registry/catalog/expiry_tally.h"
#include "registry/catalog/resolve.h"
#include "registry/catalog/signs_of_life.h"
#include "registry/catalog/snapshot_builder.h"
#include "registry/catalog/snapshot_loader.h"
#include "registry/catalog/write_guard.h"

namespace rollcall::catalog {

// The transactions of one commit, applied to a builder as they are resolved, so that each command
// finds what the ones before it have done.
class LocalWriter::Batch {
 public:
  Batch(const Snapshot& current, Upkeep* upkeep, model::ValuePool* pool, Counters* counters,
        const Clock& clock)
      : builder_(current, upkeep, pool),
        upkeep_(upkeep),
        counters_(counters),
        clock_(clock),
        now_(clock.Now()),
        last_(current.index()) {}

  size_t size() const { return transactions_.size(); }
  size_t mutations() const { return mutations_; }

  void Add(const boost::intrusive_ptr<Deadline>& deadline) {
    model::Transaction transaction = ResolveExpired(*deadline, now_, builder_.view());
    if (!transaction.empty()) {
      tally_.Add(deadline->kind(), transaction);
      Take(std::move(transaction));
    } else if (deadline->due() > now_) {
      upkeep_->FileAgain(deadline);  // renewed after it had passed
    }
  }

  void Add(Pending pending) {
    if (pending.guard != nullptr && !pending.guard->Holds(builder_.view(), pending.command)) {
      pending.guard->WillGiveBack();
      given_back_.push_back(std::move(pending));
      return;
    }
    Result<model::Transaction> resolved = Resolve(pending.command, builder_.view());
    if (!resolved) {
      counters_->commands_refused.Add();
      answers_.push_back({std::move(pending.done), std::move(resolved).error()});
      return;
    }
    const bool changes = !resolved->empty();
    (changes ? counters_->commands_committed : counters_->commands_unchanged).Add();
    if (changes) Take(std::move(*resolved));
    RenewDeadlines(pending.command, builder_.view(), now_);
    answers_.push_back({std::move(pending.done), Written{last_, changes}});
  }

  // Makes it durable. Success: the indexes are the ones that the builder was told.
  Result<void> CommitTo(store::Store* store) {
    if (transactions_.empty()) return {};
    const Clock::TimePoint began = clock_.Now();
    const Result<std::vector<Index>> committed = store->Commit(transactions_);
    counters_->commit_latency.Observe(clock_.Now() - began);
    if (!committed) return committed.error();
    if (committed->size() != transactions_.size() || committed->back() != last_) {
      return Corruption("the store numbered a commit " +
                        std::to_string(committed->empty() ? 0 : committed->back().value()) +
                        " where " + std::to_string(last_.value()) + " was due");
    }
    tally_.AddTo(counters_);
    return {};
  }

  SnapshotBuilder& builder() { return builder_; }

  void Answer() {
    for (Pending& each : given_back_) {
      each.guard->GiveBack(std::move(each.command), std::move(each.done));
    }
    for (auto& [done, answer] : answers_) done(std::move(answer));
  }
  void AnswerAll(const Error& error) {
    for (auto& [done, answer] : answers_) done(error);
    for (Pending& each : given_back_) each.done(error);
  }

 private:
  void Take(model::Transaction transaction) {
    last_ = last_.Next();
    builder_.Apply(transaction, last_);
    mutations_ += transaction.size();
    transactions_.push_back(std::move(transaction));
  }

  struct Answered {
    Done done;
    Result<Written> answer;
  };

  SnapshotBuilder builder_;
  Upkeep* const upkeep_;
  Counters* const counters_;
  const Clock& clock_;
  const Clock::TimePoint now_;
  Index last_;
  std::vector<model::Transaction> transactions_;
  size_t mutations_ = 0;  // of all of them
  ExpiryTally tally_;
  std::vector<Answered> answers_;
  std::vector<Pending> given_back_;  // their guards did not hold
};

LocalWriter::LocalWriter(std::unique_ptr<store::Store> store, const Clock& clock,
                         Publisher* publisher, Counters* counters, Options options)
    : store_(std::move(store)),
      clock_(clock),
      options_(std::move(options)),
      publisher_(publisher),
      counters_(counters),
      upkeep_(clock) {}

Result<void> LocalWriter::Load() {
  SnapshotLoader loader(&pool_, SnapshotLoader::UsefulHelpers());
  const Result<Index> index =
      store_->Load([&loader](store::RecordChunk chunk) { return loader.Add(std::move(chunk)); });
  if (!index) return index.error();
  Result<SnapshotLoader::Loaded> loaded = loader.Finish(*index);
  if (!loaded) return loaded.error();
  // From now on: many records take longer to load than some TTLs last.
  upkeep_.Adopt(std::move(loaded->deadlines));
  publisher_->Publish(std::move(loaded->snapshot), {});
  return {};
}

size_t LocalWriter::Room() const {
  // Passed deadlines find room in each batch, however many commands wait.
  return options_.max_batch - (expired_.empty() ? 0 : options_.max_batch / 4);
}

std::chrono::nanoseconds LocalWriter::TimeToWork() const {
  if (!expired_.empty()) return pace_.next() - ExpiryPace::Wall::clock::now();
  const Clock::TimePoint wake = upkeep_.NextWake();
  return wake == Clock::TimePoint::max() ? kForever : wake - clock_.Now();
}

void LocalWriter::Work(std::vector<Pending> commands) {
  for (auto& deadline : upkeep_.TakeExpired()) expired_.push_back(std::move(deadline));
  Commit(std::move(commands));
}

void LocalWriter::Commit(std::vector<Pending> commands) {
  if (failed_) {
    expired_.clear();
    for (Pending& pending : commands) pending.done(Unavailable("the store has failed"));
    return;
  }
  Batch batch(*publisher_->current(), &upkeep_, &pool_, counters_, clock_);
  for (Pending& pending : commands) batch.Add(std::move(pending));
  const size_t of_commands = batch.size();
  ExpiryPace::Times began, worked;  // asked for only where something expires: a system call each
  bool expires = false;
  if (!expired_.empty()) {
    began = ExpiryPace::Now();
    expires = began.wall >= pace_.next();
    if (expires) AddExpired(&batch);
    worked = ExpiryPace::Now();
  }
  if (batch.size() > 0) {
    if (const Result<void> ok = batch.CommitTo(store_.get()); !ok) {
      failed_ = true;
      batch.AnswerAll(Unavailable("the write could not be made durable: " + ok.error().message));
      if (options_.on_fatal) options_.on_fatal(ok.error());
      return;
    }
    std::vector<WatchKey> keys = batch.builder().TakeChangedKeys();
    publisher_->Publish(batch.builder().Finish(), std::move(keys));
  }
  batch.Answer();
  if (expires) {
    const auto all = static_cast<double>(std::max<size_t>(batch.size(), 1));
    const double share = static_cast<double>(batch.size() - of_commands) / all;
    pace_.Took(began, worked, ExpiryPace::Now(), share);
  }
}

void LocalWriter::AddExpired(Batch* batch) {
  const size_t most_mutations = batch->mutations() + ExpiryPace::kMutations;
  for (size_t looked_at = 0;
       !expired_.empty() && looked_at < ExpiryPace::kBatch && batch->size() < options_.max_batch &&
       batch->mutations() < most_mutations;
       ++looked_at) {
    batch->Add(expired_.front());
    expired_.pop_front();
  }
}

}  // namespace rollcall::catalog
