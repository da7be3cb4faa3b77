// Fence: a key of a shared log with a number, under the condition of which this server proposes all
// that it does to the catalog. A higher number keeps out whatever was proposed under a lower one:
// it was made before, and has been told by then, or never will be. The conditions of a write itself
// could not do that: what it found absent may be absent again.
// Belongs to the catalog's writer thread.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include "registry/store/shared_log.h"

namespace rollcall::catalog {

inline constexpr std::string_view kFenceKeys = "fence/";

class Fence {
 public:
  // Of the server of that ID: another one in each run.
  explicit Fence(const std::string& id) : key_(std::string(kFenceKeys) + id) {}

  const std::string& key() const { return key_; }
  // Under which is proposed. Only while it is up: while the log holds the number asked for last.
  uint64_t number() const { return told_; }
  bool is_up() const { return told_ != 0 && told_ == wanted_; }
  store::Condition Condition() const {
    return store::Condition::HasValue(key_, std::to_string(told_));
  }

  // A log that has been loaded holds this.
  void Load(const std::optional<std::string>& value) {
    told_ = value ? NumberIn(*value) : 0;
    wanted_ = told_;
  }
  // Asks for a higher number, unless one is asked for already.
  void Raise() {
    if (told_ == wanted_) ++wanted_;
  }
  // What puts it there, from the number before: only once, however often and late it is proposed.
  store::Condition ConditionOfPut() const {
    return told_ == 0 ? store::Condition::Absent(key_) : Condition();
  }
  store::Operation Put() const {
    return {store::Operation::Kind::kPut, key_, std::to_string(wanted_)};
  }
  // The log holds this now. True: what was asked for.
  bool Take(const std::optional<std::string>& value) {
    told_ = value ? NumberIn(*value) : 0;
    if (told_ < wanted_) return false;
    wanted_ = told_;
    return true;
  }

 private:
  static uint64_t NumberIn(const std::string& text) {
    uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
  }

  const std::string key_;
  uint64_t told_ = 0;    // by the log; 0: nothing
  uint64_t wanted_ = 0;  // told_, or the next one
};

}  // namespace rollcall::catalog
