// Every way in which a text is no rules: where, and why.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "registry/acl/rule_parser.h"

namespace rollcall::acl {
namespace {

struct Case {
  std::string_view text;
  std::string_view error;  // what the message begins with
};

void ExpectErrors(std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    const auto rules = ParseRules(c.text);
    ASSERT_FALSE(rules) << c.text;
    EXPECT_EQ(rules.error().code, ErrorCode::kInvalidArgument) << c.text;
    EXPECT_EQ(rules.error().message.substr(0, c.error.size()), c.error) << c.text << "\n"
                                                                        << rules.error().message;
  }
}

TEST(RuleErrorsTest, CountsLinesAndCharacters) {
  ExpectErrors({
      {"\n\n  sevice \"a\" {}", "line 3, column 3: unknown resource \"sevice\": there are agent,"},
      {"/* \xc3\xa9\xc3\xa9 */ x = \"a\"", "line 1, column 10: unknown resource \"x\""},
      {"\r\nacl = \"x\"", "line 2, column 7: unknown access \"x\""},
      {"{\n \"\xc3\xa9\": 1,\n\t\"a\": 2}", "line 2, column 2: unknown resource \"\xc3\xa9\""},
  });
}

TEST(RuleErrorsTest, RefusesUnknownWords) {
  ExpectErrors({
      {R"(acl_prefix "a" { policy = "read" })",
       "line 1, column 1: unknown resource \"acl_prefix\""},
      {R"({"servce": {"a": {"policy": "read"}}})", "line 1, column 2: unknown resource \"servce\""},
      {R"(node "a" { policy = "wirte" })",
       "line 1, column 21: unknown access \"wirte\": there are deny, read and write"},
      {R"(key_prefix "a" { policy = "rd" })",
       "line 1, column 27: unknown access \"rd\": there are deny, read, list and write"},
      {R"({"node": {"a": {"policy": "wirte"}}})", "line 1, column 27: unknown access \"wirte\""},
      {R"(operator = "all")", "line 1, column 12: unknown access \"all\""},
      {R"(service "a" { policy = "read" intentions = "yes" })",
       "line 1, column 44: unknown access \"yes\": there are deny, read and write"},
      {R"(node "a" { polcy = "read" })",
       "line 1, column 12: unknown key \"polcy\": a block has policy"},
      {R"({"node": {"a": {"policy": "read", "x": {}}}})", "line 1, column 35: unknown key \"x\""},
  });
}

TEST(RuleErrorsTest, RefusesListElsewhere) {
  ExpectErrors({
      {R"(node "a" { policy = "list" })",
       "line 1, column 21: list is for key and key_prefix alone: there are deny, read and write "
       "here"},
      {R"(service_prefix "a" { policy = "list" })", "line 1, column 31: list is for key and"},
      {R"(service "a" { policy = "read" intentions = "list" })",
       "line 1, column 44: list is for key and"},
      {R"(acl = "list")", "line 1, column 7: list is for key and"},
      {R"({"node": {"a": {"policy": "list"}}})", "line 1, column 27: list is for key and"},
  });
}

TEST(RuleErrorsTest, RefusesMissingAndEmptyPolicies) {
  ExpectErrors({
      {R"(node "a" {})",
       "line 1, column 6: policy is missing: node \"NAME\" { policy = \"ACCESS\" }"},
      {R"(service "a" { intentions = "read" })", "line 1, column 9: policy is missing"},
      {R"(node "a" { policy = "" })", "line 1, column 21: policy is empty"},
      {R"({"node": {"a": {}}})", "line 1, column 11: policy is missing"},
      {R"({"node": {"a": {"policy": null}}})", "line 1, column 27: policy is empty"},
      {R"({"node": {"a": [{"policy": "read"}, {}]}})", "line 1, column 11: policy is missing"},
  });
}

TEST(RuleErrorsTest, RefusesWhatIsGivenTwice) {
  ExpectErrors({
      {R"(node "a" { policy = "read" policy = "read" })",
       "line 1, column 28: policy is given twice"},
      {R"(service "a" { intentions = "" policy = "read" intentions = "deny" })",
       "line 1, column 47: intentions are given twice"},
      {"acl = \"read\"\nacl = \"write\"", "line 2, column 1: acl is given twice"},
      {R"({"keyring": "", "keyring": "read"})", "line 1, column 17: keyring is given twice"},
      {R"({"node": {"a": {"policy": "read", "policy": "deny"}}})",
       "line 1, column 35: policy is given twice"},
  });
}

TEST(RuleErrorsTest, RefusesIntentionsOfOthersThanServices) {
  ExpectErrors({
      {R"(node "a" { policy = "read" intentions = "read" })",
       "line 1, column 28: intentions are of service and service_prefix alone"},
      {R"({"key": {"a": {"intentions": "read"}}})", "line 1, column 16: intentions are of service"},
  });
}

TEST(RuleErrorsTest, RefusesOtherConsulsByName) {
  ExpectErrors({
      {R"(namespace "a" { acl = "read" })",
       "line 1, column 1: \"namespace\" is of Consul Enterprise, and not supported: take it out"},
      {R"(namespace_prefix "" { })",
       "line 1, column 1: \"namespace_prefix\" is of Consul Enterprise"},
      {R"(partition "a" { })", "line 1, column 1: \"partition\" is of Consul Enterprise"},
      {R"(key "a" { policy = "write" sentinel { code = "x" } })",
       "line 1, column 28: \"sentinel\" is of Consul Enterprise"},
      {R"({"Namespace": {"a": {}}})", "line 1, column 2: \"Namespace\" is of Consul Enterprise"},
      {R"(mesh = "read")", "line 1, column 1: \"mesh\" is of a later Consul than 1.8"},
      {R"(peering = "read")", "line 1, column 1: \"peering\" is of a later Consul"},
      {R"(identity "a" {})", "line 1, column 1: \"identity\" is of a later Consul"},
  });
}

TEST(RuleErrorsTest, RefusesWhatIsNoBlock) {
  ExpectErrors({
      {R"(service = "write")", "line 1, column 11: service needs a name and a block"},
      {R"(service { policy = "write" })", "line 1, column 20: the name \"policy\" needs a block"},
      {R"({"service": "write"})", "line 1, column 13: service needs a name and a block"},
      {R"({"service": null})", "line 1, column 13: service needs a name and a block"},
      {R"({"service": [[]]})", "line 1, column 14: service needs a name and a block"},
      {R"({"service": {"a": "write"}})", "line 1, column 19: the name \"a\" needs a block"},
      {R"({"service": {"a": [1, 2]}})", "line 1, column 20: the name \"a\" needs a block"},
      {R"(acl { x = "read" })", "line 1, column 5: acl must be a string in double quotes"},
      {R"(acl "a" { })", "line 1, column 5: acl must be a string"},
      {R"(acl = 1)", "line 1, column 7: acl must be a string"},
      {R"({"acl": true})", "line 1, column 9: acl must be a string"},
      {R"({"acl": -12.5e3})", "line 1, column 9: acl must be a string"},
      {R"({"acl": 7, "x": 1})", "line 1, column 9: acl must be a string"},
      {R"({"acl": ["read"]})", "line 1, column 9: acl must be a string"},
      {R"(node "a" { policy = { } })", "line 1, column 21: policy must be a string"},
      {R"(node "a" { policy = -1 })", "line 1, column 21: policy must be a string"},
  });
}

TEST(RuleErrorsTest, RefusesBrokenHcl) {
  ExpectErrors({
      {"service", "line 1, column 8: expected \"{\" or \"=\", found the end"},
      {"service \"a\"", "line 1, column 12: expected \"{\", found the end"},
      {"service \"a\" {", "line 1, column 13: the block is not closed: \"}\" is missing"},
      {"service \"a\" {\n policy = \"read\"", "line 1, column 13: the block is not closed"},
      {"service \"a\" = {}", "line 1, column 13: expected \"{\", found \"=\""},
      {"service \"a\" \"b\" {}",
       "line 1, column 13: expected \"{\" behind the name, found the string \"b\""},
      {"acl = read",
       "line 1, column 7: expected a string in double quotes or \"{\", found \"read\""},
      {"acl =", "line 1, column 6: expected a string in double quotes or \"{\", found the end"},
      {"acl = }", "line 1, column 7: expected a string in double quotes or \"{\", found \"}\""},
      {"}", "line 1, column 1: expected a resource, found \"}\""},
      {"= \"a\"", "line 1, column 1: expected a resource, found \"=\""},
      {", acl = \"read\"", "line 1, column 1: expected a resource, found \",\""},
      {"acl = \"read\",,", "line 1, column 14: expected a resource, found \",\""},
      {"node a { , }", "line 1, column 10: expected a key or \"}\", found \",\""},
      {"12 = \"read\"", "line 1, column 1: expected a resource, found \"12\""},
      {"service = [{ a = {} }]", "line 1, column 11: lists are accepted in the JSON form only"},
      {"[{\"acl\": \"read\"}]", "line 1, column 1: expected a resource, found \"[\""},
      {"acl = \"read\" ]", "line 1, column 14: expected a resource, found \"]\""},
      {"acl: \"read\"", "line 1, column 4: unexpected character"},
      {"acl = 'read'", "line 1, column 7: unexpected character"},
      {"acl = \"read\";", "line 1, column 13: unexpected character"},
      {"service caf\xc3\xa9 {}", "line 1, column 12: unexpected character"},
      {"acl = <<EOF\nread\nEOF\n",
       "line 1, column 7: here-documents are not accepted: write a string in double quotes"},
      {"acl = \"read\" /", "line 1, column 14: unexpected character"},
      {"\n/* acl", "line 2, column 1: the comment is not closed: \"*/\" is missing"},
      {"/*/", "line 1, column 1: the comment is not closed"},
  });
}

TEST(RuleErrorsTest, RefusesBrokenStrings) {
  ExpectErrors({
      {"node \"a", "line 1, column 6: the string is not closed"},
      {"node \"a\n\" {}", "line 1, column 6: the string is not closed"},
      {"node \"a\\", "line 1, column 8: unknown escape"},
      {R"(node "a\)"
       "\n\" {}",
       "line 1, column 8: unknown escape"},
      {R"(node "a\q" {})", "line 1, column 8: unknown escape: a backslash itself is written \\\\"},
      {R"(node "\'" {})", "line 1, column 7: unknown escape"},
      {R"(node "\x4" {})", "line 1, column 7: the escape needs 2 hexadecimal digits"},
      {R"(node "\u12g4" {})", "line 1, column 7: the escape needs 4 hexadecimal digits"},
      {R"(node "\U0000" {})", "line 1, column 7: the escape needs 8 hexadecimal digits"},
      {R"(node "\18" {})", "line 1, column 7: the escape needs 3 octal digits"},
      {R"(node "\400" {})", "line 1, column 7: the escape is greater than \\377"},
      {R"(node "\ud800" {})", "line 1, column 7: the escape is no character of Unicode"},
      {R"(node "\U00110000" {})", "line 1, column 7: the escape is no character of Unicode"},
      {R"(node "\UFFFFFFFF" {})", "line 1, column 7: the escape is no character of Unicode"},
      {R"(node "\xff" {})", "line 1, column 6: the string is not UTF-8 once its escapes are read"},
      {R"(node "${a" {})", "line 1, column 7: \"${\" is not closed"},
      {"node \"${a\n}\" {}", "line 1, column 7: \"${\" is not closed"},
  });
}

TEST(RuleErrorsTest, RefusesBrokenJson) {
  ExpectErrors({
      {"{", "line 1, column 2: not JSON: unexpected end of input; expected string literal"},
      {"{\"acl\": \"read\"", "line 1, column 15: not JSON: unexpected end of input; expected '}'"},
      {"{\"acl\": \"read\"}}",
       "line 1, column 16: not JSON: unexpected '}'; expected end of input"},
      {"{\"acl\": \"read\",}",
       "line 1, column 16: not JSON: unexpected '}'; expected string literal"},
      {"{\"acl\": read}", "line 1, column 9: not JSON: invalid literal"},
      {"{\n\"acl\" \"read\"}",
       "line 2, column 12: not JSON: unexpected string literal; expected ':'"},
      {"{acl: \"read\"}", "line 1, column 2: not JSON: invalid literal"},
      {"{\"acl\": \"re\nad\"}",
       "line 1, column 12: not JSON: invalid string: control character U+000A"},
      {"{\"acl\": \"\\x\"}", "line 1, column 11: not JSON: invalid string: forbidden character"},
      {"{\"acl\": \"\\ud800\"}", "line 1, column 16: not JSON: invalid string: surrogate"},
      {"{\"acl\": 1e999}", "line 1, column 13: not JSON"},
      {"{} // acl", "line 1, column 4: not JSON: invalid literal"},
      {"{\"acl\": \"read\" \"keyring\"", "line 1, column 24: not JSON: unexpected string literal"},
  });
}

TEST(RuleErrorsTest, RefusesWhatIsNoUtf8) {
  ExpectErrors({
      {"# \xff", "line 1, column 3: not UTF-8"},
      {"# \xc3", "line 1, column 3: not UTF-8"},
      {"# \xc0\x80", "line 1, column 3: not UTF-8"},
      {"# \xe0\x9f\xbf", "line 1, column 3: not UTF-8"},
      {"# \xed\xa0\x80", "line 1, column 3: not UTF-8"},
      {"# \xf4\x90\x80\x80", "line 1, column 3: not UTF-8"},
      {"# \xf0\x8f\xbf\xbf", "line 1, column 3: not UTF-8"},
      {"{\"acl\": \"\x80\"}", "line 1, column 10: not UTF-8"},
      {std::string_view("acl = \"read\"\0", 13), "line 1, column 13: a byte that is 0"},
      {"\xef\xbb\xbf{}", "line 1, column 1: unexpected character"},
  });
}

}  // namespace
}  // namespace rollcall::acl
