// What docs/acl-rules.md shows is what happens.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "registry/acl/rule_parser.h"
#include "registry/acl/rule_writer.h"

namespace rollcall::acl {
namespace {

std::string Page() {
  std::ifstream file(ROLLCALL_ACL_RULES_PAGE);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The page's one block of this language.
std::string BlockOf(const std::string& page, std::string_view language) {
  const std::string begin = "```" + std::string(language) + "\n";
  const size_t start = page.find(begin);
  if (start == std::string::npos) return {};
  const size_t from = start + begin.size();
  return page.substr(from, page.find("```", from) - from);
}

TEST(AclRulesPageTest, ItsExampleSaysTheSameInBothForms) {
  const std::string page = Page();
  auto hcl = ParseRules(BlockOf(page, "hcl"));
  auto json = ParseRules(BlockOf(page, "json"));
  ASSERT_TRUE(hcl) << hcl.error().message;
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_EQ(WriteRules(*hcl), WriteRules(*json));
  EXPECT_EQ(hcl->named.size(), 5U);
}

TEST(AclRulesPageTest, ItsErrorsAreWordForWord) {
  const std::string page = Page();
  for (const std::string text :
       {R"(sevice "web" { policy = "read" })", R"(service "web" { policy = "wirte" })"}) {
    const auto rules = ParseRules(text);
    ASSERT_FALSE(rules) << text;
    EXPECT_NE(page.find("`" + text + "`"), std::string::npos) << text;
    EXPECT_NE(page.find("\n" + rules.error().message + "\n"), std::string::npos)
        << rules.error().message;
  }
}

}  // namespace
}  // namespace rollcall::acl
