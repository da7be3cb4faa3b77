// AuditLog: takes entries from the workers and writes them with a thread of its own, so that no
// request waits for a disk. What is not written yet waits in a queue of a fixed length. When it is
// full, an entry is lost rather than a request held up: the metrics count it, the log of the server
// says so, and so does the audit log itself where the entry is missing.
//
// Threads: made and destroyed by the main thread; Add and Reopen are for any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "api/audit/audit_entry.h"
#include "api/audit/audit_sink.h"
#include "registry/base/counter.h"

namespace rollcall::api {

class AuditLog {
 public:
  struct Options {
    size_t max_queued = 8192;  // entries; as many lines are in the writer's hands at the most
    // Lines are in the kernel's hands at once and made durable so long later at the most: they
    // outlive a crash of the server, and all but the last ones one of the machine.
    std::chrono::milliseconds sync_every = std::chrono::seconds(1);
    // How long after a failure it is tried again.
    std::chrono::milliseconds retry_after = std::chrono::seconds(1);
  };

  AuditLog(std::unique_ptr<AuditSink> sink, const Options& options);
  // Writes what is queued, unless that fails.
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  // Refusals get half of the queue only: who provokes them cannot have writes go unnoticed by it.
  void Add(AuditEntry entry);

  // AuditSink::Reopen, soon.
  void Reopen();

  uint64_t written() const { return written_.value(); }
  uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }
  size_t queued() const;
  // Whether the last try to write failed.
  bool is_in_trouble() const { return in_trouble_.value() != 0; }

 private:
  // What the writer does next.
  struct Work {
    bool reopen = false;
    bool stop = false;
    uint64_t lost = 0;  // entries since the last time
  };

  void Run();
  // Waits until there is something to do; new entries become lines, if those there are written.
  Work Await();
  void WriteLines();
  void SyncIfDue(bool is_last);
  void Report(const Error* error);
  void ReportLoss(const Work& work);

  const std::unique_ptr<AuditSink> sink_;
  const Options options_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  // Guarded by mutex_.
  std::deque<AuditEntry> queue_;
  uint64_t newly_lost_ = 0;
  bool loss_is_said_ = false;  // in the log, and that it is over is not
  bool reopen_ = false;
  bool stop_ = false;

  // The writer's.
  std::vector<std::string> lines_;
  size_t next_ = 0;  // of lines_
  bool is_dirty_ = false;
  std::chrono::steady_clock::time_point dirty_since_;
  std::chrono::steady_clock::time_point failed_at_;
  std::string trouble_;  // why it failed; empty: it did not
  std::string sync_trouble_;
  uint64_t loss_ = 0;  // that the log has not been told of
  std::chrono::steady_clock::time_point loss_told_at_ =
      std::chrono::steady_clock::time_point::min();

  Counter written_;
  Gauge in_trouble_;
  std::atomic<uint64_t> lost_{0};
  std::thread thread_;
};

}  // namespace rollcall::api
