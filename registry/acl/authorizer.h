// Authorizer: what the bearer of a token may do. Compiled once from the rules of all its policies
// and from what holds where they say nothing; asking takes tens of nanoseconds and allocates
// nothing. Immutable: any thread.
//
// Which rule decides:
//   1. Of several about the same name, in one policy or in several: deny, else write, else list,
//      else read. The same for scalars, and for a service's intentions by themselves.
//   2. An exact rule goes before prefixes, and a longer prefix before a shorter one.
//   3. Where there is none, the default. It never grants anything of `acl`.
// Names are compared byte by byte. Where the catalog takes "Web" and "web" for the same, which it
// does but for keys and events, a right takes more: it must follow from the rules and the name in
// lower case, too (resource_table.h). Ask with the name that the record has, not with the one that
// a client wrote.
// Source: Consul 1.8, acl/policy_merger.go, acl/policy_authorizer.go, acl/static_authorizer.go.
// Consul compares byte by byte alone: there, who may not write "web" can write "Web".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "registry/acl/resource_table.h"
#include "registry/acl/rules.h"

namespace rollcall::acl {

// Consul's acl.default_policy.
enum class DefaultPolicy : uint8_t { kDeny, kAllow };

class Authorizer {
 public:
  // Keeps nothing of `policies`.
  Authorizer(std::span<const Rules* const> policies, DefaultPolicy otherwise);

  // All but `acl`, nothing, and all. Live as long as the program.
  static const Authorizer& AllowAll();
  static const Authorizer& DenyAll();
  static const Authorizer& ManageAll();

  bool MayRead(Resource resource, std::string_view name) const {
    return May(Right::kRead, resource, name);
  }
  bool MayWrite(Resource resource, std::string_view name) const {
    return May(Right::kWrite, resource, name);
  }
  // Consul asks this of keys alone: whether those below `name` may be listed.
  bool MayList(Resource resource, std::string_view name) const {
    return May(Right::kList, resource, name);
  }

  // Snapshots, too, are read and written by who may write `acl`.
  bool MayRead(Scalar scalar) const { return May(Right::kRead, scalar); }
  bool MayWrite(Scalar scalar) const { return May(Right::kWrite, scalar); }

  // Of intentions that have this service for their destination.
  bool MayReadIntentions(std::string_view service) const {
    return intentions_.Allows(service, Right::kRead);
  }
  bool MayWriteIntentions(std::string_view service) const {
    return intentions_.Allows(service, Right::kWrite);
  }

  // Whether the whole tree of keys below `prefix` may be removed: see NameTable::AllowsAllBelow.
  bool MayWriteKeysBelow(std::string_view prefix) const {
    return Of(Resource::kKey).AllowsAllBelow(prefix, Right::kWrite);
  }

  // Whether every name there can be may be read, so that an answer need not be filtered, and
  // whether there is none (see ResourceTable::AllowsAny). Both are known beforehand.
  bool ReadsAll(Resource resource) const { return Of(resource).AllowsEvery(Right::kRead); }
  bool ReadsNone(Resource resource) const { return !Of(resource).AllowsAny(Right::kRead); }

  // How much memory it holds beside itself, about.
  size_t bytes() const;

 private:
  const ResourceTable& Of(Resource resource) const {
    return tables_[static_cast<size_t>(resource)];
  }
  bool May(Right right, Resource resource, std::string_view name) const {
    return Of(resource).Allows(name, right);
  }
  bool May(Right right, Scalar scalar) const {
    return Includes(scalars_[static_cast<size_t>(scalar)], right);
  }

  // Constant after construction.
  std::vector<ResourceTable> tables_;  // one for each Resource
  ResourceTable intentions_;
  std::array<Rights, kScalarCount> scalars_ = {};
};

}  // namespace rollcall::acl
