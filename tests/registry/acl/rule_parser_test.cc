// What the two forms of the language mean.
#include "registry/acl/rule_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "registry/acl/rule_writer.h"

namespace rollcall::acl {
namespace {

// The rules in canonical form, on one line; or the error.
std::string Read(std::string_view text) {
  const auto rules = ParseRules(text);
  if (!rules) return rules.error().message;
  std::string line;
  for (const char c : WriteRules(*rules)) {
    const bool blank = c == ' ' || c == '\n';
    if (!blank) line.push_back(c);
    if (blank && !line.empty() && line.back() != ' ') line.push_back(' ');
  }
  if (!line.empty()) line.pop_back();
  return line;
}

struct Case {
  std::string_view text;
  std::string_view meaning;
};

void ExpectMeanings(std::initializer_list<Case> cases) {
  for (const Case& c : cases) EXPECT_EQ(Read(c.text), c.meaning) << c.text;
}

TEST(RuleParserTest, ReadsEachResourceInBothForms) {
  for (const std::string resource :
       {"agent", "event", "key", "node", "query", "service", "session"}) {
    for (const std::string suffix : {"", "_prefix"}) {
      for (const std::string access : {"deny", "read", "write"}) {
        const std::string word = resource + suffix;
        const std::string meaning = word + " \"a/b\" { policy = \"" + access + "\" }";
        EXPECT_EQ(Read(meaning), meaning);
        EXPECT_EQ(Read("{\"" + word + "\": {\"a/b\": {\"policy\": \"" + access + "\"}}}"), meaning);
      }
    }
  }
}

TEST(RuleParserTest, ReadsEachScalarInBothForms) {
  for (const std::string scalar : {"acl", "keyring", "operator"}) {
    for (const std::string access : {"deny", "read", "write"}) {
      const std::string meaning = scalar + " = \"" + access + "\"";
      EXPECT_EQ(Read(meaning), meaning);
      EXPECT_EQ(Read("{\"" + scalar + "\": \"" + access + "\"}"), meaning);
    }
  }
}

TEST(RuleParserTest, KeepsIntentionsOfServices) {
  ExpectMeanings({
      {R"(service "a" { policy = "write" intentions = "read" })",
       R"(service "a" { policy = "write" intentions = "read" })"},
      {R"({"service_prefix": {"a": {"policy": "read", "intentions": "deny"}}})",
       R"(service_prefix "a" { policy = "read" intentions = "deny" })"},
      {R"(service "a" { intentions = "write" policy = "deny" })",
       R"(service "a" { policy = "deny" intentions = "write" })"},
      {R"(service "a" { policy = "write" intentions = "" })",
       R"(service "a" { policy = "write" })"},
  });
}

TEST(RuleParserTest, TakesListForKeys) {
  ExpectMeanings({
      {R"(key_prefix "a" { policy = "list" })", R"(key_prefix "a" { policy = "list" })"},
      {R"({"key_prefix": {"": {"policy": "list"}}})", R"(key_prefix "" { policy = "list" })"},
      {R"(key "a" { policy = "list" })", R"(key "a" { policy = "list" })"},
  });
}

TEST(RuleParserTest, AnEmptyScalarSaysNothing) {
  ExpectMeanings({
      {R"(keyring = "")", ""},
      {R"({"operator": ""})", ""},
      {R"({"acl": null})", ""},
  });
}

TEST(RuleParserTest, TakesTextsWithoutRules) {
  ExpectMeanings({
      {"", ""},
      {" \t\r\n", ""},
      {"# nothing", ""},
      {"{}", ""},
      {"\n { \n } ", ""},
      {"service {}", ""},
      {"service = {}", ""},
      {R"({"service": {}, "node": []})", ""},
  });
}

TEST(RuleParserTest, TakesTheWaysToWriteBlocksInHcl) {
  constexpr std::string_view kMeaning = R"(service "a" { policy = "read" })";
  for (const std::string_view text : {
           R"(service "a" { policy = "read" })",
           R"(service "a"{policy="read"})",
           R"(service a { policy = "read" })",
           R"("service" "a" { "policy" = "read" })",
           R"(service { "a" { policy = "read" } })",
           R"(service { a { policy = "read" } })",
           R"(service = { "a" = { policy = "read" } })",
           R"(service { "a" = { policy = "read", } },)",
           "service\n\"a\"\n{\npolicy\n=\n\"read\"\n}\n",
           "service\t\"a\"\r\n{ policy = \"read\" }\r\n",
           R"(SERVICE "a" { Policy = "READ" })",
       }) {
    EXPECT_EQ(Read(text), kMeaning) << text;
  }
}

TEST(RuleParserTest, TakesTheWaysToWriteBlocksInJson) {
  constexpr std::string_view kMeaning =
      R"(service "a" { policy = "read" } service "b" { policy = "write" })";
  for (const std::string_view text : {
           R"({"service": {"a": {"policy": "read"}, "b": {"policy": "write"}}})",
           R"({"service": [{"a": {"policy": "read"}}, {"b": {"policy": "write"}}]})",
           R"({"service": [{"a": [{"policy": "read"}]}, {"b": {"policy": "write"}}]})",
           R"({"service": {"a": {"policy": "read"}}, "service": {"b": {"policy": "write"}}})",
           R"({"Service": {"a": {"Policy": "Read"}, "b": {"POLICY": "WRITE"}}})",
           "\n\t {\"service\":{\"\\u0061\":{\"policy\":\"read\"},\"b\":{\"policy\":\"write\"}}}\n",
       }) {
    EXPECT_EQ(Read(text), kMeaning) << text;
  }
}

TEST(RuleParserTest, SkipsComments) {
  EXPECT_EQ(Read("# one\n"
                 "service /* two \n * / */ \"a\" { // three }\n"
                 "  policy = # four\n \"read\" /**/ }\n"
                 "// five"),
            R"(service "a" { policy = "read" })");
}

TEST(RuleParserTest, KeepsSeveralRulesAboutOneName) {
  // Consul keeps them too, and merges them like those of different policies.
  ExpectMeanings({
      {R"(node "a" { policy = "read" } node "a" { policy = "deny" })",
       R"(node "a" { policy = "read" } node "a" { policy = "deny" })"},
      {R"({"node": {"a": {"policy": "read"}, "a": {"policy": "deny"}}})",
       R"(node "a" { policy = "read" } node "a" { policy = "deny" })"},
      {R"({"node": {"a": [{"policy": "read"}, {"policy": "deny"}]}})",
       R"(node "a" { policy = "read" } node "a" { policy = "deny" })"},
  });
}

TEST(RuleParserTest, ReadsEscapesInNames) {
  struct Name {
    std::string_view literal;
    std::string_view name;
  };
  for (const Name& c : std::initializer_list<Name>{
           {R"("a\"b\\c")", "a\"b\\c"},
           {R"("\a\b\f\n\r\t\v")", "\a\b\f\n\r\t\v"},
           {R"("\101\x42\u0043\U00000044")", "ABCD"},
           {R"("\u00e9\u20ac\U0001f600")", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
           {R"("\xc3\xa9\303\251")", "\xc3\xa9\xc3\xa9"},
           {R"("\U0010ffff")", "\xf4\x8f\xbf\xbf"},
           {R"("a\x00b")", std::string_view("a\0b", 3)},
           {"\"\xc3\xa9\"", "\xc3\xa9"},
           {R"("$a {b}")", "$a {b}"},
           // As in Consul what stands in ${} is not looked at, quotes included.
           {R"("x${a "b" {\q}}y")", R"(x${a "b" {\q}}y)"},
           {R"("$${a}")", "$${a}"},
       }) {
    const auto rules = ParseRules("key " + std::string(c.literal) + " { policy = \"read\" }");
    ASSERT_TRUE(rules) << c.literal << ": " << rules.error().message;
    ASSERT_EQ(rules->named.size(), 1U) << c.literal;
    EXPECT_EQ(rules->named[0].name, c.name) << c.literal;
  }
}

TEST(RuleParserTest, ReadsEscapesInJsonNames) {
  const auto rules = ParseRules(R"({"key": {"\u00e9\/\"\\${\n": {"policy": "read"}}})");
  ASSERT_TRUE(rules) << rules.error().message;
  ASSERT_EQ(rules->named.size(), 1U);
  EXPECT_EQ(rules->named[0].name, "\xc3\xa9/\"\\${\n");
}

}  // namespace
}  // namespace rollcall::acl
