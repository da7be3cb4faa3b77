#include "registry/acl/methods/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "registry/jwt/key_set.h"
#include "tests/registry/acl_methods/samples.h"

namespace rollcall::acl {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

json WithSetting(const char* name, const json& value) {
  json config = FullConfig();
  config[name] = value;
  return config;
}

std::string ProblemOf(const json& config) {
  const auto parsed = ParseJwtConfig(config.dump());
  if (parsed) return "fine";
  EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
  return parsed.error().message;
}

TEST(JwtConfigTest, ReadsAllThatAMethodCanSay) {
  const auto config = ParseJwtConfig(FullConfig().dump());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_THAT(config->validation_pub_keys, testing::SizeIs(1));
  EXPECT_THAT(config->supported_algs, ElementsAre(jwt::Algorithm::kEs256, jwt::Algorithm::kEdDsa));
  EXPECT_EQ(config->bound_issuer, "https://issuer.example");
  EXPECT_THAT(config->bound_audiences, ElementsAre("rollcall"));
  EXPECT_EQ(config->expiration_leeway, std::chrono::seconds(60));
  EXPECT_EQ(config->not_before_leeway, std::chrono::nanoseconds(-1));
  EXPECT_EQ(config->clock_skew_leeway, std::chrono::seconds(2));
  EXPECT_THAT(config->claim_mappings,
              ElementsAre(std::pair("/k8s/namespace", "namespace"), std::pair("sub", "name")));
  EXPECT_THAT(config->list_claim_mappings, ElementsAre(std::pair("groups", "groups")));
}

TEST(JwtConfigTest, ReadsWhereKeysComeFrom) {
  const auto url =
      ParseJwtConfig(json{{"JWKSURL", "https://i.example/keys"},
                          {"JWKSCACert", jwt::Issuer::For(jwt::Algorithm::kEs256).CertificatePem()}}
                         .dump());
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url->jwks_url, "https://i.example/keys");
  EXPECT_THAT(url->supported_algs, IsEmpty());
  EXPECT_EQ(ParseJwtConfig(R"({"jwksfile": "/etc/keys.json"})")->jwks_file, "/etc/keys.json");
  const std::string jwks = jwt::Issuer::For(jwt::Algorithm::kEs256).JwksOf("k");
  const auto as_text = ParseJwtConfig(json{{"JWKS", jwks}}.dump());
  ASSERT_TRUE(as_text) << as_text.error().message;
  EXPECT_EQ(as_text->jwks, jwks);
  const auto as_object = ParseJwtConfig("{\"JWKS\": " + jwks + "}");
  ASSERT_TRUE(as_object) << as_object.error().message;
  EXPECT_TRUE(jwt::KeySet::FromJwks(as_object->jwks)->Knows("k"));
}

TEST(JwtConfigTest, AListOfOneMayBeItsElement) {
  EXPECT_THAT(ParseJwtConfig(WithSetting("BoundAudiences", "one").dump())->bound_audiences,
              ElementsAre("one"));
  EXPECT_EQ(ProblemOf(WithSetting("BoundAudiences", nullptr)), "fine");
}

TEST(JwtConfigTest, WhatIsWrongIsNamed) {
  const std::pair<json, const char*> kCases[] = {
      {json::object(), "exactly one of 'JWTValidationPubKeys'"},
      {WithSetting("JWKSURL", "https://i.example"), "exactly one of 'JWTValidationPubKeys'"},
      {WithSetting("BoundIsuer", "x"), "error decoding config: unknown field \"BoundIsuer\""},
      {WithSetting("BoundIssuer", 1), "BoundIssuer: expected a string"},
      {WithSetting("BoundAudiences", {1}), "BoundAudiences: expected an array of strings"},
      {WithSetting("BoundAudiences", json::object()), "BoundAudiences: expected an array"},
      {WithSetting("ClaimMappings", {"a"}), "ClaimMappings: expected an object"},
      {WithSetting("ClaimMappings", {{"a", 1}}), "ClaimMappings.a: expected a string"},
      {WithSetting("ClaimMappings", {{"a", "x"}, {"b", "x"}}), "multiple mappings for key \"x\""},
      {WithSetting("ExpirationLeeway", "soon"), "invalid duration"},
      {WithSetting("ExpirationLeeway", true), "ExpirationLeeway"},
      {WithSetting("JWTSupportedAlgs", {"HS256"}), "Invalid supported algorithm: HS256"},
      {WithSetting("JWTSupportedAlgs", {"none"}), "Invalid supported algorithm: none"},
      {WithSetting("JWTSupportedAlgs", {"PS256"}), "Invalid supported algorithm: PS256"},
      {WithSetting("JWTValidationPubKeys", {"x"}), "error parsing public key"},
      {WithSetting("JWKSCACert", "x"), "'JWKSCACert' should not be set"},
      {WithSetting("OIDCDiscoveryURL", "https://i.example"),
       "'OIDCDiscoveryURL' is not supported: give the URL that the discovery document names"},
      {WithSetting("OIDCClientID", "x"), "unknown field \"OIDCClientID\""},
      {json{{"JWKS", "{}"}}, "no list of keys"},
      {json{{"JWKS", json{{"keys", json::array()}}}}, "it has no keys"},
      {json{{"JWKSURL", "ftp://i.example"}}, "error checking JWKSURL"},
  };
  for (const auto& [config, problem] : kCases) {
    EXPECT_THAT(ProblemOf(config), HasSubstr(problem)) << config;
  }
}

}  // namespace
}  // namespace rollcall::acl
