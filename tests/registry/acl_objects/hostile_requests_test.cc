// Bodies that are wrong, by mistake or on purpose.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "registry/acl/objects/link_json.h"
#include "registry/acl/objects/requests.h"
#include "registry/acl/rule_parser.h"

namespace rollcall::acl {
namespace {

using testing::HasSubstr;

struct BadBody {
  std::string body;
  std::string reason;  // a part of it
};

template <typename Parse>
void ExpectBodyRefused(const Parse& parse, const BadBody& bad) {
  const auto result = parse(bad.body);
  ASSERT_FALSE(result) << bad.body.substr(0, 200);
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(result.error().message, HasSubstr(bad.reason)) << bad.body.substr(0, 200);
}

TEST(HostileRequestsTest, TokensThatAreNone) {
  const BadBody cases[] = {
      {"", "Token decoding failed: unexpected end"},
      {"null", "Token decoding failed: expected an object"},
      {"[]", "Token decoding failed: expected an object"},
      {"{} {}", "Token decoding failed: invalid JSON"},
      {R"({"Description": 1})", "Token decoding failed: Description: expected a string"},
      {R"({"Local": "true"})", "Local: expected true or false"},
      {R"({"Policies": {}})", "Policies: expected an array"},
      {R"({"Policies": ["web-read"]})", "Policies[0]: expected an object"},
      {R"({"Policies": [{"ID": ""}, null]})", "Policies[1]: expected an object"},
      {R"({"Policies": [{"ID": 7}]})", "Policies[0].ID: expected a string"},
      {R"({"Policies": [{"Id": "x", "Rules": ""}]})", "unknown field \"Policies[0].Rules\""},
      {R"({"Roles": "r"})", "Roles: expected an array"},
      {R"({"ServiceIdentities": [null]})", "ServiceIdentities[0]: expected an object"},
      {R"({"ServiceIdentities": [{}]})", "the service identity \"\" is not valid"},
      {R"({"ServiceIdentities": [{"ServiceName": "Web"}]})", "identity \"Web\" is not valid"},
      {R"({"ServiceIdentities": [{"ServiceName": "w", "Datacenters": "dc1"}]})",
       "ServiceIdentities[0].Datacenters: expected an array of strings"},
      {R"({"Local": true, "ServiceIdentities": [{"ServiceName": "w", "Datacenters": ["dc1"]}]})",
       "Service identity \"w\" cannot specify a list of datacenters on a local token"},
      {R"({"NodeIdentities": [{"NodeName": "n"}]})",
       "the node identity \"n\" is missing its Datacenter"},
      {R"({"NodeIdentities": [{"NodeName": "\"} acl = \"write\"", "Datacenter": "d"}]})",
       "is not valid"},
      {R"({"ExpirationTTL": "10"})", "time: missing unit in duration"},
      {R"({"ExpirationTTL": true})", "ExpirationTTL: expected a duration"},
      {R"({"ExpirationTTL": 18446744073709551615})", "out of range"},
      {R"({"ExpirationTime": 5})", "ExpirationTime: expected a time"},
      {R"({"ExpirationTime": "tomorrow"})", "ExpirationTime: invalid time \"tomorrow\""},
      {R"({"ExpirationTime": "2026-02-30T00:00:00Z"})", "ExpirationTime: invalid time"},
      {R"({"AccessorID": "x"})", "AccessorID is not a valid UUID"},
      {R"({"AccessorID": "dddddddd-0000-4000-8000-00000000000\u0000"})",
       "AccessorID is not a valid"},
      {R"({"SecretID": "secret"})", "SecretID is not a valid UUID"},
      {R"({"Rules": "acl = \"write\""})", "Rules cannot be specified for this token"},
      {R"({"Type": "management"})", "unknown field \"Type\""},
      {R"({"Namespace": "default"})", "unknown field \"Namespace\""},
      {"{\"Description\": \"\xff\"}", "invalid JSON"},
      {std::string("{}\0{\"Local\": true}", 17), "Token decoding failed: invalid JSON at byte 3"},
  };
  for (const BadBody& bad : cases) ExpectBodyRefused(ParseTokenRequest, bad);
}

