#include "agent/registry_sync.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/agent/fake_registry.h"

namespace rollcall::agent {
namespace {

using model::CheckStatus;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;

// A desired state that a test changes and publishes.
class Desired {
 public:
  Desired() {
    state_.node.name = "n1";
    state_.node.address = "10.0.0.1";
    model::CheckDefinition definition;
    definition.ttl = seconds(15);
    auto check = std::make_shared<model::Check>();
    check->check_id = kNodeCheckId;
    check->name = "Serf Health Status";
    check->status = CheckStatus::kPassing;
    check->definition = definition;
    state_.checks[kNodeCheckId] = check;
  }

  Desired& NodeId(const std::string& id) {
    state_.node.id = id;
    return *this;
  }
  Desired& Service(const std::string& id) {
    auto instance = std::make_shared<model::Instance>();
    instance->id = id;
    instance->service = "web";
    state_.instances[id] = instance;
    return *this;
  }
  Desired& Check(const std::string& id, const std::string& service_id, CheckStatus status,
                 const std::string& output = "") {
    auto check = std::make_shared<model::Check>();
    check->check_id = id;
    check->name = id;
    check->service_id = service_id;
    check->status = status;
    check->output = output;
    state_.checks[id] = check;
    return *this;
  }
  Desired& Remove(const std::string& id) {
    state_.instances.erase(id);
    state_.checks.erase(id);
    return *this;
  }
  std::shared_ptr<const DesiredState> Get() const {
    return std::make_shared<const DesiredState>(state_);
  }

 private:
  DesiredState state_;
};

class RegistrySyncTest : public ::testing::Test {
 protected:
  void StartSync() {
    options_.client.servers = {registry_.Url()};
    StartSyncAsConfigured();
  }
  void StartSyncAsConfigured() {
    sync_ = std::make_unique<RegistrySync>(
        options_, desired_.Get(), [] { return 0.5; },
        [this](const ServerInfo& server) { servers_.Lock()->push_back(server); });
  }
  void Publish() { sync_->Publish(desired_.Get()); }
  bool ComesToHold(const std::vector<std::string>& instances) {
    return Eventually([&] { return registry_.Instances("n1") == instances; });
  }

