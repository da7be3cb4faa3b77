#include "registry/jwt/compact_jws.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "registry/jwt/base64url.h"
#include "registry/jwt/strict_json.h"

namespace rollcall::jwt {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string WithHeader(std::string_view header) {
  return EncodeBase64Url(header) + '.' + EncodeBase64Url("{}") + '.' + EncodeBase64Url("s");
}

std::string SplitReasonOf(std::string_view token) {
  const auto jws = ParseCompactJws(token);
  if (jws) return "taken";
  EXPECT_EQ(jws.error().code, ErrorCode::kPermissionDenied);
  return jws.error().message;
}

TEST(CompactJwsTest, IsTakenApart) {
  const std::string token = WithHeader(R"({"alg":"ES384","kid":"k","typ":"JWT","x5u":"http://e"})");
  const auto jws = ParseCompactJws(token);
  ASSERT_TRUE(jws) << jws.error().message;
  EXPECT_EQ(jws->algorithm, Algorithm::kEs384);
  EXPECT_EQ(jws->key_id, "k");
  EXPECT_EQ(jws->payload, "{}");
  EXPECT_EQ(jws->signature, "s");
  EXPECT_EQ(jws->signed_text, token.substr(0, token.rfind('.')));
  EXPECT_EQ(ParseCompactJws(WithHeader(R"({"alg":"EdDSA"})"))->key_id, std::nullopt);
}

TEST(CompactJwsTest, WhatIsNoSignedTokenIsRefusedWithTheReason) {
  const std::string header = EncodeBase64Url(R"({"alg":"RS256"})");
  const struct {
    std::string token;
    const char* reason;
  } kCases[] = {
      {"", "the token is empty"},
      {"a", "1 parts"},
      {"a.b", "2 parts"},
      {"a.b.c.d", "4 parts"},
      {"a.b.c.d.e", "encrypted"},
      {"..", "header is not JSON"},
      {"!." + header + ".c2ln", "header is not base64url"},
      {header + ".e30=.c2ln", "payload is not base64url"},
      {header + ".e30.c2lnbg==", "signature is not base64url"},
      {header + ".e30.c2ln\n", "signature is not base64url"},
      {header + ".e30.", "no signature"},
      {WithHeader("null"), "header is not a JSON object"},
      {WithHeader("[]"), "header is not a JSON object"},
      {WithHeader("{"), "header is not JSON"},
      {WithHeader(R"({"alg":"RS256"} x)"), "header is not JSON"},
      {WithHeader("{\"alg\":\"RS256\xff\"}"), "header is not JSON"},
      {WithHeader("{}"), "no algorithm"},
      {WithHeader(R"({"alg":null})"), "no algorithm"},
      {WithHeader(R"({"alg":["RS256"]})"), "no algorithm"},
      {WithHeader(R"({"alg":"RS256","kid":7})"), "kid"},
      {WithHeader(R"({"alg":"RS256","crit":["exp"],"exp":1})"), "crit"},
      {WithHeader(R"({"alg":"RS256","crit":["b64"],"b64":false})"), "crit"},
      {WithHeader(R"({"alg":"RS256","alg":"ES256"})"), "\"alg\" twice"},
      {WithHeader(R"({"alg":"RS256","\u0061lg":"none"})"), "\"alg\" twice"},
      {WithHeader(R"({"alg":"RS256","a":{"b":1,"b":2}})"), "\"b\" twice"},
  };
  for (const auto& [token, reason] : kCases) EXPECT_THAT(SplitReasonOf(token), HasSubstr(reason));
}

TEST(CompactJwsTest, OnlyKeysOfTheirOwnersVerify) {
  for (const char* none : {"none", "None", "NONE", "nOnE"}) {
    EXPECT_THAT(SplitReasonOf(WithHeader("{\"alg\":\"" + std::string(none) + "\"}")),
                HasSubstr("not signed"));
  }
  for (const char* hmac : {"HS256", "HS384", "HS512", "hs256"}) {
    EXPECT_THAT(SplitReasonOf(WithHeader("{\"alg\":\"" + std::string(hmac) + "\"}")),
                HasSubstr("shared secret"));
  }
  for (const char* other : {"PS256", "ES256K", "RSA-OAEP", "rs256", "eddsa", "", "RS256 "}) {
    EXPECT_THAT(SplitReasonOf(WithHeader("{\"alg\":\"" + std::string(other) + "\"}")),
                HasSubstr("is not supported"));
  }
}

TEST(CompactJwsTest, AMegabyteIsRefusedUnread) {
  EXPECT_THAT(SplitReasonOf(std::string(1'000'000, 'a')),
              HasSubstr("the token has 1000000 bytes: up to 16384"));
  EXPECT_THAT(SplitReasonOf(std::string(1'000'000, '.')), HasSubstr("1000000 bytes"));
  const std::string largest =
      WithHeader(R"({"alg":"RS256","x":")" + std::string(kMaxTokenSize * 3 / 4 - 36, 'x') + "\"}");
  EXPECT_LE(largest.size(), kMaxTokenSize);
  EXPECT_EQ(SplitReasonOf(largest), "taken");
}

TEST(CompactJwsTest, NestingIsBounded) {
  const auto nested = [](int depth) {
    const auto levels = static_cast<size_t>(depth - 1);  // the header itself is one
    return WithHeader(R"({"alg":"RS256","x":)" + std::string(levels, '[') +
                      std::string(levels, ']') + "}");
  };
  EXPECT_EQ(SplitReasonOf(nested(kMaxJsonDepth)), "taken");
  EXPECT_THAT(SplitReasonOf(nested(kMaxJsonDepth + 1)), HasSubstr("deeper than 16 levels"));
  EXPECT_THAT(SplitReasonOf(WithHeader(std::string(10'000, '['))),
              HasSubstr("deeper than 16 levels"));
  std::string objects;
  for (int i = 0; i < 2000; ++i) objects += "{\"a\":";
  EXPECT_THAT(SplitReasonOf(WithHeader(objects)), HasSubstr("deeper than 16 levels"));
}

TEST(CompactJwsTest, AReasonIsOneShortLine) {
  const std::string reason =
      SplitReasonOf(WithHeader(R"({"alg":"a\nb\u001b[31m)" + std::string(5000, 'x') + "\"}"));
  EXPECT_LT(reason.size(), 250U);
  EXPECT_THAT(reason, Not(HasSubstr("\n")));
  EXPECT_THAT(reason, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace rollcall::jwt
