#include "registry/pki/pem_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "registry/base/owned_fd.h"
#include "registry/base/system_error.h"

namespace rollcall::pki {
namespace {

// Of PEM that anybody would use; /dev/zero is not read to its end.
constexpr size_t kMaxBytes = size_t{4} << 20;

}  // namespace

// Not with a stream, which would leave a part of a key in its buffer.
Result<SecretText> ReadPemFile(const std::string& path) {
  const OwnedFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return SystemError(path + ": cannot be read", errno);
  SecretText text(kMaxBytes + 1);
  while (text.left() > 0) {
    const ssize_t count = read(file.get(), text.end(), text.left());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError(path + ": cannot be read", errno);
    if (count == 0) return text;
    text.Grow(static_cast<size_t>(count));
  }
  return InvalidArgument(path + ": larger than 4 MiB; no PEM");
}

}  // namespace rollcall::pki
