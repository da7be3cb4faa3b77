// Who may do what: Consul's own cases of precedence (acl/acl_test.go,
// acl/policy_authorizer_test.go, acl/policy_test.go), and what goes beyond them.
#include "registry/acl/authorizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/acl/identities.h"
#include "registry/acl/rule_parser.h"

namespace rollcall::acl {
namespace {

constexpr DefaultPolicy kAllow = DefaultPolicy::kAllow;
constexpr DefaultPolicy kDeny = DefaultPolicy::kDeny;

std::vector<const Rules*> PointersTo(const std::vector<Rules>& policies) {
  std::vector<const Rules*> pointers(policies.size());
  std::transform(policies.begin(), policies.end(), pointers.begin(),
                 [](const Rules& policy) { return &policy; });
  return pointers;
}

Authorizer Compile(std::initializer_list<std::string_view> texts, DefaultPolicy otherwise) {
  std::vector<Rules> policies;
  for (const std::string_view text : texts) {
    auto rules = ParseRules(text);
    EXPECT_TRUE(rules) << rules.error().message;
    if (rules) policies.push_back(*std::move(rules));
  }
  return {PointersTo(policies), otherwise};
}

// "rlw": which of read, list and write are granted.
std::string Granted(const Authorizer& who, Resource resource, std::string_view name) {
  std::string granted;
  if (who.MayRead(resource, name)) granted += 'r';
  if (who.MayList(resource, name)) granted += 'l';
  if (who.MayWrite(resource, name)) granted += 'w';
  return granted;
}

std::string Granted(const Authorizer& who, Scalar scalar) {
  return std::string(who.MayRead(scalar) ? "r" : "") + (who.MayWrite(scalar) ? "w" : "");
}

std::string GrantedIntentions(const Authorizer& who, std::string_view service) {
  return std::string(who.MayReadIntentions(service) ? "r" : "") +
         (who.MayWriteIntentions(service) ? "w" : "");
}

using Names = std::initializer_list<std::pair<std::string_view, std::string_view>>;

void ExpectGranted(const Authorizer& who, Resource resource, Names names) {
  for (const auto& [name, granted] : names)
    EXPECT_EQ(Granted(who, resource, name), granted) << name;
}

constexpr Resource kResources[] = {Resource::kAgent,  Resource::kEvent, Resource::kKey,
                                   Resource::kNode,   Resource::kQuery, Resource::kService,
                                   Resource::kSession};

void ExpectAll(const Authorizer& who, std::string_view named, std::string_view acl,
               std::string_view other_scalars) {
  for (const Resource resource : kResources) {
    ExpectGranted(who, resource, {{"foobar", named}, {"", named}});
    EXPECT_EQ(who.ReadsAll(resource), !named.empty());
    EXPECT_EQ(who.ReadsNone(resource), named.empty());
  }
  EXPECT_EQ(GrantedIntentions(who, "foobar"), named.empty() ? "" : "rw");
  EXPECT_EQ(who.MayWriteKeysBelow(""), !named.empty());
  EXPECT_EQ(Granted(who, Scalar::kAcl), acl);
  EXPECT_EQ(Granted(who, Scalar::kKeyring), other_scalars);
  EXPECT_EQ(Granted(who, Scalar::kOperator), other_scalars);
}

TEST(AuthorizerTest, ReadyMadeOnesGrantAsConsulsDo) {
  ExpectAll(Authorizer::AllowAll(), "rlw", "", "rw");
  ExpectAll(Authorizer::DenyAll(), "", "", "");
  ExpectAll(Authorizer::ManageAll(), "rlw", "rw", "rw");
}

TEST(AuthorizerTest, TheManagementPolicyGrantsAllWhereverItStands) {
  const Rules rules = GlobalManagementRules();
  const Rules* const policies[] = {&rules};
  ExpectAll(Authorizer(policies, kDeny), "rlw", "rw", "rw");
}

TEST(AuthorizerTest, PoliciesThatSayNothingLeaveTheDefault) {
  ExpectAll(Compile({}, kAllow), "rlw", "", "rw");
  ExpectAll(Compile({"", ""}, kDeny), "", "", "");
}

TEST(AuthorizerTest, ExactRulesGoBeforePrefixesOfEveryResource) {
  const std::string word[] = {"agent", "event", "key", "node", "query", "service", "session"};
  for (const Resource resource : kResources) {
    const std::string& name = word[static_cast<size_t>(resource)];
    const Authorizer who = Compile(
        {name + R"( "foo" { policy = "write" } )" + name + R"( "football" { policy = "deny" } )" +
         name + R"(_prefix "foot" { policy = "read" } )" + name +
         R"(_prefix "fo" { policy = "read" })"},
        kDeny);
    ExpectGranted(who, resource,
                  {{"f", ""},
                   {"fo", "r"},
                   {"for", "r"},
                   {"foo", "rlw"},
                   {"foot", "r"},
                   {"foot2", "r"},
                   {"food", "r"},
                   {"football", ""},
                   {"footballs", "r"},
                   {"g", ""}});
    for (const Resource other : kResources) {
      if (other != resource) ExpectGranted(who, other, {{"foo", ""}});
    }
  }
}

TEST(AuthorizerTest, TheLongestPrefixDecides) {
  const Authorizer who = Compile({R"(
      key_prefix "foo/" { policy = "write" }
      key_prefix "foo/priv/" { policy = "deny" }
      key_prefix "bar/" { policy = "deny" }
      key_prefix "zip/" { policy = "read" }
      service_prefix "" { policy = "write" }
      service_prefix "foo" { policy = "read" }
      service_prefix "bar" { policy = "deny" }
      service_prefix "barfoo" { policy = "write" }
      event_prefix "" { policy = "read" }
      event_prefix "foo" { policy = "write" }
      event_prefix "bar" { policy = "deny" })"},
                                 kAllow);
  ExpectGranted(who, Resource::kKey,
                {{"other", "rlw"},
                 {"foo/test", "rlw"},
                 {"foo/priv/test", ""},
                 {"bar/any", ""},
                 {"zip/test", "r"},
                 {"foo/", "rlw"},
                 {"", "rlw"}});
  ExpectGranted(who, Resource::kService,
                {{"other", "rlw"},
                 {"foo", "r"},
                 {"bar", ""},
                 {"foobar", "r"},
                 {"barfo", ""},
                 {"barfoo", "rlw"},
                 {"barfoo2", "rlw"}});
  ExpectGranted(who, Resource::kEvent,
                {{"foo", "rlw"}, {"foobar", "rlw"}, {"bar", ""}, {"barbaz", ""}, {"baz", "r"}});
}

TEST(AuthorizerTest, AWholeTreeOfKeysIsWrittenOnlyIfAllOfItMayBe) {
  const Authorizer allow = Compile({R"(
      key_prefix "foo/" { policy = "write" }
      key_prefix "foo/priv/" { policy = "deny" }
      key_prefix "bar/" { policy = "deny" }
      key_prefix "zip/" { policy = "read" }
      key "one" { policy = "read" }
      key "two" { policy = "write" })"},
                                   kAllow);
  for (const auto& [prefix, may] :
       std::initializer_list<std::pair<std::string_view, bool>>{{"other", true},
                                                                {"foo/test", true},
                                                                {"foo/priv/test", false},
                                                                {"bar/any", false},
                                                                {"zip/test", false},
                                                                {"foo/", false},
                                                                {"", false},
                                                                {"one", false},
                                                                {"on", false},
                                                                {"ones", true},
                                                                {"two", true},
                                                                {"t", true}}) {
    EXPECT_EQ(allow.MayWriteKeysBelow(prefix), may) << prefix;
  }
  // By default nothing: an exact rule about the prefix itself is no rule about what is below.
  const Authorizer deny =
      Compile({R"(key "two" { policy = "write" } key_prefix "a/" { policy = "write" })"}, kDeny);
  EXPECT_FALSE(deny.MayWriteKeysBelow("two"));
  EXPECT_TRUE(deny.MayWriteKeysBelow("a/"));
  EXPECT_TRUE(deny.MayWriteKeysBelow("a/b"));
  EXPECT_FALSE(deny.MayWriteKeysBelow("a"));
}

TEST(AuthorizerTest, ListIsBetweenReadAndWrite) {
  const Authorizer who = Compile({R"(
      key_prefix "l" { policy = "list" }
      key_prefix "r" { policy = "read" }
      key_prefix "w" { policy = "write" }
      key "exact" { policy = "list" })"},
                                 kDeny);
  ExpectGranted(
      who, Resource::kKey,
      {{"exact", "rl"}, {"exactly", ""}, {"l", "rl"}, {"r", "r"}, {"w", "rlw"}, {"x", ""}});
}

TEST(AuthorizerTest, DenyThenWriteThenListThenReadOfSeveralPolicies) {
  struct Case {
    std::string_view a;
    std::string_view b;
    std::string_view granted;
  };
  for (const Case& c : std::initializer_list<Case>{{"deny", "write", ""},
                                                   {"deny", "list", ""},
                                                   {"deny", "read", ""},
                                                   {"deny", "deny", ""},
                                                   {"write", "list", "rlw"},
                                                   {"write", "read", "rlw"},
                                                   {"list", "read", "rl"},
                                                   {"read", "read", "r"}}) {
    const std::string a = R"(key_prefix "a" { policy = ")" + std::string(c.a) + "\" }";
    const std::string b = R"(key_prefix "a" { policy = ")" + std::string(c.b) + "\" }";
    const std::string together = a + b;
    for (const Authorizer& who : {Compile({a, b}, kAllow), Compile({b, a}, kAllow),
                                  Compile({together}, kAllow), Compile({a, b, b, a}, kAllow)}) {
      EXPECT_EQ(Granted(who, Resource::kKey, "abc"), c.granted) << c.a << " " << c.b;
    }
  }
}

