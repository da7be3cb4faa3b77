// /v1/acl/policy, policies, role and roles, as Consul's clients use them.
#include <gmock/gmock.h>

#include "tests/api/acl_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kReadWeb = R"(service "web" { policy = "read" })";

class AclPolicyTest : public AclApiTest {};
class AclRoleTest : public AclApiTest {};

TEST_F(AclPolicyTest, IsShownInConsulsOrder) {
  const Answer answer = PutAcl("policy", {{"Name", "web"},
                                          {"Description", "reads web"},
                                          {"Rules", kReadWeb},
                                          {"Datacenters", {"dc1"}}});
  EXPECT_THAT(Members(answer.body), ElementsAre("ID", "Name", "Description", "Rules", "Datacenters",
                                                "Hash", "CreateIndex", "ModifyIndex"));
  const json policy = Ok(answer);
  const std::string id = policy["ID"];
  EXPECT_EQ(Ok(GetAcl("policy/" + id)), policy);
  EXPECT_EQ(Ok(GetAcl("policy/name/WEB")), policy);
  const Answer list = GetAcl("policies");
  EXPECT_EQ(Each(list, "Name").size(), 2U);
  EXPECT_FALSE(list.json()[0].contains("Rules"));
  EXPECT_EQ(list.index, policy["ModifyIndex"].get<uint64_t>());
}

TEST_F(AclPolicyTest, IsFoundByIdAndNameAlone) {
  EXPECT_EQ(Why(GetAcl("policy/" + std::string(kNobody))), "403 ACL not found");
  EXPECT_EQ(Why(GetAcl("policy/x")), "403 ACL not found");
  EXPECT_EQ(Why(GetAcl("policy/name/x")), "403 ACL not found");
  EXPECT_EQ(Why(GetAcl("policy/")), "400 Missing policy ID");
  EXPECT_EQ(Why(GetAcl("policy/name/")), "400 Missing policy Name");
}

TEST_F(AclPolicyTest, RefusesWhatCannotBecomeOne) {
  NewPolicy("web");
  EXPECT_THAT(Why(PutAclText("policy", "{")), StartsWith("400 Policy decoding failed"));
  EXPECT_EQ(Why(PutAcl("policy", {{"Rules", ""}})), "400 Invalid Policy: no Name is set");
  EXPECT_THAT(Why(PutAcl("policy", {{"Name", "a b"}})), StartsWith("400 Invalid Policy"));
  EXPECT_THAT(Why(PutAcl("policy", {{"Name", "x"}, {"Rules", "service \"a\" { policy = 1 }"}})),
              HasSubstr("line 1"));
  EXPECT_EQ(Why(PutAcl("policy", {{"Name", "Web"}})),
            "409 Invalid Policy: A Policy with Name \"Web\" already exists");
  EXPECT_EQ(Why(PutAcl("policy", {{"Name", "Global-Management"}})),
            "409 Invalid Policy: A Policy with Name \"Global-Management\" already exists");
  EXPECT_EQ(Why(PutAcl("policy", {{"ID", kNobody}, {"Name", "x"}})),
            "400 Cannot specify the ID when creating a new policy");
}

TEST_F(AclPolicyTest, AChangeIsInForceAtOnce) {
  const std::string id = NewPolicy("acl-reader");
  const json token = Ok(PutAcl("token", {{"Policies", {{{"ID", id}}}}}));
  EXPECT_EQ(GetAs(token["SecretID"], "/v1/acl/tokens").status, 403);
  const json changed =
      Ok(PutAcl("policy/" + id, {{"Name", "reader"}, {"Rules", R"(acl = "read")"}}));
  EXPECT_EQ(changed["ID"], id);
  EXPECT_EQ(GetAs(token["SecretID"], "/v1/acl/tokens").status, 200);
  EXPECT_EQ(Why(GetAcl("policy/name/acl-reader")), "403 ACL not found");
  EXPECT_EQ(Ok(GetAcl("token/" + token["AccessorID"].get<std::string>()))["Policies"][0]["Name"],
            "reader");
}

TEST_F(AclPolicyTest, AChangeIsRefusedThatCannotBe) {
  const std::string id = NewPolicy("a");
  NewPolicy("b");
  EXPECT_EQ(Why(PutAcl("policy/" + id, {{"Name", "B"}})),
            "409 Invalid Policy: A policy with name \"B\" already exists");
  EXPECT_EQ(PutAcl("policy/" + id, {{"Name", "A"}}).status, 200);
  EXPECT_EQ(Why(PutAcl("policy/" + id, {{"ID", kNobody}, {"Name", "a"}})),
            "400 Policy ID in URL and payload do not match");
  EXPECT_EQ(Why(PutAcl("policy/" + std::string(kNobody), {{"Name", "c"}})),
            "404 cannot find policy " + std::string(kNobody));
  EXPECT_EQ(Why(PutAcl("policy/x", {{"Name", "c"}})), "400 Policy ID invalid UUID");
}

