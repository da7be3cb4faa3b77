#include "registry/acl/rules.h"

#include "registry/base/ascii.h"

namespace rollcall::acl {
namespace {

constexpr std::array<std::string_view, 4> kAccessNames = {"deny", "read", "list", "write"};
constexpr std::array<std::string_view, kScalarCount> kScalarNames = {"acl", "keyring", "operator"};
// [resource][match]
constexpr std::string_view kSubjectNames[kResourceCount][2] = {
    {"agent", "agent_prefix"},     {"event", "event_prefix"}, {"key", "key_prefix"},
    {"node", "node_prefix"},       {"query", "query_prefix"}, {"service", "service_prefix"},
    {"session", "session_prefix"},
};

template <typename Word, size_t kCount>
std::optional<Word> FindWord(const std::array<std::string_view, kCount>& names,
                             std::string_view word) {
  for (size_t i = 0; i < kCount; ++i) {
    if (EqualsIgnoreCase(names[i], word)) return static_cast<Word>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view NameOf(Access access) { return kAccessNames[static_cast<size_t>(access)]; }
std::string_view NameOf(Scalar scalar) { return kScalarNames[static_cast<size_t>(scalar)]; }
std::string_view NameOf(Subject subject) {
  return kSubjectNames[static_cast<size_t>(subject.resource)][static_cast<size_t>(subject.match)];
}

std::optional<Access> FindAccess(std::string_view word) {
  return FindWord<Access>(kAccessNames, word);
}
std::optional<Scalar> FindScalar(std::string_view word) {
  return FindWord<Scalar>(kScalarNames, word);
}
std::optional<Subject> FindSubject(std::string_view word) {
  for (size_t i = 0; i < kResourceCount; ++i) {
    for (const Match match : {Match::kExact, Match::kPrefix}) {
      const Subject subject{static_cast<Resource>(i), match};
      if (EqualsIgnoreCase(NameOf(subject), word)) return subject;
    }
  }
  return std::nullopt;
}

}  // namespace rollcall::acl