TEST(AuthorizerTest, ADenialOfAPrefixDoesNotReachAnExactRuleOfAnotherPolicy) {
  const Authorizer who =
      Compile({R"(node_prefix "" { policy = "deny" })", R"(node "a" { policy = "write" })",
               R"(node_prefix "ab" { policy = "read" })"},
              kAllow);
  ExpectGranted(who, Resource::kNode, {{"a", "rlw"}, {"ab", "r"}, {"ac", ""}, {"", ""}});
}

TEST(AuthorizerTest, ScalarsAreMergedAlike) {
  struct Case {
    std::vector<std::string> said;
    std::string_view granted;
  };
  for (const std::string scalar : {"acl", "keyring", "operator"}) {
    for (const Case& c : std::initializer_list<Case>{{{}, ""},
                                                     {{"read"}, "r"},
                                                     {{"write"}, "rw"},
                                                     {{"deny"}, ""},
                                                     {{"read", "write"}, "rw"},
                                                     {{"write", "read"}, "rw"},
                                                     {{"write", "deny"}, ""},
                                                     {{"deny", "write"}, ""},
                                                     {{"read", ""}, "r"},
                                                     {{"", "read"}, "r"}}) {
      std::vector<Rules> policies;
      for (const std::string& access : c.said) {
        policies.push_back(*ParseRules(scalar + " = \"" + access + "\""));
      }
      const std::vector<const Rules*> pointers = PointersTo(policies);
      const Authorizer who(pointers, kDeny);
      EXPECT_EQ(Granted(who, *FindScalar(scalar)), c.granted) << scalar;
      if (!c.said.empty()) {
        EXPECT_EQ(Granted(Authorizer(pointers, kAllow), *FindScalar(scalar)), c.granted) << scalar;
      }
    }
  }
}

