#include "agent/keep/durable_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "registry/base/system_error.h"

namespace rollcall::agent {
namespace {

Result<void> WriteAll(int fd, std::string_view content, const std::string& file) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return SystemError("cannot write " + file, errno);
    content.remove_prefix(static_cast<size_t>(written));
  }
  if (fsync(fd) != 0) return SystemError("cannot write " + file, errno);
  return {};
}

// What a directory names is there after a power loss only when it was synced.
Result<void> SyncDirectoryOf(const std::string& file) {
  std::string directory = std::filesystem::path(file).parent_path().string();
  if (directory.empty()) directory = ".";
  const OwnedFd fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || fsync(fd.get()) != 0) return SystemError("cannot sync " + directory, errno);
  return {};
}

}  // namespace

Result<std::string> ReadWholeFile(const std::string& file) {
  const OwnedFd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return SystemError("cannot read " + file, errno);
  std::string content;
  char chunk[16 << 10];
  for (;;) {
    const ssize_t size = read(fd.get(), chunk, sizeof chunk);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return SystemError("cannot read " + file, errno);
    if (size == 0) return content;
    content.append(chunk, static_cast<size_t>(size));
  }
}

Result<void> WriteDurably(const std::string& file, const std::string& content) {
  const std::string draft = file + ".new";
  {
    // Not for others' eyes: definitions hold what their checks send, and there are tokens. A draft
    // that an older agent has left behind may have been more open.
    const OwnedFd fd(open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (fd.get() < 0 || fchmod(fd.get(), 0600) != 0)
      return SystemError("cannot write " + draft, errno);
    if (Result<void> written = WriteAll(fd.get(), content, draft); !written) {
      unlink(draft.c_str());
      return written;
    }
  }
  if (std::rename(draft.c_str(), file.c_str()) != 0) {
    return SystemError("cannot write " + file, errno);
  }
  return SyncDirectoryOf(file);
}

Result<void> RemoveDurably(const std::string& file) {
  if (unlink(file.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return SystemError("cannot remove " + file, errno);
  }
  return SyncDirectoryOf(file);
}

Result<void> EnsureDirectory(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return SystemError("cannot create " + directory, error.value());
  return {};
}

Result<OwnedFd> LockDirectory(const std::string& directory) {
  const std::string file = directory + "/lock";
  OwnedFd fd(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
  if (fd.get() < 0) return SystemError("cannot write " + file, errno);
  if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno != EWOULDBLOCK) return SystemError("cannot lock " + file, errno);
  return Conflict(directory + " is in use by another rollcall-agent");
}

}  // namespace rollcall::agent
