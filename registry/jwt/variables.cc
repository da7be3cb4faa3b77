#include "registry/jwt/variables.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "registry/jwt/shown.h"

namespace rollcall::jwt {
namespace {

using nlohmann::json;

// RFC 6901 section 4. Another '~' stands for itself.
std::string UnescapedStep(std::string_view step) {
  std::string text;
  for (size_t i = 0; i < step.size(); ++i) {
    const bool is_escape =
        step[i] == '~' && i + 1 < step.size() && (step[i + 1] == '0' || step[i + 1] == '1');
    if (is_escape) {
      text += step[++i] == '0' ? '~' : '/';
    } else {
      text += step[i];
    }
  }
  return text;
}

const json* Child(const json& parent, const std::string& step) {
  if (parent.is_object()) {
    const auto member = parent.find(step);
    return member == parent.end() ? nullptr : &*member;
  }
  if (!parent.is_array()) return nullptr;
  size_t position = 0;
  const char* const end = step.data() + step.size();
  const auto [stop, error] = std::from_chars(step.data(), end, position);
  if (error != std::errc() || stop != end || position >= parent.size()) return nullptr;
  return &parent[position];
}

// Null when there is none, or the claim itself is null.
const json* FindClaim(const json& claims, const std::string& name) {
  const json* claim = &claims;
  if (!name.starts_with('/')) {
    claim = Child(claims, name);
  } else {
    std::string_view rest = name;
    while (claim != nullptr && !rest.empty()) {
      rest.remove_prefix(1);
      const std::string_view step = rest.substr(0, rest.find('/'));
      claim = Child(*claim, UnescapedStep(step));
      rest.remove_prefix(step.size());
    }
  }
  return claim == nullptr || claim->is_null() ? nullptr : claim;
}

// Nothing for what is no string, number or boolean.
std::optional<std::string> TextOfScalar(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_number_unsigned()) return std::to_string(value.get<uint64_t>());
  if (value.is_number_integer()) return std::to_string(value.get<int64_t>());
  if (!value.is_number_float()) return std::nullopt;
  const double whole = std::trunc(value.get<double>());
  constexpr double kBound = 9.2e18;  // of int64_t
  if (!(whole > -kBound && whole < kBound)) return std::nullopt;
  return std::to_string(static_cast<int64_t>(whole));
}

Result<std::string> ValueOf(const json& claim, const std::string& name) {
  auto text = TextOfScalar(claim);
  if (text) return *std::move(text);
  return Refused("the claim " + Shown(name) +
                 " is not a string, a number or a boolean (ClaimMappings)");
}

Result<std::vector<std::string>> ListOf(const json& claim, const std::string& name) {
  std::vector<std::string> list;
  const auto add = [&list](const json& element) {
    auto text = TextOfScalar(element);
    if (text && !text->empty()) list.push_back(*text);
    return text.has_value();
  };
  bool is_list = true;
  if (claim.is_array()) {
    for (const json& element : claim) is_list = is_list && add(element);
  } else {
    is_list = add(claim);
  }
  if (is_list) return list;
  return Refused("the claim " + Shown(name) +
                 " is not a list of strings, numbers and booleans (ListClaimMappings)");
}

}  // namespace

Variables EmptyVariables(const MethodConfig& config) {
  Variables variables;
  for (const auto& [claim, name] : config.claim_mappings) variables.values[name];
  for (const auto& [claim, name] : config.list_claim_mappings) variables.lists[name];
  return variables;
}

Result<Variables> MapClaims(const json& claims, const MethodConfig& config) {
  Variables variables = EmptyVariables(config);
  for (const auto& [name, target] : config.claim_mappings) {
    const json* const claim = FindClaim(claims, name);
    if (claim == nullptr) continue;
    auto value = ValueOf(*claim, name);
    if (!value) return value.error();
    variables.values[target] = *std::move(value);
  }
  for (const auto& [name, target] : config.list_claim_mappings) {
    const json* const claim = FindClaim(claims, name);
    if (claim == nullptr) continue;
    auto list = ListOf(*claim, name);
    if (!list) return list.error();
    variables.lists[target] = *std::move(list);
  }
  return variables;
}

}  // namespace rollcall::jwt
