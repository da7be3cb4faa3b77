#include "cli/progress.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

namespace rollcall::cli {
namespace {

constexpr std::chrono::milliseconds kInterval{200};
constexpr const char* kWipeLine = "\r\x1b[K";

}  // namespace

Progress::Progress(std::string what)
    : what_(std::move(what)),
      wanted_(isatty(STDERR_FILENO) != 0),
      next_(std::chrono::steady_clock::now() + kInterval) {}

Progress::~Progress() {
  if (shown_) std::fputs(kWipeLine, stderr);
}

void Progress::Show(uint64_t done, uint64_t of) {
  if (!wanted_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + kInterval;
  shown_ = true;
  std::string line = kWipeLine + what_ + ": " + std::to_string(done);
  if (of > 0) line += " of " + std::to_string(of);
  line += " records";
  std::fputs(line.c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace rollcall::cli
