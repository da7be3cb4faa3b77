#include "cli/exclusive_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "registry/base/system_error.h"

namespace rollcall::cli {

Result<ExclusiveFile> ExclusiveFile::Create(const std::string& path, Readers readers) {
  // O_EXCL follows no link at the end of the path (POSIX, open()).
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0 && errno == EEXIST) {
    return Conflict(path + " is there already, and is never overwritten; move it away first");
  }
  if (fd < 0) return SystemError("cannot write " + path, errno);
  ExclusiveFile file(path, fd);
  const mode_t others = readers == Readers::kEverybody ? S_IRGRP | S_IROTH : 0;
  // The umask may have taken something even from the owner.
  if (fchmod(fd, S_IRUSR | S_IWUSR | others) != 0) {
    return SystemError("cannot set the mode of " + path, errno);
  }
  return file;
}

ExclusiveFile::~ExclusiveFile() {
  if (fd_.get() >= 0 && !is_kept_) unlink(path_.c_str());
}

Result<void> ExclusiveFile::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError("cannot write " + path_, errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  if (fsync(fd_.get()) != 0) return SystemError("cannot write " + path_, errno);
  return {};
}

}  // namespace rollcall::cli
