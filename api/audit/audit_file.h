// AuditFile: the audit log as a file of lines, which is turned over when it is large or old: then
// it gets the time as a suffix ("audit.log.20261126T201534.123Z"), and of those with one only so
// many are kept. Files are made with mode 0640. Threads as AuditSink says.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "api/audit/audit_sink.h"
#include "registry/base/owned_fd.h"
#include "registry/base/result.h"

namespace rollcall::api {

class AuditFile final : public AuditSink {
 public:
  struct Options {
    std::string path;
    // A file is turned over before a line would make it larger, and when it is that old; 0: never.
    uint64_t max_bytes = 100 * 1024 * 1024;
    std::chrono::seconds max_age = std::chrono::hours(24);
    size_t max_files = 14;  // kept beside the one that is written; 0: all
  };
  using Now = std::function<std::chrono::system_clock::time_point()>;

  // Opens it, so that a start fails where it cannot be written.
  static Result<std::unique_ptr<AuditFile>> Open(const Options& options, Now now);

  Progress Write(std::span<const std::string> lines) override;
  Result<void> Sync() override;
  Result<void> Reopen() override;
  std::string name() const override { return "audit log " + options_.path; }

 private:
  AuditFile(const Options& options, Now now) : options_(options), now_(std::move(now)) {}

  Result<void> OpenFile();
  // Ends a last line that a crash has left without its end.
  Result<void> EndLastLine();
  Result<void> Append(std::string_view bytes);
  bool IsDue(size_t more_bytes) const;
  bool Fits(size_t more_bytes) const;
  void TurnOver();
  Result<void> RenameByTime();
  void RemoveOldest() const;

  const Options options_;
  const Now now_;
  OwnedFd fd_;  // -1 after a failure: it is opened anew
  bool is_regular_ = false;
  uint64_t size_ = 0;
  std::chrono::system_clock::time_point born_;
  std::chrono::system_clock::time_point not_before_;  // is it turned over: that has failed
};

}  // namespace rollcall::api
