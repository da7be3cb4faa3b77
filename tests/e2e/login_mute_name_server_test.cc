// Logins whose issuer's host name is asked of a name server that never answers: they wait for
// themselves alone.
#include <gmock/gmock.h>
#include <httplib.h>

#include <chrono>
#include <future>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/mute_name_server.h"
#include "tests/e2e/login_fixture.h"
#include "tests/registry/jwt/remote/key_server.h"

namespace rollcall::e2e {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

class MuteNameServerTest : private MuteNameServer, public LoginE2eTest {
 protected:
  // Beside "ci", whose keys need no fetch.
  void SetUp() override {
    ASSERT_FALSE(HasFailure());
    LoginE2eTest::SetUp();
    NewUrlMethod("named", "http://issuer.example/keys");
    NewUrlMethod("numbered", keys_.Url("/keys"));
  }
  void NewUrlMethod(const std::string& name, const std::string& url) {
    const Json config = {{"JWKSURL", url}, {"BoundAudiences", {"rollcall"}}};
    Manage({"acl", "auth-method", "create", "--name", name, "--type", "jwt", "--config",
            config.dump()});
    Manage({"acl", "binding-rule", "create", "--method", name, "--bind-type", "service",
            "--bind-name", "web"});
  }

  // "200", or "503 why".
  std::string LogIn(const std::string& method) const {
    httplib::Client client("127.0.0.1", server_.http_port());
    client.set_read_timeout(seconds(60));
    const Json login = {{"AuthMethod", method}, {"BearerToken", Jwt(minutes(10))}};
    const auto answer = client.Post("/v1/acl/login", login.dump(), "application/json");
    if (!answer) return to_string(answer.error());
    return answer->status == 200 ? "200" : std::to_string(answer->status) + " " + answer->body;
  }
  // With the method whose keys are at the name that nobody answers for. It is being looked up when
  // this returns.
  std::future<std::string> StartLogInThatHangs() {
    auto answer = std::async(std::launch::async, [this] { return LogIn("named"); });
    EXPECT_TRUE(Eventually([this] { return IsAskedFor("issuer.example"); }));
    return answer;
  }
  static bool IsWaiting(const std::future<std::string>& answer) {
    return answer.wait_for(seconds(0)) == std::future_status::timeout;
  }
  std::string Log() { return server_.process().Output(); }

  jwt::KeyServer keys_{issuer_.JwksOf("k")};
};

TEST_F(MuteNameServerTest, HoldsUpNoLoginButThoseOfItsIssuer) {
  auto hanging = StartLogInThatHangs();
  // With keys that are fetched meanwhile, with those that have been, and without a fetch.
  for (const char* method : {"numbered", "numbered", "ci"}) EXPECT_EQ(LogIn(method), "200");
  EXPECT_EQ(keys_.asked(), 1);
  EXPECT_TRUE(IsWaiting(hanging));
  EXPECT_EQ(hanging.get(),
            "503 the keys to verify the token with cannot be had at present; the log of the server "
            "says why");
  EXPECT_THAT(Log(), HasSubstr("keys of auth methods: no key set from "
                               "\"http://issuer.example/keys\": no answer within 10s"));
  EXPECT_THAT(Log(), HasSubstr("a login failed: auth method \"named\", client 127.0.0.1: there are "
                               "no keys to verify tokens with: no key set from "
                               "\"http://issuer.example/keys\": no answer within 10s"));
  // The lookup still hangs.
  EXPECT_EQ(LogIn("numbered"), "200");
}

TEST_F(MuteNameServerTest, HoldsUpNoServerThatStops) {
  auto hanging = StartLogInThatHangs();
  EXPECT_TRUE(IsWaiting(hanging));
  EXPECT_EQ(server_.Stop(), 0);
  EXPECT_EQ(hanging.get(), "503 the server shuts down");
}

}  // namespace
}  // namespace rollcall::e2e
