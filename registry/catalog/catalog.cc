#include "registry/catalog/catalog.h"

#include <algorithm>
#include <future>
#include <utility>

#include "registry/catalog/local_writer.h"
#include "registry/catalog/shared_writer.h"

namespace rollcall::catalog {

Catalog::Catalog(const Clock& clock, Options options)
    : clock_(clock), options_(std::move(options)) {}

Result<std::unique_ptr<Catalog>> Catalog::Open(std::unique_ptr<store::Store> store,
                                               const Clock& clock, Options options) {
  std::unique_ptr<Catalog> catalog(new Catalog(clock, std::move(options)));
  catalog->writer_ = std::make_unique<LocalWriter>(
      std::move(store), clock, &catalog->publisher_, &catalog->counters_,
      LocalWriter::Options{catalog->options_.max_batch, catalog->options_.on_fatal});
  if (Result<void> ok = catalog->writer_->Load(); !ok) return ok.error();
  catalog->thread_ = std::thread([c = catalog.get()] { c->Run(); });
  return catalog;
}

Result<std::unique_ptr<Catalog>> Catalog::OpenShared(std::unique_ptr<store::SharedLog> log,
                                                     const Clock& clock, Options options) {
  std::unique_ptr<Catalog> catalog(new Catalog(clock, std::move(options)));
  auto writer = std::make_unique<SharedWriter>(
      std::move(log), clock, &catalog->publisher_, &catalog->counters_, &catalog->contact_,
      &catalog->renewals_, catalog->options_.shared,
      [c = catalog.get()](std::function<void()> task) { c->Post(std::move(task)); });
  catalog->shared_ = writer.get();
  catalog->AcceptHeartbeatsUntil({});
  catalog->writer_ = std::move(writer);
  if (Result<void> ok = catalog->writer_->Load(); !ok) return ok.error();
  catalog->thread_ = std::thread([c = catalog.get()] { c->Run(); });
  return catalog;
}

Catalog::~Catalog() { Stop(); }

void Catalog::Stop() {
  if (!thread_.joinable()) return;
  queue_.Lock()->stopping = true;
  wake_.notify_one();
  thread_.join();
}

void Catalog::Submit(model::Command command, Done done, std::shared_ptr<const WriteGuard> guard) {
  const char* refusal = nullptr;
  {
    auto queue = queue_.Lock();
    if (queue->stopping) {
      refusal = "the server is stopping";
    } else if (queue->commands.size() >= options_.max_queue) {
      refusal = "too many writes are waiting; try again later";
    } else {
      queue->commands.push_back({std::move(command), std::move(done), std::move(guard)});
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
  const Clock::TimePoint now = clock_.Now();
  if (now > accept_heartbeats_until_.load(std::memory_order_acquire)) {
    return HeartbeatResult::kNotNow;
  }
  const CheckEntry* entry = snapshot.FindCheck(node, check_id);
  if (entry == nullptr) return HeartbeatResult::kUnknown;
  if (entry->ttl == nullptr) return HeartbeatResult::kNoTtl;
  if (entry->check->status != status || entry->check->output != output) {
    return HeartbeatResult::kNeedsWrite;
  }
  entry->ttl->Renew(now);
  renewals_.Note(entry->ttl, now);
  return HeartbeatResult::kRenewed;
}

void Catalog::Post(std::function<void()> task) {
  queue_.Lock()->tasks.push_back(std::move(task));
  wake_.notify_one();
}

void Catalog::CatchUp(std::function<void(Result<void>)> done) {
  if (shared_ == nullptr) return done({});
  Post([this, done = std::move(done)]() mutable { shared_->CatchUp(std::move(done)); });
}

store::LogFigures Catalog::log_figures() const {
  return shared_ == nullptr ? store::LogFigures() : shared_->log_figures();
}

void Catalog::HeardUntil(Clock::TimePoint time) {
  if (shared_ != nullptr) Post([this, time] { shared_->HeardUntil(time); });
}

void Catalog::Announce(std::string about) {
  if (shared_ == nullptr) return;
  Post([this, about = std::move(about)]() mutable { shared_->Announce(std::move(about)); });
}

void Catalog::SetDuty(HeartbeatDuty duty) {
  if (shared_ != nullptr) Post([this, duty] { shared_->SetDuty(duty); });
}

void Catalog::Resign(std::chrono::nanoseconds pause) {
  if (shared_ != nullptr) Post([this, pause] { shared_->Resign(pause); });
}

void Catalog::OnWriter(std::function<void()> task) {
  if (!thread_.joinable()) return task();  // stopped: there is no other thread any more
  std::promise<void> ran;
  queue_.Lock()->tasks.emplace_back([&task, &ran] {
    task();
    ran.set_value();
  });
  wake_.notify_one();
  ran.get_future().wait();
}

void Catalog::AddListener(ChangeListener* listener) {
  OnWriter([this, listener] { publisher_.Add(listener); });
}

void Catalog::RemoveListener(ChangeListener* listener) {
  OnWriter([this, listener] { publisher_.Remove(listener); });
}

bool Catalog::TakeWork(std::vector<Pending>* commands, std::vector<std::function<void()>>* tasks) {
  auto queue = queue_.Lock();
  const size_t room = writer_->Room();
  const auto ready = [&] {
    return queue->stopping || (!queue->commands.empty() && room > 0) || !queue->tasks.empty();
  };
  const std::chrono::nanoseconds wait = writer_->TimeToWork();
  if (wait == Writer::kForever) {
    wake_.wait(queue.lock(), ready);
  } else {
    wake_.wait_for(queue.lock(), wait, ready);
  }
  *tasks = std::exchange(queue->tasks, {});
  const size_t taken = std::min(queue->commands.size(), room);
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
    writer_->Work(std::move(commands));
    commands.clear();
  }
  writer_->End();
  // For which there was no room any more.
  for (Pending& each : std::exchange(queue_.Lock()->commands, {})) {
    each.done(Unavailable("the server is stopping"));
  }
}

}  // namespace rollcall::catalog
