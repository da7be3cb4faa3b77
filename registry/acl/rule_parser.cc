#include "registry/acl/rule_parser.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "registry/acl/hcl_parser.h"
#include "registry/acl/json_parser.h"
#include "registry/acl/syntax.h"
#include "registry/base/ascii.h"

namespace rollcall::acl {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\v\f";

constexpr std::array<std::string_view, 5> kOfEnterprise = {
    "namespace", "namespace_prefix", "partition", "partition_prefix", "sentinel"};
constexpr std::array<std::string_view, 4> kOfLaterConsul = {"identity", "identity_prefix", "mesh",
                                                            "peering"};

template <size_t kCount>
bool IsOneOf(const std::array<std::string_view, kCount>& words, std::string_view word) {
  return std::any_of(words.begin(), words.end(),
                     [word](std::string_view known) { return EqualsIgnoreCase(known, word); });
}

// Why a key that is none of the language's is refused.
std::string ReasonAgainst(std::string_view key, std::string_view otherwise) {
  if (IsOneOf(kOfEnterprise, key)) {
    return Quoted(key) + " is of Consul Enterprise, and not supported: take it out";
  }
  if (IsOneOf(kOfLaterConsul, key)) {
    return Quoted(key) + " is of a later Consul than 1.8, and not supported: take it out";
  }
  return std::string(otherwise);
}

std::string Example(Subject subject) {
  return std::string(NameOf(subject)) + " \"NAME\" { policy = \"ACCESS\" }";
}

// Makes rules of what the two forms have been parsed into.
class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : text_(text) {}

  Result<Rules> Read(const SyntaxValue& root) {
    for (const SyntaxItem& item : root.items) {
      if (auto read = Statement(item); !read) return read.error();
    }
    return std::move(rules_);
  }

 private:
  using Kind = SyntaxValue::Kind;

  Error ErrorAt(size_t offset, std::string_view reason) const {
    return SyntaxError(text_, offset, reason);
  }

  Result<void> Statement(const SyntaxItem& item) {
    if (const auto scalar = FindScalar(item.key)) return ScalarRule(*scalar, item);
    if (const auto subject = FindSubject(item.key)) return NamedRules(*subject, item.value);
    return ErrorAt(
        item.offset,
        ReasonAgainst(item.key, "unknown resource " + Quoted(item.key) +
                                    ": there are agent, event, key, node, query, service "
                                    "and session, each also with _prefix, and acl, "
                                    "keyring and operator"));
  }

  Result<void> ScalarRule(Scalar scalar, const SyntaxItem& item) {
    bool& seen = seen_[static_cast<size_t>(scalar)];
    if (seen) return ErrorAt(item.offset, std::string(NameOf(scalar)) + " is given twice");
    seen = true;
    auto access = AccessOf(item, {});
    if (!access) return std::move(access).error();
    rules_.of(scalar) = *access;
    return {};
  }

  // An object of names, or in JSON a list of such objects.
  Result<void> NamedRules(Subject subject, const SyntaxValue& value) {
    if (value.kind != Kind::kList) return NamesIn(subject, value);
    for (const SyntaxItem& element : value.items) {
      if (auto read = NamesIn(subject, element.value); !read) return read;
    }
    return {};
  }

  Result<void> NamesIn(Subject subject, const SyntaxValue& names) {
    if (names.kind != Kind::kObject) {
      return ErrorAt(names.offset, std::string(NameOf(subject)) +
                                       " needs a name and a block: " + Example(subject));
    }
    for (const SyntaxItem& item : names.items) {
      if (auto read = BlocksOf(subject, item); !read) return read;
    }
    return {};
  }

  // The block of one name, or in JSON a list of blocks.
  Result<void> BlocksOf(Subject subject, const SyntaxItem& item) {
    if (item.value.kind != Kind::kList) return Block(subject, item, item.value);
    for (const SyntaxItem& element : item.value.items) {
      if (auto read = Block(subject, item, element.value); !read) return read;
    }
    return {};
  }

