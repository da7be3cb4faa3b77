// Texts that are made to cost much.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "registry/acl/rule_parser.h"
#include "registry/acl/syntax.h"

namespace rollcall::acl {
namespace {

std::string Repeat(std::string_view text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string ErrorOf(const std::string& text) {
  const auto rules = ParseRules(text);
  return rules ? "accepted" : rules.error().message;
}

TEST(HostileRulesTest, RefusesMoreThanTheLimit) {
  const std::string rule = "acl = \"read\" ";
  const std::string at_limit = rule + std::string(kMaxRulesSize - rule.size(), ' ');
  EXPECT_EQ(ErrorOf(at_limit), "accepted");
  EXPECT_EQ(ErrorOf(at_limit + " "),
            "line 1, column 65537: the rules are longer than 65536 bytes: spread them over several "
            "policies");
  EXPECT_EQ(ErrorOf("{" + std::string(kMaxRulesSize, '\n') + "}"),
            "line 65536, column 1: the rules are longer than 65536 bytes: spread them over several "
            "policies");
}

// What stands behind it must not be passed over in silence.
TEST(HostileRulesTest, RefusesAByteOfZeroAnywhere) {
  using std::string_literals::operator""s;
  for (const std::string& text :
       {"{}\0x"s, "{\"service\":{\"a\":{\"policy\":\"read\"}}}\0{\"service\":{}}"s, "\0"s,
        "service \"a\" { policy = \"read\" }\0"s, "service \"a\0b\" { policy = \"read\" }"s,
        "# a\0b\n"s}) {
    const auto rules = ParseRules(text);
    ASSERT_FALSE(rules) << text;
    EXPECT_NE(rules.error().message.find("a byte that is 0"), std::string::npos)
        << rules.error().message;
  }
}

TEST(HostileRulesTest, RefusesLinesThatNotEverybodySees) {
  const auto rules = ParseRules("acl = \"read\"\r# all of them\rnode \"db\" { policy = \"deny\" }");
  ASSERT_FALSE(rules);
  EXPECT_EQ(rules.error().message, "line 1, column 13: a line that ends with CR alone");
  EXPECT_TRUE(
      ParseRules("acl = \"read\"\r\n# all of them\r\nnode \"db\" { policy = \"deny\" }\r\n"));
}

TEST(HostileRulesTest, RefusesDeepNesting) {
  // At the limit it is refused for another reason: no rule is as deep.
  EXPECT_EQ(ErrorOf(Repeat("acl {", kMaxNesting) + Repeat("}", kMaxNesting)),
            "line 1, column 5: acl must be a string in double quotes");
  EXPECT_EQ(ErrorOf(Repeat("acl {", kMaxNesting + 1) + Repeat("}", kMaxNesting + 1)),
            "line 1, column 45: nested deeper than 8 levels");
  EXPECT_EQ(ErrorOf(Repeat("a {", 20000)), "line 1, column 27: nested deeper than 8 levels");
  EXPECT_EQ(
      ErrorOf("{\"acl\":" + Repeat("[", kMaxNesting - 1) + Repeat("]", kMaxNesting - 1) + "}"),
      "line 1, column 8: acl must be a string in double quotes");
  EXPECT_EQ(ErrorOf("{\"acl\":" + Repeat("[", 60000)),
            "line 1, column 15: nested deeper than 8 levels");
  EXPECT_EQ(ErrorOf(Repeat("{\"a\":", 10000)), "line 1, column 41: nested deeper than 8 levels");
}

TEST(HostileRulesTest, KeepsMessagesShortAndInOneLine) {
  const std::string name = Repeat("x\xc3\xa9", 10000);
  for (const std::string& text :
       {name.substr(0, 1) + " \"" + name + "\"", "\"" + name + "\" \"a\" {}",
        "node \"a\" { policy = \"" + name + "\" }", "node \"a\" { \"" + name + "\" = \"\" }",
        "acl = " + Repeat("9", 30000) + " \"" + name + "\"", "{\"" + name + "\": 1}",
        "{\"acl\": \"" + name + "\"}", "{\"acl\": \"" + name, "{\"acl\": \"" + name + "\" \"b\"",
        "{\"acl\": \"" + name + "\n; expected \n" + name, std::string("acl = \"a\\n\\x1b[1mb\""),
        std::string("\"a\\nb\" = \"read\"")}) {
    const auto rules = ParseRules(text);
    ASSERT_FALSE(rules) << text.substr(0, 80);
    EXPECT_LT(rules.error().message.size(), 500U) << rules.error().message;
    EXPECT_EQ(FindBadUtf8(rules.error().message), std::string::npos) << rules.error().message;
    for (const char c : rules.error().message) {
      ASSERT_GE(static_cast<unsigned char>(c), 0x20) << rules.error().message;
    }
  }
}

TEST(HostileRulesTest, TakesAsManyRulesAsFit) {
  std::string text;
  size_t count = 0;
  for (; text.size() + 40 < kMaxRulesSize; ++count) {
    text += "key k" + std::to_string(count) + "{policy=\"read\"}";
  }
  const auto rules = ParseRules(text);
  ASSERT_TRUE(rules) << rules.error().message;
  EXPECT_EQ(rules->named.size(), count);
  EXPECT_GT(count, 2000U);
}

TEST(HostileRulesTest, CutsQuotedTextsBetweenCharacters) {
  EXPECT_EQ(Quoted(std::string(60, 'a')), "\"" + std::string(60, 'a') + "\"");
  EXPECT_EQ(Quoted(std::string(59, 'a') + "\xc3\xa9"), "\"" + std::string(59, 'a') + "\"...");
}

// Each text ends everywhere once: nothing behind it may be read, and none may be accepted by half.
TEST(HostileRulesTest, SurvivesEndsEverywhere) {
  const std::string hcl =
      "# c\nservice \"a\\u0041${x}\" { policy = \"read\" /* c */ intentions = \"deny\" }";
  const std::string json =
      R"({"service": [{"a\u0041": {"policy": "read", "intentions": "deny"}}]})";
  for (const std::string& whole : {hcl, json}) {
    ASSERT_TRUE(ParseRules(whole));
    for (size_t size = 5; size < whole.size(); ++size) {
      EXPECT_FALSE(ParseRules(std::string(whole.data(), size))) << whole.substr(0, size);
    }
  }
}

}  // namespace
}  // namespace rollcall::acl
