// SettingResolver: each setting from where it was written, the flag first, through its parser into
// the options. The first error is kept, and what comes after it is left alone. Called once, at
// start or reload.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "cli/server_options.h"
#include "registry/base/result.h"

namespace rollcall::cli {

class SettingResolver {
 public:
  SettingResolver(const ServerSettings& flags, const ServerSettings& file)
      : flags_(flags), file_(file) {}

  // Null when it is not set.
  const std::string* Find(std::optional<std::string> ServerSettings::*setting) const {
    if (flags_.*setting) return &*(flags_.*setting);
    return file_.*setting ? &*(file_.*setting) : nullptr;
  }

  // `parse(text)` returns a Result of what `out` takes.
  template <typename T, typename Parse>
  SettingResolver& Take(std::optional<std::string> ServerSettings::*setting, T* out,
                        const Parse& parse) {
    const std::string* text = Find(setting);
    if (text == nullptr || error_) return *this;
    auto parsed = parse(*text);
    if (parsed) {
      *out = std::move(*parsed);
    } else {
      error_ = parsed.error();
    }
    return *this;
  }

  const std::optional<Error>& error() const { return error_; }

 private:
  const ServerSettings& flags_;
  const ServerSettings& file_;
  std::optional<Error> error_;
};

}  // namespace rollcall::cli
