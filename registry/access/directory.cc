#include "registry/access/directory.h"

#include <optional>

#include "registry/acl/methods/stored.h"
#include "registry/acl/objects/secrets.h"
#include "registry/acl/objects/stored.h"
#include "registry/base/ascii.h"

namespace rollcall::acl {
namespace {

using catalog::Snapshot;

// What the kinds differ in.
template <typename T>
struct KindOf;

template <>
struct KindOf<Token> {
  static constexpr model::AclKind kKind = model::AclKind::kToken;
  static Result<Token> Read(const model::AclObject& object) { return ReadToken(object); }
  static const std::string& KeyOf(const Token& token) { return token.accessor_id; }
  static std::string NameOf(const Token&) { return {}; }
};

template <>
struct KindOf<Policy> {
  static constexpr model::AclKind kKind = model::AclKind::kPolicy;
  static Result<Policy> Read(const model::AclObject& object) { return ReadPolicy(object); }
  static const std::string& KeyOf(const Policy& policy) { return policy.id; }
  static std::string NameOf(const Policy& policy) { return AsciiLower(policy.name); }
};

template <>
struct KindOf<Role> {
  static constexpr model::AclKind kKind = model::AclKind::kRole;
  static Result<Role> Read(const model::AclObject& object) { return ReadRole(object); }
  static const std::string& KeyOf(const Role& role) { return role.id; }
  static std::string NameOf(const Role& role) { return AsciiLower(role.name); }
};

template <>
struct KindOf<AuthMethod> {
  static constexpr model::AclKind kKind = model::AclKind::kAuthMethod;
  static Result<AuthMethod> Read(const model::AclObject& object) { return ReadAuthMethod(object); }
  static std::string KeyOf(const AuthMethod& method) { return AsciiLower(method.name); }
  static std::string NameOf(const AuthMethod&) { return {}; }
};

template <>
struct KindOf<BindingRule> {
  static constexpr model::AclKind kKind = model::AclKind::kBindingRule;
  static Result<BindingRule> Read(const model::AclObject& object) {
    return ReadBindingRule(object);
  }
  static const std::string& KeyOf(const BindingRule& rule) { return rule.id; }
  static std::string NameOf(const BindingRule&) { return {}; }
};

std::string Upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

}  // namespace

template <typename T>
Shelf<T>::Shelf(std::vector<T> built_in) : built_in_(std::move(built_in)) {
  Clear();
}

template <typename T>
void Shelf<T>::Clear() {
  by_key_.clear();
  by_name_.clear();
  seen_.clear();
  is_crowded_ = false;
  for (const T& each : built_in_) Put(KindOf<T>::KeyOf(each), {each, nullptr});
}

template <typename T>
void Shelf<T>::Follow(const Snapshot& snapshot, const OnDamage& on_damage) {
  if (is_crowded_) Clear();
  constexpr model::AclKind kKind = KindOf<T>::kKind;
  std::vector<Seen> seen;
  seen.reserve(seen_.size());
  std::vector<size_t> fresh;  // of `seen`
  auto before = seen_.begin();
  const auto end = snapshot.acl().end();
  for (auto at = snapshot.acl().LowerBound({kKind, ""}); at != end && (*at).kind == kKind; ++at) {
    const Counted<model::AclObject>& record = *at;
    while (before != seen_.end() && CompareIgnoreCase(before->record->id, record.id) < 0) {
      Remove(*before++);
    }
    if (before != seen_.end() && before->record.get() == &record) {
      seen.push_back(std::move(*before++));
      continue;
    }
    fresh.push_back(seen.size());
    seen.push_back({catalog::AclRef(&record), {}});
  }
  while (before != seen_.end()) Remove(*before++);
  // Only now: a name may have gone from one object to another.
  for (const size_t each : fresh) Add(&seen[each], on_damage);
  seen_ = std::move(seen);
}

template <typename T>
void Shelf<T>::Add(Seen* seen, const OnDamage& on_damage) {
  Result<T> object = KindOf<T>::Read(*seen->record);
  if (!object) return on_damage(object.error().message);
  std::string key = KindOf<T>::KeyOf(*object);
  const auto there = by_key_.find(key);
  if (there != by_key_.end()) {
    if (there->second.record != nullptr) {
      is_crowded_ = true;
      return on_damage("there are two objects of access control with the ID " + key);
    }
    Drop(there);
  }
  Put(key, {*std::move(object), seen->record});
  seen->key = std::move(key);
}

template <typename T>
void Shelf<T>::Put(const std::string& key, Kept<T> kept) {
  const auto at = by_key_.emplace(key, std::move(kept)).first;
  const std::string name = KindOf<T>::NameOf(at->second.object);
  if (name.empty()) return;
  if (!by_name_.emplace(name, &at->second).second) is_crowded_ = true;
}

template <typename T>
void Shelf<T>::Drop(typename ByKey::iterator at) {
  const auto name = by_name_.find(KindOf<T>::NameOf(at->second.object));
  if (name != by_name_.end() && name->second == &at->second) by_name_.erase(name);
  by_key_.erase(at);
}

template <typename T>
void Shelf<T>::Remove(const Seen& seen) {
  const auto at = by_key_.find(seen.key);
  if (at == by_key_.end()) return;
  Drop(at);
  for (const T& each : built_in_) {
    if (KindOf<T>::KeyOf(each) == seen.key) Put(seen.key, {each, nullptr});
  }
}

template <typename T>
const Kept<T>* Shelf<T>::Find(std::string_view key) const {
  const auto at = by_key_.find(AsciiLower(key));
  return at == by_key_.end() ? nullptr : &at->second;
}

template <typename T>
const Kept<T>* Shelf<T>::FindByName(std::string_view name) const {
  const auto at = by_name_.find(AsciiLower(name));
  return at == by_name_.end() ? nullptr : at->second;
}

template class Shelf<Token>;
template class Shelf<Policy>;
template class Shelf<Role>;
template class Shelf<AuthMethod>;
template class Shelf<BindingRule>;

Directory::Directory(OnDamage on_damage)
    : on_damage_(std::move(on_damage)),
      tokens_({AnonymousToken(UtcTime())}),
      policies_({GlobalManagementPolicy()}),
      roles_({}),
      auth_methods_({}),
      binding_rules_({}) {}

void Directory::Follow(const Snapshot& snapshot) {
  if (as_of_ == snapshot.acl_edition()) return;
  tokens_.Follow(snapshot, on_damage_);
  policies_.Follow(snapshot, on_damage_);
  roles_.Follow(snapshot, on_damage_);
  auth_methods_.Follow(snapshot, on_damage_);
  binding_rules_.Follow(snapshot, on_damage_);
  as_of_ = snapshot.acl_edition();
}

const Kept<Token>* Directory::FindLiveToken(std::string_view accessor, UtcTime now) const {
  const Kept<Token>* const token = tokens_.Find(accessor);
  return token == nullptr || token->object.IsExpired(now) ? nullptr : token;
}

std::optional<std::string> Directory::NameOf(model::AclKind kind, std::string_view id) const {
  if (kind == model::AclKind::kPolicy) {
    const Kept<Policy>* const policy = policies_.Find(id);
    return policy == nullptr ? std::nullopt : std::optional(policy->object.name);
  }
  const Kept<Role>* const role = kind == model::AclKind::kRole ? roles_.Find(id) : nullptr;
  return role == nullptr ? std::nullopt : std::optional(role->object.name);
}

Result<void> CheckIsFree(const Token& token, std::string_view secret, const Directory& directory,
                         const Snapshot& snapshot) {
  const auto is_a_secret = [&snapshot](std::string_view text) {
    return snapshot.FindAcl(model::AclKind::kToken, HashSecret(text)) != nullptr;
  };
  const std::string& accessor = token.accessor_id;
  // Accessors are in lower case; a secret is as its owner has written it.
  if (directory.tokens().Find(accessor) != nullptr || is_a_secret(accessor) ||
      is_a_secret(Upper(accessor))) {
    return Conflict("Invalid Token: AccessorID is already in use");
  }
  if (is_a_secret(secret) || directory.tokens().Find(secret) != nullptr) {
    return Conflict("Invalid Token: SecretID is already in use");
  }
  return {};
}

}  // namespace rollcall::acl
