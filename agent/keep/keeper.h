// Keeper: the data directory of a running agent. A thread of its own writes what is to be kept,
// synced, so that no disk ever holds up the agent's loop, and shows that the agent is alive.
//
// Any thread may call all functions but the destructor.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "agent/keep/alive_mark.h"
#include "agent/keep/kept_definitions.h"
#include "registry/base/lock_guarded.h"
#include "registry/base/owned_fd.h"
#include "registry/base/result.h"

namespace rollcall::agent {

class Keeper {
 public:
  struct Options {
    std::string data_dir;
    std::chrono::milliseconds alive_interval{1000};
    std::chrono::milliseconds retry_interval{10'000};  // of what could not be written
  };
  // On the keeper's thread.
  using OnWritten = std::function<void(const Result<void>&)>;

  // Makes the directory and claims it for this process. Errors are one line that names the setting.
  static Result<std::unique_ptr<Keeper>> Open(const Options& options);
  // Writes what is still to be written.
  ~Keeper();

  // How long no agent with this directory had been alive when it was opened; nothing: never, or not
  // since the host was started.
  std::optional<std::chrono::milliseconds> absence() const { return absence_; }

  // To be written soon. The newest change of a file counts, also of one that could not be written.
  void Put(FileChange change);

  // `done` is called when the newest changes of these files are on the disk, or could not be
  // written. No files: all of the definitions that were put.
  void WhenWritten(std::set<std::string> files, OnWritten done);

  // From now on, once what was put before is written, the directory shows that the agent is alive.
  void ShowAlive();

 private:
  using Changes = std::map<std::string, std::optional<std::string>>;  // by file
  struct Waiter {
    std::set<std::string> files;
    OnWritten done;
  };
  struct Queue {
    Changes changes;
    std::vector<Waiter> waiters;
    bool alive = false;
    bool stop = false;
    bool HasWork() const { return stop || !changes.empty() || !waiters.empty(); }
  };
  // What could not be written, and why.
  struct Failure {
    std::optional<std::string> content;
    Error error;
  };

  Keeper(const Options& options, OwnedFd lock, AliveMark alive,
         std::optional<std::chrono::milliseconds> absence);
  void Run();
  // Writes what has come, and what has failed before.
  void Write(const Changes& changes);
  Result<void> WriteOne(const std::string& file, const std::optional<std::string>& content) const;
  // Whether what the waiter waits for is written.
  Result<void> OutcomeFor(const Waiter& waiter) const;

  const Options options_;
  const OwnedFd lock_;
  const std::optional<std::chrono::milliseconds> absence_;
  LockGuarded<Queue> queue_;
  std::condition_variable news_;
  // The thread's.
  AliveMark alive_;
  std::map<std::string, Failure> failed_;  // by file
  std::thread thread_;                     // last: it uses all of the above
};

}  // namespace rollcall::agent
