// A registry with a thousand agents that is restarted, and what the world sees of their instances.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include "tests/e2e/fleet_watcher.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"
#include "tests/e2e/simulated_agents.h"

namespace rollcall::e2e {
namespace {

using std::chrono::seconds;
using testing::IsEmpty;

constexpr size_t kServices = 200;
constexpr size_t kInstancesEach = 5;
constexpr size_t kAgents = kServices * kInstancesEach;
constexpr seconds kNodeTtl{10};

// Each agent has a connection, and each of those a few descriptors.
void RaiseOpenFileLimit() {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = limit.rlim_max;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
}

class ManyAgentsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    spdlog::set_level(spdlog::level::off);  // a thousand agents say that they are disconnected
    ASSERT_NO_FATAL_FAILURE(RaiseOpenFileLimit());
    ASSERT_TRUE(server_.Start());
    agents_ = std::make_unique<SimulatedAgents>(SimulatedFleet{.server_url = server_.Url(),
                                                               .node_ttl = kNodeTtl,
                                                               .services = kServices,
                                                               .instances_each = kInstancesEach});
    ASSERT_TRUE(Eventually([&] { return AllAreThere(); }, seconds(60)));
    before_ = Everything();
  }

  bool AllAreThere() {
    const Json nodes = server_.Get("/v1/catalog/nodes").json();
    if (nodes.size() != kAgents + 1) return false;
    Http http(server_.http_port());
    for (size_t number = 0; number < kServices; ++number) {
      const Reply reply = http.Get("/v1/health/service/" + SimulatedService(number) + "?passing");
      if (reply.json().size() != kInstancesEach) return false;
    }
    return true;
  }

  // All nodes, all instances and all checks, with the indexes at which each changed last.
  std::string Everything() {
    std::string all =
        server_.Get("/v1/catalog/nodes").body + server_.Get("/v1/health/state/any").body;
    Http http(server_.http_port());
    for (size_t number = 0; number < kServices; ++number) {
      all += http.Get("/v1/catalog/service/" + SimulatedService(number)).body;
    }
    return all;
  }

  std::unique_ptr<FleetWatcher> Watch() {
    FleetWatcher::Fleet fleet{.dns_port = server_.dns_port(),
                              .http_port = server_.http_port(),
                              .services = {},
                              .instances_each = kInstancesEach};
    for (size_t number = 0; number < kServices; ++number) {
      fleet.services.push_back(SimulatedService(number));
    }
    return std::make_unique<FleetWatcher>(std::move(fleet));
  }

  // Every agent has reached the server since it started, and every service was asked for.
  void ExpectAllConnectAgain(const FleetWatcher& watcher) {
    EXPECT_TRUE(Eventually([&] { return agents_->Connected() == kAgents; }, kNodeTtl))
        << agents_->Connected();
    const uint64_t dns = watcher.DnsAnswers();
    const uint64_t http = watcher.HttpAnswers();
    EXPECT_TRUE(Eventually([&] {
      return watcher.DnsAnswers() >= dns + kServices && watcher.HttpAnswers() >= http + kServices;
    })) << watcher.DnsAnswers() - dns
        << " and " << watcher.HttpAnswers() - http;
  }

  // For as long as it takes until a TTL that nobody renews has run out.
  void ExpectQuietForATtl(const FleetWatcher& watcher) {
    const uint64_t heartbeats = agents_->Heartbeats();
    EXPECT_FALSE(Eventually([&] { return !watcher.Problems().empty(); }, kNodeTtl + seconds(2)));
    EXPECT_GE(agents_->Heartbeats(), heartbeats + 2 * kAgents);
  }

  Server server_;
  std::unique_ptr<SimulatedAgents> agents_;
  std::string before_;
};

TEST_F(ManyAgentsTest, RestartsOfTheServerLoseNoInstanceAndLetNoneFlap) {
  const std::unique_ptr<FleetWatcher> watcher = Watch();
  for (int restart = 0; restart < 3; ++restart) {
    EXPECT_EQ(server_.Stop(), 0);
    ASSERT_TRUE(server_.Start());
    if (restart > 0) ExpectAllConnectAgain(*watcher);  // the second one while they come back
    EXPECT_THAT(watcher->Problems(), IsEmpty()) << "restart " << restart;
  }
  server_.Kill();
  ASSERT_TRUE(server_.Start());
  ExpectAllConnectAgain(*watcher);
  ExpectQuietForATtl(*watcher);
  EXPECT_THAT(watcher->Problems(), IsEmpty());
  EXPECT_EQ(Everything(), before_);
}

TEST_F(ManyAgentsTest, AServerThatIsAwayForLongerThanTheirTtlLosesNone) {
  const std::unique_ptr<FleetWatcher> watcher = Watch();
  server_.Kill();
  EXPECT_TRUE(Eventually([&] { return agents_->Connected() == 0; }, kNodeTtl));
  EXPECT_FALSE(Eventually([&] { return agents_->Connected() > 0; }, kNodeTtl));
  ASSERT_TRUE(server_.Start());
  ExpectAllConnectAgain(*watcher);
  ExpectQuietForATtl(*watcher);
  EXPECT_THAT(watcher->Problems(), IsEmpty());
  EXPECT_EQ(Everything(), before_);
}

}  // namespace
}  // namespace rollcall::e2e
