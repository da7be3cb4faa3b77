#include "registry/acl/methods/bind_name.h"

#include <algorithm>

#include "registry/acl/identities.h"
#include "registry/acl/objects/body.h"
#include "registry/acl/objects/requests.h"
#include "registry/base/ascii.h"
#include "registry/model/json.h"

namespace rollcall::acl {
namespace {

constexpr std::string_view kBlanks = " \t";

std::string_view WithoutBlanks(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

Result<std::string> ValueOfVariable(std::string_view variable,
                                    const std::map<std::string, std::string>& values) {
  constexpr std::string_view kPrefix = "value.";
  if (variable.starts_with(kPrefix)) {
    const auto found = values.find(std::string(variable.substr(kPrefix.size())));
    if (found != values.end()) return AsciiLower(found->second);
  }
  return InvalidArgument(
      "error interpreting template: unknown variable accessed: " + model::Quoted(variable) +
      ": there may be ${value.NAME} for each NAME of ClaimMappings");
}

Result<std::string> Interpolate(std::string_view rest,
                                const std::map<std::string, std::string>& values) {
  std::string text;
  while (true) {
    const size_t open = rest.find("${");
    text += rest.substr(0, open);
    if (open == std::string_view::npos) return text;
    const bool is_escaped = open > 0 && rest[open - 1] == '$';
    rest.remove_prefix(open + 2);
    if (is_escaped) {  // one "$" of it is there already
      text += '{';
      continue;
    }
    const size_t close = rest.find('}');
    if (close == std::string_view::npos) {
      return InvalidArgument("error interpreting template: \"${\" without \"}\"");
    }
    const auto value = ValueOfVariable(WithoutBlanks(rest.substr(0, close)), values);
    if (!value) return value.error();
    text += *value;
    rest.remove_prefix(close + 1);
  }
}

bool IsValidName(BindType type, std::string_view name) {
  switch (type) {
    case BindType::kService:
      return ServiceIdentityRules(name).has_value();
    case BindType::kNode:
      return NodeIdentityRules(name).has_value();
    case BindType::kRole:
      return CheckName(name, "Role", kMaxRoleName).has_value();
  }
  return false;
}

}  // namespace

Result<std::string> ComputeBindName(BindType type, std::string_view bind_name,
                                    const std::map<std::string, std::string>& values) {
  const auto name = Interpolate(bind_name, values);
  if (!name) return name.error();
  if (IsValidName(type, *name)) return *name;
  return InvalidArgument("computed \"" + std::string(ToString(type)) +
                         "\" bind name for bind target is invalid: " +
                         model::Quoted(std::string_view(*name).substr(0, kMaxRoleName)));
}

Result<void> CheckBindName(BindType type, std::string_view bind_name,
                           const std::map<std::string, std::string>& variables) {
  std::map<std::string, std::string> values = variables;
  for (auto& [name, value] : values) value = "fake";
  const auto name = ComputeBindName(type, bind_name, values);
  if (!name) return name.error();
  return {};
}

}  // namespace rollcall::acl
