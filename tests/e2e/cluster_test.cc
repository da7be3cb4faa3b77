// Servers that share one etcd: what clients of each of them see.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/harness/dig.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/files.h"
#include "tests/e2e/harness/process.h"
#include "tests/e2e/harness/programs.h"
#include "tests/registry/store/etcd/etcd_cluster.h"

namespace rollcall::e2e {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Json kWeb = {
    {"Node", "host"}, {"Address", "10.0.0.7"}, {"Service", {{"Service", "web"}, {"Port", 80}}}};
constexpr const char* kHealth = "/v1/health/service/web";

class ClusterTest : public testing::Test {
 protected:
  void SetUp() override {
    etcd_.Start();
    ASSERT_TRUE(a_.Start());
    ASSERT_TRUE(b_.Start());
  }

  std::string Url() const { return "etcd://" + etcd_.address(0); }

  store::EtcdCluster etcd_{1};
  Server a_{"registry-a", Url()};
  Server b_{"registry-b", Url()};
};

TEST_F(ClusterTest, WhatOneServerIsToldAllTell) {
  ASSERT_TRUE(a_.Put("/v1/catalog/register", kWeb).ok());
  // Who wrote there reads it there at once; elsewhere, who asks for a consistent answer.
  const Reply here = a_.Get(kHealth);
  const Reply there = b_.Get(std::string(kHealth) + "?consistent");
  ASSERT_EQ(here.json().size(), 1u);
  EXPECT_EQ(there.json(), here.json());
  EXPECT_EQ(there.index, here.index);
  EXPECT_THAT(Dig(b_.dns_port(), "web.service.consul", "A").answers, ElementsAre("10.0.0.7"));
  // The servers know each other's nodes.
  EXPECT_EQ(a_.Get("/v1/catalog/service/consul?consistent").json().size(), 2u);
}

TEST_F(ClusterTest, BlockingQueryMovesFromOneServerToAnother) {
  ASSERT_TRUE(a_.Put("/v1/catalog/register", kWeb).ok());
  const uint64_t index = a_.Get(kHealth).index;
  auto waiting = std::async(std::launch::async, [&] {
    return Http(b_.http_port())
        .Get(std::string(kHealth) + "?wait=30s&index=" + std::to_string(index));
  });
  Json moved = kWeb;
  moved["Service"]["Port"] = 81;
  ASSERT_TRUE(a_.Put("/v1/catalog/register", moved).ok());
  const Reply woken = waiting.get();
  ASSERT_EQ(woken.json().size(), 1u);
  EXPECT_EQ(woken.json()[0].at("Service").at("Port"), 81);
  EXPECT_GT(woken.index, index);
  EXPECT_EQ(woken.index, a_.Get(kHealth).index);
}

TEST_F(ClusterTest, WithoutEtcdOldAnswersGoOnAndWritesAreRefusedAtOnce) {
  ASSERT_TRUE(a_.Put("/v1/catalog/register", kWeb).ok());
  ASSERT_TRUE(Eventually([&] { return b_.Get(kHealth).json().size() == 1; }));
  etcd_.Signal(0, SIGSTOP);
  // Until it is known, a write waits; from then on each is refused at once, with the reason.
  Json other = kWeb;
  other["Service"]["Service"] = "db";
  ASSERT_TRUE(Eventually([&] { return a_.Put("/v1/catalog/register", other).status == 503; }));
  EXPECT_THAT(a_.Put("/v1/catalog/register", other).body, HasSubstr("etcd"));
  EXPECT_EQ(b_.Get(std::string(kHealth) + "?consistent").status, 503);
  ASSERT_TRUE(Eventually([&] { return b_.Get(kHealth).status == 503; }));
  const Reply stale = b_.Get(std::string(kHealth) + "?stale");
  ASSERT_EQ(stale.json().size(), 1u);
  EXPECT_EQ(stale.known_leader, "false");
  EXPECT_GT(stale.last_contact, 5000);
  EXPECT_THAT(Dig(b_.dns_port(), "web.service.consul", "A").answers, ElementsAre("10.0.0.7"));

  etcd_.Signal(0, SIGCONT);
  ASSERT_TRUE(Eventually([&] { return a_.Put("/v1/catalog/register", other).ok(); }));
  ASSERT_TRUE(Eventually([&] { return b_.Get("/v1/health/service/db").json().size() == 1; }));
  EXPECT_EQ(b_.Get(kHealth).known_leader, "true");
}

TEST_F(ClusterTest, DnsAnswersNoLongerThanItMay) {
  Server c("registry-c", Url());
  ASSERT_TRUE(c.Start({"--max-stale=2s"}));
  ASSERT_TRUE(a_.Put("/v1/catalog/register", kWeb).ok());
  ASSERT_TRUE(
      Eventually([&] { return Dig(c.dns_port(), "web.service.consul", "A").answers.size() == 1; }));
  etcd_.Signal(0, SIGSTOP);
  ASSERT_TRUE(Eventually(
      [&] { return Dig(c.dns_port(), "web.service.consul", "A").status == "SERVFAIL"; }));
  EXPECT_EQ(c.Get(std::string(kHealth) + "?stale").status, 503);
  EXPECT_EQ(Dig(b_.dns_port(), "web.service.consul", "A").status, "NOERROR");
  etcd_.Signal(0, SIGCONT);
  EXPECT_TRUE(
      Eventually([&] { return Dig(c.dns_port(), "web.service.consul", "A").status == "NOERROR"; }));
}

TEST_F(ClusterTest, NodeOfAServerThatIsGoneIsCriticalUntilItIsBack) {
  const auto alive = [&] {
    const Json checks = a_.Get("/v1/health/node/registry-b?consistent").json();
    return checks.empty() ? "" : checks[0].at("Status").get<std::string>();
  };
  ASSERT_TRUE(Eventually([&] { return alive() == "passing"; }));
  EXPECT_EQ(b_.Stop(), 0);
  EXPECT_TRUE(Eventually([&] { return alive() == "critical"; }));
  ASSERT_TRUE(b_.Start());
  EXPECT_TRUE(Eventually([&] { return alive() == "passing"; }));
}

TEST_F(ClusterTest, EverythingIsThereAfterAllHaveBeenKilled) {
  ASSERT_TRUE(a_.Put("/v1/catalog/register", kWeb).ok());
  a_.Kill();
  b_.Kill();
  etcd_.KillAll();
  etcd_.Start();
  ASSERT_TRUE(b_.Start());
  EXPECT_EQ(b_.Get(kHealth).json().size(), 1u);
}

TEST_F(ClusterTest, ServerWaitsForAnEtcdThatIsNotThereYet) {
  etcd_.KillAll();
  Server c("registry-c", Url());
  const TempDir dir;
  Process waiting({.argv = c.CommandLine(), .output_path = dir.File("waiting.log")});
  ASSERT_TRUE(Eventually(
      [&] { return waiting.Output().find("nothing is served until then") != std::string::npos; }));
  EXPECT_THAT(waiting.Output(),
              HasSubstr("etcd cannot be read: no member answers: " + etcd_.address(0)));
  // It can be stopped, too.
  Server d("registry-d", Url());
  Process stopped({.argv = d.CommandLine(), .output_path = dir.File("stopped.log")});
  ASSERT_TRUE(Eventually(
      [&] { return stopped.Output().find("nothing is served until then") != std::string::npos; }));
  EXPECT_EQ(stopped.Stop(), 0);

  etcd_.Start();
  EXPECT_TRUE(Eventually([&] { return c.Get("/v1/status/leader").ok(); }));
  EXPECT_THAT(waiting.Output(), HasSubstr("etcd is there, after"));
  EXPECT_EQ(waiting.Stop(), 0);
}

TEST_F(ClusterTest, ServerDoesNotWaitWhereItsSettingsAreWrong) {
  const TempDir dir;
  Server c("registry-c", "etcds://" + etcd_.address(0));
  std::vector<std::string> command = c.CommandLine();
  command.push_back("--etcd-ca-file=" + dir.File("nothing.pem"));
  Process server({.argv = command, .output_path = dir.File("wrong.log")});
  EXPECT_EQ(server.Wait(std::chrono::seconds(10)), 1);
  EXPECT_THAT(server.Output(), HasSubstr("nothing.pem"));
}

TEST_F(ClusterTest, ServerDoesNotWaitForAnEtcdThatRefusesIt) {
  etcd_.Ctl({"put", "other/key", "x"});
  const TempDir dir;
  Server c("registry-c", Url() + "/other");
  Process server({.argv = c.CommandLine(), .output_path = dir.File("refused.log")});
  EXPECT_EQ(server.Wait(std::chrono::seconds(10)), 1);
  EXPECT_THAT(server.Output(), HasSubstr("keys under \"other/\" that are not rollcall's"));
}

TEST_F(ClusterTest, RestoredEtcdIsNoticedAndReadAnew) {
  ASSERT_TRUE(a_.Put("/v1/catalog/register", kWeb).ok());
  const std::string snapshot = etcd_.SaveSnapshot("backup");
  Json other = kWeb;
  other["Service"]["Service"] = "db";
  ASSERT_TRUE(a_.Put("/v1/catalog/register", other).ok());
  etcd_.KillAll();
  etcd_.RestoreSnapshot(snapshot);
  etcd_.Start();
  ASSERT_TRUE(Eventually([&] { return b_.Get("/v1/health/service/db?stale").json().empty(); }));
  ASSERT_TRUE(Eventually([&] { return b_.Get(kHealth).json().size() == 1; }));
  EXPECT_THAT(b_.process().Output(), HasSubstr("restored"));
}

// A check with a TTL of four seconds, on a node of its own.
const Json kBeating = {{"Node", "beating"},
                       {"Address", "10.0.0.8"},
                       {"Check",
                        {{"CheckID", "alive"},
                         {"Name", "alive"},
                         {"Status", "passing"},
                         {"Definition", {{"TTL", "4s"}}}}}};
const Json kBeat = {{"Node", "beating"}, {"CheckIDs", {"alive"}}};

class ClusterHeartbeatTest : public ClusterTest {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    ASSERT_TRUE(Eventually([&] { return Beat(a_) && Beat(b_); }));
  }

