#include "api/audit/audit_syslog.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <utility>

#include "registry/base/system_error.h"

namespace rollcall::api {
namespace {

// How long a daemon that is behind is waited for; then it is tried again later.
constexpr int kSendPatienceMs = 1000;

// "<85>Nov 26 20:15:34 rollcall-audit[123]: ", what daemons expect on the socket of their own host
// (RFC 3164 section 4.1, without the host's name).
std::string SyslogHead() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm local = {};
  localtime_r(&now, &local);
  // Not strftime's names, which depend on the locale.
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char time[32];
  std::snprintf(time, sizeof time, "%s %2d %02d:%02d:%02d", kMonths[local.tm_mon], local.tm_mday,
                local.tm_hour, local.tm_min, local.tm_sec);
  return "<" + std::to_string(LOG_AUTHPRIV | LOG_NOTICE) + ">" + time + " rollcall-audit[" +
         std::to_string(getpid()) + "]: ";
}

}  // namespace

Result<std::unique_ptr<AuditSyslog>> AuditSyslog::Open(const std::string& socket_path) {
  std::unique_ptr<AuditSyslog> syslog(new AuditSyslog(socket_path));
  if (Result<void> ok = syslog->Connect(); !ok) return ok.error();
  return syslog;
}

Result<void> AuditSyslog::Connect() {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path_.empty() || path_.size() >= sizeof address.sun_path) {
    return InvalidArgument("cannot reach syslog at \"" + path_ +
                           "\": the path of a socket has from 1 to " +
                           std::to_string(sizeof address.sun_path - 1) + " bytes");
  }
  path_.copy(address.sun_path, path_.size());
  OwnedFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0 ||
      connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return SystemError("cannot reach syslog at " + path_, errno);
  }
  socket_ = std::move(fd);
  return {};
}

AuditSink::Progress AuditSyslog::Write(std::span<const std::string> lines) {
  Progress progress;
  for (const std::string& line : lines) {
    Result<void> sent = socket_.get() < 0 ? Connect() : Result<void>();
    if (sent) sent = Send(line);
    // A daemon that was started anew is there again at once.
    if (!sent && socket_.get() < 0 && Connect()) sent = Send(line);
    if (!sent) {
      progress.error = sent.error();
      return progress;
    }
    ++progress.lines;
  }
  return progress;
}

Result<void> AuditSyslog::Send(const std::string& line) {
  const std::string message = SyslogHead() + line.substr(0, line.size() - 1);
  while (true) {
    const ssize_t sent = send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL);
    if (sent >= 0) return {};
    if (errno == EINTR) continue;
    const int error = errno;
    if (error == EAGAIN || error == EWOULDBLOCK) {
      pollfd ready = {socket_.get(), POLLOUT, 0};
      if (poll(&ready, 1, kSendPatienceMs) > 0) continue;
      return SystemError("syslog at " + path_ + " takes nothing", error);
    }
    // The daemon was started anew: its socket is another one.
    socket_ = OwnedFd();
    return SystemError("cannot reach syslog at " + path_, error);
  }
}

Result<void> AuditSyslog::Reopen() {
  socket_ = OwnedFd();
  return Connect();
}

}  // namespace rollcall::api
