#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <system_error>
#include <utility>

#include "agent/probe/child_process.h"
#include "agent/probe/probe.h"
#include "registry/base/go_duration.h"

namespace rollcall::probe {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

model::CheckStatus StatusOf(const ChildProcess::End& end) {
  if (end.exit_code == 0) return model::CheckStatus::kPassing;
  return end.exit_code == 1 ? model::CheckStatus::kWarning : model::CheckStatus::kCritical;
}

// A file in memory, at its start: a program reads it when it likes, and nobody waits for it.
Result<OwnedFd> FileHolding(const std::string& text) {
  const auto error = [] { return IoError(std::generic_category().message(errno)); };
  OwnedFd file(memfd_create("rollcall-input", MFD_CLOEXEC));
  if (file.get() < 0) return error();
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t size = write(file.get(), text.data() + written, text.size() - written);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return error();
    written += static_cast<size_t>(size);
  }
  if (lseek(file.get(), 0, SEEK_SET) != 0) return error();
  return file;
}

// Steps: start the program, read what it writes, notice its end. Only the end of the program
// decides, not that of its output: it may close that and go on, and what it has started may keep
// it open for long.
class ScriptProbe final : public Probe {
 public:
  ScriptProbe(asio::io_context& loop, const model::CheckRun& run, ScriptInput input)
      : Probe(loop, "exec " + run.args.front(), run.timeout),
        args_(run.args),
        input_(std::move(input)),
        timeout_(run.timeout),
        limit_(model::OutputLimit(run)),
        pipe_(loop) {}

 private:
  std::shared_ptr<ScriptProbe> Self() {
    return std::static_pointer_cast<ScriptProbe>(shared_from_this());
  }

  void Begin() override {
    std::array<int, 2> ends;
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
      return Fail(std::generic_category().message(errno));
    }
    OwnedFd reading(ends[0]);
    ChildProcess::Surroundings surroundings{.output = OwnedFd(ends[1])};
    surroundings.environment = input_.environment;
    if (input_.input != nullptr) {
      Result<OwnedFd> file = FileHolding(*input_.input);
      if (!file) return Fail(file.error().message);
      surroundings.input = std::move(*file);
    }
    Result<std::shared_ptr<ChildProcess>> started =
        ChildProcess::Start(loop(), args_, std::move(surroundings));
    if (!started) return Fail(started.error().message);
    child_ = *started;
    pipe_.assign(reading.Release());
    pipe_.native_non_blocking(true);
    ReadOutput();
    child_->Wait([self = Self()](const ChildProcess::End& end) {
      if (!self->is_done()) self->OnEnd(end);
    });
  }

  // Reads until the pipe is closed, also what is not kept: the script must not block on a full one.
  void ReadOutput() {
    pipe_.async_wait(asio::posix::stream_descriptor::wait_read, [self = Self()](error_code error) {
      if (error || self->is_done()) return;
      if (self->ReadSome(SIZE_MAX) != 0) self->ReadOutput();
    });
  }

  // How many bytes were read, at most `size`; 0 when the pipe is closed, -1 where nothing is in it.
  ssize_t ReadSome(size_t size) {
    std::array<char, 16 << 10> chunk;
    const ssize_t got = read(pipe_.native_handle(), chunk.data(), std::min(size, chunk.size()));
    if (got <= 0) return got;
    const auto received = static_cast<size_t>(got);
    const size_t kept = std::min(received, limit_ - output_.size());
    output_.append(chunk.data(), kept);
    dropped_ += received - kept;
    return got;
  }

  void OnEnd(const ChildProcess::End& end) {
    // What is in the pipe by now was written before the end. No more than that: a child of the
    // script may go on writing.
    int left = 0;
    if (ioctl(pipe_.native_handle(), FIONREAD, &left) != 0) left = 0;
    while (left > 0) {
      const ssize_t got = ReadSome(static_cast<size_t>(left));
      if (got <= 0) break;
      left -= static_cast<int>(got);
    }
    std::string output = Output();
    if (output.empty() && end.signal) output = "killed by signal " + std::to_string(*end.signal);
    if (!end.exit_code && !end.signal) output += "(how it ended is not known: SIGCHLD is ignored)";
    Finish({StatusOf(end), std::move(output)});
  }

  std::string Output() const { return model::KeptOutput(output_, limit_, dropped_); }

  // In Consul's words.
  ProbeResult OnTimeout() const override {
    std::string output = "Timed out (" + FormatGoDuration(timeout_) + ") running check";
    if (!output_.empty()) output += "\n\n" + Output();
    return {model::CheckStatus::kCritical, std::move(output)};
  }

  void Close() override {
    error_code already_closed;
    pipe_.close(already_closed);
    if (child_) child_->Kill();
    child_ = nullptr;
  }

  const std::vector<std::string> args_;
  const ScriptInput input_;
  const std::chrono::nanoseconds timeout_;
  const size_t limit_;
  std::shared_ptr<ChildProcess> child_;
  asio::posix::stream_descriptor pipe_;
  std::string output_;  // at most limit_
  size_t dropped_ = 0;  // bytes that came after it
};

}  // namespace

std::shared_ptr<Probe> MakeScriptProbe(asio::io_context& loop, const model::CheckRun& run,
                                       ScriptInput input) {
  return std::make_shared<ScriptProbe>(loop, run, std::move(input));
}

}  // namespace rollcall::probe
