#include "agent/keep/keeper.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "agent/keep/durable_file.h"

namespace rollcall::agent {

Result<std::unique_ptr<Keeper>> Keeper::Open(const Options& options) {
  for (const char* folder : {"", "/services", "/checks"}) {
    if (Result<void> made = EnsureDirectory(options.data_dir + folder); !made) {
      return Error{made.error().code, "data_dir: " + made.error().message};
    }
  }
  Result<OwnedFd> lock = LockDirectory(options.data_dir);
  if (!lock) return Error{lock.error().code, "data_dir: " + lock.error().message};
  Result<AliveMark> alive = AliveMark::Open(options.data_dir);
  if (!alive) return Error{alive.error().code, "data_dir: " + alive.error().message};
  return std::unique_ptr<Keeper>(new Keeper(options, std::move(*lock), std::move(*alive)));
}

Keeper::Keeper(const Options& options, OwnedFd lock, AliveMark alive)
    : options_(options), lock_(std::move(lock)), alive_(std::move(alive)) {
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
  queue->failed.erase(change.file);
  queue->changes.insert_or_assign(std::move(change.file), std::move(change.content));
  news_.notify_one();
}

void Keeper::WhenWritten(OnWritten done) {
  auto queue = queue_.Lock();
  queue->waiting.push_back(std::move(done));
  news_.notify_one();
}

void Keeper::Run() {
  auto retry_due = std::chrono::steady_clock::now() + options_.retry_interval;
  for (bool goes_on = true; goes_on;) {
    {
      auto queue = queue_.Lock();
      news_.wait_for(queue.lock(), options_.alive_interval, [&] { return queue->HasWork(); });
      const auto now = std::chrono::steady_clock::now();
      if (now >= retry_due || queue->stop) {
        queue->changes.merge(std::exchange(queue->failed, {}));
        retry_due = now + options_.retry_interval;
      }
    }
    goes_on = Work();
    alive_.Renew();
  }
}

bool Keeper::Work() {
  Changes changes;
  std::vector<OnWritten> waiting;
  bool stop = false;
  {
    auto queue = queue_.Lock();
    changes = std::exchange(queue->changes, {});
    waiting = std::exchange(queue->waiting, {});
    stop = queue->stop;
  }
  const bool had_any = !changes.empty();
  const Result<void> written = Write(&changes);
  if (!written && !std::exchange(in_trouble_, true)) {
    spdlog::error("{}; what programs register may be lost with the agent", written.error().message);
  }
  if (written && had_any && std::exchange(in_trouble_, false)) {
    spdlog::info("{} can be written again", options_.data_dir);
  }
  {
    auto queue = queue_.Lock();
    for (auto& [file, content] : changes) {
      if (!queue->changes.contains(file)) queue->failed.emplace(file, std::move(content));
    }
  }
  for (const OnWritten& done : waiting) done(written);
  return !stop;
}

Result<void> Keeper::Write(Changes* changes) const {
  Result<void> first;
  for (auto change = changes->begin(); change != changes->end();) {
    if (Result<void> written = WriteOne(change->first, change->second); written) {
      change = changes->erase(change);
    } else {
      if (first) first = written;
      ++change;
    }
  }
  return first;
}

Result<void> Keeper::WriteOne(const std::string& file,
                              const std::optional<std::string>& content) const {
  const std::string path = options_.data_dir + "/" + file;
  return content ? WriteDurably(path, *content) : RemoveDurably(path);
}

}  // namespace rollcall::agent