TEST(AuthorizerTest, IntentionsFollowTheServiceUnlessTheyAreGiven) {
  const Authorizer who = Compile({R"(
      service "r" { policy = "read" }
      service "w" { policy = "write" }
      service "d" { policy = "deny" }
      service "ww" { policy = "write" intentions = "write" }
      service "rw" { policy = "read" intentions = "write" }
      service "dr" { policy = "deny" intentions = "read" }
      service "wd" { policy = "write" intentions = "deny" }
      service_prefix "p" { policy = "write" intentions = "write" })"},
                                 kDeny);
  for (const auto& [service, granted] :
       std::initializer_list<std::pair<std::string_view, std::string_view>>{{"r", "r"},
                                                                            {"w", "r"},
                                                                            {"d", ""},
                                                                            {"ww", "rw"},
                                                                            {"rw", "rw"},
                                                                            {"dr", "r"},
                                                                            {"wd", ""},
                                                                            {"pp", "rw"},
                                                                            {"x", ""}}) {
    EXPECT_EQ(GrantedIntentions(who, service), granted) << service;
  }
  EXPECT_EQ(GrantedIntentions(Compile({R"(service "a" { policy = "read" })"}, kAllow), "b"), "rw");
}

TEST(AuthorizerTest, IntentionsAreMergedByThemselves) {
  EXPECT_EQ(GrantedIntentions(Compile({R"(service "a" { policy = "read" intentions = "write" })",
                                       R"(service "a" { policy = "deny" })"},
                                      kDeny),
                              "a"),
            "rw");
  EXPECT_EQ(GrantedIntentions(Compile({R"(service "a" { policy = "write" })",
                                       R"(service "a" { policy = "write" intentions = "deny" })",
                                       R"(service "a" { policy = "write" intentions = "write" })"},
                                      kDeny),
                              "a"),
            "");
  EXPECT_EQ(GrantedIntentions(Compile({R"(service "a" { policy = "write" })",
                                       R"(service "a" { policy = "deny" })"},
                                      kAllow),
                              "a"),
            "");
}

TEST(AuthorizerTest, NamesMayHaveAnyBytes) {
  const Authorizer who = Compile({R"(
      service "web" { policy = "write" }
      service_prefix "\u00e9" { policy = "read" }
      service "nul\x00" { policy = "write" })"},
                                 kDeny);
  ExpectGranted(who, Resource::kService,
                {{"web", "rlw"},
                 {"Web", ""},
                 {"web ", ""},
                 {std::string_view("web\0", 4), ""},
                 {"\xc3\xa9t\xc3\xa9", "r"},
                 {"\xc3", ""},
                 {"nul", ""},
                 {std::string_view("nul\0", 4), "rlw"},
                 {std::string_view("nul\0\0", 5), ""}});
}

