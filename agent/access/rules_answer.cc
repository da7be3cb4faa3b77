#include "agent/access/rules_answer.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "registry/acl/rule_parser.h"
#include "registry/acl/rule_writer.h"
#include "registry/acl/rules.h"

namespace rollcall::access {
namespace {

using nlohmann::json;

// The answer is flat: what is nested deeper is no such answer, and is not read to its end.
constexpr int kMaxAnswerDepth = 3;

Error BadAnswer(const std::string& why) {
  return {ErrorCode::kCorruption, "its answer about a token cannot be used: " + why};
}

std::optional<json> ParseFlat(std::string_view body) {
  bool too_deep = false;
  const auto look = [&too_deep](int depth, json::parse_event_t, json&) {
    too_deep = too_deep || depth > kMaxAnswerDepth;
    return !too_deep;
  };
  json value = json::parse(body, look, false);
  if (too_deep || !value.is_object()) return std::nullopt;
  return value;
}

Result<std::optional<UtcTime>> ExpirationIn(const json& answer) {
  const auto found = answer.find("ExpirationTime");
  if (found == answer.end() || found->is_null()) return std::optional<UtcTime>();
  if (!found->is_string()) return BadAnswer("ExpirationTime is no text");
  const auto time = ParseRfc3339(found->get_ref<const std::string&>());
  if (!time) return BadAnswer("ExpirationTime: " + time.error().message);
  return std::optional(*time);
}

Result<acl::DefaultPolicy> DefaultIn(const json& answer) {
  const auto found = answer.find("DefaultPolicy");
  if (found != answer.end() && *found == "allow") return acl::DefaultPolicy::kAllow;
  if (found != answer.end() && *found == "deny") return acl::DefaultPolicy::kDeny;
  return BadAnswer("DefaultPolicy is neither allow nor deny");
}

Result<std::vector<acl::Rules>> PoliciesIn(const json& answer) {
  const auto found = answer.find("Rules");
  if (found == answer.end() || !found->is_array()) return BadAnswer("Rules is no list");
  std::vector<acl::Rules> policies;
  policies.reserve(found->size());
  for (const json& text : *found) {
    if (!text.is_string()) return BadAnswer("Rules has something that is no text");
    auto rules = acl::ParseRules(text.get_ref<const std::string&>(), acl::kMaxWrittenSize);
    if (!rules) return BadAnswer("Rules: " + rules.error().message);
    policies.push_back(*std::move(rules));
  }
  return policies;
}

}  // namespace

Result<Grant> ReadRulesAnswer(std::string_view body) {
  if (body.size() > kMaxRulesAnswer) {
    return BadAnswer("it is longer than " + std::to_string(kMaxRulesAnswer) + " bytes");
  }
  const std::optional<json> answer = ParseFlat(body);
  if (!answer) return BadAnswer("it is no JSON object");
  const auto accessor = answer->find("AccessorID");
  if (accessor == answer->end() || !accessor->is_string()) {
    return BadAnswer("AccessorID is no text");
  }
  const auto expires = ExpirationIn(*answer);
  if (!expires) return expires.error();
  const auto otherwise = DefaultIn(*answer);
  if (!otherwise) return otherwise.error();
  const auto policies = PoliciesIn(*answer);
  if (!policies) return policies.error();
  std::vector<const acl::Rules*> each;
  each.reserve(policies->size());
  for (const acl::Rules& rules : *policies) each.push_back(&rules);
  return Grant{accessor->get<std::string>(), *expires, acl::Authorizer(each, *otherwise)};
}

}  // namespace rollcall::access
