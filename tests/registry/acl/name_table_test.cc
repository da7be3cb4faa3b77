// What is known of all names at once, and the search itself against the slow way.
#include "registry/acl/name_table.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "registry/acl/authorizer.h"
#include "tests/registry/acl/reference.h"

namespace rollcall::acl {
namespace {

constexpr Rights kReadOnly = static_cast<Rights>(Right::kRead);

Rule NodeRule(Match match, std::string name, Access access) {
  return {Resource::kNode, match, std::move(name), access, {}};
}

Authorizer CompileRules(const Rules& rules, DefaultPolicy otherwise) {
  const Rules* const policies[] = {&rules};
  return {policies, otherwise};
}

struct Reads {
  bool all;
  bool none;
  friend bool operator==(const Reads&, const Reads&) = default;
};

Reads ReadsOf(const std::vector<Rule>& rules, DefaultPolicy otherwise) {
  const Authorizer who = CompileRules({rules, {}}, otherwise);
  return {who.ReadsAll(Resource::kNode), who.ReadsNone(Resource::kNode)};
}

TEST(NameTableTest, KnowsWhetherAllOrNoNamesAreRead) {
  constexpr Reads kAll = {true, false};
  constexpr Reads kSome = {false, false};
  constexpr Reads kNone = {false, true};
  const Rule all_read = NodeRule(Match::kPrefix, "", Access::kRead);
  const Rule all_denied = NodeRule(Match::kPrefix, "", Access::kDeny);
  const Rule one_read = NodeRule(Match::kExact, "a", Access::kRead);
  const Rule one_denied = NodeRule(Match::kExact, "a", Access::kDeny);
  const Rule some_written = NodeRule(Match::kPrefix, "b", Access::kWrite);
  const Rule some_denied = NodeRule(Match::kPrefix, "b", Access::kDeny);
  const Rule empty_denied = NodeRule(Match::kExact, "", Access::kDeny);
  struct Case {
    std::vector<Rule> rules;
    Reads if_denied;
    Reads if_allowed;
  };
  const Case cases[] = {
      {{}, kNone, kAll},
      {{all_read}, kAll, kAll},
      {{all_denied}, kNone, kNone},
      {{all_read, all_denied}, kNone, kNone},
      {{one_read}, kSome, kAll},
      {{one_denied}, kNone, kSome},
      {{all_read, one_denied}, kSome, kSome},
      {{all_read, one_read}, kAll, kAll},
      {{all_denied, one_denied, some_denied}, kNone, kNone},
      {{all_denied, some_written}, kSome, kSome},
      {{all_read, some_written}, kAll, kAll},
      {{all_read, some_denied}, kSome, kSome},
      {{some_denied}, kNone, kSome},
      {{empty_denied}, kNone, kSome},
      {{all_read, empty_denied}, kSome, kSome},
  };
  for (const Case& c : cases) {
    const size_t at = static_cast<size_t>(&c - cases);
    EXPECT_EQ(ReadsOf(c.rules, DefaultPolicy::kDeny), c.if_denied) << at;
    EXPECT_EQ(ReadsOf(c.rules, DefaultPolicy::kAllow), c.if_allowed) << at;
  }
}

// A denial of "x..." that is left without any name: "x" itself and what goes on with each byte are
// read by other rules.
std::vector<Rule> AllTakenFromX() {
  std::vector<Rule> rules = {NodeRule(Match::kPrefix, "", Access::kRead),
                             NodeRule(Match::kPrefix, "x", Access::kDeny),
                             NodeRule(Match::kExact, "x", Access::kRead)};
  for (int byte = 0; byte < 256; ++byte) {
    rules.push_back(
        NodeRule(Match::kPrefix, std::string("x") + static_cast<char>(byte), Access::kRead));
  }
  return rules;
}

TEST(NameTableTest, APrefixWhoseNamesAreAllTakenCountsForNothing) {
  std::vector<Rule> rules = AllTakenFromX();
  EXPECT_TRUE(ReadsOf(rules, DefaultPolicy::kDeny).all);
  // Any one of them gone, and there are names left to it.
  for (size_t i = 2; i < rules.size(); ++i) {
    std::vector<Rule> without = rules;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(ReadsOf(without, DefaultPolicy::kDeny).all) << i;
  }
}

TEST(NameTableTest, LooksThroughSeveralLevelsOfTakenNames) {
  std::vector<Rule> rules = AllTakenFromX();
  const auto is_xa = [](const Rule& rule) { return rule.name == "xa"; };
  rules.erase(std::remove_if(rules.begin(), rules.end(), is_xa), rules.end());
  // What begins with "xa" is taken piece by piece instead.
  rules.push_back(NodeRule(Match::kExact, "xa", Access::kRead));
  for (int byte = 0; byte < 256; ++byte) {
    EXPECT_FALSE(ReadsOf(rules, DefaultPolicy::kDeny).all) << byte;
    rules.push_back(
        NodeRule(Match::kPrefix, std::string("xa") + static_cast<char>(byte), Access::kRead));
  }
  EXPECT_TRUE(ReadsOf(rules, DefaultPolicy::kDeny).all);
  // An exact rule takes one name, not those behind it.
  rules.back().match = Match::kExact;
  EXPECT_FALSE(ReadsOf(rules, DefaultPolicy::kDeny).all);
}

TEST(NameTableTest, TheDefaultToo) {
  std::vector<Rule> rules = {NodeRule(Match::kExact, "", Access::kRead)};
  for (int byte = 0; byte < 256; ++byte) {
    EXPECT_FALSE(ReadsOf(rules, DefaultPolicy::kDeny).all) << byte;
    rules.push_back(
        NodeRule(Match::kPrefix, std::string(1, static_cast<char>(byte)), Access::kRead));
  }
  EXPECT_TRUE(ReadsOf(rules, DefaultPolicy::kDeny).all);
}

// On a stack of 256 KiB.
void RunOnSmallStack(void* (*what)(void*), void* argument) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, size_t{256} << 10), 0);
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, &attributes, what, argument), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

