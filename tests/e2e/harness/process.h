// Process: a real program that a test starts, watches and stops. Its output goes to files in the
// test's directory; the end of it is shown when the test fails.
// Nothing outlives a test: the destructor kills, and so does the kernel when the thread that
// started the program ends (PR_SET_PDEATHSIG), so only a test's main thread may start one. Not
// thread-safe.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace rollcall::e2e {

struct ProcessOptions {
  std::vector<std::string> argv;              // argv[0]: a path, or a name that $PATH knows
  std::vector<std::string> environment = {};  // "NAME=value", on top of the test's own
  std::string output_path;                    // stdout and stderr; truncated
  std::string error_path = {};                // stderr, when it is to be kept apart
  std::string input = {};                     // what stdin holds; at most a pipe's 64 KiB
};

class Process {
 public:
  explicit Process(ProcessOptions options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool Running();
  void Signal(int signal) const;

  // How it ended: the exit code, or -signal. Nothing when it still runs after `timeout`.
  std::optional<int> Wait(std::chrono::milliseconds timeout);

  // SIGKILL, as a crash; waits until it is gone.
  void Kill();
  // SIGTERM; how it ended, as of Wait. Killed when it does not end in `timeout`.
  std::optional<int> Stop(std::chrono::milliseconds timeout = std::chrono::seconds(10));

  std::string Output() const;
  std::string Errors() const;

 private:
  bool Reap(int options);

  const ProcessOptions options_;
  pid_t pid_ = -1;
  std::optional<int> ended_;
};

// Runs a program to its end (at most 20 s).
struct Finished {
  int code = -1;  // as of Process::Wait; -1000 when it had to be killed
  std::string output;
  std::string errors;
};
Finished RunToEnd(ProcessOptions options);

}  // namespace rollcall::e2e
