// An agent that logs in where several servers share one etcd: whichever of them it finds, its token
// is good at all.
#include <gmock/gmock.h>

#include <csignal>

#include "tests/e2e/agent_login_fixture.h"
#include "tests/registry/store/etcd/etcd_cluster.h"

namespace rollcall::e2e {
namespace {

using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Begins before the servers that need it, and ends after them.
class HasEtcd {
 protected:
  HasEtcd() { etcd_.Start(); }
  std::string EtcdUrl() const { return "etcd://" + etcd_.address(0); }

 private:
  store::EtcdCluster etcd_{1};
};

class AgentLoginClusterTest : private HasEtcd, public AgentLoginE2eTest {
 protected:
  AgentLoginClusterTest() : AgentLoginE2eTest(EtcdUrl()) {}

  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(AgentLoginE2eTest::SetUp());
    ASSERT_TRUE(first_.Start({"--acl"}));
    ASSERT_TRUE(Eventually(
        [&] { return first_.Get(AsManager("/v1/acl/binding-rules")).json().size() == 2; }));
    PutJwt(Jwt(minutes(10)));
    StartAgent(first_.Url(), {"--server", server_.Url()});
    ASSERT_TRUE(Eventually([&] { return IsPassing(); }, kPatience)) << agent_->process().Output();
  }

  // That the agent finds first. The fixture's own is the other one.
  Server first_{"n0", EtcdUrl()};
};

TEST_F(AgentLoginClusterTest, TokenOutlivesTheServerThatGaveIt) {
  ASSERT_THAT(TokensOfLogins(), SizeIs(1));
  const std::string accessor = TokensOfLogins()[0];
  const Json indexes = IndexesOfService();
  first_.Kill();
  // What it does from here on goes through the other one, by the token that it has.
  agent_->Define(Definitions(
      {{{"name", "web"}, {"port", 80}}, {{"name", "web"}, {"id", "web2"}, {"port", 81}}}));
  agent_->process().Signal(SIGHUP);
  bool was_passing = true;
  ASSERT_TRUE(Eventually(
      [&] {
        was_passing = was_passing && (IsPassing() || IsPassing(2));
        return IsPassing(2);
      },
      kPatience))
      << agent_->process().Output();
  EXPECT_TRUE(was_passing);
  EXPECT_EQ(IndexesOfService(), indexes);
  EXPECT_EQ(LoginsMade(), 1);
  EXPECT_THAT(TokensOfLogins(), ElementsAre(accessor));

  EXPECT_EQ(agent_->Stop(), 0);
  EXPECT_EQ(Get("/v1/catalog/node/a1").json(), Json());
  EXPECT_THAT(TokensOfLogins(), IsEmpty());
}

}  // namespace
}  // namespace rollcall::e2e
