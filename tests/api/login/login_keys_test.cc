// POST /v1/acl/login with keys that are elsewhere: real servers that publish them, and files.
#include <gmock/gmock.h>
#include <httplib.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "registry/jwt/shown.h"
#include "tests/api/http/raw_client.h"
#include "tests/api/login/login_fixture.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/registry/jwt/remote/certified.h"
#include "tests/registry/jwt/remote/key_server.h"

namespace rollcall::api {
namespace {

using e2e::Eventually;
using jwt::Algorithm;
using jwt::KeyServer;
using nlohmann::json;
using testing::HasSubstr;

class LoginKeysTest : public LoginApiTest {
 protected:
  void NewUrlMethod(const std::string& url, const std::string& ca = "") const {
    json config = Config();
    config["JWKSURL"] = url;
    if (!ca.empty()) config["JWKSCACert"] = ca;
    NewMethod("ci", config);
    NewRule("ci", "service", "web");
  }
  static std::string Keys() { return Issuer().JwksOf("k"); }
  std::future<Answer> StartLogIn() const {
    return std::async(std::launch::async, [this] { return LogIn("ci", GoodJwt()); });
  }
  void AwaitWaiting(size_t count) {
    EXPECT_TRUE(Eventually([&] { return shared().logins.waiting() == count; }));
  }
  size_t Tokens() { return Ok(GetAcl("tokens?authmethod=ci")).size(); }
};

constexpr const char* kNoKeys =
    "503 the keys to verify the token with cannot be had at present; the log of the server says "
    "why";

TEST_F(LoginKeysTest, OfAUrlAreFetchedOnce) {
  const KeyServer server(Keys());
  NewUrlMethod(server.Url("/keys"));
  EXPECT_EQ(server.asked(), 0);
  EXPECT_EQ(LogIn("ci", GoodJwt()).status, 200);
  EXPECT_EQ(LogIn("ci", GoodJwt()).status, 200);
  EXPECT_EQ(server.asked(), 1);
  // Not for a change that is about something else.
  json config = Config();
  config["JWKSURL"] = server.Url("/keys");
  config["ClockSkewLeeway"] = "30s";
  NewMethod("ci", config);
  EXPECT_EQ(LogIn("ci", GoodJwt()).status, 200);
  EXPECT_EQ(server.asked(), 1);
}

TEST_F(LoginKeysTest, UnknownOnesAreWaitedForAndNotAskedForAtOnce) {
  const KeyServer server(Keys());
  NewUrlMethod(server.Url("/keys"));
  EXPECT_EQ(LogIn("ci", GoodJwt()).status, 200);
  std::vector<std::future<Answer>> unknown;
  for (int i = 0; i < 4; ++i) {
    unknown.push_back(std::async(
        std::launch::async, [this] { return LogIn("ci", Signed(Claims(), "made-up-or-new")); }));
  }
  AwaitWaiting(4);
  EXPECT_EQ(LogIn("ci", GoodJwt()).status, 200) << "who has a known key does not wait";
  EXPECT_EQ(server.asked(), 1);
  EXPECT_EQ(shared().logins.count(LoginResult::kRefused), 0U);
  StopServer();
  for (auto& answer : unknown) EXPECT_EQ(Why(answer.get()), "503 the server shuts down");
}

TEST_F(LoginKeysTest, OfAUrlOverTlsNeedItsAuthority) {
  const auto certified = jwt::CertifiedFor("localhost");
  const KeyServer server(Keys(), std::make_unique<httplib::SSLServer>(certified.certificate.get(),
                                                                      certified.key.get()));
  const std::string url = "https://localhost:" + std::to_string(server.port()) + "/keys";
  NewUrlMethod(url, jwt::CertifiedFor("localhost").ca);
  EXPECT_EQ(Why(LogIn("ci", GoodJwt())), kNoKeys);
  EXPECT_THAT(Log(), HasSubstr("a login failed: auth method \"ci\", client 127.0.0.1: there are no "
                               "keys to verify tokens with"));
  EXPECT_THAT(Log(), HasSubstr("TLS handshake"));
  json config = Config();
  config["JWKSURL"] = url;
  config["JWKSCACert"] = certified.ca;
  NewMethod("ci", config);
  EXPECT_EQ(LogIn("ci", GoodJwt()).status, 200);
}

TEST_F(LoginKeysTest, OfADeadServerAreNobodysFault) {
  uint16_t dead = 0;
  {
    const KeyServer server(Keys());
    dead = static_cast<uint16_t>(server.port());
  }
  NewUrlMethod("http://127.0.0.1:" + std::to_string(dead) + "/keys");
  EXPECT_EQ(Why(LogIn("ci", GoodJwt())), kNoKeys);
  EXPECT_THAT(Log(), HasSubstr("keys of auth methods: no key set from"));
  EXPECT_EQ(shared().logins.count(LoginResult::kFailed), 1U);
  EXPECT_EQ(shared().logins.count(LoginResult::kRefused), 0U);
}

TEST_F(LoginKeysTest, ThatAreNoneAreNobodysFault) {
  const KeyServer server(Keys());
  const std::string url = server.Url("/junk");
  NewUrlMethod(url);
  EXPECT_EQ(Why(LogIn("ci", GoodJwt())), kNoKeys);
  EXPECT_THAT(Log(), HasSubstr("keys of auth methods: the key set of \"" + url + "\": "))
      << "whose keys they are is for the log to say";
}

TEST_F(LoginKeysTest, OfASlowServerAreWaitedForByManyTogether) {
  KeyServer server(Keys());
  server.Hold();
  NewUrlMethod(server.Url("/keys"));
  std::vector<std::future<Answer>> answers;
  for (int i = 0; i < 8; ++i) answers.push_back(StartLogIn());
  AwaitWaiting(8);
  // The server has time for others meanwhile, and for logins with other methods.
  NewMethod("other", PemConfig());
  NewRule("other", "service", "web");
  EXPECT_EQ(LogIn("other", GoodJwt()).status, 200);
  server.GoOn();
  for (auto& answer : answers) EXPECT_EQ(answer.get().status, 200);
  EXPECT_EQ(server.asked(), 1);
  AwaitWaiting(0);
}

TEST_F(LoginKeysTest, WhoLeavesMeanwhileGetsNoToken) {
  KeyServer server(Keys());
  server.Hold();
  NewUrlMethod(server.Url("/keys"));
  const std::string body = json{{"AuthMethod", "ci"}, {"BearerToken", GoodJwt()}}.dump();
  {
    http::RawClient client(port());
    client.Send("POST /v1/acl/login HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
    AwaitWaiting(1);
  }
  EXPECT_TRUE(Eventually([&] { return Connections() == 0; }));
  server.GoOn();
  AwaitWaiting(0);
  EXPECT_THAT(Log(), HasSubstr("the client has left"));
  EXPECT_EQ(Tokens(), 0U);
}

TEST_F(LoginKeysTest, AServerThatStopsAnswersWhoWaits) {
  KeyServer server(Keys());
  server.Hold();
  NewUrlMethod(server.Url("/keys"));
  std::vector<std::future<Answer>> answers;
  for (int i = 0; i < 4; ++i) answers.push_back(StartLogIn());
  AwaitWaiting(4);
  StopServer();
  for (auto& answer : answers) EXPECT_EQ(Why(answer.get()), "503 the server shuts down");
}

TEST_F(LoginKeysTest, AMethodThatIsRemovedMeanwhileGivesNoToken) {
  KeyServer server(Keys());
  server.Hold();
  NewUrlMethod(server.Url("/keys"));
  auto answer = StartLogIn();
  AwaitWaiting(1);
  EXPECT_EQ(DeleteAcl("auth-method/ci").status, 200);
  server.GoOn();
  EXPECT_EQ(Why(answer.get()), "403 ACL not found");
  EXPECT_EQ(Tokens(), 0U);
}

TEST_F(LoginKeysTest, AMethodThatIsChangedMeanwhileIsAskedAgain) {
  KeyServer server(Keys());
  server.Hold();
  NewUrlMethod(server.Url("/keys"));
  auto answer = StartLogIn();
  AwaitWaiting(1);
  NewMethod("ci", PemConfig());
  server.GoOn();
  EXPECT_EQ(Why(answer.get()), "409 the auth method has been changed meanwhile; try again");
  EXPECT_EQ(LogIn("ci", GoodJwt()).status, 200);
}

TEST_F(LoginKeysTest, NoMoreThanSoManyMayWait) {
  NewCi();
  std::vector<Logins::Place> places;
  while (auto place = shared().logins.TakePlace()) places.push_back(std::move(place));
  EXPECT_EQ(places.size(), Logins::kMaxWaiting);
  EXPECT_EQ(Why(LogIn("ci", GoodJwt())),
            "503 too many logins wait for the keys of their auth methods; try again");
  places.pop_back();
  EXPECT_EQ(LogIn("ci", GoodJwt()).status, 200);
}

TEST_F(LoginKeysTest, MayBeInAFile) {
  const std::string path = testing::TempDir() + "login-keys-" + std::to_string(port()) + ".json";
  std::ofstream(path) << Issuer().JwksOf("k");
  json config = Config();
  config["JWKSFile"] = path;
  NewMethod("ci", config);
  NewRule("ci", "service", "web");
  EXPECT_EQ(LogIn("ci", GoodJwt()).status, 200);
  std::filesystem::remove(path);
  EXPECT_EQ(LogIn("ci", GoodJwt()).status, 200) << "the keys are good for a while";
}

TEST_F(LoginKeysTest, OfAFileThatIsNotThereAreNobodysFault) {
  json config = Config();
  config["JWKSFile"] = testing::TempDir() + "no-such-file";
  NewMethod("ci", config);
  EXPECT_EQ(Why(LogIn("ci", GoodJwt())), kNoKeys);
  EXPECT_THAT(Log(), HasSubstr("cannot be read"));
}

TEST_F(LoginKeysTest, OfAFileThatCannotBeUsedAreSaidToBeOfThatFile) {
  const std::string path = testing::TempDir() + "junk-" + std::to_string(port()) + ".json";
  std::ofstream(path) << R"({"keys":[{"kty":"oct","kid":"s","k":"AA"}]})";
  json config = Config();
  config["JWKSFile"] = path;
  NewMethod("ci", config);
  EXPECT_EQ(Why(LogIn("ci", GoodJwt())), "403 Permission denied");
  std::filesystem::remove(path);
  EXPECT_THAT(Log(), HasSubstr("keys of auth methods: the key set of " + jwt::Shown(path) +
                               ": key 0 (\"s\"): it is a shared secret"));
}

TEST_F(LoginKeysTest, OfEachKindAndAlgorithmAreTaken) {
  for (const Algorithm algorithm : jwt::kAlgorithms) {
    const jwt::Issuer& issuer = jwt::Issuer::For(algorithm);
    json config = Config();
    config["JWTValidationPubKeys"] = {issuer.PublicPem()};
    NewMethod("pem", config);
    NewRule("pem", "service", "web");
    const std::string token = issuer.Token(algorithm, Claims());
    EXPECT_EQ(LogIn("pem", token).status, 200) << jwt::ToString(algorithm);
  }
}

}  // namespace
}  // namespace rollcall::api
