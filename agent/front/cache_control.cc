#include "agent/front/cache_control.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "registry/base/ascii.h"

namespace rollcall::front {
namespace {

// A century: more is as good, and does not overflow when it is added to a time.
constexpr int64_t kLongest = int64_t{100} * 365 * 24 * 3600;

std::string_view WithoutSpaces(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool ReadSeconds(std::string_view text, std::optional<std::chrono::seconds>* out) {
  int64_t value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc() || end != last) return false;
  *out = std::chrono::seconds(std::clamp<int64_t>(value, 0, kLongest));
  return true;
}

bool ReadDirective(std::string_view directive, CacheControl* control) {
  constexpr std::string_view kMaxAge = "max-age=";
  constexpr std::string_view kStaleIfError = "stale-if-error=";
  if (directive == "must-revalidate" || directive == "no-cache") control->must_revalidate = true;
  if (directive.starts_with(kMaxAge)) {
    return ReadSeconds(directive.substr(kMaxAge.size()), &control->max_age);
  }
  if (directive.starts_with(kStaleIfError)) {
    return ReadSeconds(directive.substr(kStaleIfError.size()), &control->stale_if_error);
  }
  return true;
}

}  // namespace

std::optional<CacheControl> CacheControlOf(const http::Request& request) {
  CacheControl control;
  for (const http::NamedValue& field : request.headers()) {
    if (!EqualsIgnoreCase(field.name, "cache-control")) continue;
    std::string_view list = field.value;
    while (!list.empty()) {
      const size_t comma = std::min(list.find(','), list.size());
      const std::string directive = AsciiLower(WithoutSpaces(list.substr(0, comma)));
      if (!ReadDirective(directive, &control)) return std::nullopt;
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
  }
  if (control.max_age == std::chrono::seconds(0)) control.must_revalidate = true;
  return control;
}

}  // namespace rollcall::front
