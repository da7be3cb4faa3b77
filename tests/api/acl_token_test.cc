// /v1/acl/token and /v1/acl/tokens, as Consul's clients use them.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>
#include <thread>

#include "tests/api/acl_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class AclTokenTest : public AclApiTest {};

TEST_F(AclTokenTest, ANewTokenIsShownWithItsSecretInConsulsOrder) {
  NewPolicy("web");
  const Answer answer =
      PutAcl("token", {{"Description", "of web"},
                       {"Policies", {{{"Name", "web"}}}},
                       {"ServiceIdentities", {{{"ServiceName", "web"}, {"Datacenters", {"dc1"}}}}},
                       {"ExpirationTTL", "1h"}});
  const json token = Ok(answer);
  EXPECT_THAT(
      Members(answer.body),
      ElementsAre("AccessorID", "SecretID", "Description", "Policies", "ServiceIdentities", "Local",
                  "ExpirationTime", "CreateTime", "Hash", "CreateIndex", "ModifyIndex"));
  EXPECT_EQ(token["Policies"][0]["Name"], "web");
  EXPECT_TRUE(model::IsUuid(token["SecretID"].get<std::string>()));
  EXPECT_EQ(token["CreateIndex"], token["ModifyIndex"]);
  EXPECT_EQ(token["ModifyIndex"], catalog().snapshots().Get()->acl_index().value());
  EXPECT_EQ(GetAs(token["SecretID"], "/v1/acl/token/self").status, 200);
}

TEST_F(AclTokenTest, TheSecretIsShownOnlyToWhoMadeItAndWhoPresentsIt) {
  const json token = NewToken({{"Description", "mine"}});
  const std::string accessor = token["AccessorID"];
  const std::string secret = token["SecretID"];
  EXPECT_EQ(Ok(GetAcl("token/" + accessor))["SecretID"], "<hidden>");
  EXPECT_EQ(Ok(PutAcl("token/" + accessor, {{"Description", "changed"}}))["SecretID"], "<hidden>");
  EXPECT_THAT(GetAcl("tokens").body, Not(HasSubstr(secret)));
  const json self = Ok(GetAs(secret, "/v1/acl/token/self"));
  EXPECT_EQ(self["SecretID"], secret);
  EXPECT_EQ(self["AccessorID"], accessor);
  EXPECT_EQ(self["Description"], "changed");
}

TEST_F(AclTokenTest, WhoPresentsNoTokenIsAnonymous) {
  const json self = Ok(GetAs("", "/v1/acl/token/self"));
  EXPECT_EQ(self["AccessorID"], kAnonymous);
  EXPECT_EQ(self["SecretID"], "anonymous");
}

TEST_F(AclTokenTest, TheServersDefaultTokenIsShownWithoutItsSecret) {
  shared().tokens.SetDefault("management");
  const json self = Ok(GetAs("", "/v1/acl/token/self"));
  EXPECT_EQ(self["AccessorID"], AccessorOf("management"));
  EXPECT_EQ(self["SecretID"], "<hidden>");
}

TEST_F(AclTokenTest, TakesIdsThatTheClientHasChosen) {
  const std::string accessor = "ABCDEF01-0000-4000-8000-000000000001";
  const std::string secret = "abcdef02-0000-4000-8000-000000000002";
  const json token = NewToken({{"AccessorID", accessor}, {"SecretID", secret}});
  EXPECT_EQ(token["AccessorID"], "abcdef01-0000-4000-8000-000000000001");
  EXPECT_EQ(token["SecretID"], secret);
  EXPECT_EQ(GetAcl("token/" + accessor).status, 200);
  EXPECT_EQ(Why(PutAcl("token", {{"AccessorID", accessor}})),
            "409 Invalid Token: AccessorID is already in use");
  EXPECT_EQ(Why(PutAcl("token", {{"SecretID", secret}})),
            "409 Invalid Token: SecretID is already in use");
  EXPECT_EQ(Why(PutAcl("token", {{"SecretID", "abcdef01-0000-4000-8000-000000000001"}})),
            "409 Invalid Token: SecretID is already in use");
  EXPECT_EQ(Why(PutAcl("token", {{"AccessorID", secret}})),
            "409 Invalid Token: AccessorID is already in use");
}

