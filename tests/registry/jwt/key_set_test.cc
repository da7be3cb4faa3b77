#include "registry/jwt/key_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/registry/jwt/issuer.h"

namespace rollcall::jwt {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

json WithId(json jwk, const std::string& id) {
  jwk["kid"] = id;
  return jwk;
}

json With(json jwk, const char* name, const json& value) {
  jwk[name] = value;
  return jwk;
}

KeySet SetOf(const std::vector<json>& keys) {
  auto set = KeySet::FromJwks(json{{"keys", keys}}.dump());
  EXPECT_TRUE(set) << set.error().message;
  return *std::move(set);
}

json RsaJwk() { return Issuer::For(Algorithm::kRs256).Jwk(); }
json EcJwk() { return Issuer::For(Algorithm::kEs256).Jwk(); }

TEST(KeySetTest, ReadsEachTypeOfKey) {
  std::vector<json> keys;
  for (const Algorithm algorithm : kAlgorithms) {
    json jwk = With(Issuer::For(algorithm).Jwk(), "alg", std::string(ToString(algorithm)));
    keys.push_back(WithId(With(jwk, "use", "sig"), std::string(ToString(algorithm))));
  }
  const KeySet set = SetOf(keys);
  ASSERT_THAT(set.keys(), SizeIs(kAlgorithms.size()));
  EXPECT_THAT(set.passed_over(), SizeIs(0));
  for (const Algorithm algorithm : kAlgorithms) {
    const auto found = set.Candidates(algorithm, std::string(ToString(algorithm)));
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_THAT(*found, SizeIs(1));
    EXPECT_EQ(found->front()->key.type(), KeyTypeOf(algorithm));
    EXPECT_EQ(found->front()->algorithm, algorithm);
  }
}

TEST(KeySetTest, PassesOverWhatCannotBeUsedAndSaysWhy) {
  json private_key = WithId(EcJwk(), "private");
  private_key["d"] = "AAAA";
  const struct {
    json jwk;
    const char* reason;
  } kCases[] = {
      {WithId({{"kty", "oct"}, {"k", "c2VjcmV0"}}, "k"), "key 0 (\"k\"): it is a shared secret"},
      {private_key, "private key"},
      {With(RsaJwk(), "use", "enc"), "not for signatures"},
      {With(RsaJwk(), "use", 7), "not for signatures"},
      {With(RsaJwk(), "key_ops", {"sign", "encrypt"}), "not for verifying"},
      {With(RsaJwk(), "key_ops", "verify"), "not for verifying"},
      {With(RsaJwk(), "alg", "RSA-OAEP"), "is not supported"},
      {With(RsaJwk(), "alg", "HS256"), "shared secret"},
      {With(RsaJwk(), "alg", "none"), "not signed"},
      {With(RsaJwk(), "alg", "ES256"), "does not go"},
      {With(EcJwk(), "alg", "ES384"), "does not go"},
      {With(EcJwk(), "alg", 1), "alg"},
      {With(EcJwk(), "kid", 1), "kid"},
      {With(EcJwk(), "crv", "P-384"), "48 bytes"},
      {With(EcJwk(), "crv", "secp256k1"), "curve"},
      {With(EcJwk(), "x", "AAAA"), "32 bytes"},
      {With(EcJwk(), "x", "not base64url!"), "base64url"},
      {With(EcJwk(), "y", nullptr), "base64url"},
      {With(EcJwk(), "kty", "RSA"), "\"n\""},
      {With(RsaJwk(), "kty", "EC"), "\"x\""},
      {With(RsaJwk(), "kty", "rsa"), "type"},
      {With(RsaJwk(), "n", "AQAB"), "bits"},
      {Issuer("RSA-1024").Jwk(), "1024 bits"},
      {{{"kty", "OKP"}, {"crv", "X25519"}, {"x", "AAAA"}}, "curve"},
      {{{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", "AAAA"}}, "32 bytes"},
      {json::object(), "no type"},
      {7, "not a JSON object"},
      {nullptr, "not a JSON object"},
  };
  for (const auto& [jwk, reason] : kCases) {
    const KeySet set = SetOf({jwk, WithId(EcJwk(), "good")});
    EXPECT_THAT(set.passed_over(), ElementsAre(HasSubstr(reason))) << jwk;
    ASSERT_THAT(set.keys(), SizeIs(1)) << jwk;
    EXPECT_EQ(set.keys().front().id, "good");
  }
}

TEST(KeySetTest, UsesThatIncludeVerifyingAreFine) {
  EXPECT_THAT(SetOf({With(RsaJwk(), "key_ops", {"verify"})}).keys(), SizeIs(1));
  EXPECT_THAT(SetOf({With(RsaJwk(), "key_ops", {"sign", "verify"})}).keys(), SizeIs(1));
  EXPECT_THAT(SetOf({With(RsaJwk(), "x5c", {"MII"})}).keys(), SizeIs(1)) << "unknown members";
}

TEST(KeySetTest, WhatIsNoSetIsRefused) {
  const std::string key = EcJwk().dump();
  const std::pair<std::string, const char*> kCases[] = {
      {"", "is not JSON"},
      {"null", "not a JSON object"},
      {"[]", "not a JSON object"},
      {"{}", "no list of keys"},
      {R"({"keys":{}})", "no list of keys"},
      {R"({"keys":[],"keys":[]})", "\"keys\" twice"},
      {R"({"keys":[{"kty":"RSA","kty":"oct"}]})", "\"kty\" twice"},
      {key, "no list of keys"},
      {std::string(100'000, '['), "deeper"},
      {"{\"keys\":[" + std::string(kMaxKeySetSize, ' ') + "]}", "bytes"},
      {"<html>not found</html>", "is not JSON"},
  };
  for (const auto& [text, reason] : kCases) {
    const auto set = KeySet::FromJwks(text);
    ASSERT_FALSE(set) << text;
    EXPECT_EQ(set.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(set.error().message, HasSubstr(reason));
  }
  json many = json::array();
  for (size_t i = 0; i <= kMaxKeys; ++i) many.push_back(0);
  EXPECT_THAT(KeySet::FromJwks(json{{"keys", many}}.dump()).error().message,
              HasSubstr("there are 65 keys: there may be 64"));
}

TEST(KeySetTest, AnEmptySetVerifiesNothing) {
  const auto found = SetOf({}).Candidates(Algorithm::kRs256, std::nullopt);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kPermissionDenied);
}

TEST(KeySetTest, ATokenMeansTheKeysOfItsId) {
  const KeySet set = SetOf({WithId(EcJwk(), "a"), WithId(Issuer("P-256").Jwk(), "b"), RsaJwk()});
  EXPECT_THAT(*set.Candidates(Algorithm::kEs256, "a"), SizeIs(1));
  EXPECT_EQ(set.Candidates(Algorithm::kEs256, "b")->front()->id, "b");
  EXPECT_THAT(*set.Candidates(Algorithm::kEs256, std::nullopt), SizeIs(2));
  for (const char* unknown : {"c", "A", ""}) {
    const auto found = set.Candidates(Algorithm::kEs256, unknown);
    ASSERT_FALSE(found) << unknown;
    EXPECT_EQ(found.error().code, ErrorCode::kNotFound);
    EXPECT_THAT(found.error().message, HasSubstr('"' + std::string(unknown) + '"'));
  }
}

TEST(KeySetTest, AKeyGoesWithItsOwnAlgorithmsOnly) {
  const KeySet set = SetOf({WithId(With(RsaJwk(), "alg", "RS256"), "a"), WithId(EcJwk(), "b")});
  EXPECT_TRUE(set.Candidates(Algorithm::kRs256, "a"));
  for (const auto& [algorithm, id] : {std::pair{Algorithm::kRs512, "a"},
                                      {Algorithm::kEs256, "a"},
                                      {Algorithm::kRs256, "b"},
                                      {Algorithm::kEs384, "b"},
                                      {Algorithm::kEdDsa, "b"}}) {
    const auto found = set.Candidates(algorithm, id);
    ASSERT_FALSE(found) << ToString(algorithm) << id;
    EXPECT_EQ(found.error().code, ErrorCode::kPermissionDenied);
    EXPECT_THAT(found.error().message, HasSubstr(std::string(ToString(algorithm))));
  }
  EXPECT_THAT(set.Candidates(Algorithm::kRs512, "a").error().message,
              HasSubstr("what there is, is RSA for RS256"));
}

TEST(KeySetTest, KeysFromPemHaveNoIdsAndAnyIdMeansThem) {
  const auto set = KeySet::FromPems({Issuer::For(Algorithm::kEs256).PublicPem(),
                                     Issuer::For(Algorithm::kRs256).CertificatePem()});
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_THAT(*set->Candidates(Algorithm::kRs512, "whatever"), SizeIs(1));
  EXPECT_THAT(*set->Candidates(Algorithm::kEs256, std::nullopt), SizeIs(1));
  EXPECT_FALSE(set->Candidates(Algorithm::kEdDsa, std::nullopt));
  EXPECT_TRUE(set->Knows("whatever"));
  EXPECT_FALSE(KeySet::FromPems({Issuer::For(Algorithm::kEs256).PublicPem(), "x"}));
}

}  // namespace
}  // namespace rollcall::jwt
