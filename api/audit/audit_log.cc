#include "api/audit/audit_log.h"

#include <spdlog/spdlog.h>

#include <span>
#include <utility>

namespace rollcall::api {
namespace {

// Between two lines that tell how many entries were lost.
constexpr auto kLossPause = std::chrono::seconds(10);

}  // namespace

using std::chrono::steady_clock;
using std::chrono::system_clock;

AuditLog::AuditLog(std::unique_ptr<AuditSink> sink, const Options& options)
    : sink_(std::move(sink)), options_(options), thread_([this] { Run(); }) {}

AuditLog::~AuditLog() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void AuditLog::Add(AuditEntry entry) {
  const size_t room = IsRefusal(entry.status) ? options_.max_queued / 2 : options_.max_queued;
  bool is_first = false;
  bool says_so = false;
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() < room) {
      is_first = queue_.empty();
      queue_.push_back(std::move(entry));
    } else {
      ++newly_lost_;
      says_so = !std::exchange(loss_is_said_, true);
      lost_.fetch_add(1, std::memory_order_relaxed);
    }
  }
  // Where others wait already the writer knows.
  if (is_first) wake_.notify_one();
  // Not by the writer, which may be held up for long.
  if (says_so) {
    spdlog::error(
        "{}: {} entries wait to be written, so that new ones are lost; their number will be "
        "told",
        sink_->name(), room);
  }
}

void AuditLog::Reopen() {
  {
    const std::lock_guard lock(mutex_);
    reopen_ = true;
  }
  wake_.notify_one();
}

size_t AuditLog::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void AuditLog::Run() {
  while (true) {
    const Work work = Await();
    if (work.reopen) {
      const Result<void> reopened = sink_->Reopen();
      if (!reopened) Report(&reopened.error());
    }
    WriteLines();
    ReportLoss(work);
    SyncIfDue(work.stop);
    if (work.stop) break;
  }
  const size_t left = lines_.size() - next_;
  if (left == 0) return;
  lost_.fetch_add(left, std::memory_order_relaxed);
  spdlog::error("{}: {} entries are lost", sink_->name(), left);
}

AuditLog::Work AuditLog::Await() {
  std::unique_lock lock(mutex_);
  // What could not be written is kept, and nothing is taken before it has been.
  const bool is_held_up = next_ < lines_.size();
  const auto is_due = [this, is_held_up] {
    return stop_ || reopen_ || (!is_held_up && !queue_.empty());
  };
  if (is_held_up) {
    wake_.wait_until(lock, failed_at_ + options_.retry_after, is_due);
  } else if (is_dirty_) {
    wake_.wait_until(lock, dirty_since_ + options_.sync_every, is_due);
  } else {
    wake_.wait(lock, is_due);
  }
  Work work;
  work.stop = stop_;
  work.reopen = std::exchange(reopen_, false);
  std::deque<AuditEntry> entries;
  if (!is_held_up || stop_) {
    entries.swap(queue_);
    work.lost = std::exchange(newly_lost_, 0);
  }
  lock.unlock();
  if (!is_held_up) {
    lines_.clear();
    next_ = 0;
  }
  // Those that are lost came after those that are queued.
  for (const AuditEntry& entry : entries) lines_.push_back(LineOf(entry));
  if (work.lost > 0) lines_.push_back(LineOfLost(work.lost, system_clock::now()));
  return work;
}

void AuditLog::WriteLines() {
  if (next_ == lines_.size()) return;
  const AuditSink::Progress progress = sink_->Write(std::span(lines_).subspan(next_));
  next_ += progress.lines;
  written_.Add(progress.lines);
  if (progress.lines > 0 && !std::exchange(is_dirty_, true)) dirty_since_ = steady_clock::now();
  Report(progress.error ? &*progress.error : nullptr);
}

void AuditLog::SyncIfDue(bool is_last) {
  if (!is_dirty_) return;
  if (!is_last && steady_clock::now() < dirty_since_ + options_.sync_every) return;
  is_dirty_ = false;
  const Result<void> synced = sink_->Sync();
  std::string trouble = synced ? "" : synced.error().message;
  if (!synced && sync_trouble_ != trouble) {
    spdlog::error("{}: what is written may not outlive a power failure: {}", sink_->name(),
                  trouble);
  }
  sync_trouble_ = std::move(trouble);
}

// Says each trouble once, and that it is over.
void AuditLog::Report(const Error* error) {
  in_trouble_.Set(error == nullptr ? 0 : 1);
  if (error == nullptr) {
    if (!trouble_.empty()) spdlog::info("{} goes on", sink_->name());
    trouble_.clear();
    return;
  }
  failed_at_ = steady_clock::now();
  if (trouble_ == error->message) return;
  trouble_ = error->message;
  spdlog::error("{} cannot be written, entries wait: {}", sink_->name(), trouble_);
}

// When no more are lost, and not too often: where more comes than can be written, that is so again
// and again.
void AuditLog::ReportLoss(const Work& work) {
  loss_ += work.lost;
  const auto now = steady_clock::now();
  if (loss_ == 0 || (!work.stop && (work.lost > 0 || now < loss_told_at_ + kLossPause))) return;
  spdlog::error("{}: {} entries were lost, because more came than could be written", sink_->name(),
                std::exchange(loss_, 0));
  loss_told_at_ = now;
  const std::lock_guard lock(mutex_);
  loss_is_said_ = false;
}

}  // namespace rollcall::api
