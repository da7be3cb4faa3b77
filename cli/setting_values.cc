#include "cli/setting_values.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <vector>

#include "registry/base/go_bool.h"
#include "registry/base/go_duration.h"

namespace rollcall::cli {

Error BadSetting(std::string_view name, std::string_view value, std::string_view wanted) {
  return InvalidArgument(std::string(name) + " \"" + std::string(value) +
                         "\": " + std::string(wanted));
}

SettingParser<std::string> Named(std::string_view name, std::string_view also,
                                 std::string_view wanted) {
  return [=](const std::string& text) -> Result<std::string> {
    const bool is_plain = !text.empty() && std::all_of(text.begin(), text.end(), [also](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             also.find(c) != std::string_view::npos;
    });
    if (!is_plain) return BadSetting(name, text, wanted);
    return text;
  };
}

SettingParser<std::string> DatacenterName(std::string_view name) {
  return Named(name, "-_", "expected letters, digits, - and _");
}

SettingParser<std::string> DomainName(std::string_view name, std::string_view example) {
  return [=](const std::string& text) {
    return Named(name, "-_.", "expected a DNS name, as in " + std::string(example))(text);
  };
}

SettingParser<std::string> NodeName(std::string_view name) {
  return Named(name, "-_.", "expected letters, digits, -, _ and .");
}

SettingParser<std::string> OneOf(std::string_view name, std::vector<std::string_view> words,
                                 std::string_view wanted) {
  return [=, words = std::move(words)](const std::string& text) -> Result<std::string> {
    if (std::find(words.begin(), words.end(), text) != words.end()) return text;
    return BadSetting(name, text, wanted);
  };
}

SettingParser<bool> TrueOrFalse(std::string_view name) {
  return [=](const std::string& text) -> Result<bool> {
    const std::optional<bool> parsed = ParseGoBool(text);
    if (!parsed) return BadSetting(name, text, "expected true or false");
    return *parsed;
  };
}

SettingParser<size_t> Number(std::string_view name, NumberRange range) {
  return [=](const std::string& text) -> Result<size_t> {
    size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size() && number >= range.min &&
        number <= range.max) {
      return number;
    }
    return BadSetting(
        name, text,
        "expected a number from " + std::to_string(range.min) + " to " + std::to_string(range.max));
  };
}

SettingParser<std::chrono::seconds> Ttl(std::string_view name) {
  return [=](const std::string& text) -> Result<std::chrono::seconds> {
    const Result<std::chrono::nanoseconds> parsed = ParseGoDuration(text);
    const auto seconds = parsed ? std::chrono::duration_cast<std::chrono::seconds>(*parsed)
                                : std::chrono::seconds(-1);
    if (!parsed || *parsed != seconds || seconds.count() < 0 || seconds.count() > INT32_MAX) {
      return BadSetting(name, text, "expected whole seconds, as in 10s or 1m");
    }
    return seconds;
  };
}

SettingParser<std::chrono::milliseconds> TimeLimit(std::string_view name, std::string_view zero) {
  return [=](const std::string& text) -> Result<std::chrono::milliseconds> {
    const Result<std::chrono::nanoseconds> parsed = ParseGoDuration(text);
    const auto limit = parsed ? std::chrono::duration_cast<std::chrono::milliseconds>(*parsed)
                              : std::chrono::milliseconds(-1);
    if (!parsed || *parsed != limit || limit.count() < 0 || limit > std::chrono::hours(24)) {
      return BadSetting(name, text,
                        "expected whole milliseconds up to 24h, as in 10s or 500ms; 0s means " +
                            std::string(zero));
    }
    return limit;
  };
}

std::optional<std::string> ParseIpText(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  return address.to_string();
}

bool IsWildcard(const std::string& address) { return address == "0.0.0.0" || address == "::"; }

SettingParser<ListenAddress> ListenOn(std::string_view name) {
  return [=](const std::string& text) -> Result<ListenAddress> {
    constexpr std::string_view kWanted = "expected IP:PORT, as in 127.0.0.1:8500";
    const size_t colon = text.rfind(':');
    if (colon == std::string::npos) return BadSetting(name, text, kWanted);
    const std::optional<std::string> address = ParseIpText(std::string_view(text).substr(0, colon));
    const std::string_view digits = std::string_view(text).substr(colon + 1);
    uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (!address || digits.empty() || error != std::errc() ||
        end != digits.data() + digits.size()) {
      return BadSetting(name, text, kWanted);
    }
    return ListenAddress{*address, port};
  };
}

}  // namespace rollcall::cli
