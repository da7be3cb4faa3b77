// What an operator sees of servers that share one etcd: `rollcall servers`, the lists of the HTTP
// API, the metrics.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/page.h"
#include "tests/e2e/harness/programs.h"
#include "tests/registry/store/etcd/etcd_cluster.h"

namespace rollcall::e2e {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kConfiguration = "/v1/operator/raft/configuration";
constexpr const char* kHealth = "/v1/operator/autopilot/health";

class ClusterViewTest : public testing::Test {
 protected:
  void SetUp() override {
    etcd_.Start();
    ASSERT_TRUE(a_.Start());
    ASSERT_TRUE(b_.Start());
    ASSERT_TRUE(Eventually([&] { return Statuses(a_) == kBothAreWell && Leader(a_) != ""; }));
    ASSERT_TRUE(Eventually([&] { return Leader(b_) == Leader(a_); }));
  }

  // Of `rollcall servers --json`, asked of `server`; its exit code is `exit_code_`.
  Json Servers(Server& server) {
    Process process({.argv = {ROLLCALL_PROGRAM, "servers", "--json", "--http-addr", server.Url()},
                     .output_path = dir_.File("servers.json")});
    exit_code_ = process.Wait(seconds(30));
    const Json list = Json::parse(process.Output(), nullptr, false);
    return list.is_array() ? list : Json::array();
  }
  // By their nodes.
  std::map<std::string, std::string> Statuses(Server& server) {
    std::map<std::string, std::string> statuses;
    for (const Json& each : Servers(server)) statuses[each.at("Node")] = each.at("Status");
    return statuses;
  }

  // The node of the one that leads; empty: none.
  static std::string Leader(Server& server) {
    const Json configuration = server.Get(kConfiguration).json();
    for (const Json& each : configuration.at("Servers")) {
      if (each.at("Leader") == true) return each.at("Node");
    }
    return "";
  }
  Server& Owner() { return Leader(a_) == "registry-a" ? a_ : b_; }
  Server& Other() { return Leader(a_) == "registry-a" ? b_ : a_; }

  static std::string MetricsText(Server& server) {
    return server.Get("/v1/agent/metrics?format=prometheus").body;
  }
  static double Metric(Server& server, const std::string& name) {
    std::istringstream lines(MetricsText(server));
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(name + " ")) return std::stod(line.substr(name.size() + 1));
    }
    ADD_FAILURE() << name;
    return -1;
  }

  std::string Url() const { return "etcd://" + etcd_.address(0); }

  const std::map<std::string, std::string> kBothAreWell = {{"registry-a", "ok"},
                                                           {"registry-b", "ok"}};
  const TempDir dir_;
  std::optional<int> exit_code_;
  store::EtcdCluster etcd_{1};
  Server a_{"registry-a", Url()};
  Server b_{"registry-b", Url()};
};

TEST_F(ClusterViewTest, EveryServerListsAllAndTheSameOwner) {
  for (Server* asked : {&a_, &b_}) {
    const Json servers = Servers(*asked);
    EXPECT_EQ(exit_code_, 0);
    ASSERT_EQ(servers.size(), 2u);
    int owners = 0;
    for (const Json& each : servers) {
      EXPECT_EQ(each.at("Status"), "ok");
      EXPECT_GT(each.at("Index"), 0);
      owners += each.at("Owner") == true ? 1 : 0;
    }
    EXPECT_EQ(owners, 1);
    EXPECT_EQ(asked->Get("/v1/status/peers").json().size(), 2u);
    EXPECT_EQ(asked->Get("/v1/status/leader").json(), "127.0.0.1:8300");
    const Reply health = asked->Get(kHealth);
    EXPECT_TRUE(health.ok());
    EXPECT_EQ(health.json().at("FailureTolerance"), 1);
  }
  EXPECT_EQ(Owner().Get("/v1/agent/self").json().at("Stats").at("raft").at("state"), "Leader");
  EXPECT_EQ(Other().Get("/v1/agent/self").json().at("Stats").at("raft").at("state"), "Follower");
}

TEST_F(ClusterViewTest, AServerThatHangsIsShownUntilItIsDeadForAll) {
  b_.process().Signal(SIGSTOP);
  std::map<std::string, std::string> statuses = Statuses(a_);
  EXPECT_EQ(exit_code_, 3);
  EXPECT_EQ(statuses["registry-a"], "ok");
  EXPECT_THAT(statuses["registry-b"], StartsWith("does not answer"));
  ASSERT_TRUE(Eventually([&] { return Statuses(a_).size() == 1; }, seconds(20)));
  EXPECT_EQ(exit_code_, 0);
  ASSERT_TRUE(Eventually([&] { return Leader(a_) == "registry-a"; }));
  b_.process().Signal(SIGCONT);
  EXPECT_TRUE(Eventually([&] { return Statuses(a_) == kBothAreWell; }, seconds(20)));
}

