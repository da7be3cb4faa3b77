// `rollcall acl` as a person or a script meets it: the real program against a server that answers
// what the test tells it to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cli/acl_commands_fixture.h"

namespace rollcall::cli {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr const char* kTokenAnswer = R"({"AccessorID": "acc-1", "SecretID": "sec-1",
  "Description": "of web", "Policies": [{"ID": "p1", "Name": "web"}], "Local": false,
  "ServiceIdentities": [{"ServiceName": "api", "Datacenters": ["dc1", "dc2"]}],
  "NodeIdentities": [{"NodeName": "n1", "Datacenter": "dc1"}],
  "CreateTime": "2026-11-26T20:15:34Z", "ExpirationTime": "2026-11-26T21:15:34Z",
  "Hash": "h", "CreateIndex": 7, "ModifyIndex": 7})";
constexpr const char* kPolicyAnswer =
    R"({"ID": "p1", "Name": "web", "Description": "", "Rules": "service \"web\" {\n  policy = \"read\"\n}",
        "Hash": "h", "CreateIndex": 7, "ModifyIndex": 7})";

class AclCommandsTest : public AclCommandsFixture {};

TEST_F(AclCommandsTest, BootstrapShowsTheToken) {
  registry_.Set("/v1/acl/bootstrap", {.body = kTokenAnswer});
  const e2e::Finished result = Acl({"bootstrap"});
  EXPECT_EQ(result.code, 0) << result.errors;
  EXPECT_EQ(result.output,
            "AccessorID:         acc-1\n"
            "SecretID:           sec-1\n"
            "Description:        of web\n"
            "Local:              false\n"
            "Create Time:        2026-11-26T20:15:34Z\n"
            "Expiration Time:    2026-11-26T21:15:34Z\n"
            "Policies:\n"
            "   p1 - web\n"
            "Service Identities:\n"
            "   api:dc1,dc2\n"
            "Node Identities:\n"
            "   n1:dc1\n");
}

TEST_F(AclCommandsTest, RefusalSaysWhatTheServerSaid) {
  registry_.Set("/v1/acl/bootstrap",
                {.status = 403, .body = "Permission denied: ACL bootstrap no longer allowed"});
  const e2e::Finished result = Acl({"bootstrap"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.output, IsEmpty());
  EXPECT_THAT(result.errors, HasSubstr("ACL bootstrap no longer allowed"));
  // It takes no token: none is asked for.
  EXPECT_THAT(result.errors, HasSubstr("docs/security.md"));
  EXPECT_THAT(result.errors, Not(HasSubstr("ROLLCALL_HTTP_TOKEN")));
}

TEST_F(AclCommandsTest, WhatIsNotThereIsNotTakenForATokenThatMayNot) {
  for (const char* path :
       {"/v1/acl/policy/name/nope", "/v1/acl/token/nope", "/v1/acl/auth-method/nope"}) {
    registry_.Set(path, {.status = 403, .body = "ACL not found"});
  }
  for (const std::vector<std::string>& line :
       {std::vector<std::string>{"policy", "read", "--name", "nope"},
        {"policy", "delete", "--name", "nope"},
        {"token", "read", "--id", "nope"},
        {"auth-method", "read", "--name", "nope"}}) {
    EXPECT_THAT(Acl(line).errors, HasSubstr("there is none of that name or ID, or the token"));
  }
  registry_.Set("/v1/acl/token/self", {.status = 403, .body = "ACL not found"});
  EXPECT_THAT(Acl({"token", "read", "--self"}).errors, Not(HasSubstr("none of that name")));
}

TEST_F(AclCommandsTest, ServerWithoutAccessControlSaysSo) {
  registry_.Set("/v1/acl/tokens", {.status = 401, .body = "ACL support disabled"});
  EXPECT_THAT(Acl({"token", "list"}).errors, EndsWith("; it was started without access control\n"));
}

TEST_F(AclCommandsTest, TokenIsMadeOfAllThatTheFlagsSayInEitherSpelling) {
  registry_.Set("/v1/acl/token", {.body = kTokenAnswer});
  const std::vector<std::string> words = {
      "description",   "of web", "policy-name",      "web",         "policy-id",        "p2",
      "role-name",     "ops",    "service-identity", "api:dc1,dc2", "service-identity", "db",
      "node-identity", "n1:dc1", "expires-ttl",      "1h"};
  for (const char* dash : {"-", "--"}) {
    std::vector<std::string> arguments = {"token", "create", std::string(dash) + "local"};
    for (size_t i = 0; i < words.size(); i += 2) {
      arguments.push_back(dash + words[i]);
      arguments.push_back(words[i + 1]);
    }
    EXPECT_EQ(Acl(arguments).code, 0);
    EXPECT_EQ(LastBody("PUT /v1/acl/token"), nlohmann::json::parse(R"({
        "Description": "of web", "ExpirationTTL": "1h", "Local": true,
        "Policies": [{"ID": "p2"}, {"Name": "web"}], "Roles": [{"Name": "ops"}],
        "ServiceIdentities": [{"ServiceName": "api", "Datacenters": ["dc1", "dc2"]},
                              {"ServiceName": "db"}],
        "NodeIdentities": [{"NodeName": "n1", "Datacenter": "dc1"}]})"));
  }
  EXPECT_EQ(registry_.Tokens().back(), "management");
}

TEST_F(AclCommandsTest, NodeIdentityWithoutADatacenterIsAMistake) {
  const e2e::Finished result = Acl({"token", "create", "--node-identity", "n1"});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.errors, HasSubstr("NAME:DATACENTER"));
  EXPECT_THAT(registry_.Requests(), IsEmpty());
}

