#include "registry/acl/methods/bind_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace rollcall::acl {
namespace {

using testing::HasSubstr;

const std::map<std::string, std::string> kValues = {
    {"team", "Payments"}, {"empty", ""}, {"sly", "a*b"}, {"nested", "${value.team}"}};

std::string Name(std::string_view bind_name, BindType type = BindType::kService) {
  const auto name = ComputeBindName(type, bind_name, kValues);
  if (name) return *name;
  EXPECT_EQ(name.error().code, ErrorCode::kInvalidArgument);
  return name.error().message;
}

TEST(BindNameTest, PutsVariablesInInLowerCase) {
  EXPECT_EQ(Name("web"), "web");
  EXPECT_EQ(Name("${value.team}"), "payments");
  EXPECT_EQ(Name("a-${value.team}-${ value.team }${value.empty}-b"), "a-payments-payments-b");
  EXPECT_EQ(Name("${value.team}", BindType::kNode), "payments");
  EXPECT_EQ(Name("Team-${value.team}", BindType::kRole), "Team-payments");
}

TEST(BindNameTest, OnlyVariablesThatAreThereMayBeNamed) {
  for (const char* unknown :
       {"${value.other}", "${team}", "${value.Team}", "${list.team}", "${value.team.x}", "${}",
        "${ }", "${value.}", "${value.team + 1}", "${upper(value.team)}", "${\"web\"}",
        "${value.team ? 1 : 2}", "${value.te\nam}", "${${value.team}}"}) {
    EXPECT_THAT(Name(unknown), HasSubstr("unknown variable accessed")) << unknown;
  }
  EXPECT_THAT(Name("web-${value.team"), HasSubstr("without \"}\""));
  EXPECT_THAT(Name("${"), HasSubstr("without \"}\""));
}

TEST(BindNameTest, AnEscapedDollarIsText) {
  // No name has it in it, so that what comes of it shows in the refusal alone.
  EXPECT_THAT(Name("$${value.team}"), HasSubstr("invalid: \"${value.team}\""));
  EXPECT_THAT(Name("x$"), HasSubstr("invalid: \"x$\""));
}

TEST(BindNameTest, TheNameMustBeOneOfItsKind) {
  for (const char* bad : {"", "${value.empty}", "${value.sly}", "${value.nested}", "Web", "web-",
                          "web ${value.team}", "web/x", "web.x"}) {
    EXPECT_THAT(Name(bad), HasSubstr("computed \"service\" bind name for bind target is invalid"))
        << bad;
    EXPECT_THAT(Name(bad, BindType::kNode), HasSubstr("computed \"node\"")) << bad;
  }
  for (const char* bad : {"", "${value.empty}", "${value.sly}", "a b", "a.b"}) {
    EXPECT_THAT(Name(bad, BindType::kRole), HasSubstr("computed \"role\"")) << bad;
  }
  EXPECT_EQ(Name(std::string(256, 'a')), std::string(256, 'a'));
  EXPECT_LT(Name(std::string(100'000, 'a')).size(), 400U);
}

TEST(BindNameTest, ATemplateIsCheckedBeforeAnybodyLogsIn) {
  EXPECT_TRUE(CheckBindName(BindType::kService, "${value.sly}-api", kValues));
  EXPECT_FALSE(CheckBindName(BindType::kService, "${value.other}", kValues));
  EXPECT_FALSE(CheckBindName(BindType::kService, "-${value.team}", kValues));
}

}  // namespace
}  // namespace rollcall::acl