TEST_F(AclTokenTest, RefusesWhatCannotBecomeAToken) {
  EXPECT_THAT(Why(PutAclText("token", "{")), StartsWith("400 Token decoding failed"));
  EXPECT_THAT(Why(PutAclText("token", "[1]")), StartsWith("400 Token decoding failed"));
  EXPECT_THAT(Why(PutAclText("token", "")), StartsWith("400 Token decoding failed"));
  EXPECT_THAT(Why(PutAcl("token", {{"Colour", "red"}})), StartsWith("400 Token decoding failed"));
  EXPECT_THAT(Why(PutAcl("token", {{"AccessorID", "1"}})), StartsWith("400 Invalid Token"));
  EXPECT_THAT(Why(PutAcl("token", {{"AccessorID", "00000000-0000-0000-0000-000000000003"}})),
              HasSubstr("are reserved"));
  EXPECT_EQ(Why(PutAcl("token", {{"Policies", {{{"Name", "none"}}}}})),
            "400 No such ACL policy with name \"none\"");
  EXPECT_EQ(Why(PutAcl("token", {{"Policies", {{{"ID", kNobody}}}}})),
            "400 No such ACL policy with ID \"" + std::string(kNobody) + "\"");
  EXPECT_EQ(Why(PutAcl("token", {{"Roles", {{{"Name", "none"}}}}})),
            "400 No such ACL role with name \"none\"");
  EXPECT_THAT(Why(PutAcl("token", {{"ExpirationTTL", "1s"}})), StartsWith("400 ExpirationTime"));
  EXPECT_EQ(Why(PutAcl("token?dc=other", {{"Description", "x"}})), "400 No path to datacenter");
  EXPECT_THAT(Why(PutAcl("token?ns=team", {{"Description", "x"}})), HasSubstr("Enterprise"));
}

TEST_F(AclTokenTest, AnUpdateReplacesWhatCanChange) {
  const std::string policy = NewPolicy("web");
  const std::string role = NewRole("webs");
  const json token = NewToken({{"Description", "a"}, {"Policies", {{{"ID", policy}}}}});
  const std::string accessor = token["AccessorID"];
  const json changed =
      Ok(PutAcl("token/" + accessor, {{"AccessorID", accessor}, {"Roles", {{{"Name", "webs"}}}}}));
  EXPECT_EQ(changed["Description"], "");
  EXPECT_FALSE(changed.contains("Policies"));
  EXPECT_EQ(changed["Roles"][0]["ID"], role);
  EXPECT_EQ(changed["CreateIndex"], token["CreateIndex"]);
  EXPECT_GT(changed["ModifyIndex"], token["ModifyIndex"]);
  EXPECT_EQ(changed["CreateTime"], token["CreateTime"]);
  EXPECT_NE(changed["Hash"], token["Hash"]);
}

TEST_F(AclTokenTest, AnAnswerCanBeSentBackWithAChange) {
  const json token = NewToken({{"Description", "a"}, {"ExpirationTTL", "1h"}});
  const std::string accessor = token["AccessorID"];
  json read = Ok(GetAcl("token/" + accessor));
  read["Description"] = "b";
  EXPECT_EQ(Ok(PutAcl("token/" + accessor, read))["Description"], "b");
  EXPECT_EQ(GetAs(token["SecretID"], "/v1/acl/token/self").status, 200);
}

TEST_F(AclTokenTest, AnUpdateRefusesWhatIsFixedOrNotThere) {
  const json token = NewToken({{"Description", "a"}});
  const std::string path = "token/" + token["AccessorID"].get<std::string>();
  EXPECT_EQ(Why(PutAcl(path, {{"AccessorID", kNobody}})),
            "400 Token Accessor ID in URL and payload do not match");
  EXPECT_THAT(Why(PutAcl(path, {{"SecretID", kNobody}})), HasSubstr("SecretID is not permitted"));
  EXPECT_THAT(Why(PutAcl(path, {{"Local", true}})), HasSubstr("local mode"));
  EXPECT_EQ(Why(PutAcl("token/" + std::string(kNobody), {{"Description", "x"}})),
            "404 Cannot find token \"" + std::string(kNobody) + "\"");
  EXPECT_EQ(Why(PutAcl("token/x", {{"Description", "x"}})), "400 AccessorID is not a valid UUID");
  EXPECT_EQ(Ok(GetAcl(path))["Description"], "a");
}

