#include "registry/acl/authorizer.h"

#include <map>
#include <optional>
#include <utility>

#include "registry/acl/identities.h"

namespace rollcall::acl {
namespace {

// What all policies say of one name.
struct Merged {
  std::optional<Access> access;
  std::optional<Access> intentions;
};

// By name: exact, prefix.
using MergedNames = std::map<std::string_view, std::array<Merged, 2>>;

// A denial stands, and otherwise the more counts: see the top of authorizer.h.
void Merge(std::optional<Access> added, std::optional<Access>* into) {
  if (!added || *into == Access::kDeny) return;
  if (!*into || *added == Access::kDeny || *added > **into) *into = added;
}

MergedNames MergeNames(std::span<const Rules* const> policies, Resource resource) {
  MergedNames names;
  for (const Rules* policy : policies) {
    for (const Rule& rule : policy->named) {
      if (rule.resource != resource) continue;
      Merged& merged = names[rule.name][static_cast<size_t>(rule.match)];
      Merge(rule.access, &merged.access);
      Merge(rule.intentions, &merged.intentions);
    }
  }
  return names;
}

std::optional<Access> AccessIn(const Merged& merged) { return merged.access; }

// Where no policy says anything of a service's intentions, they may be read by who may read it.
std::optional<Access> IntentionsIn(const Merged& merged) {
  if (!merged.access || merged.intentions) return merged.intentions;
  return merged.access == Access::kDeny ? Access::kDeny : Access::kRead;
}

std::optional<Rights> RightsIn(std::optional<Access> access) {
  return access ? std::optional(RightsOf(*access)) : std::nullopt;
}

NameTable MakeTable(const MergedNames& names, std::optional<Access> (*what)(const Merged&),
                    Rights otherwise) {
  std::vector<NameRules> rules;
  rules.reserve(names.size());
  for (const auto& [name, merged] : names) {
    rules.push_back({name, RightsIn(what(merged[0])), RightsIn(what(merged[1]))});
  }
  return {rules, otherwise};
}

std::vector<NameTable> MakeTables(std::span<const Rules* const> policies, Rights otherwise) {
  std::vector<NameTable> tables;
  tables.reserve(kResourceCount);
  for (size_t i = 0; i < kResourceCount; ++i) {
    tables.push_back(
        MakeTable(MergeNames(policies, static_cast<Resource>(i)), AccessIn, otherwise));
  }
  return tables;
}

Rights RightsByDefault(DefaultPolicy otherwise) {
  return RightsOf(otherwise == DefaultPolicy::kAllow ? Access::kWrite : Access::kDeny);
}

}  // namespace

Authorizer::Authorizer(std::span<const Rules* const> policies, DefaultPolicy otherwise)
    : tables_(MakeTables(policies, RightsByDefault(otherwise))),
      intentions_(MakeTable(MergeNames(policies, Resource::kService), IntentionsIn,
                            RightsByDefault(otherwise))) {
  for (const Scalar scalar : {Scalar::kAcl, Scalar::kKeyring, Scalar::kOperator}) {
    std::optional<Access> merged;
    for (const Rules* policy : policies) Merge(policy->of(scalar), &merged);
    const Rights by_default = scalar == Scalar::kAcl ? Rights{0} : RightsByDefault(otherwise);
    scalars_[static_cast<size_t>(scalar)] = merged ? RightsOf(*merged) : by_default;
  }
}

const Authorizer& Authorizer::AllowAll() {
  static const Authorizer kAllowAll({}, DefaultPolicy::kAllow);
  return kAllowAll;
}

const Authorizer& Authorizer::DenyAll() {
  static const Authorizer kDenyAll({}, DefaultPolicy::kDeny);
  return kDenyAll;
}

const Authorizer& Authorizer::ManageAll() {
  static const Authorizer kManageAll = [] {
    const Rules rules = GlobalManagementRules();
    const Rules* const policies[] = {&rules};
    return Authorizer(policies, DefaultPolicy::kAllow);
  }();
  return kManageAll;
}

}  // namespace rollcall::acl