// Each name goes on from the one before by one byte, so that each has to be looked behind.
TEST(NameTableTest, AChainOfLongNamesTakesNoStack) {
  const std::string longest(6000, '\0');
  std::vector<std::string> others;
  for (int byte = 1; byte < 256; ++byte) others.push_back({'\0', static_cast<char>(byte)});
  std::vector<NameRules> rules;
  for (size_t size = 1; size <= longest.size(); ++size) {
    rules.push_back({std::string_view(longest).substr(0, size), kReadOnly, {}});
  }
  rules.front().prefix = Rights{0};
  for (const std::string& name : others) rules.push_back({name, {}, kReadOnly});

  RunOnSmallStack(
      [](void* chain) -> void* {
        const NameTable table(*static_cast<std::vector<NameRules>*>(chain), kReadOnly);
        EXPECT_FALSE(table.AllowsEvery(Right::kRead)) << "behind \"\\0\\0\" there is one denied";
        return nullptr;
      },
      &rules);
}

// Random rules over few letters, so that names meet, with long common beginnings now and then.
Rules RandomRules(std::mt19937& random) {
  const auto below = [&](size_t n) {
    return std::uniform_int_distribution<size_t>(0, n - 1)(random);
  };
  constexpr std::string_view kBegins[] = {"", "", "service-", "service-front-", "\xff\xff"};
  constexpr Access kAccesses[] = {Access::kDeny, Access::kRead, Access::kList, Access::kWrite};
  constexpr std::string_view kLetters = std::string_view("ab\0\xff", 4);
  const bool one_begin = below(3) == 0;
  Rules rules;
  for (size_t i = below(40); i > 0; --i) {
    std::string name(kBegins[one_begin ? 3 : below(std::size(kBegins))]);
    for (size_t size = below(10); size > 0; --size) name.push_back(kLetters[below(below(4) + 1)]);
    rules.named.push_back(NodeRule(below(2) == 0 ? Match::kExact : Match::kPrefix, std::move(name),
                                   kAccesses[below(4)]));
  }
  return rules;
}

TEST(NameTableTest, AgreesWithTheSlowWay) {
  std::mt19937 random(1);
  for (int round = 0; round < 100; ++round) {
    const Rules rules = RandomRules(random);
    const DefaultPolicy otherwise = round % 2 == 0 ? DefaultPolicy::kDeny : DefaultPolicy::kAllow;
    const Authorizer who = CompileRules(rules, otherwise);
    const Reference reference({rules}, otherwise);
    bool all = true;
    bool none = true;
    for (const std::string& name : reference.Witnesses(Resource::kNode)) {
      const bool read = reference.May(Right::kRead, Resource::kNode, name);
      ASSERT_EQ(who.MayRead(Resource::kNode, name), read) << round << " " << name;
      ASSERT_EQ(who.MayWrite(Resource::kNode, name),
                reference.May(Right::kWrite, Resource::kNode, name))
          << round << " " << name;
      all = all && read;
      none = none && !read;
    }
    EXPECT_EQ(who.ReadsAll(Resource::kNode), all) << round;
    EXPECT_EQ(who.ReadsNone(Resource::kNode), none) << round;
  }
}

}  // namespace
}  // namespace rollcall::acl
