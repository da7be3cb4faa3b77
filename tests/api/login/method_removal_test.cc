// DELETE /v1/acl/auth-method/:name: what goes with it.
#include <gmock/gmock.h>

#include "api/acl/auth_method_handlers.h"
#include "registry/acl/methods/stored.h"
#include "tests/api/login/login_fixture.h"
#include "tests/registry/catalog/memory_log.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class MethodRemovalTest : public LoginApiTest {};

TEST_F(MethodRemovalTest, ItsRulesAndTokensGoWithIt) {
  NewCi();
  NewMethod("other", PemConfig());
  NewRule("other", "service", "web");
  const std::string secret = SecretOfLogin();
  const json kept = Ok(LogIn("other", GoodJwt()));
  EXPECT_EQ(Why(DeleteAcl("auth-method/CI")), "200 true");
  EXPECT_EQ(Why(GetAs(secret, "/v1/acl/token/self")), "403 ACL not found");
  EXPECT_EQ(Why(GetAcl("auth-method/ci")), "403 ACL not found");
  EXPECT_THAT(Each(GetAcl("binding-rules"), "AuthMethod"), ElementsAre("other"));
  EXPECT_EQ(Why(LogIn("ci", GoodJwt())), "403 ACL not found");
  EXPECT_EQ(GetAs(kept["SecretID"], "/v1/acl/token/self").status, 200);
  EXPECT_EQ(GetAcl("tokens").status, 200);
}

TEST_F(MethodRemovalTest, TheLogSaysWhatWent) {
  NewCi();
  NewRule("ci", "service", "api");
  SecretOfLogin();
  EXPECT_EQ(Why(DeleteAcl("auth-method/CI")), "200 true");
  EXPECT_THAT(Log(), HasSubstr("removed auth method ci, 2 rules, 1 token\n"));
  NewMethod("bare", PemConfig());
  const std::string rule = NewRule("bare", "service", "web")["ID"];
  EXPECT_EQ(Why(DeleteAcl("binding-rule/" + rule)), "200 true");
  EXPECT_THAT(Log(), HasSubstr("removed binding rule " + rule + " of auth method bare\n"));
  EXPECT_EQ(Why(DeleteAcl("auth-method/bare")), "200 true");
  EXPECT_THAT(Log(), HasSubstr("removed auth method bare, 0 rules, 0 tokens\n"));
}

TEST_F(MethodRemovalTest, OfWhatWasNotThereNothingIsLogged) {
  EXPECT_EQ(Why(DeleteAcl("auth-method/" + std::string(kNobody))), "200 true");
  EXPECT_EQ(Why(DeleteAcl("binding-rule/" + std::string(kNobody))), "200 true");
  EXPECT_THAT(Log(), Not(HasSubstr(kNobody)));
  EXPECT_THAT(Log(), Not(HasSubstr("removed")));
}

// One that is made anew has nothing of the old one.
TEST_F(MethodRemovalTest, ANewOneOfTheSameNameBeginsAnew) {
  NewCi();
  const std::string secret = SecretOfLogin();
  DeleteAcl("auth-method/ci");
  NewMethod("ci", PemConfig());
  EXPECT_EQ(Why(GetAs(secret, "/v1/acl/token/self")), "403 ACL not found");
  EXPECT_EQ(Why(LogIn("ci", GoodJwt())), "403 Permission denied");
}

// A group of servers shares a log that takes no more than so many operations at once.
struct SharedLogOfLogins {
  std::unique_ptr<catalog::MemoryLog> unopened =
      std::make_unique<catalog::MemoryLog>(std::make_shared<catalog::MemoryLogDisk>());
};

class SharedMethodRemovalTest : private SharedLogOfLogins, public ApiTest {
 protected:
  SharedMethodRemovalTest()
      : ApiTest(
            [this](const Clock& clock) {
              return catalog::Catalog::OpenShared(std::move(unopened), clock, {});
            },
            100'000, Closed()) {}
  ~SharedMethodRemovalTest() override {
    StopServer();
    spdlog::set_default_logger(before_);
  }

  // What the server logs from now on.
  std::shared_ptr<LogLines> Listen() {
    auto lines = std::make_shared<LogLines>();
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", lines));
    return lines;
  }
  void PutAll(std::vector<model::AclObject> objects) {
    Write(model::ChangeAcl{catalog().snapshots().Get()->acl_index(), std::move(objects), {}});
  }
  size_t Objects() { return catalog().snapshots().Get()->acl().size(); }

 private:
  const std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
};

TEST_F(SharedMethodRemovalTest, GoesInAsManyChangesAsTheLogNeeds) {
  acl::Token management;
  management.accessor_id = AccessApiTest::AccessorOf("management");
  management.secret_hash = acl::HashSecret("management");
  management.policy_ids = {std::string(acl::kGlobalManagementId)};
  acl::AuthMethod method;
  method.name = "ci";
  method.type = "jwt";
  PutAll({acl::WriteToken(management), acl::WriteAuthMethod(method)});
  constexpr int kTokens = 2 * static_cast<int>(kMaxRemovedAtOnce) + 50;
  for (int i = 0; i < kTokens; ++i) {
    acl::Token token;
    token.accessor_id = AccessApiTest::AccessorOf(std::to_string(i));
    token.secret_hash = acl::HashSecret(std::to_string(i));
    token.auth_method = "ci";
    PutAll({acl::WriteToken(token)});
  }
  ASSERT_EQ(Objects(), kTokens + 2U);
  const std::shared_ptr<LogLines> log = Listen();
  httplib::Client client("127.0.0.1", port());
  const Answer answer =
      From(client.Delete("/v1/acl/auth-method/ci", {{"X-Consul-Token", "management"}}));
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(Objects(), 1U);
  EXPECT_THAT(log->text(), HasSubstr("removed auth method ci, 0 rules, " + std::to_string(kTokens) +
                                     " tokens\n"));
}

}  // namespace
}  // namespace rollcall::api
