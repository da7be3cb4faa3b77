#include "registry/pki/pem_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "registry/base/owned_fd.h"
#include "registry/base/system_error.h"

namespace rollcall::pki {
namespace {

// Of PEM that anybody would use; a pipe or a device without an end is not read to it.
constexpr size_t kMaxBytes = size_t{4} << 20;

Error CannotRead(const std::string& path) { return SystemError(path + ": cannot be read", errno); }

// Without waiting where that is asked: opening a pipe waits for somebody who writes.
Result<OwnedFd> Open(const std::string& path, PemSource source) {
  const bool may_wait = source == PemSource::kFileOrPipe;
  OwnedFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | (may_wait ? 0 : O_NONBLOCK)));
  if (file.get() < 0) return CannotRead(path);
  if (may_wait) return file;
  struct stat kind {};
  if (fstat(file.get(), &kind) != 0) return CannotRead(path);
  if (S_ISREG(kind.st_mode)) return file;
  return InvalidArgument(path + ": not a regular file, nor a link to one");
}

}  // namespace

// Not with a stream, which would leave a part of a key in its buffer.
Result<SecretText> ReadPemFile(const std::string& path, PemSource source) {
  const Result<OwnedFd> file = Open(path, source);
  if (!file) return file.error();
  SecretText text(kMaxBytes + 1);
  while (text.left() > 0) {
    const ssize_t count = read(file->get(), text.end(), text.left());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return CannotRead(path);
    if (count == 0) return text;
    text.Grow(static_cast<size_t>(count));
  }
  return InvalidArgument(path + ": larger than 4 MiB; no PEM");
}

}  // namespace rollcall::pki