  FakeRegistry registry_;
  RegistrySync::Options options_{
      .client = {}, .node_ttl = milliseconds(150), .comparison_interval = seconds(3600)};
  Desired desired_;
  LockGuarded<std::vector<ServerInfo>> servers_;
  std::unique_ptr<RegistrySync> sync_;
};

TEST_F(RegistrySyncTest, RegistersNodeInstancesAndChecksTogether) {
  desired_.Service("web-1").Check("c1", "web-1", CheckStatus::kPassing);
  desired_.Check("mem", "", CheckStatus::kWarning);
  StartSync();
  ASSERT_TRUE(ComesToHold({"web-1"}));
  EXPECT_EQ(registry_.StatusOf("n1", "c1"), "passing");
  EXPECT_EQ(registry_.StatusOf("n1", "mem"), "warning");
  const auto bodies = registry_.RegistrationBodies();
  ASSERT_EQ(bodies.size(), 2u);
  const auto node = nlohmann::json::parse(bodies[0]);
  EXPECT_EQ(node["Node"], "n1");
  EXPECT_EQ(node["Address"], "10.0.0.1");
  ASSERT_EQ(node["Checks"].size(), 2u);
  EXPECT_EQ(node["Checks"][1]["CheckID"], "serfHealth");
  EXPECT_EQ(node["Checks"][1]["Definition"]["TTL"], "15s");
  const auto service = nlohmann::json::parse(bodies[1]);
  EXPECT_EQ(service["SkipNodeUpdate"], true);
  EXPECT_EQ(service["Service"]["ID"], "web-1");
  EXPECT_EQ(service["Checks"][0]["CheckID"], "c1");
}

TEST_F(RegistrySyncTest, HeartbeatsGoOnWithoutRegistrations) {
  StartSync();
  ASSERT_TRUE(Eventually([&] { return registry_.heartbeats() >= 5; }));
  EXPECT_EQ(registry_.registrations(), 1);
}

TEST_F(RegistrySyncTest, SendsAChangedCheckAlone) {
  desired_.Service("web-1").Check("c1", "web-1", CheckStatus::kPassing).Service("web-2");
  StartSync();
  ASSERT_TRUE(ComesToHold({"web-1", "web-2"}));
  const int before = registry_.registrations();
  desired_.Check("c1", "web-1", CheckStatus::kCritical);
  Publish();
  ASSERT_TRUE(Eventually([&] { return registry_.StatusOf("n1", "c1") == "critical"; }));
  EXPECT_EQ(registry_.registrations(), before + 1);
  const auto body = nlohmann::json::parse(registry_.RegistrationBodies().back());
  EXPECT_FALSE(body.contains("Service"));
  EXPECT_EQ(body["SkipNodeUpdate"], true);
}

TEST_F(RegistrySyncTest, RemovesWhatIsNoLongerDesired) {
  desired_.Service("web-1").Check("c1", "web-1", CheckStatus::kPassing).Service("web-2");
  desired_.Check("mem", "", CheckStatus::kPassing);
  StartSync();
  ASSERT_TRUE(ComesToHold({"web-1", "web-2"}));
  desired_.Remove("web-1").Remove("c1").Remove("mem");
  Publish();
  ASSERT_TRUE(Eventually([&] { return registry_.StatusOf("n1", "mem").empty(); }));
  EXPECT_THAT(registry_.Instances("n1"), ElementsAre("web-2"));
  EXPECT_EQ(registry_.StatusOf("n1", "c1"), "");
}

TEST_F(RegistrySyncTest, RegistersEverythingAgainWhenTheRegistryLostIt) {
  desired_.Service("web-1").Check("c1", "web-1", CheckStatus::kPassing);
  StartSync();
  ASSERT_TRUE(ComesToHold({"web-1"}));
  registry_.LoseEverything();
  ASSERT_TRUE(ComesToHold({"web-1"}));
  EXPECT_TRUE(Eventually([&] { return registry_.StatusOf("n1", "serfHealth") == "passing"; }));
  EXPECT_TRUE(Eventually([&] { return registry_.StatusOf("n1", "c1") == "passing"; }));
}

TEST_F(RegistrySyncTest, FindsEverythingInPlaceAfterARestart) {
  desired_.Service("web-1").Check("c1", "web-1", CheckStatus::kPassing);
  StartSync();
  ASSERT_TRUE(ComesToHold({"web-1"}));
  sync_->Stop(RegistrySync::Departure::kStay);
  const int before = registry_.registrations();
  const int heartbeats = registry_.heartbeats();
  StartSync();
  ASSERT_TRUE(Eventually([&] { return registry_.heartbeats() > heartbeats + 2; }));
  EXPECT_EQ(registry_.registrations(), before);
}

TEST_F(RegistrySyncTest, ComparisonRepairsWhatOthersChanged) {
  options_.comparison_interval = milliseconds(100);
  desired_.Service("web-1").Check("c1", "web-1", CheckStatus::kPassing);
  StartSync();
  ASSERT_TRUE(ComesToHold({"web-1"}));
  model::Register foreign;
  foreign.node.name = "n1";
  foreign.skip_node_update = true;
  foreign.instance.emplace().id = "foreign";
  foreign.instance->service = "foreign";
  model::Check& check = foreign.checks.emplace_back();
  check.check_id = check.name = "c1";
  check.service_id = "web-1";
  registry_.Put(foreign);
  EXPECT_TRUE(Eventually([&] { return registry_.StatusOf("n1", "c1") == "passing"; }));
  EXPECT_THAT(registry_.Instances("n1"), ElementsAre("foreign", "web-1"));
}

TEST_F(RegistrySyncTest, RemovedInstanceThatComesBackIsRemovedAgain) {
  options_.comparison_interval = milliseconds(100);
  desired_.Service("web-1").Service("web-2");
  StartSync();
  ASSERT_TRUE(ComesToHold({"web-1", "web-2"}));
  desired_.Remove("web-2");
  Publish();
  ASSERT_TRUE(ComesToHold({"web-1"}));
  model::Register restored;  // from an old backup, say
  restored.node.name = "n1";
  restored.skip_node_update = true;
  restored.instance.emplace().id = "web-2";
  restored.instance->service = "web";
  registry_.Put(restored);
  EXPECT_TRUE(ComesToHold({"web-1"}));
}

TEST_F(RegistrySyncTest, KeepsTryingWhileTheRegistryIsAway) {
  registry_.Stop();
  StartSync();
  EXPECT_TRUE(Eventually([&] { return !sync_->is_connected(); }));
  desired_.Service("web-1");
  Publish();
  registry_.Start();
  EXPECT_TRUE(ComesToHold({"web-1"}));
  EXPECT_TRUE(Eventually([&] { return sync_->is_connected(); }));
  registry_.Stop();
  ASSERT_TRUE(Eventually([&] { return !sync_->is_connected(); }));
  desired_.Service("web-2");
  Publish();
  registry_.Start();
  EXPECT_TRUE(ComesToHold({"web-1", "web-2"}));
}

TEST_F(RegistrySyncTest, FailsOverToAServerThatAnswers) {
  FakeRegistry second;
  options_.client.servers = {registry_.Url(), second.Url()};
  options_.client.answer_timeout = milliseconds(200);
  desired_.Service("web-1");
  StartSyncAsConfigured();
  ASSERT_TRUE(ComesToHold({"web-1"}));
  ASSERT_TRUE(Eventually([&] { return servers_.Lock()->size() == 1; }));
  registry_.SetHanging(true);
  EXPECT_TRUE(Eventually([&] { return !second.Instances("n1").empty(); }));
  EXPECT_TRUE(Eventually([&] { return servers_.Lock()->size() == 2; }));
  auto servers = servers_.Lock();
  EXPECT_EQ(servers->front().url, registry_.Url());
  EXPECT_EQ(servers->front().dns_port, 8600);
  EXPECT_EQ(servers->front().datacenter, "dc1");
  EXPECT_EQ(servers->back().url, second.Url());
}

TEST_F(RegistrySyncTest, RefusedInstanceHoldsUpNoOther) {
  registry_.RefuseInstance("bad");
  desired_.Service("bad").Service("good");
  StartSync();
  ASSERT_TRUE(ComesToHold({"good"}));
  const int before = registry_.registrations();
  ASSERT_TRUE(Eventually([&] { return registry_.heartbeats() >= 3; }));
  EXPECT_EQ(registry_.registrations(), before);  // not sent again and again
}

TEST_F(RegistrySyncTest, ManyChangesGoInOneRequest) {
  std::vector<std::string> ids;
  for (int i = 100; i < 200; ++i) {
    ids.push_back("web-" + std::to_string(i));
    desired_.Service(ids.back()).Check("c" + ids.back(), ids.back(), CheckStatus::kPassing);
  }
  StartSync();
  ASSERT_TRUE(ComesToHold(ids));
  EXPECT_EQ(registry_.batches(), 1);
  EXPECT_EQ(registry_.registrations(), 101);
  for (const std::string& id : ids) desired_.Remove(id).Remove("c" + id);
  Publish();
  EXPECT_TRUE(ComesToHold({}));
  EXPECT_EQ(registry_.batches(), 2);
}

TEST_F(RegistrySyncTest, ABatchStaysBelowWhatTheRegistryTakes) {
  std::vector<std::string> ids;
  for (int i = 10; i < 40; ++i) {
    ids.push_back("web-" + std::to_string(i));
    desired_.Service(ids.back());
    for (int c = 0; c < 5; ++c) {
      const std::string check = ids.back() + "-" + std::to_string(c);
      desired_.Check(check, ids.back(), CheckStatus::kPassing, std::string(4096, 'x'));
    }
  }
  StartSync();
  ASSERT_TRUE(ComesToHold(ids));
  EXPECT_GE(registry_.batches(), 3);
  EXPECT_LT(registry_.largest_batch(), 300u << 10);
}

TEST_F(RegistrySyncTest, OlderRegistriesAreSentOneAfterTheOther) {
  registry_.SetTakesBatches(false);
  desired_.Service("a").Service("b").Service("c");
  StartSync();
  EXPECT_TRUE(ComesToHold({"a", "b", "c"}));
  EXPECT_EQ(registry_.batches(), 0);
}

TEST_F(RegistrySyncTest, IsNotInSyncWithARefusalBeforeTheNextComparison) {
  std::atomic<int> synced{0};
  registry_.RefuseInstance("bad");
  desired_.Service("bad").Service("good");
  options_.client.servers = {registry_.Url()};
  options_.comparison_interval = seconds(3600);
  sync_ = std::make_unique<RegistrySync>(
      options_, desired_.Get(), [] { return 0.5; }, [](const ServerInfo&) {},
      [&synced](const std::shared_ptr<const DesiredState>&) { ++synced; });
  ASSERT_TRUE(Eventually([&] { return registry_.heartbeats() >= 3; }));
  EXPECT_EQ(synced, 0);
  desired_.Remove("bad");
  Publish();
  EXPECT_TRUE(Eventually([&] { return synced > 0; }));
  sync_ = nullptr;
}

TEST_F(RegistrySyncTest, DeregistersOnAGracefulStop) {
  desired_.Service("web-1");
  StartSync();
  ASSERT_TRUE(ComesToHold({"web-1"}));
  sync_->Stop(RegistrySync::Departure::kDeregister);
  EXPECT_FALSE(registry_.HasNode("n1"));
}

TEST_F(RegistrySyncTest, LeavesTheNodeOfAnotherHostAlone) {
  registry_.Put({.node = {.name = "n1", .address = "192.0.2.1"}});
  registry_.TakeNodeName(true);
  desired_.NodeId("00000000-0000-4000-8000-000000000001").Service("web-1");
  StartSync();
  ASSERT_TRUE(Eventually([&] { return sync_->counters().refusals.value() > 0; }));
  sync_->Stop(RegistrySync::Departure::kDeregister);
  EXPECT_TRUE(registry_.HasNode("n1"));
  EXPECT_THAT(registry_.Instances("n1"), ElementsAre());
}

TEST_F(RegistrySyncTest, PutsEverythingOnItsNodeOnceTheNameIsFree) {
  registry_.TakeNodeName(true);
  desired_.NodeId("00000000-0000-4000-8000-000000000001").Service("web-1").Service("web-2");
  StartSync();
  ASSERT_TRUE(Eventually([&] { return sync_->counters().refusals.value() > 0; }));
  registry_.TakeNodeName(false);
  EXPECT_TRUE(ComesToHold({"web-1", "web-2"}));
  sync_->Stop(RegistrySync::Departure::kDeregister);
  EXPECT_FALSE(registry_.HasNode("n1"));
}

TEST_F(RegistrySyncTest, EachReasonThatIsInTheWayIsToldOnce) {
  const auto before = spdlog::default_logger();
  std::ostringstream log;
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
  registry_.Stop();
  StartSync();
  const auto& failures = sync_->counters().failures;
  ASSERT_TRUE(Eventually([&] { return failures.value() >= 3; }));
  registry_.TakeLogins("jwt");  // all that is asked is refused from here on
  registry_.Start();
  const auto until = failures.value() + 3;  // one may have begun before
  ASSERT_TRUE(Eventually([&] { return failures.value() >= until; }));
  sync_ = nullptr;
  spdlog::set_default_logger(before);
  const std::string text = log.str();
  for (const char* reason : {"Connection refused", "answers 403: Permission denied"}) {
    const size_t told = text.find(reason);
    EXPECT_NE(told, std::string::npos) << text;
    EXPECT_EQ(text.find(reason, told + 1), std::string::npos) << text;
  }
}

TEST_F(RegistrySyncTest, StaysWhenToldTo) {
  desired_.Service("web-1");
  StartSync();
  ASSERT_TRUE(ComesToHold({"web-1"}));
  sync_->Stop(RegistrySync::Departure::kStay);
  EXPECT_THAT(registry_.Instances("n1"), ElementsAre("web-1"));
}

TEST_F(RegistrySyncTest, StopsThoughTheRegistryHangs) {
  StartSync();
  ASSERT_TRUE(Eventually([&] { return registry_.HasNode("n1"); }));
  options_.client.answer_timeout = seconds(30);
  sync_.reset();
  StartSync();
  registry_.SetHanging(true);
  sync_->Stop(RegistrySync::Departure::kDeregister);  // the test's own timeout is the judge
  EXPECT_TRUE(registry_.HasNode("n1"));
}

TEST(ComparisonIntervalTest, GrowsWithTheNumberOfNodes) {
  const std::pair<size_t, int> table[] = {{0, 1},    {1, 1},    {128, 1},  {129, 2},
                                          {256, 2},  {257, 3},  {512, 3},  {1000, 4},
                                          {1024, 4}, {1025, 5}, {8192, 7}, {100'000, 11}};
  for (const auto& [nodes, factor] : table) {
    EXPECT_EQ(ComparisonInterval(std::chrono::minutes(1), nodes), std::chrono::minutes(factor))
        << nodes;
  }
}

// Each of the requests to that path, with its token.
std::vector<std::string> SentTo(const FakeRegistry& registry, const std::string& request) {
  std::vector<std::string> tokens;
  for (const std::string& each : registry.TokensSent()) {
    if (each.starts_with(request + " ")) tokens.push_back(each.substr(request.size() + 1));
  }
  return tokens;
}

class RegistrySyncTokensTest : public RegistrySyncTest {
 protected:
  RegistrySyncTokensTest() {
    options_.tokens = tokens_;
    tokens_->SetOwn({.agent = "agents", .user = "users"});
    tokens_->Set(AgentTokens::Of::kService, "web-2", "web-2s", AgentTokens::From::kApi);
  }

  const std::shared_ptr<AgentTokens> tokens_ = std::make_shared<AgentTokens>();
};

TEST_F(RegistrySyncTokensTest, EachGoesWithItsOwn) {
  desired_.Service("web-1").Service("web-2").Service("web-3");
  desired_.Check("c2", "web-2", CheckStatus::kPassing);
  StartSync();
  ASSERT_TRUE(ComesToHold({"web-1", "web-2", "web-3"}));
  ASSERT_TRUE(Eventually([&] { return registry_.heartbeats() > 0; }));
  // The node, and then no two tokens in one request.
  std::vector<std::string> writes;
  for (const std::string& each : registry_.TokensSent()) {
    if (each.starts_with("PUT /v1/catalog/register ") ||
        each.starts_with("PUT /v1/catalog/batch")) {
      writes.push_back(each.substr(each.rfind(' ') + 1));
    }
  }
  EXPECT_EQ(writes, (std::vector<std::string>{"agents", "users", "web-2s", "users"}));
  for (const char* request : {"PUT /v1/catalog/heartbeat", "GET /v1/catalog/node/n1",
                              "GET /v1/health/node/n1", "GET /v1/agent/self"}) {
    ASSERT_TRUE(Eventually([&] { return !SentTo(registry_, request).empty(); })) << request;
    EXPECT_THAT(SentTo(registry_, request), testing::Each("agents")) << request;
  }
}

TEST_F(RegistrySyncTokensTest, WithoutAnAgentsTokenTheDefaultOneServes) {
  tokens_->SetOwn({.user = "users"});
  StartSync();
  ASSERT_TRUE(Eventually([&] { return registry_.heartbeats() > 0; }));
  for (const std::string& each : registry_.TokensSent()) {
    EXPECT_THAT(each, testing::EndsWith(" users"));
  }
}

TEST_F(RegistrySyncTokensTest, RemovalGoesWithTheServicesTokenWhichIsThenForgotten) {
  desired_.Service("web-2");
  StartSync();
  ASSERT_TRUE(ComesToHold({"web-2"}));
  desired_.Remove("web-2");
  Publish();
  ASSERT_TRUE(ComesToHold({}));
  EXPECT_EQ(SentTo(registry_, "PUT /v1/catalog/deregister"), std::vector<std::string>{"web-2s"});
  ASSERT_TRUE(
      Eventually([&] { return tokens_->Find(AgentTokens::Of::kService, "web-2").token.empty(); }));
}

TEST_F(RegistrySyncTokensTest, WhatWasRefusedIsTriedWithTheNewToken) {
  registry_.RefuseToken("users");
  desired_.Service("web-1").Service("web-2");
  StartSync();
  ASSERT_TRUE(ComesToHold({"web-2"}));
  tokens_->SetOwn({.agent = "agents", .user = "better"});
  sync_->Recheck();
  EXPECT_TRUE(ComesToHold({"web-1", "web-2"}));
}

TEST_F(RegistrySyncTokensTest, RefusedHeartbeatIsNoLoss) {
  desired_.Service("web-2");
  StartSync();
  ASSERT_TRUE(ComesToHold({"web-2"}));
  registry_.RefuseToken("agents");
  const size_t before = SentTo(registry_, "PUT /v1/catalog/heartbeat").size();
  ASSERT_TRUE(Eventually(
      [&] { return SentTo(registry_, "PUT /v1/catalog/heartbeat").size() > before + 2; }));
  EXPECT_EQ(SentTo(registry_, "GET /v1/catalog/node/n1").size(), 1u);
}

}  // namespace
}  // namespace rollcall::agent
