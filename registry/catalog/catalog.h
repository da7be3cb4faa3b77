// Catalog: the registry's state and the one thread that changes it.
//
//   commands -> the writer thread: resolve -> commit (one fsync for all that queued up) -> publish
//               the next snapshot -> tell the listeners -> answer each command
//
// Reads take no lock on the catalog: each reading thread keeps a SnapshotReader and asks it for the
// current snapshot. Nothing is answered before it is durable.
//
// Threads: Submit, Heartbeat, CatchUp, is_shared(), Age(), standing(), log_figures(), snapshots(),
// counters() and AddListener may be called from any thread. Callbacks and listeners run on the
// writer thread and must return at once. The constructor's caller owns the object and destroys it
// after everybody who submits has stopped.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include "registry/base/clock.h"
#include "registry/base/lock_guarded.h"
#include "registry/base/result.h"
#include "registry/catalog/contact.h"
#include "registry/catalog/counters.h"
#include "registry/catalog/publisher.h"
#include "registry/catalog/renewals.h"
#include "registry/catalog/shared_writer_options.h"
#include "registry/catalog/snapshot.h"
#include "registry/catalog/watch.h"
#include "registry/catalog/writer.h"
#include "registry/model/command.h"
#include "registry/store/shared_log.h"
#include "registry/store/store.h"

namespace rollcall::catalog {

class SharedWriter;

class Catalog {
 public:
  struct Options {
    // Commands that one fsync may cover: bounds how long the first of them waits.
    size_t max_batch = 4096;
    // Commands that may wait; beyond it Submit answers kUnavailable at once.
    size_t max_queue = 1 << 20;
    // Called once, on the writer thread, when a commit failed: what the disk holds is unknown, so
    // the process should say so and exit. Every later command is answered kUnavailable.
    std::function<void(const Error&)> on_fatal;
    // Of a catalog over a shared log.
    SharedWriterOptions shared;
  };

  // Loads everything from `store` and starts the writer. Checks that have a TTL start with a full
  // one, counted from now, so that a restart never expires a healthy instance.
  static Result<std::unique_ptr<Catalog>> Open(std::unique_ptr<store::Store> store,
                                               const Clock& clock, Options options);

  // The same from a log that other servers write to as well, and follows it from then on.
  static Result<std::unique_ptr<Catalog>> OpenShared(std::unique_ptr<store::SharedLog> log,
                                                     const Clock& clock, Options options);

  ~Catalog();
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;

  // Commits what is queued, answers it, and ends the writer; later commands are refused. Called by
  // the owner, before what the answers need goes away; the destructor does it otherwise.
  void Stop();

  // Queues a command; `done` is called exactly once. Errors: kInvalidArgument, kNotFound, kConflict
  // as the command's documentation says, kUnavailable when the queue is full or the store failed.
  // With a guard it is carried out only on a state on which that holds, and else given back to it,
  // which then calls `done`, or submits anew.
  void Submit(model::Command command, Done done, std::shared_ptr<const WriteGuard> guard = nullptr);

  // Submits and waits for the answer. Not from the writer thread, nor from one that serves
  // requests.
  Result<Written> SubmitAndWait(model::Command command);

  enum class HeartbeatResult {
    kRenewed,     // status and output are as they were: the deadline moved, nothing was written
    kNeedsWrite,  // they differ: submit an UpdateCheck
    kNoTtl,       // the check is there and has no TTL
    kUnknown,     // no such check
    kNotNow,      // this server may not answer for it: another one may
  };
  // Renews a check's TTL. Takes no lock and writes nothing to the log.
  HeartbeatResult Heartbeat(const Snapshot& snapshot, std::string_view node,
                            std::string_view check_id, model::CheckStatus status,
                            std::string_view output) const;

  // Calls `done`, on the writer's thread, once the snapshot is at least as new as every write that
  // had been acknowledged by any server when this was called; kUnavailable when that cannot be
  // found out. At once where this server has its store to itself.
  void CatchUp(std::function<void(Result<void>)> done);
  // Whether other servers write to the log too.
  bool is_shared() const { return contact_.is_shared(); }
  // As the functions of SharedWriter.
  void HeardUntil(Clock::TimePoint time);
  void Announce(std::string about);
  void SetDuty(HeartbeatDuty duty);
  void Resign(std::chrono::nanoseconds pause);
  // Heartbeats are accepted until then; of a catalog that is shared, from the start until never.
  void AcceptHeartbeatsUntil(Clock::TimePoint time) {
    accept_heartbeats_until_.store(time, std::memory_order_release);
  }
  const Clock& clock() const { return clock_; }
  // Those since the last call, of a catalog that is shared: for the server that owns expiry.
  Renewals& renewals() { return renewals_; }
  // How far behind its log the snapshot may be: all that had been acknowledged so long ago is in
  // it.
  std::chrono::nanoseconds Age() const { return contact_.Age(clock_.Now()); }

  // What is wrong with the log, if anything.
  Contact::Standing standing() const { return contact_.standing(); }
  // Zeros where the log is not shared.
  store::LogFigures log_figures() const;

  const SnapshotHolder& snapshots() const { return publisher_.snapshots(); }
  const Counters& counters() const { return counters_; }
  // Commands that wait for the writer right now. Any thread.
  size_t queue_depth() { return queue_.Lock()->commands.size(); }

  // `listener` is told of every change from now on, until it is removed. Once either has returned
  // it holds. Not from the writer thread.
  void AddListener(ChangeListener* listener);
  void RemoveListener(ChangeListener* listener);

 private:
  // What other threads want of the writer.
  struct Queue {
    std::deque<Pending> commands;
    std::vector<std::function<void()>> tasks;
    bool stopping = false;
  };

  Catalog(const Clock& clock, Options options);
  void Run();
  // Waits for work; false when it is time to end.
  bool TakeWork(std::vector<Pending>* commands, std::vector<std::function<void()>>* tasks);
  void OnWriter(std::function<void()> task);
  // Runs it on the writer's thread, soon.
  void Post(std::function<void()> task);

  // Constant after construction.
  const Clock& clock_;
  const Options options_;

  // Guarded by its lock.
  LockGuarded<Queue> queue_;
  std::condition_variable wake_;

  Counters counters_;  // read by any thread
  Contact contact_;    // likewise
  mutable Renewals renewals_;
  std::atomic<Clock::TimePoint> accept_heartbeats_until_ = Clock::TimePoint::max();

  // The writer thread's own (the constructing thread's until it starts), as far as they do not say
  // otherwise.
  Publisher publisher_;
  std::unique_ptr<Writer> writer_;
  SharedWriter* shared_ = nullptr;  // writer_, when it is one

  std::thread thread_;
};

}  // namespace rollcall::catalog
