#include "registry/acl/authorizer.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "registry/acl/identities.h"
#include "registry/acl/name_table.h"
#include "registry/base/ascii.h"

namespace rollcall::acl {
namespace {

// What all policies say of one name.
struct Merged {
  std::optional<Access> access;
  std::optional<Access> intentions;
};

// By name: exact, prefix.
template <typename Name>
using MergedNames = std::map<Name, std::array<Merged, 2>>;

// Whether the catalog takes names that differ in their case for the same: of services, of nodes and
// what belongs to them, and in Consul of prepared queries.
constexpr bool HasFoldedNames(Resource resource) {
  return resource != Resource::kKey && resource != Resource::kEvent;
}

// A denial stands, and otherwise the more counts: see the top of authorizer.h.
void Merge(std::optional<Access> added, std::optional<Access>* into) {
  if (!added || *into == Access::kDeny) return;
  if (!*into || *added == Access::kDeny || *added > **into) *into = added;
}

template <typename Visit>
void ForEachRule(std::span<const Rules* const> policies, Resource resource, const Visit& visit) {
  for (const Rules* policy : policies) {
    for (const Rule& rule : policy->named) {
      if (rule.resource == resource) visit(rule);
    }
  }
}

template <typename Name>
void MergeRule(const Rule& rule, Name name, MergedNames<Name>* into) {
  Merged& merged = (*into)[std::move(name)][static_cast<size_t>(rule.match)];
  Merge(rule.access, &merged.access);
  Merge(rule.intentions, &merged.intentions);
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

using AccessOfMerged = std::optional<Access> (*)(const Merged&);

template <typename Name>
NameTable MakeNameTable(const MergedNames<Name>& names, AccessOfMerged what, Rights otherwise,
                        NameTable::Names there_are) {
  std::vector<NameRules> rules;
  rules.reserve(names.size());
  for (const auto& [name, merged] : names) {
    rules.push_back({name, RightsIn(what(merged[0])), RightsIn(what(merged[1]))});
  }
  return {rules, otherwise, there_are};
}

ResourceTable MakeTable(std::span<const Rules* const> policies, Resource resource,
                        AccessOfMerged what, Rights otherwise) {
  MergedNames<std::string_view> names;
  bool is_lower = true;
  ForEachRule(policies, resource, [&](const Rule& rule) {
    MergeRule<std::string_view>(rule, rule.name, &names);
    is_lower = is_lower && !HasAsciiUpper(rule.name);
  });
  NameTable as_written = MakeNameTable(names, what, otherwise, NameTable::Names::kAny);
  if (!HasFoldedNames(resource)) return ResourceTable::OfExactNames(std::move(as_written));
  if (is_lower) return ResourceTable::OfFoldedNames(std::move(as_written), std::nullopt);
  MergedNames<std::string> lower;
  ForEachRule(policies, resource, [&lower](const Rule& rule) {
    MergeRule<std::string>(rule, AsciiLower(rule.name), &lower);
  });
  return ResourceTable::OfFoldedNames(
      std::move(as_written),
      MakeNameTable(lower, what, otherwise, NameTable::Names::kWithoutCapitals));
}

std::vector<ResourceTable> MakeTables(std::span<const Rules* const> policies, Rights otherwise) {
  std::vector<ResourceTable> tables;
  tables.reserve(kResourceCount);
  for (size_t i = 0; i < kResourceCount; ++i) {
    tables.push_back(MakeTable(policies, static_cast<Resource>(i), AccessIn, otherwise));
  }
  return tables;
}

Rights RightsByDefault(DefaultPolicy otherwise) {
  return RightsOf(otherwise == DefaultPolicy::kAllow ? Access::kWrite : Access::kDeny);
}

}  // namespace

Authorizer::Authorizer(std::span<const Rules* const> policies, DefaultPolicy otherwise)
    : tables_(MakeTables(policies, RightsByDefault(otherwise))),
      intentions_(
          MakeTable(policies, Resource::kService, IntentionsIn, RightsByDefault(otherwise))) {
  for (const Scalar scalar : {Scalar::kAcl, Scalar::kKeyring, Scalar::kOperator}) {
    std::optional<Access> merged;
    for (const Rules* policy : policies) Merge(policy->of(scalar), &merged);
    const Rights by_default = scalar == Scalar::kAcl ? Rights{0} : RightsByDefault(otherwise);
    scalars_[static_cast<size_t>(scalar)] = merged ? RightsOf(*merged) : by_default;
  }
}

size_t Authorizer::bytes() const {
  size_t bytes = tables_.capacity() * sizeof(ResourceTable) + intentions_.bytes();
  for (const ResourceTable& table : tables_) bytes += table.bytes();
  return bytes;
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