// The catalog takes "admin" and "Admin" for the same service.
TEST(AuthorizerTest, ADenialHoldsForANameInAnyCase) {
  for (const Resource resource : kResources) {
    const std::string word(NameOf(Subject{resource, Match::kExact}));
    const Authorizer who = Compile(
        {word + R"(_prefix "" { policy = "write" })" + word + R"( "admin" { policy = "deny" })" +
         word + R"(_prefix "Secret-" { policy = "deny" })" + word +
         R"( "READ" { policy = "read" })"},
        kDeny);
    const bool by_case = resource == Resource::kKey || resource == Resource::kEvent;
    const std::string_view other = by_case ? "rlw" : "";
    ExpectGranted(who, resource,
                  {{"admin", ""},
                   {"Admin", other},
                   {"ADMIN", other},
                   {"admins", "rlw"},
                   {"Admins", "rlw"},
                   {"Secret-1", ""},
                   {"secret-1", other},
                   {"SECRET-", other},
                   {"secret", "rlw"},
                   {"READ", "r"},
                   {"read", by_case ? "rlw" : "r"},
                   {"Read", by_case ? "rlw" : "r"},
                   {"\xc3\x84", "rlw"}});
  }
}

TEST(AuthorizerTest, ADenialInLowerCaseHoldsForCapitals) {
  const Authorizer who = Compile({R"(
      service "admin" { policy = "deny" }
      service_prefix "" { policy = "write" })"},
                                 kAllow);
  ExpectGranted(who, Resource::kService, {{"admin", ""}, {"Admin", ""}, {"Admins", "rlw"}});
}

TEST(AuthorizerTest, AGrantTakesTheNameAsItIsWritten) {
  const Authorizer who = Compile({R"(
      service "web" { policy = "write" }
      service "Api" { policy = "write" }
      service_prefix "Db-" { policy = "read" })"},
                                 kDeny);
  ExpectGranted(who, Resource::kService,
                {{"web", "rlw"},
                 {"Web", ""},
                 {"Api", "rlw"},
                 {"api", ""},
                 {"Db-1", "r"},
                 {"Db-X", "r"},
                 {"db-1", ""}});
  EXPECT_FALSE(who.ReadsNone(Resource::kService));
}

// As of rules about the same name: a denial stands, and otherwise the more counts.
TEST(AuthorizerTest, RulesThatDifferInCaseAreAboutOneService) {
  const Authorizer who = Compile({R"(
      service "a" { policy = "deny" }  service "A" { policy = "write" }
      service "b" { policy = "read" }  service "B" { policy = "write" }
      service_prefix "C" { policy = "read" intentions = "write" })",
                                  R"(service_prefix "c" { policy = "deny" })"},
                                 kAllow);
  ExpectGranted(who, Resource::kService,
                {{"a", ""}, {"A", ""}, {"b", "r"}, {"B", "rlw"}, {"c1", ""}, {"C1", ""}});
  EXPECT_EQ(GrantedIntentions(who, "C1"), "rw");
  EXPECT_EQ(GrantedIntentions(who, "c1"), "");
  const Authorizer none =
      Compile({R"(node "N" { policy = "read" } node "n" { policy = "deny" })"}, kDeny);
  EXPECT_TRUE(none.ReadsNone(Resource::kNode));
  const Authorizer most = Compile({R"(node "N" { policy = "deny" })"}, kAllow);
  EXPECT_FALSE(most.ReadsAll(Resource::kNode));
  ExpectGranted(most, Resource::kNode, {{"n", ""}, {"n2", "rlw"}});
}

TEST(AuthorizerTest, IdentitiesGrantWhatConsulSays) {
  const auto service = ServiceIdentityRules("web");
  const auto node = NodeIdentityRules("n1");
  ASSERT_TRUE(service && node);
  const Rules* const policies[] = {&*service, &*node};
  const Authorizer who(policies, kDeny);
  ExpectGranted(who, Resource::kService,
                {{"web", "rlw"}, {"web-sidecar-proxy", "rlw"}, {"web2", "r"}, {"other", "r"}});
  ExpectGranted(who, Resource::kNode, {{"n1", "rlw"}, {"n2", "r"}});
  ExpectGranted(who, Resource::kKey, {{"a", ""}});
  EXPECT_EQ(GrantedIntentions(who, "web"), "r");
}

TEST(AuthorizerTest, OutlivesThePolicies) {
  const Authorizer who = [] {
    return Compile({R"(node_prefix "abc" { policy = "read" })"}, kDeny);
  }();
  const Authorizer copy = who;  // NOLINT(performance-unnecessary-copy-initialization): meant
  ExpectGranted(copy, Resource::kNode, {{"abcd", "r"}, {"ab", ""}});
}

}  // namespace
}  // namespace rollcall::acl
