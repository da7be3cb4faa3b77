// How the values of settings are written, and what is said of one that is written wrong. Pure
// functions; any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cli/server_options.h"
#include "registry/base/result.h"

namespace rollcall::cli {

// A setting's value from its text. Errors are kInvalidArgument and name the setting and the text.
template <typename T>
using SettingParser = std::function<Result<T>(const std::string& text)>;

// 'name "value": wanted'.
Error BadSetting(std::string_view name, std::string_view value, std::string_view wanted);

// Letters, digits and `also`; `wanted` says so.
SettingParser<std::string> Named(std::string_view name, std::string_view also,
                                 std::string_view wanted);

// What the parts of a DNS name may be called, here and in all that must agree with a server.
SettingParser<std::string> DatacenterName(std::string_view name);
SettingParser<std::string> DomainName(std::string_view name, std::string_view example);
SettingParser<std::string> NodeName(std::string_view name);

// One of `words`, which `wanted` lists.
SettingParser<std::string> OneOf(std::string_view name, std::vector<std::string_view> words,
                                 std::string_view wanted);
SettingParser<bool> TrueOrFalse(std::string_view name);

// A whole number within these.
struct NumberRange {
  size_t min;
  size_t max;
};
inline constexpr NumberRange kAnyCount{0, 1'000'000'000};
SettingParser<size_t> Number(std::string_view name, NumberRange range);

// Whole seconds, up to the 2^31 - 1 of DNS (RFC 2181 section 8).
SettingParser<std::chrono::seconds> Ttl(std::string_view name);
// Up to a day, in whole milliseconds; 0 stands for what `zero` says.
SettingParser<std::chrono::milliseconds> TimeLimit(std::string_view name, std::string_view zero);

// An IP address, with brackets or without, in its usual form; empty for anything else.
std::optional<std::string> ParseIpText(std::string_view text);
bool IsWildcard(const std::string& address);
// IP:PORT.
SettingParser<ListenAddress> ListenOn(std::string_view name);

}  // namespace rollcall::cli
