#include "api/shared/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string_view>

#include "registry/base/owned_fd.h"

namespace rollcall::api {
namespace {

std::optional<int64_t> NumberIn(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr) return std::nullopt;
  const std::string_view text = value;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

bool NotifyServiceManager(const std::string& state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr) return false;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const size_t length = std::strlen(path);
  // A path, or with '@' a name in the abstract namespace; no other kind of socket.
  if (length == 0 || length >= sizeof address.sun_path || (path[0] != '/' && path[0] != '@')) {
    return false;
  }
  std::memcpy(address.sun_path, path, length);
  if (path[0] == '@') address.sun_path[0] = '\0';
  const OwnedFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  return fd.get() >= 0 && sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL,
                                 reinterpret_cast<const sockaddr*>(&address),
                                 size) == static_cast<ssize_t>(state.size());
}

std::string ReloadingState() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const int64_t microseconds = int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
  return "RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds);
}

std::optional<std::chrono::microseconds> WatchdogInterval() {
  const std::optional<int64_t> allowed = NumberIn("WATCHDOG_USEC");
  if (!allowed || *allowed <= 0) return std::nullopt;
  const std::optional<int64_t> pid = NumberIn("WATCHDOG_PID");
  if (pid && *pid != getpid()) return std::nullopt;
  return std::chrono::microseconds(*allowed / 2);
}

}  // namespace rollcall::api
