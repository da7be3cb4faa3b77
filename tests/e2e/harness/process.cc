#include "tests/e2e/harness/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <thread>

#include "tests/e2e/harness/files.h"

extern char** environ;

namespace rollcall::e2e {
namespace {

constexpr size_t kTailBytes = 4000;

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& each : texts) pointers.push_back(const_cast<char*>(each.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> WholeEnvironment(const std::vector<std::string>& extra) {
  std::vector<std::string> all(extra);
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string name(*each, strcspn(*each, "=") + 1);
    bool replaced = false;
    for (const std::string& one : extra) replaced = replaced || one.starts_with(name);
    if (!replaced) all.emplace_back(*each);
  }
  return all;
}

int OpenOutput(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) ADD_FAILURE() << "cannot write " << path << ": " << std::strerror(errno);
  return fd;
}

// A pipe that holds `input` and then ends.
int InputEnd(const std::string& input) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  const ssize_t written = write(ends[1], input.data(), input.size());
  EXPECT_EQ(written, static_cast<ssize_t>(input.size()));
  close(ends[1]);
  return ends[0];
}

// In the child of a fork: nothing but async-signal-safe calls.
[[noreturn]] void Become(char* const* argv, char** env, int in, int out, int err, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(126);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  environ = env;
  execvp(argv[0], argv);
  const char* why = std::strerror(errno);
  [[maybe_unused]] ssize_t ignored = write(STDERR_FILENO, why, std::strlen(why));
  _exit(127);
}

}  // namespace

Process::Process(ProcessOptions options) : options_(std::move(options)) {
  const std::vector<std::string> environment = WholeEnvironment(options_.environment);
  const std::vector<char*> argv = Pointers(options_.argv);
  std::vector<char*> env = Pointers(environment);
  const int in = InputEnd(options_.input);
  const int out = OpenOutput(options_.output_path);
  const int err = options_.error_path.empty() ? out : OpenOutput(options_.error_path);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) Become(argv.data(), env.data(), in, out, err, parent);
  if (pid_ < 0) ADD_FAILURE() << "fork: " << std::strerror(errno);
  close(in);
  close(out);
  if (err != out) close(err);
}

Process::~Process() {
  Kill();
  if (!testing::Test::HasFailure()) return;
  for (const std::string& path : {options_.output_path, options_.error_path}) {
    if (path.empty()) continue;
    const std::string text = ReadFile(path);
    const size_t from = text.size() > kTailBytes ? text.size() - kTailBytes : 0;
    std::cerr << "--- " << options_.argv[0] << " (pid " << pid_ << ", ended " << ended_.value_or(0)
              << ") wrote to " << path << "\n"
              << text.substr(from) << "---\n";
  }
}

bool Process::Reap(int options) {
  if (ended_ || pid_ <= 0) return true;
  int status = 0;
  if (waitpid(pid_, &status, options) != pid_) return false;
  ended_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return true;
}

bool Process::Running() { return !Reap(WNOHANG); }

void Process::Signal(int signal) const {
  if (!ended_ && pid_ > 0) kill(pid_, signal);
}

std::optional<int> Process::Wait(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!Reap(WNOHANG) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return ended_;
}

void Process::Kill() {
  Signal(SIGKILL);
  Reap(0);
}

std::optional<int> Process::Stop(std::chrono::milliseconds timeout) {
  Signal(SIGTERM);
  if (!Wait(timeout)) {
    ADD_FAILURE() << options_.argv[0] << " did not stop on SIGTERM";
    Kill();
  }
  return ended_;
}

std::string Process::Output() const { return ReadFile(options_.output_path); }

std::string Process::Errors() const { return ReadFile(options_.error_path); }

Finished RunToEnd(ProcessOptions options) {
  Process process(std::move(options));
  const std::optional<int> code = process.Wait(std::chrono::seconds(20));
  if (!code) process.Kill();
  return {code.value_or(-1000), process.Output(), process.Errors()};
}

}  // namespace rollcall::e2e
