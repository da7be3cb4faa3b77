#include "registry/acl/rule_writer.h"

#include <gtest/gtest.h>

#include <string>

#include "registry/acl/rule_parser.h"
#include "tests/registry/acl/rules_json.h"

namespace rollcall::acl {
namespace {

Rules AllKinds() {
  Rules rules;
  rules.of(Scalar::kKeyring) = Access::kRead;
  rules.of(Scalar::kAcl) = Access::kDeny;
  for (size_t i = 0; i < kResourceCount; ++i) {
    for (const Match match : {Match::kExact, Match::kPrefix}) {
      const auto resource = static_cast<Resource>(i);
      rules.named.push_back({resource, match, "n" + std::to_string(i), Access::kWrite, {}});
      if (TakesList({resource, match})) rules.named.back().access = Access::kList;
      if (resource == Resource::kService) rules.named.back().intentions = Access::kDeny;
    }
  }
  return rules;
}

TEST(RuleWriterTest, WritesOneLayout) {
  Rules rules;
  rules.of(Scalar::kOperator) = Access::kRead;
  rules.named.push_back({Resource::kService, Match::kPrefix, "", Access::kRead, Access::kWrite});
  rules.named.push_back({Resource::kKey, Match::kExact, "a/b", Access::kDeny, {}});
  EXPECT_EQ(WriteRules(rules),
            "operator = \"read\"\n"
            "service_prefix \"\" {\n"
            "  policy = \"read\"\n"
            "  intentions = \"write\"\n"
            "}\n"
            "key \"a/b\" {\n"
            "  policy = \"deny\"\n"
            "}\n");
  EXPECT_EQ(WriteRules({}), "");
}

TEST(RuleWriterTest, IsReadBackAsTheSameRules) {
  const Rules rules = AllKinds();
  const auto read = ParseRules(WriteRules(rules));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, rules);
}

TEST(RuleWriterTest, AnyNameIsReadBack) {
  std::string every_byte;
  for (char c = 0; c < 0x7f; ++c) every_byte.push_back(c);
  for (const std::string& name :
       {every_byte, std::string("\x7f\xc3\xa9\xf0\x9f\x98\x80"), std::string("${"),
        std::string("${a}"), std::string("$${{"), std::string("\\"), std::string("\"")}) {
    Rules rules;
    rules.named.push_back({Resource::kKey, Match::kPrefix, name, Access::kRead, {}});
    const auto read = ParseRules(WriteRules(rules));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, rules) << WriteRules(rules);
  }
}

TEST(RuleWriterTest, TheJsonFormSaysTheSame) {
  const Rules rules = AllKinds();
  const auto read = ParseRules(WriteJson(rules));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, rules);
}

}  // namespace
}  // namespace rollcall::acl