TEST_F(AclCommandsTest, UpdateLeavesWhatItDoesNotName) {
  registry_.Set("/v1/acl/token/acc-1", {.body = kTokenAnswer});
  EXPECT_EQ(Acl({"token", "update", "--id", "acc-1", "--policy-name", "other"}).code, 0);
  const nlohmann::json body = LastBody("PUT /v1/acl/token/acc-1");
  EXPECT_EQ(body["Policies"], nlohmann::json::parse(R"([{"Name": "other"}])"));
  EXPECT_EQ(body["Description"], "of web");
  EXPECT_EQ(body["NodeIdentities"][0]["NodeName"], "n1");
}

TEST_F(AclCommandsTest, TokensAreReadListedClonedAndDeleted) {
  registry_.Set("/v1/acl/token/self", {.body = kTokenAnswer});
  EXPECT_THAT(Acl({"token", "read", "--self"}).output, HasSubstr("acc-1"));
  registry_.Set("/v1/acl/tokens", {.body = std::string("[") + kTokenAnswer + "]"});
  EXPECT_EQ(Acl({"token", "list"}).output,
            "ACCESSOR  DESCRIPTION  POLICIES  ROLES  IDENTITIES          EXPIRES\n"
            "acc-1     of web       web       -      api:dc1,dc2,n1:dc1  2026-11-26T21:15:34Z\n");
  registry_.Set("/v1/acl/token/acc-1/clone", {.body = kTokenAnswer});
  EXPECT_EQ(Acl({"token", "clone", "--id", "acc-1", "--description", "mine"}).code, 0);
  EXPECT_EQ(LastBody("PUT /v1/acl/token/acc-1/clone"),
            nlohmann::json::parse(R"({"Description": "mine"})"));
  registry_.Set("/v1/acl/token/acc-1", {.body = kTokenAnswer});
  registry_.Set("DELETE /v1/acl/token/acc-1", {.body = "true"});
  const e2e::Finished deleted = Acl({"token", "delete", "--id", "acc-1"});
  EXPECT_EQ(deleted.output, "deleted token acc-1\n");
  EXPECT_THAT(registry_.Requests().back(), StartsWith("DELETE /v1/acl/token/acc-1"));
}

TEST_F(AclCommandsTest, WhichOneIsSaidExactlyOnce) {
  EXPECT_EQ(Acl({"token", "read"}).code, 2);
  EXPECT_EQ(Acl({"token", "read", "--id", "a", "--self"}).code, 2);
  EXPECT_EQ(Acl({"policy", "read"}).code, 2);
  EXPECT_EQ(Acl({"policy", "read", "--id", "a", "--name", "b"}).code, 2);
  EXPECT_EQ(Acl({"token", "delete"}).code, 2);
  EXPECT_EQ(Acl({}).code, 2);
  EXPECT_THAT(registry_.Requests(), IsEmpty());
}

TEST_F(AclCommandsTest, RulesComeFromTheFlagAFileOrStandardInput) {
  registry_.Set("/v1/acl/policy", {.body = kPolicyAnswer});
  const std::string rules = "service \"web\" {\n  policy = \"read\"\n}";
  std::ofstream(dir_.File("web.hcl")) << rules;
  for (const std::string& from : {rules, "@" + dir_.File("web.hcl"), std::string("-")}) {
    const e2e::Finished result =
        Acl({"policy", "create", "--name", "web", "--rules", from}, from == "-" ? rules : "");
    EXPECT_EQ(result.code, 0) << result.errors;
    EXPECT_EQ(LastBody("PUT /v1/acl/policy"), (nlohmann::json{{"Name", "web"}, {"Rules", rules}}));
    EXPECT_THAT(result.output, HasSubstr("Rules:\nservice \"web\" {\n  policy = \"read\"\n}\n"));
  }
  const e2e::Finished missing = Acl({"policy", "create", "--name", "web", "--rules", "@nowhere"});
  EXPECT_EQ(missing.code, 1);
  EXPECT_THAT(missing.errors, HasSubstr("cannot read nowhere"));
}

