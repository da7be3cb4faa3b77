// Threshold: how many results in a row a check needs for another status
// (SuccessBeforePassing, FailuresBeforeWarning, FailuresBeforeCritical). A plain value; belongs to
// the thread that runs the check.
#pragma once

#include <algorithm>
#include <optional>

#include "registry/model/definition.h"
#include "registry/model/records.h"

namespace rollcall::agent {

class Threshold {
 public:
  Threshold() = default;
  explicit Threshold(const model::CheckRun& run)
      : passing_(run.success_before_passing),
        critical_(run.failures_before_critical),
        // Where nothing is said there is no warning on the way to critical.
        warning_(run.failures_before_warning > 0 ? run.failures_before_warning : critical_) {}

  // What the next result makes of the check; nothing while it has not come often enough. A warning
  // is a success, as in Consul.
  std::optional<model::CheckStatus> Next(model::CheckStatus result) {
    if (result != model::CheckStatus::kCritical) {
      failures_ = 0;
      if (++successes_ >= passing_) return Reached(result);
      return std::nullopt;
    }
    successes_ = 0;
    ++failures_;
    if (failures_ >= critical_) return Reached(model::CheckStatus::kCritical);
    if (failures_ >= warning_) return model::CheckStatus::kWarning;
    return std::nullopt;
  }

 private:
  // Stops counting, so that the counts stay small.
  model::CheckStatus Reached(model::CheckStatus status) {
    successes_ = std::min(successes_, passing_);
    failures_ = std::min(failures_, critical_);
    return status;
  }

  int passing_ = 0;
  int critical_ = 0;
  int warning_ = 0;
  int successes_ = 0;
  int failures_ = 0;
};

}  // namespace rollcall::agent
