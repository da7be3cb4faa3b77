#include "registry/catalog/catalog.h"

#include <algorithm>
#include <future>
#include <utility>

#include "registry/catalog/resolve.h"
#include "registry/catalog/snapshot_builder.h"
#include "registry/catalog/snapshot_loader.h"

namespace rollcall::catalog {
namespace {

// Threads that help to load the catalog. Reading a million instances from the store, which one
// thread does, took a fifth of the CPU time of the whole start: more than four or five would wait.
constexpr size_t kMostHelpers = 7;

// A check that a command names with the status that it has already: nothing to write, but a sign
// of life from its owner.
void RenewIfAlive(const CheckEntry* entry, model::CheckStatus status, Clock::TimePoint now) {
  if (entry == nullptr || entry->ttl == nullptr) return;
  if (status == model::CheckStatus::kCritical || entry->check->status != status) return;
  entry->ttl->Renew(now);
}

void RenewDeadlines(const model::Command& command, const Snapshot& state, Clock::TimePoint now) {
  if (const auto* put = std::get_if<model::Register>(&command)) {
    for (const model::Check& check : put->checks) {
      const CheckEntry* entry = state.FindCheck(put->node.name, check.check_id);
      const bool keeps = put->keep_check_status && entry != nullptr;
      RenewIfAlive(entry, keeps ? entry->check->status : check.status, now);
    }
  } else if (const auto* update = std::get_if<model::UpdateCheck>(&command)) {
    RenewIfAlive(state.FindCheck(update->node, update->check_id), update->status, now);
  }
}

}  // namespace

// The transactions of one commit, applied to a builder as they are resolved, so that each command
// finds what the ones before it have done.
class Catalog::Batch {
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
      Count(deadline->kind(), transaction);
      Take(std::move(transaction));
    } else if (deadline->due() > now_) {
      upkeep_->FileAgain(deadline);  // renewed after it had passed
    }
  }

  void Add(Pending pending) {
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
    return {};
  }

  SnapshotBuilder& builder() { return builder_; }

  void Answer() {
    for (auto& [done, answer] : answers_) done(std::move(answer));
  }
  void AnswerAll(const Error& error) {
    for (auto& [done, answer] : answers_) done(error);
  }

 private:
  // What the registry does by itself.
  void Count(Deadline::Kind kind, const model::Transaction& transaction) {
    if (kind == Deadline::Kind::kTtl) return counters_->ttl_expiries.Add();
    for (const model::Mutation& mutation : transaction) {
      if (std::holds_alternative<model::RemoveNode>(mutation)) counters_->nodes_reaped.Add();
      if (std::holds_alternative<model::RemoveInstance>(mutation)) {
        counters_->instances_reaped.Add();
      }
    }
  }

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
  std::vector<Answered> answers_;
};

Catalog::Catalog(std::unique_ptr<store::Store> store, const Clock& clock, Options options)
    : store_(std::move(store)),
      clock_(clock),
      options_(std::move(options)),
      current_(snapshots_.Get()),
      upkeep_(clock) {}

Result<std::unique_ptr<Catalog>> Catalog::Open(std::unique_ptr<store::Store> store,
                                               const Clock& clock, Options options) {
  std::unique_ptr<Catalog> catalog(new Catalog(std::move(store), clock, std::move(options)));
  if (Result<void> ok = catalog->Load(); !ok) return ok.error();
  catalog->writer_ = std::thread([c = catalog.get()] { c->Run(); });
  return catalog;
}

Catalog::~Catalog() { Stop(); }

void Catalog::Stop() {
  if (!writer_.joinable()) return;
  queue_.Lock()->stopping = true;
  wake_.notify_one();
  writer_.join();
}

Result<void> Catalog::Load() {
  SnapshotLoader loader(&pool_, WorkCrew::OtherCores(kMostHelpers));
  const Result<Index> index =
      store_->Load([&loader](store::RecordChunk chunk) { return loader.Add(std::move(chunk)); });
  if (!index) return index.error();
  Result<SnapshotLoader::Loaded> loaded = loader.Finish(*index);
  if (!loaded) return loaded.error();
  current_ = std::move(loaded->snapshot);
  // From now on: many records take longer to load than some TTLs last.
  upkeep_.Adopt(std::move(loaded->deadlines));
  snapshots_.Publish(current_);
  return {};
}

void Catalog::Submit(model::Command command, Done done) {
  const char* refusal = nullptr;
  {
    auto queue = queue_.Lock();
    if (queue->stopping) {
      refusal = "the server is stopping";
    } else if (queue->commands.size() >= options_.max_queue) {
      refusal = "too many writes are waiting; try again later";
    } else {
      queue->commands.push_back({std::move(command), std::move(done)});
      wake_.notify_one();
      return;
    }
  }
  done(Unavailable(refusal));
}

