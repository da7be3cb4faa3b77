// ChildProcess: a program that runs in a process group of its own, without anybody waiting for it.
// Everything about it happens on its io_context's thread. However it is let go of it does not
// outlive its owner's interest: it is killed with all of its group, and it is always reaped, by
// the loop or, where that is destroyed, by the destructor.
//
// What leaves the group (setsid, setpgid) is not killed, as in Consul.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "registry/base/owned_fd.h"
#include "registry/base/result.h"

namespace rollcall::probe {

class ChildProcess : public std::enable_shared_from_this<ChildProcess> {
 public:
  // How it ended: one of the two is set. Neither: nobody knows, because the process that started
  // this one ignores SIGCHLD, and the kernel has thrown the answer away.
  struct End {
    std::optional<int> exit_code;
    std::optional<int> signal;
  };
  using OnEnd = std::function<void(const End&)>;

  struct Surroundings {
    OwnedFd output;      // for both of its outputs
    OwnedFd input = {};  // none: /dev/null
    // "NAME=value", beside what this process has, and over it.
    std::vector<std::string> environment = {};
  };

  // Runs args[0], looked up in PATH; it gets no other descriptor. Says why where it cannot.
  static Result<std::shared_ptr<ChildProcess>> Start(boost::asio::io_context& loop,
                                                     const std::vector<std::string>& args,
                                                     Surroundings surroundings);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // To be called once. `on_end` is called when it has ended and was reaped, never inside of this.
  void Wait(OnEnd on_end);

  // SIGKILL for all of its group; its end is still told. Nothing once it has ended.
  void Kill();

 private:
  ChildProcess(boost::asio::io_context& loop, pid_t pid, int pidfd);

  // Nothing while it runs.
  std::optional<End> Reap();

  const pid_t pid_;  // its group's too; not another process's before it was reaped
  boost::asio::posix::stream_descriptor pidfd_;  // readable when it has ended
  bool reaped_ = false;
};

}  // namespace rollcall::probe
