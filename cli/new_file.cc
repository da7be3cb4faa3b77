#include "cli/new_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "registry/base/system_error.h"

namespace rollcall::cli {
namespace {

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Error IsThereAlready(const std::string& path) {
  return InvalidArgument(path + " is there already; --force replaces it");
}

}  // namespace

Result<NewFile> NewFile::Create(const std::string& path, Existing existing) {
  if (existing == Existing::kRefused && access(path.c_str(), F_OK) == 0) {
    return IsThereAlready(path);
  }
  std::string partial = path + ".partial-XXXXXX";
  const int fd = mkostemp(partial.data(), O_CLOEXEC);
  if (fd < 0) return SystemError("cannot write " + path, errno);
  return NewFile(path, existing, std::move(partial), fd);
}

NewFile::~NewFile() {
  if (!partial_.empty() && fd_.get() >= 0) unlink(partial_.c_str());
}

Result<void> NewFile::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError("cannot write " + path_, errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Result<void> NewFile::Place() {
  if (fsync(fd_.get()) != 0) return SystemError("cannot write " + path_, errno);
  const unsigned flags = existing_ == Existing::kRefused ? RENAME_NOREPLACE : 0;
  int result = renameat2(AT_FDCWD, partial_.c_str(), AT_FDCWD, path_.c_str(), flags);
  // Not every file system knows the flag; that nothing was there has been seen before.
  if (result != 0 && errno == EINVAL) result = rename(partial_.c_str(), path_.c_str());
  if (result != 0) {
    return errno == EEXIST ? IsThereAlready(path_) : SystemError("cannot write " + path_, errno);
  }
  partial_.clear();
  const std::string directory = DirectoryOf(path_);
  const OwnedFd opened(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0 || fsync(opened.get()) != 0) {
    return SystemError("cannot make " + path_ + " durable", errno);
  }
  return {};
}

}  // namespace rollcall::cli
