// POST /v1/acl/login with a key that is not in the set, right after that was fetched: until it is
// known whether there is such a key.
#include <gmock/gmock.h>

#include <future>
#include <vector>

#include "tests/api/login/login_fixture.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/registry/catalog/fake_clock.h"
#include "tests/registry/jwt/remote/key_server.h"

namespace rollcall::api {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

// What the catalog is given, and with it all that counts the time since keys were fetched. Made
// before the API.
struct HeldClock {
  catalog::FakeClock held;
};

class UnknownKeyTest : private HeldClock, public LoginApiTest {
 protected:
  // Less than the 10 s that lie between two fetches, by what the next one is to be waited for: that
  // is real time.
  static constexpr milliseconds kRest{500};

  UnknownKeyTest() : LoginApiTest([this](const Clock&) { return OpenVolatile(held); }) {
    nlohmann::json config = Config();
    config["JWKSURL"] = keys_.Url("/keys");
    NewMethod("ci", config);
    NewRule("ci", "service", "web");
    EXPECT_EQ(LogIn("ci", GoodJwt()).status, 200);
    held.Advance(std::chrono::seconds(10) - kRest);
  }
  // The API asks for keys, and for the time, until it ends.
  ~UnknownKeyTest() override { StopServer(); }

  std::future<Answer> StartLogIn(const std::string& key_id) const {
    return std::async(std::launch::async,
                      [this, key_id] { return LogIn("ci", Signed(Claims(), key_id)); });
  }

  jwt::KeyServer keys_{Issuer().JwksOf("k")};
  const steady_clock::time_point began_ = steady_clock::now();
};

TEST_F(UnknownKeyTest, IsRefusedOnceTheNextSetHasItNeither) {
  EXPECT_EQ(Why(LogIn("ci", Signed(Claims(), "made-up"))), "403 Permission denied");
  EXPECT_EQ(keys_.asked(), 2);
  // No sooner than it may be, however slow the machine is.
  EXPECT_GE(keys_.asked_at() - began_, kRest);
  EXPECT_THAT(Log(), HasSubstr("a login was refused: auth method \"ci\", client 127.0.0.1: no key "
                               "has the token's key ID \"made-up\""));
  EXPECT_EQ(shared().logins.count(LoginResult::kRefused), 1U);
  EXPECT_EQ(shared().logins.count(LoginResult::kFailed), 0U);
}

TEST_F(UnknownKeyTest, IsTakenOnceTheNextSetHasIt) {
  keys_.Publish(Issuer().JwksOf("published-since"));
  EXPECT_EQ(LogIn("ci", Signed(Claims(), "published-since")).status, 200);
  EXPECT_EQ(keys_.asked(), 2);
  EXPECT_GE(keys_.asked_at() - began_, kRest);
  EXPECT_EQ(shared().logins.count(LoginResult::kRefused), 0U);
}

TEST_F(UnknownKeyTest, OneFetchTellsAllWhoWaitForIt) {
  keys_.Hold();
  std::vector<std::future<Answer>> made_up;
  std::vector<std::future<Answer>> fresh;
  for (int i = 0; i < 4; ++i) {
    made_up.push_back(StartLogIn("made-up"));
    fresh.push_back(StartLogIn("published-since"));
  }
  EXPECT_TRUE(e2e::Eventually([&] { return shared().logins.waiting() == 8; }));
  keys_.Publish(Issuer().JwksOf("published-since"));
  keys_.GoOn();
  for (auto& answer : made_up) EXPECT_EQ(Why(answer.get()), "403 Permission denied");
  for (auto& answer : fresh) EXPECT_EQ(answer.get().status, 200);
  EXPECT_EQ(keys_.asked(), 2);
  EXPECT_EQ(shared().logins.count(LoginResult::kRefused), 4U);
}

TEST_F(UnknownKeyTest, IsNobodysFaultWhereTheNextFetchFails) {
  keys_.Publish("junk");
  EXPECT_EQ(LogIn("ci", Signed(Claims(), "made-up-or-new")).status, 503);
  EXPECT_EQ(keys_.asked(), 2);
  EXPECT_THAT(Log(), HasSubstr("whether there is a key \"made-up-or-new\" is not known"));
  EXPECT_EQ(shared().logins.count(LoginResult::kRefused), 0U);
  EXPECT_EQ(shared().logins.count(LoginResult::kFailed), 1U);
}

}  // namespace
}  // namespace rollcall::api
