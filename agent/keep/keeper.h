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

  // To be written soon. The newest change of a file counts, also of one that could not be written.
  void Put(FileChange change);

  // `done` is called when everything that was put before is on the disk, or could not be written.
  void WhenWritten(OnWritten done);

 private:
  using Changes = std::map<std::string, std::optional<std::string>>;  // by file
  struct Queue {
    Changes changes;
    std::vector<OnWritten> waiting;
    Changes failed;  // left from earlier
    bool stop = false;
    bool HasWork() const { return stop || !changes.empty() || !waiting.empty(); }
  };

  Keeper(const Options& options, OwnedFd lock, AliveMark alive);
  void Run();
  // Those that could not be written stay in `changes`; says why the first one could not.
  Result<void> Write(Changes* changes) const;
  Result<void> WriteOne(const std::string& file, const std::optional<std::string>& content) const;
  // Works off the queue. False: it is the end.
  bool Work();

  const Options options_;
  const OwnedFd lock_;
  LockGuarded<Queue> queue_;
  std::condition_variable news_;
  // The thread's.
  AliveMark alive_;
  bool in_trouble_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace rollcall::agent
