// Directory: the tokens, policies, roles, auth methods and binding rules of a snapshot, read, and
// found by what clients name them by: a token by its accessor, policies and roles by ID or name, an
// auth method by its name, a binding rule by its ID.
//
// It follows the catalog. After a change of access control Follow walks over all objects, which is
// a comparison of pointers for each, and reads those alone that are new. An index in the snapshot
// would save that walk and cost every server its memory, and the writer its time, whether or not
// anybody looks something up. Each object is kept once more, in the form in which it can be used.
//
// Consul's own two objects (objects.h) are there even before anybody has stored them. An object
// that cannot be read is not there.
//
// Belongs to one thread, as the SnapshotReader whose snapshots it follows.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "registry/acl/methods/methods.h"
#include "registry/acl/objects/answers.h"
#include "registry/acl/objects/objects.h"
#include "registry/base/result.h"
#include "registry/catalog/edition.h"
#include "registry/catalog/snapshot.h"
#include "registry/model/records.h"

namespace rollcall::acl {

// Told of an object that cannot be read.
using OnDamage = std::function<void(const std::string&)>;

// A token, policy, ..., and the record that it was read from.
template <typename T>
struct Kept {
  T object;
  catalog::AclRef record;  // null: built in, and never stored

  Indexes indexes() const {
    return record == nullptr ? Indexes{Index(1), Index(1)}
                             : Indexes{record->create_index, record->modify_index};
  }
};

// Those of one kind, by what is the key of their kind: accessor, ID, or an auth method's name in
// lower case.
template <typename T>
class Shelf {
 public:
  using ByKey = std::map<std::string, Kept<T>, std::less<>>;

  // `built_in`: what is there when no record has its key.
  explicit Shelf(std::vector<T> built_in);

  // Holds what the snapshot has of the kind. `on_damage` is told of what is new and cannot be read.
  void Follow(const catalog::Snapshot& snapshot, const OnDamage& on_damage);

  // Null: there is none. Keys compare without regard to case.
  const Kept<T>* Find(std::string_view key) const;
  // Of policies and roles. Names compare without regard to case, as in Consul.
  const Kept<T>* FindByName(std::string_view name) const;
  // In the order of their keys.
  const ByKey& all() const { return by_key_; }

 private:
  // A record that has been looked at.
  struct Seen {
    catalog::AclRef record;
    std::string key;  // empty: it is not on the shelf
  };

  void Add(Seen* seen, const OnDamage& on_damage);
  void Remove(const Seen& seen);
  void Put(const std::string& key, Kept<T> kept);
  void Drop(typename ByKey::iterator at);
  void Clear();

  const std::vector<T> built_in_;
  ByKey by_key_;
  std::unordered_map<std::string, const Kept<T>*> by_name_;  // names in lower case
  std::vector<Seen> seen_;                                   // in the order of their IDs
  bool is_crowded_ = false;  // two records have had one key or name: read all anew next time
};

class Directory {
 public:
  // `on_damage` is told once of each record that cannot be read.
  explicit Directory(OnDamage on_damage);

  // What is found from here on is that of `snapshot`; what was found before is gone.
  void Follow(const catalog::Snapshot& snapshot);

  const Shelf<Token>& tokens() const { return tokens_; }
  const Shelf<Policy>& policies() const { return policies_; }
  const Shelf<Role>& roles() const { return roles_; }
  const Shelf<AuthMethod>& auth_methods() const { return auth_methods_; }
  const Shelf<BindingRule>& binding_rules() const { return binding_rules_; }

  // Null when it is not there, or has expired.
  const Kept<Token>* FindLiveToken(std::string_view accessor, UtcTime now) const;

  // For answers.h.
  std::optional<std::string> NameOf(model::AclKind kind, std::string_view id) const;

 private:
  const OnDamage on_damage_;
  Shelf<Token> tokens_;
  Shelf<Policy> policies_;
  Shelf<Role> roles_;
  Shelf<AuthMethod> auth_methods_;
  Shelf<BindingRule> binding_rules_;
  std::optional<catalog::Edition> as_of_;  // acl_edition of the snapshot; none yet
};

// Of a token that is about to be added, whose secret is `secret`: kConflict when another one has
// its accessor or its secret, or the one for the other. Accessors are shown to all who may read
// tokens, so that no secret may be one.
Result<void> CheckIsFree(const Token& token, std::string_view secret, const Directory& directory,
                         const catalog::Snapshot& snapshot);

}  // namespace rollcall::acl
