// AuditSink: where the lines of the audit log go. Made by the main thread; then its log's writer
// thread alone uses it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "registry/base/result.h"

namespace rollcall::api {

class AuditSink {
 public:
  struct Progress {
    size_t lines = 0;            // that have been taken, from the first one on
    std::optional<Error> error;  // why not all of them
  };

  virtual ~AuditSink() = default;

  // Takes lines, each with its "\n". What was not taken is given again later; of such a line no
  // part is left behind.
  virtual Progress Write(std::span<const std::string> lines) = 0;

  // Makes what was taken durable, as far as the sink can.
  virtual Result<void> Sync() = 0;

  // Somebody has moved the file away: go on in one of the same name.
  virtual Result<void> Reopen() = 0;

  // For messages: "audit log /var/log/rollcall/audit.log".
  virtual std::string name() const = 0;
};

}  // namespace rollcall::api