  bool Beat(Server& server) {
    if (!is_registered_) is_registered_ = a_.Put("/v1/catalog/register", kBeating).ok();
    return server.Put("/v1/catalog/heartbeat", kBeat).ok();
  }
  static std::string Status(Server& server) {
    const Json checks = server.Get("/v1/health/node/beating?stale").json();
    return checks.size() == 1 ? checks[0].at("Status") : "";
  }
  // Heartbeats to `server` for that long; how often any of `seen` did not say that it passes.
  int BeatFor(std::chrono::milliseconds time, Server& server, std::vector<Server*> seen) {
    int bad = 0;
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) {
      EXPECT_TRUE(Beat(server));
      for (Server* each : seen) bad += Status(*each) != "passing";
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
    }
    return bad;
  }

  bool is_registered_ = false;
};

TEST_F(ClusterHeartbeatTest, ReachTheirCheckByWayOfAnyServer) {
  EXPECT_EQ(BeatFor(std::chrono::seconds(5), a_, {&a_, &b_}), 0);
  EXPECT_EQ(BeatFor(std::chrono::seconds(5), b_, {&a_, &b_}), 0);
  // And when they end, it shows everywhere.
  EXPECT_TRUE(Eventually([&] { return Status(a_) == "critical" && Status(b_) == "critical"; }));
}

