#include "registry/jwt/method_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/registry/jwt/issuer.h"

namespace rollcall::jwt {
namespace {

using testing::HasSubstr;

std::string ProblemOf(const MethodConfig& config) {
  const Result<void> ok = CheckMethodConfig(config);
  if (ok) return "fine";
  EXPECT_EQ(ok.error().code, ErrorCode::kInvalidArgument);
  return ok.error().message;
}

MethodConfig OfPem() {
  MethodConfig config;
  config.validation_pub_keys = {Issuer::For(Algorithm::kEs256).PublicPem()};
  return config;
}

TEST(MethodConfigTest, KeysComeFromExactlyOnePlace) {
  EXPECT_THAT(ProblemOf({}), HasSubstr("exactly one of 'JWTValidationPubKeys', 'JWKSURL'"));
  EXPECT_EQ(ProblemOf(OfPem()), "fine");
  MethodConfig url;
  url.jwks_url = "https://issuer.example/keys";
  EXPECT_EQ(ProblemOf(url), "fine");
  MethodConfig file;
  file.jwks_file = "/etc/keys.json";
  EXPECT_EQ(ProblemOf(file), "fine");
  MethodConfig text;
  text.jwks = Issuer::For(Algorithm::kEdDsa).JwksOf("k");
  EXPECT_EQ(ProblemOf(text), "fine");
  MethodConfig two = OfPem();
  two.jwks_url = url.jwks_url;
  EXPECT_THAT(ProblemOf(two), HasSubstr("exactly one of"));
  text.jwks_file = "/etc/keys.json";
  EXPECT_THAT(ProblemOf(text), HasSubstr("exactly one of"));
  MethodConfig ca = OfPem();
  ca.jwks_ca_cert = "x";
  EXPECT_EQ(ProblemOf(ca), "'JWKSCACert' should not be set unless 'JWKSURL' is set");
}

TEST(MethodConfigTest, AUrlIsHttpAndItsAuthoritiesAreCertificates) {
  const std::string certificate = Issuer::For(Algorithm::kEs256).CertificatePem();
  MethodConfig config;
  config.jwks_url = "https://issuer.example/keys";
  for (const std::string& good :
       {certificate, certificate + certificate, "# ours\n" + certificate}) {
    config.jwks_ca_cert = good;
    EXPECT_EQ(ProblemOf(config), "fine");
  }
  for (const std::string& bad :
       {std::string("x"), certificate.substr(0, 100), config.jwks_url,
        certificate + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        Issuer::For(Algorithm::kEs256).PublicPem()}) {
    config.jwks_ca_cert = bad;
    EXPECT_EQ(ProblemOf(config),
              "error checking JWKSCACert: could not parse CA PEM value successfully");
  }
  config = {};
  config.jwks_url = "file:///etc/keys.json";
  EXPECT_THAT(ProblemOf(config), HasSubstr("error checking JWKSURL: cannot use the URL"));
}

TEST(MethodConfigTest, KeysThatAreGivenMustBeGood) {
  MethodConfig config = OfPem();
  config.validation_pub_keys.emplace_back("no key");
  EXPECT_THAT(ProblemOf(config), HasSubstr("error parsing public key JWTValidationPubKeys[1]: "));
  config.validation_pub_keys.back() = Issuer::For(Algorithm::kEs256).PrivatePem();
  EXPECT_THAT(ProblemOf(config), HasSubstr("private"));
  config.validation_pub_keys.assign(65, OfPem().validation_pub_keys.front());
  EXPECT_THAT(ProblemOf(config), HasSubstr("there may be 64"));
  MethodConfig jwks;
  jwks.jwks = R"({"keys":[]})";
  EXPECT_THAT(ProblemOf(jwks), HasSubstr("it has no keys"));
  jwks.jwks = R"({"keys":[{"kty":"oct","k":"c2VjcmV0"}]})";
  EXPECT_THAT(ProblemOf(jwks), HasSubstr("shared secret"));
  jwks.jwks = "{";
  EXPECT_THAT(ProblemOf(jwks), HasSubstr("error parsing JWKS: "));
}

TEST(MethodConfigTest, NoTwoClaimsAreMappedToOneName) {
  MethodConfig config = OfPem();
  config.claim_mappings = {{"a", "x"}, {"b", "y"}};
  config.list_claim_mappings = {{"a", "x"}, {"c", "z"}};
  EXPECT_EQ(ProblemOf(config), "fine");
  config.claim_mappings["c"] = "x";
  EXPECT_EQ(ProblemOf(config), "ClaimMappings contains multiple mappings for key \"x\"");
  config.claim_mappings = {{"a", ""}};
  EXPECT_THAT(ProblemOf(config), HasSubstr("maps the claim \"a\" to no name"));
  config.claim_mappings.clear();
  config.list_claim_mappings["b"] = "x";
  EXPECT_EQ(ProblemOf(config), "ListClaimMappings contains multiple mappings for key \"x\"");
}

}  // namespace
}  // namespace rollcall::jwt