TEST_F(AclTokenTest, WithoutAnAccessorInThePathATokenIsMade) {
  EXPECT_TRUE(
      model::IsUuid(Ok(PutAcl("token/", {{"Description", "x"}}))["SecretID"].get<std::string>()));
  EXPECT_EQ(Why(PutAcl("token/", {{"AccessorID", kNobody}})),
            "400 Token Accessor ID in URL and payload do not match");
  EXPECT_EQ(Why(GetAcl("token/")), "400 Missing token ID");
  EXPECT_EQ(Why(DeleteAcl("token/")), "400 Missing token ID");
}

TEST_F(AclTokenTest, ACloneMayTheSameAndHasASecretOfItsOwn) {
  NewPolicy("web", R"(service "web" { policy = "read" })");
  const json token = NewToken({{"Description", "a"}, {"Policies", {{{"Name", "web"}}}}});
  const std::string path = "token/" + token["AccessorID"].get<std::string>() + "/clone";
  const json clone = Ok(PutAcl(path));
  EXPECT_NE(clone["AccessorID"], token["AccessorID"]);
  EXPECT_NE(clone["SecretID"], token["SecretID"]);
  EXPECT_EQ(clone["Policies"], token["Policies"]);
  EXPECT_EQ(clone["Description"], "a");
  EXPECT_EQ(Ok(PutAcl(path, {{"Description", "b"}}))["Description"], "b");
  EXPECT_EQ(GetAs(clone["SecretID"], "/v1/acl/token/self").status, 200);
  EXPECT_EQ(Why(PutAcl("token/" + std::string(kNobody) + "/clone")), "403 ACL not found");
  EXPECT_THAT(Why(PutAclText(path, "{")), StartsWith("400 Token decoding failed"));
}

TEST_F(AclTokenTest, WhatIsRemovedIsGoodForNothing) {
  const json token = NewToken({{"Description", "a"}});
  const std::string path = "token/" + token["AccessorID"].get<std::string>();
  EXPECT_EQ(DeleteAcl(path).body, "true");
  EXPECT_EQ(Why(GetAcl(path)), "403 ACL not found");
  EXPECT_EQ(Why(GetAs(token["SecretID"], "/v1/acl/token/self")), "403 ACL not found");
  EXPECT_EQ(Why(DeleteAcl(path)), "200 true");
  EXPECT_EQ(Why(DeleteAcl("token/x")), "400 Accessor ID is missing or an invalid UUID");
}

TEST_F(AclTokenTest, ATokenMayRemoveItself) {
  EXPECT_EQ(Why(DeleteAcl("token/" + AccessorOf("management"))), "200 true");
  EXPECT_EQ(Why(GetAcl("tokens")), "403 ACL not found");
}

TEST_F(AclTokenTest, TheAnonymousTokenCanBeChangedAndNotRemoved) {
  NewPolicy("web", R"(service_prefix "" { policy = "read" } node_prefix "" { policy = "read" })");
  const std::string path = "token/" + std::string(kAnonymous);
  EXPECT_EQ(Ok(GetAs("", "/v1/catalog/services")).size(), 0U);
  EXPECT_EQ(Ok(PutAcl(path, {{"Policies", {{{"Name", "web"}}}}}))["SecretID"], "anonymous");
  model::Register command;
  command.node.name = "n1";
  command.skip_node_update = true;
  command.instance.emplace();
  command.instance->id = command.instance->service = "web";
  Write(std::move(command));
  EXPECT_EQ(Ok(GetAs("", "/v1/catalog/services")).size(), 1U);
  EXPECT_EQ(Why(DeleteAcl(path)), "400 Delete operation not permitted on the anonymous token");
}

