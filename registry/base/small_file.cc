#include "registry/base/small_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "registry/base/owned_fd.h"
#include "registry/base/system_error.h"

namespace rollcall {
namespace {

Error Reason(int error) { return {CodeOf(error), std::strerror(error)}; }

}  // namespace

Result<std::string> ReadSmallFile(const std::string& path, size_t most) {
  // O_NONBLOCK: to open a pipe that nobody writes to would wait for ever.
  const OwnedFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat about {};
  if (file.get() < 0 || fstat(file.get(), &about) != 0) return Reason(errno);
  if (!S_ISREG(about.st_mode)) return InvalidArgument("it is not a regular file");
  std::string text(most + 1, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Reason(errno);
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  text.resize(size);
  return text;
}

}  // namespace rollcall
