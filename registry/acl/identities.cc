#include "registry/acl/identities.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "registry/acl/syntax.h"

namespace rollcall::acl {
namespace {

bool IsLetterOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool IsValidIdentityName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxIdentityName && IsLetterOrDigit(name.front()) &&
         IsLetterOrDigit(name.back()) && std::all_of(name.begin(), name.end(), [](char c) {
           return IsLetterOrDigit(c) || c == '-' || c == '_';
         });
}

Error BadIdentityName(std::string_view kind, std::string_view name) {
  return InvalidArgument("the name of the " + std::string(kind) + " identity " + Quoted(name) +
                         " is not valid: it takes 1 to " + std::to_string(kMaxIdentityName) +
                         " of a-z, 0-9, \"-\" and \"_\", the first and the last a letter or digit");
}

Rule Exact(Resource resource, std::string name, Access access) {
  return {resource, Match::kExact, std::move(name), access, std::nullopt};
}

Rule Every(Resource resource, Access access) {
  return {resource, Match::kPrefix, {}, access, std::nullopt};
}

}  // namespace

Result<Rules> ServiceIdentityRules(std::string_view service) {
  if (!IsValidIdentityName(service)) return BadIdentityName("service", service);
  const std::string name(service);
  Rules rules;
  rules.named = {Exact(Resource::kService, name, Access::kWrite),
                 Exact(Resource::kService, name + "-sidecar-proxy", Access::kWrite),
                 Every(Resource::kService, Access::kRead), Every(Resource::kNode, Access::kRead)};
  return rules;
}

Result<Rules> NodeIdentityRules(std::string_view node) {
  if (!IsValidIdentityName(node)) return BadIdentityName("node", node);
  Rules rules;
  rules.named = {Exact(Resource::kNode, std::string(node), Access::kWrite),
                 Every(Resource::kService, Access::kRead)};
  return rules;
}

Rules GlobalManagementRules() {
  Rules rules;
  rules.scalars.fill(Access::kWrite);
  for (size_t i = 0; i < kResourceCount; ++i) {
    rules.named.push_back(Every(static_cast<Resource>(i), Access::kWrite));
    if (rules.named.back().resource == Resource::kService) {
      rules.named.back().intentions = Access::kWrite;
    }
  }
  return rules;
}

}  // namespace rollcall::acl
