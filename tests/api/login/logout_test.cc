// POST /v1/acl/logout.
#include <gmock/gmock.h>

#include "tests/api/login/login_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class LogoutTest : public LoginApiTest {
 protected:
  LogoutTest() { NewCi(); }
};

TEST_F(LogoutTest, TheTokenIsGoodForNothingAfterwards) {
  const json token = Ok(LogIn("ci", GoodJwt()));
  const json other = Ok(LogIn("ci", GoodJwt()));
  const std::string secret = token["SecretID"];
  EXPECT_EQ(Why(LogOut(secret)), "200 true");
  EXPECT_EQ(Why(GetAs(secret, "/v1/acl/token/self")), "403 ACL not found");
  EXPECT_EQ(Why(LogOut(secret)), "403 ACL not found");
  EXPECT_EQ(GetAs(other["SecretID"], "/v1/acl/token/self").status, 200);
  EXPECT_THAT(Log(), HasSubstr("logout: client 127.0.0.1: token " +
                               token["AccessorID"].get<std::string>()));
}

TEST_F(LogoutTest, OnlyATokenOfALoginCanLogOut) {
  EXPECT_EQ(Why(LogOut("management")), "403 Permission denied");
  EXPECT_EQ(GetAcl("tokens").status, 200);
  EXPECT_EQ(Why(LogOut("no such")), "403 ACL not found");
  EXPECT_EQ(Why(LogOut("anonymous")), "403 Permission denied");
}

TEST_F(LogoutTest, WhoPresentsNoTokenLogsNobodyOut) {
  EXPECT_EQ(Why(LogOut("")), "403 ACL not found");
  const std::string secret = SecretOfLogin();
  shared().tokens.SetDefault(secret);
  EXPECT_EQ(Why(LogOut("")), "403 ACL not found");
  EXPECT_EQ(GetAs(secret, "/v1/acl/token/self").status, 200);
}

TEST_F(LogoutTest, OfTwoAtOnceOneIsToldThatItWasThere) {
  const std::string secret = SecretOfLogin();
  auto other = std::async(std::launch::async, [&] { return LogOut(secret); });
  const int statuses[] = {LogOut(secret).status, other.get().status};
  for (const int status : statuses) EXPECT_TRUE(status == 200 || status == 403) << status;
  EXPECT_TRUE(statuses[0] == 200 || statuses[1] == 200);
}

}  // namespace
}  // namespace rollcall::api
