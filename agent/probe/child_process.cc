#include "agent/probe/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

namespace rollcall::probe {
namespace {

namespace asio = boost::asio;

// glibc 2.36 is the first to name it (waitid(2), since Linux 5.4).
constexpr auto kPidfd = static_cast<idtype_t>(3);

// How long a destructor waits for the end of what it has killed. Only a process that hangs in the
// kernel takes longer, and nobody could do anything about that one.
constexpr int kLastWaitMs = 1000;

std::string Reason(int error) { return std::generic_category().message(error); }

class FileActions {
 public:
  // `input` below 0: none.
  FileActions(int output, int input) {
    posix_spawn_file_actions_init(&actions_);
    // The input last: `output` may be descriptor 0.
    Note(posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO));
    Note(posix_spawn_file_actions_adddup2(&actions_, output, STDERR_FILENO));
    if (input < 0) {
      Note(posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0));
    } else {
      Note(posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO));
    }
    Note(posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1));
  }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  const posix_spawn_file_actions_t* get() const { return &actions_; }
  int error() const { return error_; }

 private:
  void Note(int error) {
    if (error != 0) error_ = error;
  }

  posix_spawn_file_actions_t actions_;
  int error_ = 0;
};

// A group of its own, and signals as a shell would hand them on: our threads block some.
class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes_, 0);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
  }
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;

  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

// As execve(2) wants them; valid as long as the texts.
std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// What this process has in its environment and `variables` do not name.
void AddInherited(std::vector<std::string>* variables) {
  const size_t own = variables->size();
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::string_view name = text.substr(0, text.find('='));
    const bool is_named = std::any_of(
        variables->begin(), variables->begin() + static_cast<std::ptrdiff_t>(own),
        [name](std::string_view given) { return given.substr(0, given.find('=')) == name; });
    if (!is_named) variables->emplace_back(text);
  }
}

void KillGroup(pid_t leader) {
  kill(-leader, SIGKILL);
  kill(leader, SIGKILL);  // it may have gone to another group
}

}  // namespace

Result<std::shared_ptr<ChildProcess>> ChildProcess::Start(asio::io_context& loop,
                                                          const std::vector<std::string>& args,
                                                          Surroundings surroundings) {
  assert(!args.empty());
  std::vector<char*> argv = Pointers(args);
  std::vector<std::string> variables = surroundings.environment;
  AddInherited(&variables);
  std::vector<char*> envp = Pointers(variables);
  const FileActions actions(surroundings.output.get(), surroundings.input.get());
  if (actions.error() != 0) return IoError(Reason(actions.error()));
  const Attributes attributes;
  pid_t pid = 0;
  const int error =
      posix_spawnp(&pid, argv[0], actions.get(), attributes.get(), argv.data(), envp.data());
  if (error != 0) return IoError(Reason(error));

  // Closed first: where descriptors are scarce its number is there for the next one.
  surroundings.output = OwnedFd();
  const auto pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (pidfd < 0) {
    const int why = errno;
    KillGroup(pid);
    waitpid(pid, nullptr, 0);
    return IoError("pidfd_open: " + Reason(why));
  }
  return std::shared_ptr<ChildProcess>(new ChildProcess(loop, pid, pidfd));
}

ChildProcess::ChildProcess(asio::io_context& loop, pid_t pid, int pidfd)
    : pid_(pid), pidfd_(loop, pidfd) {}

ChildProcess::~ChildProcess() {
  if (reaped_) return;
  Kill();
  pollfd ended = {pidfd_.native_handle(), POLLIN, 0};
  poll(&ended, 1, kLastWaitMs);
  Reap();
}

void ChildProcess::Wait(OnEnd on_end) {
  pidfd_.async_wait(asio::posix::stream_descriptor::wait_read,
                    [self = shared_from_this(),
                     on_end = std::move(on_end)](boost::system::error_code failed) mutable {
                      if (failed) return;
                      const std::optional<End> end = self->Reap();
                      if (!end) return self->Wait(std::move(on_end));
                      on_end(*end);
                    });
}

void ChildProcess::Kill() {
  if (!reaped_) KillGroup(pid_);
}

std::optional<ChildProcess::End> ChildProcess::Reap() {
  siginfo_t info = {};
  if (waitid(kPidfd, static_cast<id_t>(pidfd_.native_handle()), &info, WEXITED | WNOHANG) != 0) {
    if (errno != ECHILD) return std::nullopt;
    reaped_ = true;
    return End{};
  }
  if (info.si_pid == 0) return std::nullopt;
  reaped_ = true;
  if (info.si_code == CLD_EXITED) return End{.exit_code = info.si_status, .signal = std::nullopt};
  return End{.exit_code = std::nullopt, .signal = info.si_status};
}

}  // namespace rollcall::probe
