// LogTrouble: what is wrong with the log that a writer shares, if anything is, and the operator's
// word of it: when it begins, when it turns out to be another thing, when it is over. Belongs to
// the catalog's writer thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "registry/base/clock.h"
#include "registry/base/result.h"

namespace rollcall::catalog {

class LogTrouble {
 public:
  // Told a sentence; may be empty.
  using Tell = std::function<void(const std::string&)>;

  LogTrouble(const Clock& clock, Tell warn, Tell relieve)
      : clock_(clock), warn_(std::move(warn)), relieve_(std::move(relieve)) {}

  // Why nothing can be written now, as kUnavailable.
  const std::optional<Error>& error() const { return error_; }

  // Goes on if there is any: its reason is another one now, which is not said again.
  void Begin(const Error& error) {
    if (!error_) Warn(error.message);
    if (!since_) since_ = clock_.Now();
    error_ = Unavailable(error.message);
  }
  // The same, and the reason is said, unless that was the last thing said.
  void BeginAnother(const Error& error) {
    Warn(error.message);
    Begin(error);
  }
  // As far as is known: the operator is told once that has been shown.
  void Pause() { error_.reset(); }
  void End() {
    error_.reset();
    told_.clear();
    if (!since_) return;
    const auto lasted = std::chrono::duration_cast<std::chrono::milliseconds>(
        clock_.Now() - *std::exchange(since_, std::nullopt));
    if (!relieve_) return;
    relieve_("the log is followed again, after " + std::to_string(lasted.count()) + " ms");
  }

 private:
  void Warn(const std::string& text) {
    if (text == told_) return;
    told_ = text;
    if (warn_) warn_(text);
  }

  const Clock& clock_;
  const Tell warn_;
  const Tell relieve_;
  std::optional<Error> error_;
  std::optional<Clock::TimePoint> since_;
  std::string told_;
};

}  // namespace rollcall::catalog
