// Servers that share one etcd, where access is controlled.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <chrono>
#include <string>
#include <thread>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"
#include "tests/registry/jwt/issuer.h"
#include "tests/registry/store/etcd/etcd_cluster.h"

namespace rollcall::e2e {
namespace {

using std::chrono::seconds;

class ClusterAccessTest : public testing::Test {
 protected:
  void SetUp() override {
    etcd_.Start();
    ASSERT_TRUE(a_.Start({"--acl"}));
    ASSERT_TRUE(b_.Start({"--acl"}));
    const Reply made = a_.Put("/v1/acl/bootstrap");
    ASSERT_TRUE(made.ok()) << made.body;
    management_ = "token=" + made.json().at("SecretID").get<std::string>();
  }

  std::string Url() const { return "etcd://" + etcd_.address(0); }
  std::string As(const std::string& path) const { return path + "?" + management_; }

  store::EtcdCluster etcd_{1};
  Server a_{"registry-a", Url()};
  Server b_{"registry-b", Url()};
  std::string management_;
};

TEST_F(ClusterAccessTest, TokenOfOneServerIsGoodAtTheOtherUntilItIsRemoved) {
  const std::string everywhere = As("/v1/catalog/nodes") + "&consistent";
  EXPECT_EQ(b_.Get(everywhere).json().size(), 2U);
  EXPECT_EQ(b_.Put("/v1/acl/bootstrap").status, 403);
  const Json rules = {{"Name", "readers"}, {"Rules", R"(node_prefix "" { policy = "read" })"}};
  ASSERT_TRUE(b_.Put(As("/v1/acl/policy"), rules).ok());
  const Reply made = b_.Put(As("/v1/acl/token"), {{"Policies", {{{"Name", "readers"}}}}});
  ASSERT_TRUE(made.ok()) << made.body;
  const std::string path =
      "/v1/catalog/nodes?token=" + made.json().at("SecretID").get<std::string>();
  EXPECT_TRUE(Eventually([&] { return a_.Get(path).json().size() == 2; }));
  ASSERT_TRUE(
      a_.Put(As("/v1/acl/policy/" +
                b_.Get(As("/v1/acl/policy/name/readers")).json().at("ID").get<std::string>()),
             {{"Name", "readers"}, {"Rules", R"(node_prefix "" { policy = "deny" })"}})
          .ok());
  EXPECT_TRUE(Eventually([&] { return b_.Get(path).body == "[]"; }));
}

TEST_F(ClusterAccessTest, LoginAtOneServerIsGoodAtTheOtherUntilItLogsOut) {
  const jwt::Issuer& issuer = jwt::Issuer::For(jwt::Algorithm::kEs256);
  const Json config = {{"JWTValidationPubKeys", {issuer.PublicPem()}}};
  ASSERT_TRUE(
      a_.Put(As("/v1/acl/auth-method"), {{"Name", "ci"}, {"Type", "jwt"}, {"Config", config}})
          .ok());
  ASSERT_TRUE(a_.Put(As("/v1/acl/binding-rule"),
                     {{"AuthMethod", "ci"}, {"BindType", "node"}, {"BindName", "host"}})
                  .ok());
  ASSERT_TRUE(Eventually([&] { return b_.Get(As("/v1/acl/binding-rules")).json().size() == 1; }));
  const int64_t now =
      std::chrono::duration_cast<seconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  const Json claims = {{"iat", now}, {"exp", now + 600}};
  const Json login = {{"AuthMethod", "ci"},
                      {"BearerToken", issuer.Token(jwt::Algorithm::kEs256, claims)}};
  httplib::Client b("127.0.0.1", b_.http_port());
  const auto made = b.Post("/v1/acl/login", login.dump(), "application/json");
  ASSERT_TRUE(made);
  ASSERT_EQ(made->status, 200) << made->body;
  const std::string token = "?token=" + Json::parse(made->body).at("SecretID").get<std::string>();
  EXPECT_EQ(b_.Get("/v1/acl/token/self" + token).status, 200);
  EXPECT_TRUE(Eventually([&] { return a_.Get("/v1/acl/token/self" + token).ok(); }));
  const auto gone =
      httplib::Client("127.0.0.1", a_.http_port()).Post("/v1/acl/logout" + token, "", "text/plain");
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->body, "true");
  EXPECT_EQ(a_.Get("/v1/acl/token/self" + token).status, 403);
  EXPECT_TRUE(Eventually([&] { return b_.Get("/v1/acl/token/self" + token).status == 403; }));
}

// The servers tell each other of heartbeats, which nobody else may; one that could not would stand
// apart after 12 s, and take none any more.
TEST_F(ClusterAccessTest, HeartbeatsReachTheirCheckByWayOfAnyServer) {
  const Json check = {{"Node", "beating"},
                      {"Address", "10.0.0.9"},
                      {"Check",
                       {{"CheckID", "alive"},
                        {"Name", "alive"},
                        {"Status", "passing"},
                        {"Definition", {{"TTL", "4s"}}}}}};
  const Json beat = {{"Node", "beating"}, {"CheckIDs", {"alive"}}};
  ASSERT_TRUE(Eventually([&] { return a_.Put(As("/v1/catalog/register"), check).ok(); }));
  const auto beats = [&](Server& server) {
    return server.Put(As("/v1/catalog/heartbeat"), beat).ok();
  };
  ASSERT_TRUE(Eventually([&] { return beats(a_) && beats(b_); }));
  for (Server* server : {&a_, &b_}) {
    const auto end = std::chrono::steady_clock::now() + seconds(15);
    while (std::chrono::steady_clock::now() < end) {
      ASSERT_TRUE(beats(*server));
      for (Server* each : {&a_, &b_}) {
        const Json checks = each->Get(As("/v1/health/node/beating") + "&stale").json();
        ASSERT_EQ(checks.size(), 1U);
        ASSERT_EQ(checks[0].at("Status"), "passing");
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
    }
  }
  EXPECT_EQ(a_.Put(As("/v1/internal/renewals"), Json::object()).status, 403);
}

}  // namespace
}  // namespace rollcall::e2e