TEST_F(AclPolicyTest, TheBuiltInOneKeepsItsRulesAndCannotBeRemoved) {
  const std::string path = "policy/" + std::string(kGlobalManagement);
  json policy = Ok(GetAcl(path));
  EXPECT_EQ(policy["Name"], "global-management");
  policy["Description"] = "all";
  EXPECT_EQ(Ok(PutAcl(path, policy))["Description"], "all");
  policy["Rules"] = "";
  EXPECT_THAT(Why(PutAcl(path, policy)), HasSubstr("is not permitted"));
  EXPECT_EQ(Why(DeleteAcl(path)),
            "400 Delete operation not permitted on the builtin global-management policy");
  EXPECT_EQ(GetAcl("tokens").status, 200);
}

TEST_F(AclPolicyTest, WhatIsRemovedGrantsNothing) {
  const std::string id = NewPolicy("reader", R"(acl = "read")");
  const json token = Ok(PutAcl("token", {{"Policies", {{{"ID", id}}}}}));
  EXPECT_EQ(GetAs(token["SecretID"], "/v1/acl/tokens").status, 200);
  EXPECT_EQ(Why(DeleteAcl("policy/" + id)), "200 true");
  EXPECT_EQ(GetAs(token["SecretID"], "/v1/acl/tokens").status, 403);
  EXPECT_EQ(Why(DeleteAcl("policy/" + id)), "200 true");
  EXPECT_EQ(Why(DeleteAcl("policy/")), "400 Missing policy ID");
}

TEST_F(AclPolicyTest, OneThatCannotBeReadCanBeRemoved) {
  model::AclObject damaged = acl::WritePolicy({kNobody, "web", "", "", {}});
  damaged.content = Text("{");
  AccessApiTest::PutAcl(damaged);
  EXPECT_EQ(Why(GetAcl("policy/" + std::string(kNobody))), "403 ACL not found");
  EXPECT_EQ(Why(DeleteAcl("policy/" + std::string(kNobody))), "200 true");
  EXPECT_EQ(catalog().snapshots().Get()->FindAcl(model::AclKind::kPolicy, kNobody), nullptr);
}

TEST_F(AclPolicyTest, OfSeveralWithOneNameOneIsMade) {
  std::vector<std::future<Answer>> answers;
  for (int i = 0; i < 8; ++i) {
    answers.push_back(std::async(std::launch::async, [this] {
      return PutAcl("policy", {{"Name", "web"}});
    }));
  }
  int made = 0;
  for (auto& answer : answers) made += static_cast<int>(answer.get().status == 200);
  EXPECT_EQ(made, 1);
}

TEST_F(AclPolicyTest, NeedsTheRightToReadOrWriteAcl) {
  const std::string id = NewPolicy("web");
  PutRules("reader", R"(acl = "read")");
  for (const std::string& path :
       {std::string("policies"), "policy/" + id, std::string("policy/name/web")}) {
    EXPECT_EQ(GetAs("reader", "/v1/acl/" + path).status, 200) << path;
    EXPECT_EQ(Why(GetAs("", "/v1/acl/" + path)), "403 Permission denied") << path;
  }
  for (const char* secret : {"reader", ""}) {
    EXPECT_EQ(Why(PutAs(secret, "/v1/acl/policy", {{"Name", "x"}})), "403 Permission denied");
    EXPECT_EQ(Why(PutAs(secret, "/v1/acl/policy/" + id, {{"Name", "x"}})), "403 Permission denied");
    EXPECT_EQ(Why(DeleteAs(secret, "policy/" + id)), "403 Permission denied");
  }
}

TEST_F(AclRoleTest, IsShownInConsulsOrder) {
  NewPolicy("web");
  const Answer answer =
      PutAcl("role", {{"Name", "webs"},
                      {"Description", "all"},
                      {"Policies", {{{"Name", "web"}}, {{"Name", "WEB"}}}},
                      {"ServiceIdentities", {{{"ServiceName", "web"}}}},
                      {"NodeIdentities", {{{"NodeName", "n1"}, {"Datacenter", "dc1"}}}}});
  EXPECT_THAT(Members(answer.body),
              ElementsAre("ID", "Name", "Description", "Policies", "ServiceIdentities",
                          "NodeIdentities", "Hash", "CreateIndex", "ModifyIndex"));
  const json role = Ok(answer);
  EXPECT_EQ(role["Policies"].size(), 1U);
  EXPECT_EQ(Ok(GetAcl("role/" + role["ID"].get<std::string>())), role);
  EXPECT_EQ(Ok(GetAcl("role/name/Webs")), role);
  EXPECT_EQ(Ok(GetAcl("roles")), json::array({role}));
}

