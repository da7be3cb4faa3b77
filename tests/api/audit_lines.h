// An audit log that keeps its lines in memory.
#pragma once

#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "api/audit/audit_log.h"

namespace rollcall::api {

// The lines of an audit log, in memory.
class Lines {
 public:
  void Add(std::span<const std::string> lines) {
    const std::lock_guard lock(mutex_);
    for (const std::string& line : lines) lines_.push_back(nlohmann::json::parse(line));
  }
  std::vector<nlohmann::json> all() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<nlohmann::json> lines_;
};

class LinesSink final : public AuditSink {
 public:
  explicit LinesSink(Lines& lines) : lines_(lines) {}
  Progress Write(std::span<const std::string> lines) override {
    lines_.Add(lines);
    return {lines.size(), std::nullopt};
  }
  Result<void> Sync() override { return {}; }
  Result<void> Reopen() override { return {}; }
  std::string name() const override { return "audit log of the test"; }

 private:
  Lines& lines_;
};

}  // namespace rollcall::api
