#include "agent/keep/alive_mark.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <sstream>

#include "agent/keep/durable_file.h"

namespace rollcall::agent {
namespace {

std::string FileIn(const std::string& data_dir) { return data_dir + "/alive"; }

// A random ID that the kernel makes at each boot; empty where it tells none.
std::string BootId() {
  const Result<std::string> text = ReadWholeFile("/proc/sys/kernel/random/boot_id");
  return text ? text->substr(0, text->find('\n')) : std::string();
}

// Also counts while the host sleeps.
int64_t MillisecondsSinceBoot() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace

Result<AliveMark> AliveMark::Open(const std::string& data_dir) {
  const std::string file = FileIn(data_dir);
  OwnedFd fd(open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640));
  if (fd.get() < 0) return IoError("cannot write " + file + ": " + std::strerror(errno));
  return AliveMark(std::move(fd), BootId());
}

void AliveMark::Renew() {
  const std::string text = boot_ + " " + std::to_string(MillisecondsSinceBoot()) + "\n";
  // One that is lost makes the agent look dead for longer, and its checks begin anew.
  const ssize_t written = pwrite(file_.get(), text.data(), text.size(), 0);
  if (written == static_cast<ssize_t>(text.size())) (void)!ftruncate(file_.get(), written);
}

std::optional<std::chrono::milliseconds> AliveMark::Age(const std::string& data_dir) {
  const Result<std::string> text = ReadWholeFile(FileIn(data_dir));
  if (!text) return std::nullopt;
  std::istringstream words(*text);
  std::string boot;
  int64_t then = 0;
  if (!(words >> boot >> then) || boot != BootId()) return std::nullopt;
  const int64_t age = MillisecondsSinceBoot() - then;
  if (age < 0) return std::nullopt;
  return std::chrono::milliseconds(age);
}

}  // namespace rollcall::agent
