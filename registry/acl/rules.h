// Rules: what one policy says, as plain values. Which words there are and what they are called, but
// not who may do what: that is Authorizer (authorizer.h). Any thread may use its own.
// Source: Consul 1.8, acl/policy.go and its documentation of ACL rules.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::acl {

// What a rule grants. Read is part of list, and both are part of write.
enum class Access : uint8_t { kDeny, kRead, kList, kWrite };

// What rules with a name are about.
enum class Resource : uint8_t { kAgent, kEvent, kKey, kNode, kQuery, kService, kSession };
constexpr size_t kResourceCount = 7;

// What is granted as a whole.
enum class Scalar : uint8_t { kAcl, kKeyring, kOperator };
constexpr size_t kScalarCount = 3;

// Whether a rule's name is the whole name, or what names begin with.
enum class Match : uint8_t { kExact, kPrefix };

// `service "web" { policy = "write" }`
struct Rule {
  Resource resource = Resource::kService;
  Match match = Match::kExact;
  std::string name;
  Access access = Access::kDeny;
  // Of a service only: who may connect to it. Never kList. Nothing: as `access` implies.
  std::optional<Access> intentions;

  friend bool operator==(const Rule&, const Rule&) = default;
};

// One policy. The order of rules means nothing; several may be about the same name.
struct Rules {
  std::vector<Rule> named;
  std::array<std::optional<Access>, kScalarCount> scalars;

  std::optional<Access>& of(Scalar scalar) { return scalars[static_cast<size_t>(scalar)]; }
  const std::optional<Access>& of(Scalar scalar) const {
    return scalars[static_cast<size_t>(scalar)];
  }

  friend bool operator==(const Rules&, const Rules&) = default;
};

// What begins a rule: `service` or `service_prefix`.
struct Subject {
  Resource resource = Resource::kService;
  Match match = Match::kExact;
};

// Whether a rule of this kind may say "list".
constexpr bool TakesList(Subject subject) { return subject.resource == Resource::kKey; }

// The words of the language.
std::string_view NameOf(Access access);
std::string_view NameOf(Subject subject);
std::string_view NameOf(Scalar scalar);

// The other way. Nothing when it is no such word. As in Consul the case does not matter.
std::optional<Access> FindAccess(std::string_view word);
std::optional<Subject> FindSubject(std::string_view word);
std::optional<Scalar> FindScalar(std::string_view word);

}  // namespace rollcall::acl
