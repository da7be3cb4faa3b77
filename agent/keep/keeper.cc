#include "agent/keep/keeper.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "agent/keep/durable_file.h"
#include "agent/keep/last_state.h"

namespace rollcall::agent {

Result<std::unique_ptr<Keeper>> Keeper::Open(const Options& options) {
  for (const char* folder : {"", "/services", "/checks"}) {
    if (Result<void> made = EnsureDirectory(options.data_dir + folder); !made) {
      return Error{made.error().code, "data_dir: " + made.error().message};
    }
  }
  Result<OwnedFd> lock = LockDirectory(options.data_dir);
  if (!lock) return Error{lock.error().code, "data_dir: " + lock.error().message};
  const auto absence = AliveMark::Age(options.data_dir);
  Result<AliveMark> alive = AliveMark::Open(options.data_dir);
  if (!alive) return Error{alive.error().code, "data_dir: " + alive.error().message};
  return std::unique_ptr<Keeper>(new Keeper(options, std::move(*lock), std::move(*alive), absence));
}

Keeper::Keeper(const Options& options, OwnedFd lock, AliveMark alive,
               std::optional<std::chrono::milliseconds> absence)
    : options_(options), lock_(std::move(lock)), absence_(absence), alive_(std::move(alive)) {
  thread_ = std::thread([this] { Run(); });
}

Keeper::~Keeper() {
  {
    auto queue = queue_.Lock();
    queue->stop = true;
    news_.notify_one();
  }
  thread_.join();
}

void Keeper::Put(FileChange change) {
  auto queue = queue_.Lock();
  queue->changes.insert_or_assign(std::move(change.file), std::move(change.content));
  news_.notify_one();
}

void Keeper::WhenWritten(std::set<std::string> files, OnWritten done) {
  auto queue = queue_.Lock();
  queue->waiters.push_back({std::move(files), std::move(done)});
  news_.notify_one();
}

void Keeper::ShowAlive() {
  auto queue = queue_.Lock();
  queue->alive = true;
  news_.notify_one();
}

void Keeper::Run() {
  auto retry_due = std::chrono::steady_clock::now() + options_.retry_interval;
  for (bool stop = false; !stop;) {
    Changes changes;
    std::vector<Waiter> waiters;
    bool alive = false;
    {
      auto queue = queue_.Lock();
      news_.wait_for(queue.lock(), options_.alive_interval, [&] { return queue->HasWork(); });
      changes = std::exchange(queue->changes, {});
      waiters = std::exchange(queue->waiters, {});
      alive = queue->alive;
      stop = queue->stop;
    }
    for (const auto& [file, content] : changes) failed_.erase(file);
    // Who waits is told of the disk as it is now.
    const auto now = std::chrono::steady_clock::now();
    if (now >= retry_due || stop || !waiters.empty()) {
      for (auto& [file, failure] : failed_) changes.emplace(file, std::move(failure.content));
      retry_due = now + options_.retry_interval;
    }
    Write(changes);
    for (const Waiter& waiter : waiters) waiter.done(OutcomeFor(waiter));
    if (alive) alive_.Renew();
  }
}

void Keeper::Write(const Changes& changes) {
  if (changes.empty()) return;
  const bool was_in_trouble = !failed_.empty();
  for (const auto& [file, content] : changes) {
    if (Result<void> written = WriteOne(file, content); written) {
      failed_.erase(file);
    } else {
      failed_.insert_or_assign(file, Failure{content, written.error()});
    }
  }
  if (!failed_.empty() && !was_in_trouble) {
    spdlog::error("{}; what programs register may be lost with the agent",
                  failed_.begin()->second.error.message);
  }
  if (failed_.empty() && was_in_trouble) spdlog::info("{} can be written again", options_.data_dir);
}

Result<void> Keeper::OutcomeFor(const Waiter& waiter) const {
  for (const auto& [file, failure] : failed_) {
    const bool is_meant =
        waiter.files.empty() ? file != kLastStateFile : waiter.files.contains(file);
    if (is_meant) return failure.error;
  }
  return {};
}

Result<void> Keeper::WriteOne(const std::string& file,
                              const std::optional<std::string>& content) const {
  const std::string path = options_.data_dir + "/" + file;
  return content ? WriteDurably(path, *content) : RemoveDurably(path);
}

}  // namespace rollcall::agent