TEST_F(ClusterHeartbeatTest, KeepTheirCheckAliveWhenAnyServerDies) {
  for (Server* dying : {&a_, &b_}) {
    Server& other = dying == &a_ ? b_ : a_;
    dying->Kill();
    // Until after its lease has run out and another one has taken over, if that was to be done.
    EXPECT_EQ(BeatFor(std::chrono::seconds(9), other, {&other}), 0);
    ASSERT_TRUE(dying->Start());
    ASSERT_TRUE(Eventually([&] { return Beat(other) && Beat(*dying); }));
  }
  EXPECT_TRUE(Eventually([&] { return Status(a_) == "critical"; }));
}

TEST_F(ClusterHeartbeatTest, KeepTheirCheckAliveWhileOneServerAfterTheOtherIsUpgraded) {
  for (Server* next : {&a_, &b_, &a_}) {
    Server& other = next == &a_ ? b_ : a_;
    EXPECT_EQ(next->Stop(), 0);
    EXPECT_EQ(BeatFor(std::chrono::seconds(2), other, {&other}), 0);
    ASSERT_TRUE(next->Start());
    ASSERT_TRUE(Eventually([&] { return Beat(*next); }));
    EXPECT_EQ(BeatFor(std::chrono::seconds(2), *next, {&a_, &b_}), 0);
  }
}

TEST_F(ClusterHeartbeatTest, AreRefusedByAServerThatMayBeDeadForTheOthers) {
  etcd_.Signal(0, SIGSTOP);
  EXPECT_TRUE(Eventually([&] { return !Beat(a_) && !Beat(b_); }));
  etcd_.Signal(0, SIGCONT);
  EXPECT_TRUE(Eventually([&] { return Beat(a_) && Beat(b_); }));
  EXPECT_EQ(Status(a_), "passing");
}

TEST_F(ClusterTest, OneMachinesCatalogMovesInWithTwoCommands) {
  Server alone("alone");
  ASSERT_TRUE(alone.Start());
  ASSERT_TRUE(alone.Put("/v1/catalog/register", kWeb).ok());
  const TempDir dir;
  const std::string file = dir.File("catalog");
  const auto run = [&](std::vector<std::string> argv) {
    argv.insert(argv.begin(), ROLLCALL_PROGRAM);
    Process process({.argv = argv, .output_path = dir.File("command.log")});
    const auto exit_code = process.Wait(std::chrono::seconds(30));
    EXPECT_EQ(exit_code, 0) << process.Output();
  };
  run({"export", file, "--http-addr", alone.Url()});
  run({"import", file, "--http-addr", a_.Url()});
  EXPECT_EQ(b_.Get(std::string(kHealth) + "?consistent").json().size(), 1u);
}

}  // namespace
}  // namespace rollcall::e2e