TEST_F(AclCommandsTest, PolicyIsChangedByItsName) {
  registry_.Set("/v1/acl/policy/name/web", {.body = kPolicyAnswer});
  registry_.Set("/v1/acl/policy/p1", {.body = kPolicyAnswer});
  EXPECT_EQ(Acl({"policy", "update", "--name", "web", "--new-name", "www"}).code, 0);
  const nlohmann::json body = LastBody("PUT /v1/acl/policy/p1");
  EXPECT_EQ(body["Name"], "www");
  EXPECT_THAT(body["Rules"].get<std::string>(), HasSubstr("read"));
  EXPECT_EQ(Acl({"policy", "delete", "--name", "web"}).output, "deleted policy p1\n");
}

TEST_F(AclCommandsTest, RoleIsMadeAndListed) {
  constexpr const char* kRole =
      R"({"ID": "r1", "Name": "ops", "Description": "", "Policies": [{"ID": "p1", "Name": "web"}]})";
  registry_.Set("/v1/acl/role", {.body = kRole});
  EXPECT_EQ(Acl({"role", "create", "--name", "ops", "--policy-name", "web"}).code, 0);
  EXPECT_EQ(LastBody("PUT /v1/acl/role"),
            nlohmann::json::parse(R"({"Name": "ops", "Policies": [{"Name": "web"}]})"));
  registry_.Set("/v1/acl/roles", {.body = std::string("[") + kRole + "]"});
  EXPECT_EQ(Acl({"role", "list"}).output,
            "ID  NAME  DESCRIPTION  POLICIES  IDENTITIES\n"
            "r1  ops   -            web       -\n");
}

TEST_F(AclCommandsTest, SecretOfAnAgentsTokenIsNotOnTheCommandLine) {
  registry_.Set("/v1/agent/token/default", {.body = ""});
  const e2e::Finished result = Acl({"set-agent-token", "default"}, "hunter2\n");
  EXPECT_EQ(result.code, 0) << result.errors;
  EXPECT_EQ(LastBody("PUT /v1/agent/token/default"), (nlohmann::json{{"Token", "hunter2"}}));
  EXPECT_THAT(result.output, Not(HasSubstr("hunter2")));
  EXPECT_EQ(Acl({"set-agent-token", "default"}, "\n").code, 1);
  // Where Consul's command takes the secret.
  const std::string secret = "5fb9b3b0-1f3c-4a52-8f7e-0123456789ab";
  const e2e::Finished there = Acl({"set-agent-token", "default", secret});
  EXPECT_EQ(there.code, 1);
  EXPECT_THAT(there.errors, HasSubstr("give the name of a file that holds it"));
  EXPECT_THAT(there.errors, Not(HasSubstr(secret)));
}

TEST_F(AclCommandsTest, FormatIsTakenInConsulsWords) {
  registry_.Set("/v1/acl/token/self", {.body = R"({"AccessorID": "acc-1"})"});
  EXPECT_EQ(Acl({"token", "read", "-self", "-format=json"}).output,
            "{\"AccessorID\": \"acc-1\"}\n");
  EXPECT_THAT(Acl({"token", "read", "-self", "-format", "pretty"}).output,
              StartsWith("AccessorID:  "));
  EXPECT_EQ(Acl({"token", "read", "-self", "-format=yaml"}).code, 2);
}

TEST_F(AclCommandsTest, NameOfAFileIsNotTakenForRules) {
  const std::string file = dir_.Write("web.hcl", "service \"web\" { policy = \"read\" }");
  const e2e::Finished result = Acl({"policy", "create", "--name", "web", "--rules", file});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.errors, HasSubstr("is a file: write @" + file));
  EXPECT_THAT(registry_.Requests(), IsEmpty());
}

TEST_F(AclCommandsTest, AnswerOfSomethingElseIsSaid) {
  registry_.Set("/v1/acl/tokens", {.body = "<html>"});
  const e2e::Finished result = Acl({"token", "list"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.errors, HasSubstr("is --http-addr a rollcall server?"));
  registry_.Set("/v1/acl/roles", {.body = "[1]"});
  EXPECT_EQ(Acl({"role", "list"}).code, 1);
}

}  // namespace
}  // namespace rollcall::cli