  Result<void> Block(Subject subject, const SyntaxItem& item, const SyntaxValue& block) {
    if (block.kind != Kind::kObject) {
      return ErrorAt(block.offset,
                     "the name " + Quoted(item.key) + " needs a block: " + Example(subject));
    }
    Rule rule{subject.resource, subject.match, item.key, Access::kDeny, std::nullopt};
    std::array<bool, 2> seen = {};  // policy, intentions
    for (const SyntaxItem& setting : block.items) {
      if (auto read = Setting(subject, setting, &rule, &seen); !read) return read;
    }
    if (!seen[0]) {
      return ErrorAt(item.offset, "policy is missing: " + Example(subject));
    }
    rules_.named.push_back(std::move(rule));
    return {};
  }

  Result<void> Setting(Subject subject, const SyntaxItem& setting, Rule* rule,
                       std::array<bool, 2>* seen) {
    const bool is_policy = EqualsIgnoreCase(setting.key, "policy");
    if (!is_policy && !EqualsIgnoreCase(setting.key, "intentions")) {
      return ErrorAt(setting.offset,
                     ReasonAgainst(setting.key, "unknown key " + Quoted(setting.key) +
                                                    ": a block has policy, and that of a service "
                                                    "may have intentions"));
    }
    if (!is_policy && subject.resource != Resource::kService) {
      return ErrorAt(setting.offset, "intentions are of service and service_prefix alone");
    }
    bool& seen_before = (*seen)[is_policy ? 0 : 1];
    if (seen_before) {
      return ErrorAt(setting.offset,
                     std::string(is_policy ? "policy is" : "intentions are") + " given twice");
    }
    seen_before = true;
    auto access = AccessOf(setting, is_policy ? std::optional(subject) : std::nullopt);
    if (!access) return std::move(access).error();
    if (!is_policy) {
      rule->intentions = *access;
    } else if (access->has_value()) {
      rule->access = **access;
    } else {
      return ErrorAt(setting.value.offset, "policy is empty: " + Example(subject));
    }
    return {};
  }

  // Nothing for an empty text, and for JSON's null. `subject` is whose policy it is, if any's.
  Result<std::optional<Access>> AccessOf(const SyntaxItem& item, std::optional<Subject> subject) {
    const SyntaxValue& value = item.value;
    if (value.kind == Kind::kNull) return std::optional<Access>();
    if (value.kind != Kind::kText) {
      return ErrorAt(value.offset, item.key + " must be a string in double quotes");
    }
    if (value.text.empty()) return std::optional<Access>();
    const auto access = FindAccess(value.text);
    const bool takes_list = subject && TakesList(*subject);
    const std::string_view known =
        takes_list ? "deny, read, list and write" : "deny, read and write";
    if (!access) {
      return ErrorAt(value.offset,
                     "unknown access " + Quoted(value.text) + ": there are " + std::string(known));
    }
    if (access == Access::kList && !takes_list) {
      return ErrorAt(value.offset, "list is for key and key_prefix alone: there are " +
                                       std::string(known) + " here");
    }
    return access;
  }

  const std::string_view text_;
  Rules rules_;
  std::array<bool, kScalarCount> seen_ = {};
};

}  // namespace

Result<Rules> ParseRules(std::string_view text, size_t max_size) {
  if (text.size() > max_size) {
    return SyntaxError(text, max_size,
                       "the rules are longer than " + std::to_string(max_size) +
                           " bytes: spread them over several policies");
  }
  if (const size_t bad = FindBadUtf8(text); bad != std::string_view::npos) {
    return SyntaxError(text, bad, "not UTF-8");
  }
  // JSON readers take it for the end of the text, and would not read what stands behind it.
  if (const size_t zero = text.find('\0'); zero != std::string_view::npos) {
    return SyntaxError(text, zero, "a byte that is 0");
  }
  // Editors show a line that ends there; a comment would not end there.
  for (size_t at = text.find('\r'); at != std::string_view::npos; at = text.find('\r', at + 1)) {
    if (text.substr(at + 1, 1) != "\n")
      return SyntaxError(text, at, "a line that ends with CR alone");
  }
  const size_t first = text.find_first_not_of(kBlanks);
  const bool is_json = first != std::string_view::npos && text[first] == '{';
  const auto root = is_json ? ParseJson(text) : ParseHcl(text);
  if (!root) return root.error();
  return RuleReader(text).Read(*root);
}

}  // namespace rollcall::acl
