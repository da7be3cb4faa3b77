// The limit that durable writes are measured against: what the disk alone gives, one by one.
//   dsync_writes DIR SECONDS
// Appends blocks of 4 KB with O_DSYNC to a new file in DIR, each one on the disk before the next
// begins. Nothing is allocated beforehand, so that every write moves the file's end, as in a log.
// At 64 MB the file is cut to nothing and begins anew. It is removed in the end. It prints:
//   writes N in S s
//   per second R
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "tests/bench/program.h"

namespace {

using rollcall::bench::ParseNumber;

using Clock = std::chrono::steady_clock;

constexpr size_t kBlockBytes = 4096;
constexpr size_t kMaxFileBytes = 64 * 1024 * 1024;
constexpr size_t kMaxSeconds = 3600;

// The number of writes until the time is over, or nothing and errno.
std::optional<size_t> WriteUntil(int fd, Clock::time_point end) {
  std::array<char, kBlockBytes> block;
  block.fill('x');
  size_t writes = 0;
  size_t file_bytes = 0;
  while (Clock::now() < end) {
    if (file_bytes == kMaxFileBytes) {
      if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0) return std::nullopt;
      file_bytes = 0;
    }
    const ssize_t written = write(fd, block.data(), block.size());
    if (written < 0 && errno == EINTR) continue;
    if (written >= 0 && static_cast<size_t>(written) < block.size()) errno = ENOSPC;
    if (written != static_cast<ssize_t>(block.size())) return std::nullopt;
    file_bytes += block.size();
    ++writes;
  }
  return writes;
}

int Fail(const std::string& path) {
  std::fprintf(stderr, "dsync_writes: %s: %s\n", path.c_str(), std::strerror(errno));
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const auto seconds = argc == 3 ? ParseNumber(argv[2], 1, kMaxSeconds) : std::nullopt;
  if (!seconds) {
    std::fprintf(stderr, "usage: dsync_writes DIR SECONDS (from 1 to 3600)\n");
    return 2;
  }
  const std::string path = std::string(argv[1]) + "/dsync_writes.data";
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_DSYNC, 0600);
  if (fd < 0) return Fail(path);
  const auto began = Clock::now();
  const auto writes = WriteUntil(fd, began + std::chrono::seconds(*seconds));
  const double took_s = std::chrono::duration<double>(Clock::now() - began).count();
  if (!writes) {
    const int code = Fail(path);
    unlink(path.c_str());
    return code;
  }
  close(fd);
  unlink(path.c_str());
  std::printf("writes %zu in %.3f s\n", *writes, took_s);
  std::printf("per second %.1f\n", static_cast<double>(*writes) / took_s);
  return 0;
}