TEST_F(ClusterViewTest, WithoutEtcdAllSayWhyAndNoneLeads) {
  etcd_.Signal(0, SIGSTOP);
  const auto both_are_ill = [&] {
    const auto statuses = Statuses(a_);
    return statuses.size() == 2 &&
           std::all_of(statuses.begin(), statuses.end(), [](const auto& each) {
             return each.second.starts_with("no contact with etcd: etcd cannot be followed");
           });
  };
  EXPECT_TRUE(Eventually(both_are_ill, seconds(20)));
  EXPECT_EQ(exit_code_, 3);
  EXPECT_TRUE(Eventually([&] { return a_.Get("/v1/status/leader").body == "\"\""; }));
  EXPECT_EQ(a_.Get("/v1/status/leader").status, 200);
  EXPECT_EQ(a_.Get(kHealth).status, 429);
  EXPECT_EQ(Metric(a_, "rollcall_log_trouble"), 1);
  EXPECT_GT(Metric(a_, "rollcall_log_contact_age_seconds"), 2);
  EXPECT_GT(Metric(a_, "rollcall_log_endpoint_changes_total"), 0);
  etcd_.Signal(0, SIGCONT);
  EXPECT_TRUE(Eventually([&] { return Statuses(a_) == kBothAreWell; }, seconds(20)));
  EXPECT_EQ(Metric(a_, "rollcall_log_trouble"), 0);
  EXPECT_EQ(a_.Get(kHealth).status, 200);
}

TEST_F(ClusterViewTest, TheMetricsOfTheLogAndTheGroup) {
  const double before = Metric(a_, "rollcall_log_proposals_total{result=\"committed\"}");
  ASSERT_TRUE(
      a_.Put("/v1/catalog/register",
             {{"Node", "beating"},
              {"Address", "10.0.0.8"},
              {"Check",
               {{"CheckID", "alive"}, {"Status", "passing"}, {"Definition", {{"TTL", "1h"}}}}}})
          .ok());
  EXPECT_EQ(Metric(a_, "rollcall_log_proposals_total{result=\"committed\"}") - before, 1);
  EXPECT_EQ(Metric(a_, "rollcall_log_proposals_in_flight"), 0);
  EXPECT_EQ(Metric(a_, "rollcall_log_trouble"), 0);
  EXPECT_LT(Metric(a_, "rollcall_log_contact_age_seconds"), 5);
  EXPECT_TRUE(Eventually([&] {
    return Metric(b_, "rollcall_log_head_index") == Metric(a_, "rollcall_catalog_index");
  }));
  EXPECT_EQ(Metric(a_, "rollcall_servers"), 2);
  EXPECT_EQ(Metric(Owner(), "rollcall_expiry_owner"), 1);
  EXPECT_EQ(Metric(Other(), "rollcall_expiry_owner"), 0);
  EXPECT_LT(Metric(Owner(), "rollcall_expiry_behind_seconds"), 5);
  EXPECT_THAT(MetricsText(Other()), testing::Not(HasSubstr("rollcall_expiry_behind_seconds")));
  const auto beat = [&] {
    return Other().Put("/v1/catalog/heartbeat", {{"Node", "beating"}, {"CheckIDs", {"alive"}}});
  };
  ASSERT_TRUE(Eventually([&] { return beat().ok(); }));
  EXPECT_TRUE(Eventually([&] {
    return Metric(Other(), "rollcall_renewals_total{direction=\"forwarded\"}") > 0 &&
           Metric(Owner(), "rollcall_renewals_total{direction=\"received\"}") > 0;
  }));
  EXPECT_GT(ExpectMetricsOnPage(MetricsText(Owner()), ROLLCALL_METRICS_PAGE), 30);
}

TEST_F(ClusterViewTest, EtcdThatIsReadAnewIsCounted) {
  const std::string snapshot = etcd_.SaveSnapshot("backup");
  ASSERT_TRUE(a_.Put("/v1/catalog/register", {{"Node", "later"}, {"Address", "10.0.0.9"}}).ok());
  EXPECT_EQ(Metric(b_, "rollcall_log_reloads_total"), 0);
  etcd_.KillAll();
  etcd_.RestoreSnapshot(snapshot);
  etcd_.Start();
  EXPECT_TRUE(Eventually([&] { return Metric(b_, "rollcall_log_reloads_total") > 0; }));
}

}  // namespace
}  // namespace rollcall::e2e
