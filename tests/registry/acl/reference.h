// The rules of precedence evaluated the slow way, word for word as docs/acl-rules.md has them: what
// Authorizer must agree with. For one thread.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/acl/authorizer.h"
#include "registry/acl/name_table.h"
#include "registry/acl/rules.h"

namespace rollcall::acl {

class Reference {
 public:
  Reference(std::vector<Rules> policies, DefaultPolicy otherwise)
      : policies_(std::move(policies)), lower_(InLowerCase(policies_)), otherwise_(otherwise) {}

  bool May(Right right, Resource resource, std::string_view name) const {
    return May(right, resource, name, &AccessOf);
  }
  bool MayOnIntentions(Right right, std::string_view service) const {
    return May(right, Resource::kService, service, &IntentionsOf);
  }
  // Whether the longest prefix rule grants it, and each rule about that key or one that begins so.
  bool MayWriteKeysBelow(std::string_view prefix) const {
    std::vector<Rule> of_prefixes;
    for (const Rule* rule : All(Resource::kKey)) {
      if (rule->match == Match::kPrefix) of_prefixes.push_back(*rule);
      if (!rule->name.starts_with(prefix)) continue;
      const auto is_same = [rule](const Rule* other) {
        return other->match == rule->match && other->name == rule->name;
      };
      Rulings same = All(Resource::kKey);
      std::erase_if(same, [&](const Rule* other) { return !is_same(other); });
      if (AccessOf(same) != Access::kWrite) return false;
    }
    return Reference({{std::move(of_prefixes), {}}}, otherwise_)
        .May(Right::kWrite, Resource::kKey, prefix);
  }
  bool May(Right right, Scalar scalar) const {
    std::vector<Access> said;
    for (const Rules& policy : policies_) {
      if (policy.of(scalar)) said.push_back(*policy.of(scalar));
    }
    if (said.empty() && scalar == Scalar::kAcl) return false;
    return Grants(Strongest(said), right);
  }

  // Names among which there is one for each rule that decides about any: all that rules' names
  // begin with, as they are, in small letters and in capitals, and each of these with one byte
  // more, of those that occur and one that does not.
  std::set<std::string> Witnesses(Resource resource) const {
    std::set<std::string> begins = {""};
    std::array<bool, 256> occurs = {};
    for (const Rule* rule : All(resource)) {
      for (const std::string& name :
           {rule->name, InLowerCase(rule->name), InCapitals(rule->name)}) {
        for (size_t size = 1; size <= name.size(); ++size) {
          begins.insert(name.substr(0, size));
          occurs[static_cast<unsigned char>(name[size - 1])] = true;
        }
      }
    }
    const auto other = std::find(occurs.begin(), occurs.end(), false);
    if (other != occurs.end()) *other = true;
    std::set<std::string> names = begins;
    for (const std::string& begin : begins) {
      for (size_t byte = 0; byte < occurs.size(); ++byte) {
        if (occurs[byte]) names.insert(begin + static_cast<char>(byte));
      }
    }
    return names;
  }

  std::vector<const Rule*> All(Resource resource) const {
    std::vector<const Rule*> rules;
    for (const Rules& policy : policies_) {
      for (const Rule& rule : policy.named) {
        if (rule.resource == resource) rules.push_back(&rule);
      }
    }
    return rules;
  }

 private:
  using Rulings = std::vector<const Rule*>;

  static std::string InLowerCase(std::string name) {
    for (char& c : name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return name;
  }
  static std::string InCapitals(std::string name) {
    for (char& c : name) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    }
    return name;
  }
  static std::vector<Rules> InLowerCase(std::vector<Rules> policies) {
    for (Rules& policy : policies) {
      for (Rule& rule : policy.named) rule.name = InLowerCase(rule.name);
    }
    return policies;
  }

  static std::optional<Access> Strongest(const std::vector<Access>& said) {
    for (const Access access : {Access::kDeny, Access::kWrite, Access::kList, Access::kRead}) {
      if (std::find(said.begin(), said.end(), access) != said.end()) return access;
    }
    return std::nullopt;
  }

  static std::optional<Access> AccessOf(const Rulings& rules) {
    std::vector<Access> said;
    for (const Rule* rule : rules) said.push_back(rule->access);
    return Strongest(said);
  }

  static std::optional<Access> IntentionsOf(const Rulings& rules) {
    std::vector<Access> said;
    for (const Rule* rule : rules) {
      if (rule->intentions) said.push_back(*rule->intentions);
    }
    if (!said.empty() || rules.empty()) return Strongest(said);
    return AccessOf(rules) == Access::kDeny ? Access::kDeny : Access::kRead;
  }

  using What = std::optional<Access> (*)(const Rulings&);

  // As written; and, where the catalog folds names, in lower case too.
  bool May(Right right, Resource resource, std::string_view name, What what) const {
    if (!Grants(Decide(policies_, resource, name, what), right)) return false;
    if (resource == Resource::kKey || resource == Resource::kEvent) return true;
    return Grants(Decide(lower_, resource, InLowerCase(std::string(name)), what), right);
  }

  static std::optional<Access> Decide(const std::vector<Rules>& policies, Resource resource,
                                      std::string_view name, What what) {
    Rulings exact;
    Rulings longest;
    for (const Rules& policy : policies) {
      for (const Rule& rule : policy.named) {
        if (rule.resource != resource) continue;
        if (rule.match == Match::kExact && rule.name == name) exact.push_back(&rule);
        if (rule.match == Match::kExact || !name.starts_with(rule.name)) continue;
        if (!longest.empty() && longest.front()->name.size() < rule.name.size()) longest.clear();
        if (longest.empty() || longest.front()->name == rule.name) longest.push_back(&rule);
      }
    }
    return what(exact.empty() ? longest : exact);
  }

  bool Grants(std::optional<Access> access, Right right) const {
    if (!access) return otherwise_ == DefaultPolicy::kAllow;
    switch (right) {
      case Right::kRead:
        return *access != Access::kDeny;
      case Right::kList:
        return *access == Access::kList || *access == Access::kWrite;
      case Right::kWrite:
        return *access == Access::kWrite;
    }
    return false;
  }

  const std::vector<Rules> policies_;
  const std::vector<Rules> lower_;
  const DefaultPolicy otherwise_;
};

}  // namespace rollcall::acl
