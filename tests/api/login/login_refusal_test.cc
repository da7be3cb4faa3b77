// POST /v1/acl/login with what is not good for a token: plain answers outside, the reason in the
// log.
#include <gmock/gmock.h>

#include "registry/jwt/base64url.h"
#include "tests/api/http/raw_client.h"
#include "tests/api/login/login_fixture.h"

namespace rollcall::api {
namespace {

using jwt::Algorithm;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class LoginRefusalTest : public LoginApiTest {
 protected:
  LoginRefusalTest() {
    json config = Config();
    config["JWKS"] = json::parse(Issuer().JwksOf("k"));
    NewMethod("ci", config);
    NewRule("ci", "service", "web");
  }

  // What nobody learns of but the log. `token` has to be refused.
  std::string ReasonFor(const std::string& token) const {
    const size_t before = Log().size();
    EXPECT_EQ(Why(LogIn("ci", token)), "403 Permission denied");
    const std::string logged = Log().substr(before);
    EXPECT_THAT(logged, StartsWith("a login was refused: auth method \"ci\", client 127.0.0.1: "));
    if (token.size() > 100) {
      EXPECT_THAT(logged, Not(HasSubstr(token.substr(token.size() - 40))));
    }
    return logged;
  }
  std::string ReasonForClaim(const std::string& claim, const json& value) const {
    json claims = Claims();
    claims[claim] = value;
    return ReasonFor(Signed(claims));
  }
  static std::string OfHeader(const std::string& header, const std::string& payload) {
    return Issuer().TokenOf(Algorithm::kEs256, header, payload);
  }
};

TEST_F(LoginRefusalTest, AnAlteredToken) {
  json claims = Claims();
  const std::string token = Signed(claims);
  claims["team"] = "root";
  const std::string other = Signed(claims);
  EXPECT_THAT(
      ReasonFor(other.substr(0, other.rfind('.')) + token.substr(token.rfind('.'))),
      HasSubstr("the token's signature is not that of the key: it was altered, or signed by"));
}

TEST_F(LoginRefusalTest, NoneInAnyWriting) {
  for (const char* none : {"none", "None", "nOnE"}) {
    for (const char* signature : {"", "x"}) {
      EXPECT_THAT(ReasonFor(jwt::UnsignedToken(none, Claims(), signature)),
                  HasSubstr("the algorithm \"none\" is refused"));
    }
  }
}

TEST_F(LoginRefusalTest, AnHmacWithThePublicKey) {
  for (const std::string& secret : {Issuer().PublicPem(), Issuer().Jwk().dump()}) {
    EXPECT_THAT(ReasonFor(jwt::HmacToken(secret, Claims())),
                HasSubstr("the algorithm \"HS256\" is refused"));
  }
}

TEST_F(LoginRefusalTest, AKeyOfAnotherKind) {
  const jwt::Issuer& rsa = jwt::Issuer::For(Algorithm::kRs256);
  EXPECT_THAT(ReasonFor(rsa.Token(Algorithm::kRs256, Claims(), "k")),
              HasSubstr("no key goes with the token's algorithm RS256"));
}

TEST_F(LoginRefusalTest, AnUnknownKey) {
  EXPECT_THAT(ReasonFor(Signed(Claims(), "other")), HasSubstr("no key has the token's key ID"));
  EXPECT_THAT(ReasonFor(jwt::Issuer("P-256").Token(Algorithm::kEs256, Claims(), "k")),
              HasSubstr("signed by somebody else"));
}

TEST_F(LoginRefusalTest, AKeyThatItBringsAlong) {
  const jwt::Issuer stranger("P-256");
  const json header = {{"alg", "ES256"}, {"jwk", stranger.Jwk()}};
  EXPECT_THAT(ReasonFor(stranger.TokenOf(Algorithm::kEs256, header.dump(), Claims().dump())),
              HasSubstr("signature is not that of the key"));
}

TEST_F(LoginRefusalTest, AWrongClaim) {
  EXPECT_THAT(ReasonForClaim("iss", "https://stranger.example"), HasSubstr("issuer (iss)"));
  EXPECT_THAT(ReasonForClaim("aud", "somebody"), HasSubstr("does not match any bound audience"));
  EXPECT_THAT(ReasonForClaim("exp", Seconds() - 120), HasSubstr("the token has expired (exp)"));
  EXPECT_THAT(ReasonForClaim("nbf", Seconds() + 120), HasSubstr("not valid yet (nbf)"));
  EXPECT_THAT(ReasonForClaim("iat", Seconds() + 120), HasSubstr("not valid yet"));
  EXPECT_THAT(ReasonForClaim("team", json::array()), HasSubstr("the claim \"team\""));
}

TEST_F(LoginRefusalTest, AnExpiredTokenThatWasGoodBefore) {
  const std::string token = GoodJwt();
  EXPECT_EQ(LogIn("ci", token).status, 200);
  ahead_s = 3700;
  EXPECT_THAT(ReasonFor(token), HasSubstr("the token has expired (exp)"));
}

TEST_F(LoginRefusalTest, NestedJunk) {
  std::string nested;
  for (int i = 0; i < 1000; ++i) nested += R"({"a":)";
  const std::string header = R"({"alg":"ES256","kid":"k"})";
  EXPECT_THAT(ReasonFor(OfHeader(header, nested)), HasSubstr("nested deeper than 16 levels"));
  EXPECT_THAT(ReasonFor(OfHeader(nested, Claims().dump())), HasSubstr("header is nested deeper"));
  EXPECT_THAT(ReasonFor(OfHeader(R"({"alg":"none","alg":"ES256"})", Claims().dump())),
              HasSubstr("has the member \"alg\" twice"));
  EXPECT_THAT(ReasonFor(OfHeader(header, R"({"exp":1,"exp":9999999999})")), HasSubstr("twice"));
  EXPECT_THAT(ReasonFor(OfHeader(header, "")), HasSubstr("payload is not JSON"));
  for (const char* junk :
       {"x", "...", "a.b.c", "a.b.c.d.e", "\\", "\n\n", "eyJ.eyJ.", "\x7f\x01"}) {
    EXPECT_THAT(ReasonFor(junk), HasSubstr("the token"));
  }
}

TEST_F(LoginRefusalTest, AReasonStaysOnItsLine) {
  json claims = Claims();
  claims["iss"] = "x\na login was refused: forged\x1b[2J";
  const std::string logged = ReasonFor(Signed(claims));
  EXPECT_EQ(std::count(logged.begin(), logged.end(), '\n'), 1);
  EXPECT_THAT(logged, Not(HasSubstr("\x1b")));
}

TEST_F(LoginRefusalTest, ATokenThatIsTooLarge) {
  EXPECT_THAT(ReasonFor(std::string(20'000, 'x')),
              HasSubstr("the token has 20000 bytes: up to 16384 are read"));
}

TEST_F(LoginRefusalTest, ALoginThatIsTooLarge) {
  EXPECT_EQ(Why(LogIn("ci", std::string(200'000, 'x'))), "403 Permission denied");
  EXPECT_THAT(Log(), HasSubstr("a login was refused: auth method not known, client 127.0.0.1: the "
                               "request has 2000"));
}

// Beyond what the HTTP server reads of any request.
TEST_F(LoginRefusalTest, AMegabyte) {
  json claims = Claims();
  claims["filler"] = std::string(750'000, 'x');
  const std::string body = json{{"AuthMethod", "ci"}, {"BearerToken", Signed(claims)}}.dump();
  ASSERT_GT(body.size(), 1'000'000U);
  http::RawClient client(port());
  client.Send("POST /v1/acl/login HTTP/1.1\r\nHost: x\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n");
  const http::Answer answer = client.Read();
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.body, "Permission denied");
  EXPECT_THAT(Log(), HasSubstr("the request has " + std::to_string(body.size()) +
                               " bytes: up to 131072 are read"));
  http::RawClient in_chunks(port());
  in_chunks.Send(
      "POST /v1/acl/login?x=y HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "f0000000\r\n");
  EXPECT_EQ(in_chunks.Read().status, 403);
  http::RawClient elsewhere(port());
  elsewhere.Send("PUT /v1/acl/token HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
  EXPECT_EQ(elsewhere.Read().status, 413);
  EXPECT_EQ(shared().logins.count(LoginResult::kRefused), 2U);
}

TEST_F(LoginRefusalTest, AnAuthMethodThatThereIsNoneOf) {
  EXPECT_EQ(Why(LogIn("none", GoodJwt())), "403 ACL not found");
  EXPECT_THAT(Log(),
              HasSubstr("a login was refused: auth method that there is not, client 127.0.0.1: "
                        "there is no such auth method"));
}

// Somebody has mistaken the one for the other. A secret is a UUID, as the name of a method may be.
TEST_F(LoginRefusalTest, ASecretInPlaceOfTheMethodIsNotLogged) {
  for (const std::string& secret : {GoodJwt(), std::string(kNobody)}) {
    EXPECT_EQ(Why(LogIn(secret, "ci")), "403 ACL not found");
    EXPECT_THAT(Log(), Not(HasSubstr(secret.substr(0, 20))));
  }
}

TEST_F(LoginRefusalTest, ABodyThatIsNone) {
  std::string nested;
  for (int i = 0; i < 20'000; ++i) nested += R"({"a":)";
  const std::pair<std::string, const char*> kCases[] = {
      {"", "400 Failed to decode request body: "},
      {"{", "400 Failed to decode request body: "},
      {"[1]", "400 Failed to decode request body: "},
      {"null", "400 "},
      {nested, "400 Failed to decode request body: "},
      {std::string(100'000, '['), "400 Failed to decode request body: "},
      {R"({"AuthMethod":"ci","BearerToken":"a","BearerToken":"b"})", "400 Failed to decode"},
      {R"({"AuthMethod":"ci","BearerToken":"a","authmethod":"b"})", "400 Failed to decode"},
      {R"({"AuthMethod":"ci","BearerToken":1})", "400 Failed to decode request body: "},
      {R"({"AuthMethod":"ci","BearerToken":"a","Colour":"red"})", "400 Failed to decode"},
      {"{\"AuthMethod\":\"ci\",\"BearerToken\":\"\xff\"}", "400 Failed to decode request body: "},
      {R"({"BearerToken":"a"})", "400 Invalid Login request: AuthMethod is missing"},
      {R"({"AuthMethod":"ci"})", "400 Invalid Login request: BearerToken is missing"},
  };
  for (const auto& [body, why] : kCases) {
    EXPECT_THAT(Why(LogInWithText(body)), StartsWith(why)) << body.substr(0, 100);
  }
  EXPECT_EQ(shared().logins.count(LoginResult::kRefused), 0U);
}

TEST_F(LoginRefusalTest, WhoFailsTooOftenIsNotHeard) {
  RequestLimitOptions options;
  options.exempt = NetworkSet();
  options.failed_auth_per_minute = 3;
  const auto state = std::make_shared<LimitState>(clock().Now(), 42);
  OnWorker([&] { worker().SetLimits(std::make_shared<RequestLimits>(options, state)); });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(LogIn("ci", "junk").status, 403);
  const Answer answer = LogIn("ci", GoodJwt());
  EXPECT_EQ(answer.status, 429);
  EXPECT_NE(answer.Header("Retry-After"), "");
  EXPECT_EQ(state->failed_authentications(), 3U);
}

}  // namespace
}  // namespace rollcall::api