TEST_F(AclTokenTest, AnExpiredTokenIsNotFound) {
  acl::Token token;
  token.expiration_time = shared().access.now() - std::chrono::seconds(1);
  PutToken("late", std::move(token));
  const std::string path = "token/" + AccessorOf("late");
  EXPECT_EQ(Why(GetAcl(path)), "403 ACL not found");
  EXPECT_THAT(Why(PutAcl(path, {{"Description", "x"}})), StartsWith("404 Cannot find token"));
  EXPECT_EQ(Why(PutAcl(path + "/clone")), "403 ACL not found");
  EXPECT_THAT(Each(GetAcl("tokens"), "AccessorID"), Not(Contains(AccessorOf("late"))));
  EXPECT_EQ(Why(DeleteAcl(path)), "200 true");
}

TEST_F(AclTokenTest, ListsByAccessorWithoutSecrets) {
  NewToken({{"AccessorID", "ffffffff-0000-4000-8000-000000000000"}});
  const Answer list = GetAcl("tokens");
  EXPECT_THAT(Each(list, "AccessorID"), ElementsAre(kAnonymous, AccessorOf("management"),
                                                    "ffffffff-0000-4000-8000-000000000000"));
  EXPECT_FALSE(list.json()[0].contains("SecretID"));
  EXPECT_EQ(list.json()[1]["Policies"][0]["ID"], kGlobalManagement);
  EXPECT_EQ(list.index, catalog().snapshots().Get()->acl_index().value());
}

TEST_F(AclTokenTest, AListCanBeOfOnePolicyRoleOrAuthMethod) {
  const std::string policy = NewPolicy("web");
  const std::string role = NewRole("webs");
  const std::string one = NewToken({{"Policies", {{{"ID", policy}}}}})["AccessorID"];
  const std::string two = NewToken({{"Roles", {{{"ID", role}}}}})["AccessorID"];
  acl::Token login;
  login.auth_method = "kube";
  PutToken("login", std::move(login));
  EXPECT_THAT(Each(GetAcl("tokens?policy=" + policy), "AccessorID"), ElementsAre(one));
  EXPECT_THAT(Each(GetAcl("tokens?role=" + role), "AccessorID"), ElementsAre(two));
  EXPECT_THAT(Each(GetAcl("tokens?authmethod=kube"), "AccessorID"),
              ElementsAre(AccessorOf("login")));
  EXPECT_EQ(Why(GetAcl("tokens?role=" + std::string(kNobody))), "200 []");
  EXPECT_THAT(Why(GetAcl("tokens?policy=a&role=b")), StartsWith("400 can only filter by one of"));
  EXPECT_EQ(Why(PutAcl("token/" + AccessorOf("login") + "/clone")),
            "400 Cannot clone a token created from an auth method");
}

TEST_F(AclTokenTest, LinksToWhatIsGoneAreLeftOut) {
  const std::string policy = NewPolicy("web");
  const std::string accessor = NewToken({{"Policies", {{{"ID", policy}}}}})["AccessorID"];
  EXPECT_EQ(Why(DeleteAcl("policy/" + policy)), "200 true");
  EXPECT_FALSE(Ok(GetAcl("token/" + accessor)).contains("Policies"));
}

TEST_F(AclTokenTest, NeedsTheRightToReadOrWriteAcl) {
  PutRules("reader", R"(acl = "read")");
  PutRules("others", R"(operator = "write" service_prefix "" { policy = "write" })");
  const std::string path = "/v1/acl/token/" + AccessorOf("management");
  EXPECT_EQ(GetAs("reader", path).status, 200);
  EXPECT_EQ(GetAs("reader", "/v1/acl/tokens").status, 200);
  for (const char* secret : {"others", ""}) {
    EXPECT_EQ(Why(GetAs(secret, path)), "403 Permission denied");
    EXPECT_EQ(Why(GetAs(secret, "/v1/acl/tokens")), "403 Permission denied");
  }
  for (const char* secret : {"reader", "others", ""}) {
    EXPECT_EQ(Why(PutAs(secret, "/v1/acl/token", {{"Description", "x"}})), "403 Permission denied");
    EXPECT_EQ(Why(PutAs(secret, path, {{"Description", "x"}})), "403 Permission denied");
    EXPECT_EQ(Why(PutAs(secret, path + "/clone")), "403 Permission denied");
    EXPECT_EQ(Why(DeleteAs(secret, "token/" + AccessorOf("management"))), "403 Permission denied");
  }
  EXPECT_EQ(Why(GetAs("nobody", "/v1/acl/token/self")), "403 ACL not found");
}