// Which of the two counts would be for the reader to guess.
TEST(HostileRequestsTest, MembersThatComeTwice) {
  for (
      const BadBody& bad : std::initializer_list<BadBody>{
          {R"({"Description": "a", "Description": "a"})", "an object has \"Description\" twice"},
          {R"({"Local": true, "local": false})", "\"Local\" and \"local\" are the same field"},
          {R"({"Policies": [{"ID": "x", "Id": "y"}]})",
           "Policies[0]: \"ID\" and \"Id\" are the same field"},
          {R"({"ServiceIdentities": [{"ServiceName": "w", "Datacenters": ["d"], "datacenters": []}]})",
           "\"Datacenters\" and \"datacenters\" are the same field"},
          {R"({"NodeIdentities": [{"NodeName": "n", "Datacenter": "d", "nodename": "m"}]})",
           "\"NodeName\" and \"nodename\" are the same field"}}) {
    ExpectBodyRefused(ParseTokenRequest, bad);
  }
  ExpectBodyRefused(ParsePolicyRequest,
                    {R"({"Name": "p", "Rules": "", "rules": "acl = \"write\""})",
                     "Policy decoding failed: \"Rules\" and \"rules\" are the same field"});
  ExpectBodyRefused(ParseRoleRequest, {R"({"Name": "r", "Name": "s"})",
                                       "Role decoding failed: an object has \"Name\" twice"});
}

TEST(HostileRequestsTest, PoliciesThatAreNone) {
  const std::string long_rules(kMaxRulesSize + 1, ' ');
  const BadBody cases[] = {
      {"", "Policy decoding failed: unexpected end"},
      {"{}", "Invalid Policy: no Name is set"},
      {R"({"Name": ["p"]})", "Policy decoding failed: Name: expected a string"},
      {R"({"Name": "p", "Rules": {"acl": "write"}})", "Rules: expected a string"},
      {R"({"Name": "p", "Datacenters": [1]})", "Datacenters: expected an array of strings"},
      {R"({"Name": "p", "Policies": []})", "unknown field \"Policies\""},
      {R"({"Name": "p", "ID": "1"})", "Policy ID invalid UUID"},
      {R"({"Name": "p", "Rules": "acl = \"writ\""})", "line 1, column 7: unknown access"},
      {R"({"Name": "p", "Rules": "{"})", "Invalid Policy: Rules: line 1"},
      {R"({"Name": "p", "Rules": ")" + long_rules + "\"}", "Invalid Policy: Rules: "},
  };
  for (const BadBody& bad : cases) ExpectBodyRefused(ParsePolicyRequest, bad);
}

TEST(HostileRequestsTest, RolesThatAreNone) {
  const BadBody cases[] = {
      {"5", "Role decoding failed: expected an object"},
      {"{}", "Invalid Role: no Name is set"},
      {R"({"Name": "r", "ID": "1"})", "Role ID invalid UUID"},
      {R"({"Name": "r", "Local": true})", "unknown field \"Local\""},
      {R"({"Name": "r", "ServiceIdentities": [{"ServiceName": "-"}]})", "(on this role)"},
      {R"({"Name": "r", "Policies": [[]]})", "Policies[0]: expected an object"},
  };
  for (const BadBody& bad : cases) ExpectBodyRefused(ParseRoleRequest, bad);
}

TEST(HostileRequestsTest, ListsHaveALimit) {
  const auto body = [](size_t count) {
    std::string list;
    for (size_t i = 0; i < count; ++i) list += i == 0 ? "{}" : ",{}";
    return R"({"Name": "r", "Policies": [)" + list + "]}";
  };
  EXPECT_TRUE(ParseRoleRequest(body(kMaxLinks)));
  ExpectBodyRefused(ParseRoleRequest, {body(kMaxLinks + 1), "Policies has 4097 elements"});
}

TEST(HostileRequestsTest, DepthIsNoDanger) {
  const std::string deep(100'000, '[');
  ExpectBodyRefused(ParseTokenRequest, {deep, "nested deeper"});
  ExpectBodyRefused(ParseTokenRequest, {"{\"Policies\":" + deep, "nested deeper"});
}

}  // namespace
}  // namespace rollcall::acl
