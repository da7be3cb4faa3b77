// What is known of all names at once, and the search itself against the slow way.
#include "registry/acl/name_table.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
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
class RandomRules {
 public:
  explicit RandomRules(uint32_t seed) : random_(seed) {}

  size_t Below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random_); }

  // Less than `most` rules with names of less than `longest` letters behind their beginnings.
  Rules Make(Resource resource, size_t most, size_t longest) {
    constexpr std::string_view kBegins[] = {
        "", "service-of-some-length-", "", "service-", "service-front-", "\xff\xff", "SERVICE-"};
    const bool one_begin = Below(3) == 0;
    // Often such that all or nothing may be read.
    const Access first = static_cast<Access>(Below(4));
    const bool few_accesses = Below(3) == 0;
    Rules rules;
    for (size_t i = Below(most); i > 0; --i) {
      std::string name(kBegins[one_begin ? 3 : Below(std::size(kBegins))]);
      for (size_t size = Below(longest); size > 0; --size) name.push_back(Letter());
      const Access access = few_accesses && Below(30) != 0 ? first : static_cast<Access>(Below(4));
      rules.named.push_back({resource, Below(2) == 0 ? Match::kExact : Match::kPrefix,
                             std::move(name), access, Intentions(resource)});
    }
    return rules;
  }

 private:
  char Letter() { return std::string_view("abAB\0\xff", 6)[Below(Below(6) + 1)]; }
  std::optional<Access> Intentions(Resource resource) {
    if (resource != Resource::kService || Below(2) == 0) return std::nullopt;
    return std::array{Access::kDeny, Access::kRead, Access::kWrite}[Below(3)];
  }

  std::mt19937 random_;
};

struct Found {
  bool all = true;   // may be read
  bool none = true;  // may be read
};

// Compares what is granted to every `stride`th of the names that tell rules apart.
Found CompareWithSlowWay(const Authorizer& who, const Reference& slow, Resource resource,
                         size_t stride) {
  Found found;
  size_t at = 0;
  for (const std::string& name : slow.Witnesses(resource)) {
    if (at++ % stride != 0) continue;
    const bool read = slow.May(Right::kRead, resource, name);
    EXPECT_EQ(who.MayRead(resource, name), read) << name;
    EXPECT_EQ(who.MayList(resource, name), slow.May(Right::kList, resource, name)) << name;
    EXPECT_EQ(who.MayWrite(resource, name), slow.May(Right::kWrite, resource, name)) << name;
    if (resource == Resource::kService) {
      EXPECT_EQ(who.MayReadIntentions(name), slow.MayOnIntentions(Right::kRead, name)) << name;
      EXPECT_EQ(who.MayWriteIntentions(name), slow.MayOnIntentions(Right::kWrite, name)) << name;
    }
    if (resource == Resource::kKey) {
      EXPECT_EQ(who.MayWriteKeysBelow(name), slow.MayWriteKeysBelow(name)) << name;
    }
    found.all = found.all && read;
    found.none = found.none && !read;
  }
  return found;
}

TEST(NameTableTest, AgreesWithTheSlowWay) {
  RandomRules random(1);
  size_t all = 0;
  size_t none = 0;
  for (int round = 0; round < 60; ++round) {
    const Resource resource = std::array{Resource::kNode, Resource::kKey,
                                         Resource::kService}[static_cast<size_t>(round) % 3];
    const Rules rules = random.Make(resource, round % 4 == 0 ? 4 : 24, 6);
    const DefaultPolicy otherwise = round % 2 == 0 ? DefaultPolicy::kDeny : DefaultPolicy::kAllow;
    const Authorizer who = CompileRules(rules, otherwise);
    const Found found = CompareWithSlowWay(who, Reference({rules}, otherwise), resource, 1);
    EXPECT_EQ(who.ReadsAll(resource), found.all) << round;
    EXPECT_EQ(who.ReadsNone(resource), found.none) << round;
    ASSERT_FALSE(testing::Test::HasFailure()) << round;
    all += found.all ? 1 : 0;
    none += found.none ? 1 : 0;
  }
  EXPECT_GT(all, 5U);
  EXPECT_GT(none, 5U);
}

TEST(NameTableTest, AgreesWithTheSlowWayOfManyRules) {
  RandomRules random(2);
  for (const Resource resource : {Resource::kNode, Resource::kKey, Resource::kService}) {
    Rules rules = random.Make(resource, 1000, 8);
    while (rules.named.size() < 600) {
      for (Rule& rule : random.Make(resource, 1000, 8).named)
        rules.named.push_back(std::move(rule));
    }
    const Authorizer who = CompileRules(rules, DefaultPolicy::kDeny);
    CompareWithSlowWay(who, Reference({rules}, DefaultPolicy::kDeny), resource, 1999);
    ASSERT_FALSE(testing::Test::HasFailure()) << static_cast<int>(resource);
  }
}

// A rule for each byte behind a name, which may leave nothing to the rule about what begins so.
TEST(NameTableTest, AgreesWithTheSlowWayWhereEachByteHasARule) {
  RandomRules random(3);
  for (const Resource resource : {Resource::kNode, Resource::kKey}) {
    for (const size_t left_out : {size_t{0}, size_t{1}}) {
      Rules rules;
      const std::string name(1, "aA\xff"[random.Below(3)]);
      rules.named.push_back({resource, Match::kPrefix, name, Access::kDeny, {}});
      rules.named.push_back({resource, Match::kExact, name, Access::kRead, {}});
      for (int byte = 0; byte < 256; ++byte) {
        rules.named.push_back(
            {resource, Match::kPrefix, name + static_cast<char>(byte), Access::kRead, {}});
      }
      for (size_t i = 0; i < left_out; ++i) {
        rules.named.erase(rules.named.begin() + 2 + static_cast<std::ptrdiff_t>(random.Below(250)));
      }
      const Authorizer who = CompileRules(rules, DefaultPolicy::kAllow);
      EXPECT_EQ(who.ReadsAll(resource), left_out == 0);
      EXPECT_FALSE(who.ReadsNone(resource));
      CompareWithSlowWay(who, Reference({rules}, DefaultPolicy::kAllow), resource, 3989);
      ASSERT_FALSE(testing::Test::HasFailure());
    }
  }
}

}  // namespace
}  // namespace rollcall::acl
