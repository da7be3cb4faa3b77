// Fuzz target: the rules of access control, from their text to what they grant. The first byte says
// what holds by default and whether the rest, at its first zero byte, is two policies. What must
// hold of texts that are accepted: they are read back as the same rules from either form, and what
// they grant is what the slow way finds.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/acl/authorizer.h"
#include "registry/acl/hcl_parser.h"
#include "registry/acl/json_parser.h"
#include "registry/acl/rule_parser.h"
#include "registry/acl/rule_writer.h"
#include "registry/acl/syntax.h"
#include "tests/registry/acl/reference.h"
#include "tests/registry/acl/rules_json.h"

namespace {

using rollcall::acl::Authorizer;
using rollcall::acl::Reference;
using rollcall::acl::Resource;
using rollcall::acl::Right;
using rollcall::acl::Rule;
using rollcall::acl::Rules;
using rollcall::acl::Scalar;

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckError(const rollcall::Error& error) {
  Require(error.code == rollcall::ErrorCode::kInvalidArgument);
  Require(error.message.starts_with("line ") && error.message.size() < 1000);
  Require(error.message.find(", column ") != std::string::npos);
  Require(error.message.find_first_of("\r\n") == std::string::npos);
}

// Too long a text is none of the writers' fault.
void CheckText(const std::string& text, const Rules& expected) {
  if (text.size() > rollcall::acl::kMaxRulesSize) return;
  const auto rules = rollcall::acl::ParseRules(text);
  Require(rules.has_value() && *rules == expected);
}

void CheckRoundTrips(const Rules& rules) {
  CheckText(rollcall::acl::WriteRules(rules), rules);
  // JSON has the rules of one subject together.
  Rules sorted = rules;
  std::stable_sort(sorted.named.begin(), sorted.named.end(), [](const Rule& a, const Rule& b) {
    return std::pair(a.resource, a.match) < std::pair(b.resource, b.match);
  });
  CheckText(rollcall::acl::WriteJson(sorted), sorted);
}

void CheckGrants(const Authorizer& who, const Reference& reference, Resource resource) {
  size_t letters = 0;
  for (const Rule* rule : reference.All(resource)) letters += rule->name.size() + 1;
  if (letters > 200) return;  // the slow way is slow
  bool all = true;
  bool none = true;
  for (const std::string& name : reference.Witnesses(resource)) {
    const bool read = reference.May(Right::kRead, resource, name);
    Require(who.MayRead(resource, name) == read);
    Require(who.MayList(resource, name) == reference.May(Right::kList, resource, name));
    Require(who.MayWrite(resource, name) == reference.May(Right::kWrite, resource, name));
    if (resource == Resource::kService) {
      Require(who.MayReadIntentions(name) == reference.MayOnIntentions(Right::kRead, name));
      Require(who.MayWriteIntentions(name) == reference.MayOnIntentions(Right::kWrite, name));
    }
    if (resource == Resource::kKey) {
      Require(who.MayWriteKeysBelow(name) == reference.MayWriteKeysBelow(name));
    }
    all = all && read;
    none = none && !read;
  }
  Require(who.ReadsAll(resource) == all && who.ReadsNone(resource) == none);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace acl = rollcall::acl;
  if (size == 0) return 0;
  const std::string input(data, data + size);
  const auto otherwise = input.front() & 1 ? acl::DefaultPolicy::kAllow : acl::DefaultPolicy::kDeny;
  std::vector<std::string> texts = {input.substr(1)};
  const size_t zero = texts[0].find('\0');
  if ((input.front() & 2) != 0 && zero != std::string::npos) {
    texts.push_back(texts[0].substr(zero + 1));
    texts[0].resize(zero);
  }
  std::vector<Rules> policies;
  for (const std::string& text : texts) {
    if (acl::FindBadUtf8(text) == std::string::npos) {
      // Either form of any text, whatever it begins with.
      if (const auto hcl = acl::ParseHcl(text); !hcl) CheckError(hcl.error());
      if (const auto json = acl::ParseJson(text); !json) CheckError(json.error());
    }
    auto rules = acl::ParseRules(text);
    if (!rules) {
      CheckError(rules.error());
      continue;
    }
    CheckRoundTrips(*rules);
    policies.push_back(*std::move(rules));
  }
  std::vector<const Rules*> pointers(policies.size());
  std::transform(policies.begin(), policies.end(), pointers.begin(),
                 [](const Rules& policy) { return &policy; });
  const Authorizer who(pointers, otherwise);
  const Reference reference(policies, otherwise);
  for (size_t i = 0; i < acl::kResourceCount; ++i) {
    CheckGrants(who, reference, static_cast<Resource>(i));
  }
  for (const Scalar scalar : {Scalar::kAcl, Scalar::kKeyring, Scalar::kOperator}) {
    Require(who.MayRead(scalar) == reference.May(Right::kRead, scalar));
    Require(who.MayWrite(scalar) == reference.May(Right::kWrite, scalar));
  }
  return 0;
}
