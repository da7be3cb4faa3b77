#include "cli/server_audit.h"

#include <chrono>
#include <utility>

#include "api/audit/audit_file.h"
#include "api/audit/audit_syslog.h"

namespace rollcall::cli {

Result<std::unique_ptr<api::AuditLog>> OpenAuditLog(const AuditTarget& target) {
  if (target.target.empty()) return std::unique_ptr<api::AuditLog>();
  std::unique_ptr<api::AuditSink> sink;
  if (target.target == "syslog") {
    auto syslog = api::AuditSyslog::Open(target.syslog_socket);
    if (!syslog) return syslog.error();
    sink = std::move(*syslog);
  } else {
    auto file =
        api::AuditFile::Open({target.target, target.max_bytes, target.max_age, target.max_files},
                             [] { return std::chrono::system_clock::now(); });
    if (!file) return file.error();
    sink = std::move(*file);
  }
  return std::make_unique<api::AuditLog>(std::move(sink), api::AuditLog::Options());
}

}  // namespace rollcall::cli
