// /v1/acl/auth-method and /v1/acl/auth-methods, as Consul's clients use them.
#include <gmock/gmock.h>

#include "tests/api/login/login_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class AuthMethodTest : public LoginApiTest {};

TEST_F(AuthMethodTest, IsShownAsItWasMade) {
  const json made =
      NewMethod("CI", PemConfig(),
                {{"MaxTokenTTL", "30m"}, {"Description", "jobs"}, {"TokenLocality", "global"}});
  EXPECT_EQ(made["Config"], PemConfig());
  EXPECT_EQ(made["MaxTokenTTL"], "30m0s");
  EXPECT_EQ(made["CreateIndex"], catalog().snapshots().Get()->acl_index().value());
  EXPECT_EQ(Ok(GetAcl("auth-method/ci")), made);
  const json list = Ok(GetAcl("auth-methods"));
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["Name"], "CI");
  EXPECT_FALSE(list[0].contains("Config"));
}

TEST_F(AuthMethodTest, OneOfTheSameNameIsChanged) {
  const json made = NewMethod("ci", PemConfig(), {{"Description", "a"}, {"DisplayName", "b"}});
  const json changed = NewMethod("Ci", PemConfig(), {{"Description", "c"}});
  EXPECT_EQ(changed["Name"], "ci");
  EXPECT_FALSE(changed.contains("DisplayName"));
  EXPECT_EQ(changed["CreateIndex"], made["CreateIndex"]);
  EXPECT_GT(changed["ModifyIndex"], made["ModifyIndex"]);
  EXPECT_THAT(Each(GetAcl("auth-methods"), "Name"), ElementsAre("ci"));
}

TEST_F(AuthMethodTest, ThePathMayHaveTheName) {
  const json body = {{"Type", "jwt"}, {"Config", PemConfig()}};
  EXPECT_EQ(Ok(PutAcl("auth-method/ci", body))["Name"], "ci");
  json again = Ok(GetAcl("auth-method/ci"));
  again["Description"] = "sent back";
  EXPECT_EQ(Ok(PutAcl("auth-method/CI", again))["Description"], "sent back");
  EXPECT_EQ(Why(PutAcl("auth-method/other", again)),
            "400 AuthMethod name in URL and payload do not match");
  EXPECT_THAT(Why(PutAcl("auth-method/", body)), StartsWith("400 Invalid Auth Method: no Name"));
}

TEST_F(AuthMethodTest, WhatCannotBecomeOneIsRefused) {
  const auto refused = [this](const json& change) {
    json method = {{"Name", "ci"}, {"Type", "jwt"}, {"Config", PemConfig()}};
    method.update(change);
    return Why(PutAcl("auth-method", method));
  };
  EXPECT_THAT(refused({{"Type", "kubernetes"}}), HasSubstr("Type should be one of: [jwt]"));
  EXPECT_THAT(refused({{"Name", "a b"}}), StartsWith("400 Invalid Auth Method: invalid Name"));
  EXPECT_THAT(refused({{"MaxTokenTTL", "1s"}}), HasSubstr("MaxTokenTTL 1s cannot be less than"));
  EXPECT_THAT(refused({{"Colour", "red"}}), StartsWith("400 AuthMethod decoding failed"));
  EXPECT_THAT(refused({{"Config", Config()}}), StartsWith("400 Invalid Auth Method: "));
  EXPECT_THAT(refused({{"TokenLocality", "near"}}), HasSubstr("TokenLocality should be one of"));
  EXPECT_THAT(Why(PutAclText("auth-method", "{")), StartsWith("400 AuthMethod decoding failed"));
  EXPECT_EQ(Why(GetAcl("auth-method/ci")), "403 ACL not found");
}

TEST_F(AuthMethodTest, AMemberThatIsThereTwiceIsRefused) {
  EXPECT_THAT(Why(PutAclText("auth-method", R"({"Name":"ci","Name":"di","Type":"jwt"})")),
              StartsWith("400 AuthMethod decoding failed"));
  const std::string begin = R"({"Name":"ci","Type":"jwt","Config":{"JWKSURL":"https://a/")";
  EXPECT_THAT(Why(PutAclText("auth-method", begin + R"(,"JWKSURL":"https://b/"}})")),
              StartsWith("400 AuthMethod decoding failed"));
  EXPECT_THAT(Why(PutAclText("auth-method", begin + R"(,"jwksurl":"https://b/"}})")),
              HasSubstr("error decoding config"));
  EXPECT_THAT(Why(PutAclText("auth-method", begin + "}}")), StartsWith("200"));
}

TEST_F(AuthMethodTest, NeedsTheRightsOfAccessControl) {
  NewMethod("ci", PemConfig());
  PutRules("reader", R"(acl = "read")");
  EXPECT_EQ(GetAs("reader", "/v1/acl/auth-method/ci").status, 200);
  EXPECT_EQ(Why(DeleteAs("reader", "auth-method/ci")), "403 Permission denied");
  EXPECT_EQ(Why(GetAs("", "/v1/acl/auth-methods")), "403 Permission denied");
}

TEST_F(AuthMethodTest, WhoWaitsIsToldWhenItChanges) {
  NewMethod("ci", PemConfig());
  const uint64_t index = GetAcl("auth-method/ci").index;
  auto waiting = std::async(std::launch::async, [&] {
    return GetAcl("auth-method/ci?wait=30s&index=" + std::to_string(index));
  });
  AwaitParked(1);
  NewMethod("ci", PemConfig(), {{"Description", "changed"}});
  EXPECT_EQ(Ok(waiting.get())["Description"], "changed");
}

TEST_F(AuthMethodTest, OneThatIsNotThereIsRemovedWithoutAnError) {
  EXPECT_EQ(Why(DeleteAcl("auth-method/ci")), "200 true");
  EXPECT_EQ(Why(DeleteAcl("auth-method/")), "400 Missing auth method name");
  EXPECT_EQ(Why(GetAcl("auth-method/")), "400 Missing auth method name");
}

}  // namespace
}  // namespace rollcall::api