TEST_F(AclRoleTest, AListCanBeOfOnePolicy) {
  const std::string policy = NewPolicy("web");
  NewRole("a");
  Ok(PutAcl("role", {{"Name", "b"}, {"Policies", {{{"ID", policy}}}}}));
  EXPECT_THAT(Each(GetAcl("roles?policy=" + policy), "Name"), ElementsAre("b"));
  EXPECT_EQ(Why(GetAcl("roles?policy=" + std::string(kNobody))), "200 []");
}

TEST_F(AclRoleTest, RefusesWhatCannotBecomeOne) {
  NewRole("webs");
  EXPECT_THAT(Why(PutAclText("role", "{")), StartsWith("400 Role decoding failed"));
  EXPECT_EQ(Why(PutAcl("role", {{"Description", "x"}})), "400 Invalid Role: no Name is set");
  EXPECT_EQ(Why(PutAcl("role", {{"Name", "WEBS"}})),
            "409 Invalid Role: A Role with Name \"WEBS\" already exists");
  EXPECT_EQ(Why(PutAcl("role", {{"ID", kNobody}, {"Name", "x"}})),
            "400 Role ID in URL and payload do not match");
  EXPECT_EQ(Why(PutAcl("role", {{"Name", "x"}, {"Policies", {{{"ID", kNobody}}}}})),
            "400 No such ACL policy with ID \"" + std::string(kNobody) + "\"");
}

TEST_F(AclRoleTest, AChangeKeepsItsId) {
  const std::string id = NewRole("a");
  NewRole("b");
  EXPECT_EQ(Ok(PutAcl("role/" + id, {{"Name", "c"}}))["ID"], id);
  EXPECT_EQ(Why(GetAcl("role/name/a")), "404 cannot find role a");
  EXPECT_EQ(Why(PutAcl("role/" + id, {{"Name", "B"}})),
            "409 Invalid Role: A role with name \"B\" already exists");
  EXPECT_EQ(Why(PutAcl("role/" + std::string(kNobody), {{"Name", "d"}})),
            "404 cannot find role " + std::string(kNobody));
  EXPECT_EQ(Why(PutAcl("role/x", {{"Name", "d"}})), "400 Role ID invalid UUID");
}

TEST_F(AclRoleTest, ATokenMayWhatItsRoleMayAsLongAsThereIsOne) {
  NewPolicy("reader", R"(acl = "read")");
  const std::string role =
      Ok(PutAcl("role", {{"Name", "r"}, {"Policies", {{{"Name", "reader"}}}}}))["ID"];
  const json token = Ok(PutAcl("token", {{"Roles", {{{"Name", "r"}}}}}));
  EXPECT_EQ(GetAs(token["SecretID"], "/v1/acl/roles").status, 200);
  EXPECT_EQ(Why(DeleteAcl("role/" + role)), "200 true");
  EXPECT_EQ(GetAs(token["SecretID"], "/v1/acl/roles").status, 403);
  EXPECT_EQ(Why(GetAcl("role/" + role)), "404 cannot find role " + role);
  EXPECT_EQ(Why(DeleteAcl("role/" + role)), "200 true");
}

TEST_F(AclRoleTest, NeedsTheRightToReadOrWriteAcl) {
  const std::string id = NewRole("r");
  PutRules("reader", R"(acl = "read")");
  for (const std::string& path : {std::string("roles"), "role/" + id, std::string("role/name/r")}) {
    EXPECT_EQ(GetAs("reader", "/v1/acl/" + path).status, 200) << path;
    EXPECT_EQ(Why(GetAs("", "/v1/acl/" + path)), "403 Permission denied") << path;
  }
  for (const char* secret : {"reader", ""}) {
    EXPECT_EQ(Why(PutAs(secret, "/v1/acl/role", {{"Name", "x"}})), "403 Permission denied");
    EXPECT_EQ(Why(PutAs(secret, "/v1/acl/role/" + id, {{"Name", "x"}})), "403 Permission denied");
    EXPECT_EQ(Why(DeleteAs(secret, "role/" + id)), "403 Permission denied");
  }
}

}  // namespace
}  // namespace rollcall::api
