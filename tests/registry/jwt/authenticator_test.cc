// Each way in which a token can be wrong, from the token to the reason in the log.
#include "registry/jwt/authenticator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "registry/jwt/base64url.h"
#include "tests/registry/jwt/issuer.h"

namespace rollcall::jwt {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr int64_t kLoginSeconds = 1'795'724'134;
const UtcTime kLoginTime{std::chrono::seconds(kLoginSeconds)};

json GoodClaims() {
  return {{"iss", "https://issuer.example"},
          {"sub", "system:web"},
          {"aud", {"rollcall"}},
          {"iat", kLoginSeconds},
          {"exp", kLoginSeconds + 3600},
          {"team", "payments"},
          {"groups", {"dev", "ops"}}};
}

MethodConfig Config() {
  MethodConfig config;
  config.bound_issuer = "https://issuer.example";
  config.bound_audiences = {"rollcall"};
  config.claim_mappings = {{"team", "team"}};
  config.list_claim_mappings = {{"groups", "groups"}};
  return config;
}

Result<Identity> Authenticate(const KeySet& keys, const std::string& token,
                              const MethodConfig& config = Config()) {
  const Authenticator authenticator(config, std::make_shared<FixedKeys>(keys));
  std::optional<Result<Identity>> answer;
  int calls = 0;
  authenticator.Authenticate(token, kLoginTime, [&](Result<Identity> identity) {
    answer = std::move(identity);
    ++calls;
  });
  EXPECT_EQ(calls, 1);
  return *std::move(answer);
}

KeySet JwksOf(const Issuer& issuer, const std::string& id = "k") {
  return KeySet::FromJwks(issuer.JwksOf(id)).value();
}

std::string LoginReasonOf(const Result<Identity>& identity) {
  if (identity) return "taken";
  EXPECT_EQ(identity.error().code, ErrorCode::kPermissionDenied);
  return identity.error().message;
}

const Issuer& Rsa() { return Issuer::For(Algorithm::kRs256); }
const Issuer& Ec() { return Issuer::For(Algorithm::kEs256); }

TEST(AuthenticatorTest, TakesATokenOfEachAlgorithm) {
  for (const Algorithm algorithm : kAlgorithms) {
    const Issuer& issuer = Issuer::For(algorithm);
    const std::string token = issuer.Token(algorithm, GoodClaims(), "k");
    const auto identity = Authenticate(JwksOf(issuer), token);
    ASSERT_TRUE(identity) << ToString(algorithm) << identity.error().message;
    EXPECT_EQ(identity->issuer, "https://issuer.example");
    EXPECT_EQ(identity->subject, "system:web");
    EXPECT_EQ(identity->variables.values.at("team"), "payments");
    EXPECT_THAT(identity->variables.lists.at("groups"), ElementsAre("dev", "ops"));
    EXPECT_EQ(identity->life.expires, kLoginTime + std::chrono::hours(1));
    EXPECT_EQ(LoginReasonOf(Authenticate(KeySet::FromPems({issuer.PublicPem()}).value(), token)),
              "taken");
    EXPECT_EQ(LoginReasonOf(Authenticate(KeySet::FromPems({issuer.CertificatePem()}).value(),
                                         issuer.Token(algorithm, GoodClaims()))),
              "taken");
  }
}

// Every byte of it counts.
TEST(AuthenticatorTest, AnAlteredTokenIsRefused) {
  for (const Algorithm algorithm : kAlgorithms) {
    const Issuer& issuer = Issuer::For(algorithm);
    const KeySet keys = JwksOf(issuer);
    const std::string token = issuer.Token(algorithm, GoodClaims(), "k");
    for (size_t i = 0; i < token.size(); i += 3) {
      std::string altered = token;
      altered[i] = altered[i] == 'A' ? 'B' : 'A';
      EXPECT_NE(LoginReasonOf(Authenticate(keys, altered)), "taken") << ToString(algorithm) << i;
    }
  }
  json claims = GoodClaims();
  const std::string token = Rsa().Token(Algorithm::kRs256, claims, "k");
  claims["team"] = "root";
  const std::string other = Rsa().Token(Algorithm::kRs256, claims, "k");
  EXPECT_THAT(LoginReasonOf(Authenticate(JwksOf(Rsa()), other.substr(0, other.rfind('.')) +
                                                            token.substr(token.rfind('.')))),
              HasSubstr("signature is not that of the key"));
}

TEST(AuthenticatorTest, AnUnsignedTokenIsRefused) {
  for (const char* none : {"none", "None", "NONE"}) {
    for (const char* signature : {"", "x"}) {
      EXPECT_THAT(
          LoginReasonOf(Authenticate(JwksOf(Rsa()), UnsignedToken(none, GoodClaims(), signature))),
          HasSubstr("the algorithm \"none\" is refused"));
    }
  }
}

// The classic: what is public taken as the secret of an HMAC.
TEST(AuthenticatorTest, AnHmacWithThePublicKeyIsRefused) {
  for (const Issuer* issuer : {&Rsa(), &Ec()}) {
    const KeySet pem = KeySet::FromPems({issuer->PublicPem()}).value();
    for (const std::string& secret :
         {issuer->PublicPem(), issuer->CertificatePem(), issuer->Jwk().dump(), std::string()}) {
      EXPECT_THAT(LoginReasonOf(Authenticate(pem, HmacToken(secret, GoodClaims()))),
                  HasSubstr("the algorithm \"HS256\" is refused"));
    }
  }
  // Not even where a set has a shared secret in it.
  const auto set = KeySet::FromJwks(R"({"keys":[{"kty":"oct","k":"c2VjcmV0"}]})");
  EXPECT_THAT(LoginReasonOf(Authenticate(*set, HmacToken("secret", GoodClaims()))),
              HasSubstr("the algorithm \"HS256\" is refused"));
}

TEST(AuthenticatorTest, AKeyIsNotTakenForOneOfAnotherKind) {
  for (const Algorithm signed_with : kAlgorithms) {
    const Issuer& issuer = Issuer::For(signed_with);
    for (const Algorithm said : kAlgorithms) {
      if (said == signed_with) continue;
      const std::string token = issuer.TokenOf(
          signed_with, json{{"alg", ToString(said)}, {"kid", "k"}}.dump(), GoodClaims().dump());
      const std::string reason = LoginReasonOf(Authenticate(JwksOf(issuer), token));
      if (KeyTypeOf(said) == KeyTypeOf(signed_with)) {
        EXPECT_THAT(reason, HasSubstr("signature is not that of"));
      } else {
        EXPECT_THAT(reason, HasSubstr("no key goes with the token's algorithm"));
      }
    }
  }
}

TEST(AuthenticatorTest, AKeyThatTheTokenBringsAlongIsNotUsed) {
  const Issuer stranger("P-256");
  const json header = {{"alg", "ES256"},
                       {"kid", "k"},
                       {"jwk", stranger.Jwk()},
                       {"jku", "https://stranger.example/keys"},
                       {"x5c", {stranger.CertificatePem()}}};
  EXPECT_THAT(
      LoginReasonOf(Authenticate(
          JwksOf(Ec()), stranger.TokenOf(Algorithm::kEs256, header.dump(), GoodClaims().dump()))),
      HasSubstr("signature is not that of the key"));
}

TEST(AuthenticatorTest, AnUnknownKeyIsRefused) {
  EXPECT_THAT(LoginReasonOf(Authenticate(JwksOf(Ec(), "k"),
                                         Ec().Token(Algorithm::kEs256, GoodClaims(), "other"))),
              HasSubstr("no key has the token's key ID \"other\""));
  EXPECT_THAT(LoginReasonOf(Authenticate(
                  JwksOf(Ec(), "k"), Issuer("P-256").Token(Algorithm::kEs256, GoodClaims(), "k"))),
              HasSubstr("signed by somebody else"));
  EXPECT_THAT(LoginReasonOf(Authenticate(JwksOf(Ec(), "k"),
                                         Issuer("P-256").Token(Algorithm::kEs256, GoodClaims()))),
              HasSubstr("signed by somebody else"));
}

TEST(AuthenticatorTest, OnlyAllowedAlgorithmsAreTaken) {
  MethodConfig config = Config();
  config.supported_algs = {Algorithm::kRs512, Algorithm::kEs256};
  EXPECT_EQ(LoginReasonOf(
                Authenticate(JwksOf(Ec()), Ec().Token(Algorithm::kEs256, GoodClaims()), config)),
            "taken");
  EXPECT_THAT(LoginReasonOf(Authenticate(JwksOf(Rsa()),
                                         Rsa().Token(Algorithm::kRs256, GoodClaims()), config)),
              HasSubstr("algorithm RS256 is not allowed: RS512, ES256 (JWTSupportedAlgs)"));
}

TEST(AuthenticatorTest, BeginThatNoClaimSaysIsExplained) {
  json claims = GoodClaims();
  claims.erase("nbf");
  claims.erase("iat");
  claims["exp"] = kLoginSeconds + 3600;
  EXPECT_THAT(
      LoginReasonOf(Authenticate(JwksOf(Ec()), Ec().Token(Algorithm::kEs256, claims))),
      HasSubstr("not valid yet (NotBeforeLeeway before its exp: it has neither nbf nor iat), "
                "for another 57m30s"));
}

TEST(AuthenticatorTest, AWrongClaimIsRefusedWithItsName) {
  const struct {
    const char* claim;
    json value;
    const char* reason;
  } kCases[] = {
      {"iss", "https://stranger.example", "issuer (iss) is \"https://stranger.example\""},
      {"aud", "somebody", "aud claim does not match any bound audience: it is \"somebody\""},
      {"exp", kLoginSeconds - 61, "the token has expired (exp), 1m1s ago"},
      {"nbf", kLoginSeconds + 61, "not valid yet (nbf), for another 1m1s"},
      {"iat", kLoginSeconds + 61, "not valid yet"},
      {"team", json::array(), "the claim \"team\""},
      {"groups", {{"a", 1}}, "the claim \"groups\""},
  };
  for (const auto& [claim, value, reason] : kCases) {
    json claims = GoodClaims();
    claims[claim] = value;
    EXPECT_THAT(LoginReasonOf(Authenticate(JwksOf(Ec()), Ec().Token(Algorithm::kEs256, claims))),
                HasSubstr(reason));
  }
}

// Signed junk, that is, by an issuer who was led to sign it.
TEST(AuthenticatorTest, AStrangePayloadIsRefused) {
  std::string nested;
  for (int i = 0; i < 1000; ++i) nested += R"({"a":)";
  const std::pair<std::string, const char*> kCases[] = {
      {"", "payload is not JSON"},
      {"null", "payload is not a JSON object"},
      {"[1]", "payload is not a JSON object"},
      {"\"text\"", "payload is not a JSON object"},
      {nested, "payload is nested deeper than 16 levels"},
      {std::string(5000, '['), "payload is nested deeper than 16 levels"},
      {R"({"exp":1,"exp":9999999999})", "payload has the member \"exp\" twice"},
      {R"({"exp":1e999})", "payload is not JSON"},
      {"{\"a\":\"\xff\"}", "payload is not JSON"},
      {"{\"a\":\"\0\"}", "payload is not JSON"},
      {Ec().Token(Algorithm::kEs256, GoodClaims()), "payload is not JSON"},
  };
  const std::string header = R"({"alg":"ES256","kid":"k"})";
  for (const auto& [payload, reason] : kCases) {
    EXPECT_THAT(
        LoginReasonOf(Authenticate(JwksOf(Ec()), Ec().TokenOf(Algorithm::kEs256, header, payload))),
        HasSubstr(reason));
  }
}

TEST(AuthenticatorTest, AMegabyteIsRefused) {
  json claims = GoodClaims();
  claims["filler"] = std::string(750'000, 'x');
  const std::string token = Ec().Token(Algorithm::kEs256, claims);
  ASSERT_GT(token.size(), 1'000'000U);
  EXPECT_THAT(LoginReasonOf(Authenticate(JwksOf(Ec()), token)), HasSubstr("up to 16384 are read"));
}

TEST(AuthenticatorTest, AReasonNeverHasTheTokenInIt) {
  const std::string token = Issuer("P-256").Token(Algorithm::kEs256, GoodClaims(), "k");
  EXPECT_THAT(LoginReasonOf(Authenticate(JwksOf(Ec()), token)),
              Not(HasSubstr(token.substr(token.rfind('.') + 1))));
}

TEST(AuthenticatorTest, WithoutKeysItIsNobodysFault) {
  class NoKeys : public KeySource {
    void Find(const std::optional<std::string>& /*key_id*/, OnKeys on_keys) override {
      on_keys(Unavailable("the issuer is away"));
    }
  };
  const Authenticator authenticator(Config(), std::make_shared<NoKeys>());
  std::optional<Result<Identity>> answer;
  authenticator.Authenticate(Ec().Token(Algorithm::kEs256, GoodClaims()), kLoginTime,
                             [&](Result<Identity> identity) { answer = std::move(identity); });
  ASSERT_TRUE(answer);
  ASSERT_FALSE(*answer);
  EXPECT_EQ(answer->error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace rollcall::jwt
