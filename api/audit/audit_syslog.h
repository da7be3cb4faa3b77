// AuditSyslog: the audit log as messages to the syslog daemon of the host, one for each line, with
// facility authpriv and severity notice, by the name of rollcall-audit. By a socket of its own
// rather than by syslog(3), which waits for the daemon for as long as that takes.
// Threads as AuditSink says.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "api/audit/audit_sink.h"
#include "registry/base/owned_fd.h"
#include "registry/base/result.h"

namespace rollcall::api {

class AuditSyslog final : public AuditSink {
 public:
  // Where daemons listen.
  static constexpr char kSocket[] = "/dev/log";

  // Connects, so that a start fails where nobody listens.
  static Result<std::unique_ptr<AuditSyslog>> Open(const std::string& socket_path);

  Progress Write(std::span<const std::string> lines) override;
  Result<void> Sync() override { return {}; }
  Result<void> Reopen() override;
  std::string name() const override { return "audit log to syslog at " + path_; }

 private:
  explicit AuditSyslog(std::string path) : path_(std::move(path)) {}

  Result<void> Connect();
  Result<void> Send(const std::string& line);

  const std::string path_;
  OwnedFd socket_;  // -1 after a failure
};

}  // namespace rollcall::api