Result<Written> Catalog::SubmitAndWait(model::Command command) {
  std::promise<Result<Written>> promise;
  auto answer = promise.get_future();
  Submit(std::move(command),
         [&promise](Result<Written> written) { promise.set_value(std::move(written)); });
  return answer.get();
}

Catalog::HeartbeatResult Catalog::Heartbeat(const Snapshot& snapshot, std::string_view node,
                                            std::string_view check_id, model::CheckStatus status,
                                            std::string_view output) const {
  const CheckEntry* entry = snapshot.FindCheck(node, check_id);
  if (entry == nullptr) return HeartbeatResult::kUnknown;
  if (entry->ttl == nullptr) return HeartbeatResult::kNoTtl;
  if (entry->check->status != status || entry->check->output != output) {
    return HeartbeatResult::kNeedsWrite;
  }
  entry->ttl->Renew(clock_.Now());
  return HeartbeatResult::kRenewed;
}

void Catalog::OnWriter(std::function<void()> task) {
  if (!writer_.joinable()) return task();  // stopped: there is no other thread any more
  std::promise<void> ran;
  queue_.Lock()->tasks.emplace_back([&task, &ran] {
    task();
    ran.set_value();
  });
  wake_.notify_one();
  ran.get_future().wait();
}

void Catalog::AddListener(ChangeListener* listener) {
  OnWriter([this, listener] { listeners_.push_back(listener); });
}

void Catalog::RemoveListener(ChangeListener* listener) {
  OnWriter([this, listener] { std::erase(listeners_, listener); });
}

bool Catalog::TakeWork(std::vector<Pending>* commands, std::vector<std::function<void()>>* tasks) {
  auto queue = queue_.Lock();
  const auto ready = [&] {
    return queue->stopping || !queue->commands.empty() || !queue->tasks.empty();
  };
  if (!expired_.empty()) {
    wake_.wait_until(queue.lock(), pace_.next(), ready);
  } else {
    const Clock::TimePoint wake = upkeep_.NextWake();
    if (wake == Clock::TimePoint::max()) {
      wake_.wait(queue.lock(), ready);
    } else {
      wake_.wait_for(queue.lock(), wake - clock_.Now(), ready);
    }
  }
  *tasks = std::exchange(queue->tasks, {});
  // Passed deadlines find room in each batch, however many commands wait.
  const size_t most = options_.max_batch - (expired_.empty() ? 0 : options_.max_batch / 4);
  const size_t taken = std::min(queue->commands.size(), most);
  const auto end = queue->commands.begin() + static_cast<std::ptrdiff_t>(taken);
  commands->assign(std::make_move_iterator(queue->commands.begin()), std::make_move_iterator(end));
  queue->commands.erase(queue->commands.begin(), end);
  return !queue->stopping || !commands->empty() || !tasks->empty();
}

void Catalog::Run() {
  std::vector<Pending> commands;
  std::vector<std::function<void()>> tasks;
  while (TakeWork(&commands, &tasks)) {
    for (const auto& task : tasks) task();
    for (auto& deadline : upkeep_.TakeExpired()) expired_.push_back(std::move(deadline));
    Commit(std::move(commands));
    commands.clear();
  }
}

void Catalog::Commit(std::vector<Pending> commands) {
  if (failed_) {
    expired_.clear();
    for (Pending& pending : commands) pending.done(Unavailable("the store has failed"));
    return;
  }
  Batch batch(*current_, &upkeep_, &pool_, &counters_, clock_);
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
    Publish(batch.builder().Finish(), std::move(keys));
  }
  batch.Answer();
  if (expires) {
    const auto all = static_cast<double>(std::max<size_t>(batch.size(), 1));
    const double share = static_cast<double>(batch.size() - of_commands) / all;
    pace_.Took(began, worked, ExpiryPace::Now(), share);
  }
}

void Catalog::AddExpired(Batch* batch) {
  const size_t most_mutations = batch->mutations() + ExpiryPace::kMutations;
  for (size_t looked_at = 0;
       !expired_.empty() && looked_at < ExpiryPace::kBatch && batch->size() < options_.max_batch &&
       batch->mutations() < most_mutations;
       ++looked_at) {
    batch->Add(expired_.front());
    expired_.pop_front();
  }
}

void Catalog::Publish(std::shared_ptr<const Snapshot> snapshot, std::vector<WatchKey> keys) {
  current_ = std::move(snapshot);
  snapshots_.Publish(current_);
  const auto changes = std::make_shared<const ChangeSet>(ChangeSet{current_, std::move(keys)});
  for (ChangeListener* listener : listeners_) listener->OnChange(changes);
}

}  // namespace rollcall::catalog