// Each would have to look again for each of the others.
TEST_F(AclTokenTest, OfManyChangesAtOnceNoneIsLost) {
  constexpr int kClients = 40;
  std::vector<std::future<Answer>> answers;
  for (int i = 0; i < kClients; ++i) {
    answers.push_back(std::async(std::launch::async, [this, i] {
      return PutAcl("token", {{"Description", std::to_string(i)}});
    }));
  }
  for (auto& answer : answers) EXPECT_EQ(answer.get().status, 200);
  std::set<std::string> descriptions;
  for (const json& token : Ok(GetAcl("tokens"))) descriptions.insert(token["Description"]);
  for (int i = 0; i < kClients; ++i) EXPECT_TRUE(descriptions.contains(std::to_string(i))) << i;
}

TEST_F(AclTokenTest, OfTwoTokensWithOneAccessorOneIsMade) {
  std::vector<std::future<Answer>> answers;
  for (int i = 0; i < 8; ++i) {
    answers.push_back(std::async(std::launch::async, [this] {
      return PutAcl("token", {{"AccessorID", "abcdef01-0000-4000-8000-000000000001"}});
    }));
  }
  int made = 0;
  for (auto& answer : answers) {
    const int status = answer.get().status;
    EXPECT_TRUE(status == 200 || status == 409) << status;
    made += static_cast<int>(status == 200);
  }
  EXPECT_EQ(made, 1);
}

TEST_F(AclTokenTest, WhoWaitsIsToldWhenItChanges) {
  const json token = NewToken({{"Description", "a"}});
  const std::string path = "/v1/acl/token/" + token["AccessorID"].get<std::string>();
  const uint64_t index = GetAs("management", path).index;
  auto waiting = std::async(std::launch::async, [&] {
    return GetAs("management", path + "?wait=30s&index=" + std::to_string(index));
  });
  AwaitParked(1);
  NewToken({{"Description", "somebody else's"}});
  EXPECT_EQ(Parked(), 1U);
  PutAcl(path.substr(std::string("/v1/acl/").size()), {{"Description", "b"}});
  const Answer answer = waiting.get();
  EXPECT_EQ(Ok(answer)["Description"], "b");
  EXPECT_GT(answer.index, index);
}

TEST_F(AclTokenTest, WhoLosesTheRightWhileHeWaitsIsRefused) {
  PutRules("reader", R"(acl = "read")");
  const uint64_t index = GetAs("reader", "/v1/acl/tokens").index;
  auto waiting = std::async(std::launch::async, [&] {
    return GetAs("reader", "/v1/acl/tokens?wait=30s&index=" + std::to_string(index));
  });
  AwaitParked(1);
  acl::Token powerless;
  PutToken("reader", std::move(powerless));
  EXPECT_EQ(Why(waiting.get()), "403 Permission denied");
}

TEST_F(AclTokenTest, ARemovedTokenWakesWhoWaitsForIt) {
  const json token = NewToken({{"Description", "a"}});
  const std::string path = "token/" + token["AccessorID"].get<std::string>();
  const uint64_t index = GetAcl(path).index;
  auto waiting = std::async(std::launch::async, [&] {
    return GetAcl(path + "?wait=30s&index=" + std::to_string(index));
  });
  AwaitParked(1);
  DeleteAcl(path);
  const Answer answer = waiting.get();
  EXPECT_EQ(Why(answer), "403 ACL not found");
  EXPECT_GT(answer.index, index);
}

}  // namespace
}  // namespace rollcall::api
