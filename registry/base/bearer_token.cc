#include "registry/base/bearer_token.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "registry/base/owned_fd.h"
#include "registry/base/system_error.h"

namespace rollcall {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
// For blanks around the token.
constexpr size_t kRoom = 64;

bool IsOfBearerToken(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

}  // namespace

Result<std::string> BearerTokenOf(std::string_view text, const std::string& where) {
  // Before anything is looked at: what is that large is something else.
  if (text.size() > kMaxBearerTokenBytes + kRoom) {
    return InvalidArgument(where + " is larger than 16 KiB; no token is");
  }
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) {
    return InvalidArgument(where + " is empty; a JWT is expected");
  }
  const std::string_view token = text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
  if (token.size() > kMaxBearerTokenBytes) {
    return InvalidArgument(where + " is larger than 16 KiB; no token is");
  }
  if (!std::all_of(token.begin(), token.end(), IsOfBearerToken)) {
    return InvalidArgument(where + " holds something else than a JWT");
  }
  return std::string(token);
}

Result<std::string> ReadBearerTokenFile(const std::string& file) {
  // O_NONBLOCK: to open a pipe that nobody writes to would wait for ever.
  const OwnedFd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (fd.get() < 0) return SystemError("cannot read " + file, errno);
  struct stat about {};
  if (fstat(fd.get(), &about) != 0) return SystemError("cannot read " + file, errno);
  if (!S_ISREG(about.st_mode)) return InvalidArgument(file + " is not a regular file");
  std::string text(kMaxBearerTokenBytes + kRoom + 1, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(fd.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError("cannot read " + file, errno);
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  return BearerTokenOf(std::string_view(text).substr(0, size), file);
}

}  // namespace rollcall
