#include "registry/acl/identities.h"

#include <gtest/gtest.h>

#include <string>

#include "registry/acl/rule_parser.h"

namespace rollcall::acl {
namespace {

// As Consul's own templates say it.
void ExpectRules(const Result<Rules>& rules, const std::string& text) {
  ASSERT_TRUE(rules) << rules.error().message;
  const auto expected = ParseRules(text);
  ASSERT_TRUE(expected) << expected.error().message;
  EXPECT_EQ(*rules, *expected);
}

TEST(IdentitiesTest, AServiceWritesItselfAndItsProxyAndFindsTheOthers) {
  ExpectRules(ServiceIdentityRules("web"), R"(
      service "web" { policy = "write" }
      service "web-sidecar-proxy" { policy = "write" }
      service_prefix "" { policy = "read" }
      node_prefix "" { policy = "read" })");
}

TEST(IdentitiesTest, ANodeWritesItselfAndReadsServices) {
  ExpectRules(NodeIdentityRules("n-1"), R"(
      node "n-1" { policy = "write" }
      service_prefix "" { policy = "read" })");
}

TEST(IdentitiesTest, ManagementIsWriteToAllThereIs) {
  ExpectRules(GlobalManagementRules(), R"(
      acl = "write" keyring = "write" operator = "write"
      agent_prefix "" { policy = "write" }
      event_prefix "" { policy = "write" }
      key_prefix "" { policy = "write" }
      node_prefix "" { policy = "write" }
      query_prefix "" { policy = "write" }
      service_prefix "" { policy = "write" intentions = "write" }
      session_prefix "" { policy = "write" })");
}

TEST(IdentitiesTest, TakesNamesThatConsulTakes) {
  for (const std::string& name : {std::string("a"), std::string("0"), std::string("web-1"),
                                  std::string("a_b--c"), std::string(kMaxIdentityName, 'a')}) {
    EXPECT_TRUE(ServiceIdentityRules(name)) << name;
    EXPECT_TRUE(NodeIdentityRules(name)) << name;
  }
}

TEST(IdentitiesTest, RefusesOtherNames) {
  for (const std::string& name :
       {std::string(), std::string("Web"), std::string("-a"), std::string("a-"), std::string("_a"),
        std::string("a_"), std::string("a.b"), std::string("a b"), std::string("a\n"),
        std::string("a\" {}"), std::string("\xc3\xa9"), std::string("a\0b", 3),
        std::string(kMaxIdentityName + 1, 'a')}) {
    for (const auto& rules : {ServiceIdentityRules(name), NodeIdentityRules(name)}) {
      ASSERT_FALSE(rules) << name;
      EXPECT_EQ(rules.error().code, ErrorCode::kInvalidArgument);
      EXPECT_EQ(rules.error().message.find('\n'), std::string::npos);
    }
  }
  EXPECT_EQ(ServiceIdentityRules("Web").error().message,
            "the name of the service identity \"Web\" is not valid: it takes 1 to 256 of a-z, 0-9, "
            "\"-\" and \"_\", the first and the last a letter or digit");
}

}  // namespace
}  // namespace rollcall::acl
