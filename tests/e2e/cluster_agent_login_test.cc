// An agent that logs in by itself at one of several servers that share one etcd, and goes on at
// another one when that is gone.
#include <gmock/gmock.h>

#include <functional>
#include <set>

#include "tests/e2e/agent_login_fixture.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/registry/store/etcd/etcd_cluster.h"

namespace rollcall::e2e {
namespace {

using std::chrono::minutes;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Made before the servers.
struct StartedEtcd {
  StartedEtcd() { etcd.Start(); }
  std::string Url() const { return "etcd://" + etcd.address(0); }

  store::EtcdCluster etcd{1};
};

class ClusterAgentLoginTest : private StartedEtcd, public AgentLoginE2eTest {
 protected:
  ClusterAgentLoginTest() : AgentLoginE2eTest("registry-a", Url()) {}

  void SetUp() override {
    AgentLoginE2eTest::SetUp();
    ASSERT_TRUE(other_.Start({"--acl"}));
    PutJwt(jwt_);
    StartAgent({server_.Url(), other_.Url()});
    ASSERT_TRUE(Eventually([&] { return IsPassing(); }, kPatience)) << AgentLog();
    EXPECT_THAT(server_.process().Output(), HasSubstr("login: auth method \"ci\""));
    asked_ = &other_;
    ASSERT_TRUE(Eventually([&] { return IsPassing() && TokensOfLogins().size() == 1; }));
    // Its start is over, in which it takes no heartbeats.
    const Json beat = {{"Node", "a1"}, {"CheckIDs", {"serfHealth"}}};
    ASSERT_TRUE(
        Eventually([&] { return other_.Put(AsManager("/v1/catalog/heartbeat"), beat).ok(); }));
  }
  void TearDown() override {
    EXPECT_THAT(AgentLog(), AllOf(Not(HasSubstr(jwt_)), Not(HasSubstr("refuses"))));
  }

  // Of the agent: those that were answered.
  int Heartbeats() const {
    const std::string metrics = MetricsOfAgent();
    const std::string name = "\nrollcall_agent_heartbeats_total ";
    const size_t at = metrics.find(name);
    return at == std::string::npos ? 0 : std::stoi(metrics.substr(at + name.size()));
  }

  // The agent's server ends, and the other one goes on with the agent's token as it is: nobody sees
  // anything of it.
  void OtherGoesOnAfter(const std::function<void()>& end) {
    const Json indexes = IndexesOfService();
    const std::vector<std::string> tokens = TokensOfLogins();
    end();
    const int before = Heartbeats();
    std::set<bool> passing;
    // So many are more than the node's TTL apart.
    ASSERT_TRUE(Eventually(
        [&] {
          passing.insert(IsPassing());
          return Heartbeats() >= before + 5;
        },
        kPatience))
        << AgentLog();
    EXPECT_EQ(passing, std::set<bool>{true});
    EXPECT_EQ(IndexesOfService(), indexes);
    EXPECT_EQ(TokensOfLogins(), tokens);
    EXPECT_EQ(LoginsMade(), 1);
    EXPECT_EQ(Logins("failed"), 0);
  }

  // At the other server, and for the first one as well.
  void AgentLogsOutForAll() {
    EXPECT_EQ(agent_->Stop(), 0);
    EXPECT_THAT(AgentLog(), HasSubstr("logged out"));
    EXPECT_EQ(Get("/v1/catalog/node/a1").json(), Json());
    EXPECT_THAT(TokensOfLogins(), IsEmpty());
    ASSERT_TRUE(server_.Start({"--acl"}));
    asked_ = &server_;
    EXPECT_THAT(TokensOfLogins(), IsEmpty());
    EXPECT_EQ(Get("/v1/catalog/node/a1").json(), Json());
  }

  const std::string jwt_ = Jwt(minutes(10));
  Server other_{"registry-b", Url()};
};

TEST_F(ClusterAgentLoginTest, TokenGoesOnAtTheOtherServerWhenItsOwnIsKilled) {
  OtherGoesOnAfter([this] { server_.Kill(); });
  AgentLogsOutForAll();
}

TEST_F(ClusterAgentLoginTest, TokenGoesOnAtTheOtherServerWhenItsOwnStops) {
  OtherGoesOnAfter([this] { EXPECT_EQ(server_.Stop(), 0); });
  AgentLogsOutForAll();
}

}  // namespace
}  // namespace rollcall::e2e
