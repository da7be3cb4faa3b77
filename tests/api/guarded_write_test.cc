// Writes whose rights, or what these depend on, change while they wait for the catalog's writer.
#include "api/access/guarded_write.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/api/access_fixture.h"
#include "tests/api/answered_exchange.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kWritesWeb = R"(service "web" { policy = "write" })";

class GuardedWriteTest : public AccessApiTest {
 protected:
  // The time that tokens expire by: set by the test, asked for by workers and writer.
  struct Time {
    std::atomic<int64_t> seconds{1'800'000'000};
    UtcTime now() const { return UtcTime(std::chrono::seconds(seconds.load())); }
  };

  explicit GuardedWriteTest(std::shared_ptr<Time> time = std::make_shared<Time>())
      : AccessApiTest(ClosedAt(time)), time_(std::move(time)) {
    Write(ServiceOf("web"));
    PutRules("web", kWritesWeb);
  }
  ~GuardedWriteTest() override { LetGo(); }

  static acl::BearerCache::Options ClosedAt(const std::shared_ptr<Time>& time) {
    acl::BearerCache::Options access = Closed();
    access.now = [time] { return time->now(); };
    return access;
  }

  // The instance "i" of node "n2".
  static model::Register ServiceOf(const std::string& service) {
    model::Register command;
    command.node.name = "n2";
    command.node.address = "10.0.0.1";
    command.instance.emplace();
    command.instance->id = "i";
    command.instance->service = service;
    model::Check check;
    check.check_id = "c";
    check.name = "c";
    check.service_id = "i";
    command.checks = {check};
    return command;
  }
  static json Registration(int port) {
    return {{"Node", "n2"},
            {"Address", "10.0.0.1"},
            {"Service", {{"ID", "i"}, {"Service", "web"}, {"Port", port}}}};
  }

  // The writer carries nothing out until LetGo.
  void HoldWriter() {
    held_ = std::make_shared<std::promise<void>>();
    const auto reached = std::make_shared<std::promise<void>>();
    catalog().Submit(model::Deregister{"nobody", "", ""},
                     [reached, go = held_->get_future().share()](const Result<catalog::Written>&) {
                       reached->set_value();
                       go.wait();
                     });
    reached->get_future().wait();
  }
  void LetGo() {
    if (held_ != nullptr) std::exchange(held_, nullptr)->set_value();
  }
  void AwaitQueued(size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (catalog().queue_depth() != count && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ASSERT_EQ(catalog().queue_depth(), count);
  }

  // What comes first once the writer goes on.
  void Queue(model::Command command) {
    catalog().Submit(std::move(command), [](const Result<catalog::Written>& written) {
      EXPECT_TRUE(written) << written.error().message;
    });
  }
  model::ChangeAcl Removal(const std::string& secret) {
    return {Now()->acl_index(), {}, {{model::AclKind::kToken, Text(acl::HashSecret(secret))}}};
  }
  model::ChangeAcl Rules(const std::string& secret, const std::string& rules,
                         const std::string& description = "") {
    return {Now()->acl_index(),
            {acl::WritePolicy({PolicyOf(secret), "of-" + secret, description, rules, {}})},
            {}};
  }

  // What a request is answered with that was judged before `change`, and whose `writes` meet the
  // catalog after it.
  Answer PutAcross(model::Command change, const std::string& target, const json& body,
                   size_t writes = 1) {
    HoldWriter();
    Queue(std::move(change));
    auto answer = std::async(std::launch::async, [&] { return PutAs("web", target, body); });
    AwaitQueued(1 + writes);
    LetGo();
    return answer.get();
  }

  std::shared_ptr<const catalog::Snapshot> Now() { return catalog().snapshots().Get(); }
  const model::Instance* Find() {
    snapshot_ = Now();
    const catalog::InstanceEntry* const entry = snapshot_->FindInstance("n2", "i");
    return entry == nullptr ? nullptr : entry->instance.get();
  }

  const std::shared_ptr<Time> time_;

 private:
  std::shared_ptr<std::promise<void>> held_;
  std::shared_ptr<const catalog::Snapshot> snapshot_;
};

TEST_F(GuardedWriteTest, TokenThatIsRemovedMeanwhileWritesNothing) {
  const Answer answer = PutAcross(Removal("web"), "/v1/catalog/register", Registration(81));
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.body, "ACL not found");
  EXPECT_EQ(Find()->port, 0);
}

TEST_F(GuardedWriteTest, PolicyThatIsChangedMeanwhileCounts) {
  const Answer answer = PutAcross(Rules("web", R"(service "web" { policy = "read" })"),
                                  "/v1/catalog/deregister", {{"Node", "n2"}, {"ServiceID", "i"}});
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.body, "Permission denied");
  EXPECT_NE(Find(), nullptr);
}

TEST_F(GuardedWriteTest, PolicyThatStillAllowsItHoldsNothingUp) {
  const Answer answer = PutAcross(Rules("web", R"(service_prefix "" { policy = "write" })"),
                                  "/v1/catalog/register", Registration(81));
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(Find()->port, 81);
}

TEST_F(GuardedWriteTest, ChangesOfOthersRightsHoldNothingUp) {
  PutRules("other", kWritesWeb);
  const Answer answer = PutAcross(Removal("other"), "/v1/catalog/register", Registration(81));
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(Find()->port, 81);
}

TEST_F(GuardedWriteTest, TokenThatExpiresMeanwhileWritesNothing) {
  PutRules("web", kWritesWeb, time_->now() + std::chrono::seconds(10));
  HoldWriter();
  auto answer = std::async(std::launch::async, [this] {
    return PutAs("web", "/v1/catalog/register", Registration(81));
  });
  AwaitQueued(1);
  time_->seconds += 11;
  LetGo();
  EXPECT_EQ(answer.get().status, 403);
  EXPECT_EQ(Find()->port, 0);
}

TEST_F(GuardedWriteTest, InstanceThatHasBecomeAnothersMeanwhileIsNotTouched) {
  const json removal = {{"Node", "n2"}, {"ServiceID", "i"}};
  for (const bool registers : {true, false}) {
    Write(ServiceOf("web"));
    const Answer answer =
        PutAcross(ServiceOf("db"), registers ? "/v1/catalog/register" : "/v1/catalog/deregister",
                  registers ? Registration(81) : removal);
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.body, "Permission denied");
    ASSERT_NE(Find(), nullptr);
    EXPECT_EQ(Find()->service, "db");
  }
}

TEST_F(GuardedWriteTest, CheckThatHasBecomeAnothersMeanwhileIsNotTouched) {
  const json dropped = {{"Node", "n2"}, {"CheckID", "c"}};
  const Answer removed = PutAcross(ServiceOf("db"), "/v1/catalog/deregister", dropped);
  EXPECT_EQ(removed.status, 403);
  EXPECT_NE(Now()->FindCheck("n2", "c"), nullptr);
}

TEST_F(GuardedWriteTest, StatusOfACheckNeedsTheRightToItWhenItIsWritten) {
  ASSERT_EQ(PutAs("management", "/v1/agent/service/register",
                  {{"Name", "web"}, {"Check", {{"CheckID", "ttl"}, {"TTL", "1h"}}}})
                .status,
            200);
  const auto status = [this] { return Now()->FindCheck("n1", "ttl")->check->status; };
  const model::CheckStatus before = status();
  const Answer answer = PutAcross(Removal("web"), "/v1/agent/check/pass/ttl", nullptr);
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(status(), before);
  // A heartbeat that is a write, likewise.
  PutRules("web", kWritesWeb);
  const Answer beat =
      PutAcross(Removal("web"), "/v1/catalog/heartbeat", {{"Node", "n1"}, {"CheckIDs", {"ttl"}}});
  EXPECT_EQ(beat.status, 403) << beat.body;
  EXPECT_EQ(status(), before);
}

TEST_F(GuardedWriteTest, NodeThatHasGoneMeanwhileIsNotMadeAnew) {
  const Answer answer =
      PutAcross(model::Deregister{"n2", "", ""}, "/v1/catalog/register", Registration(81));
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(Now()->FindNode("n2"), nullptr);
}

TEST_F(GuardedWriteTest, WhatHasGoneMeanwhileNeedsNoRightToBeRemoved) {
  const Answer answer = PutAcross(model::Deregister{"n2", "i", ""}, "/v1/catalog/deregister",
                                  {{"Node", "n2"}, {"ServiceID", "i"}});
  EXPECT_EQ(answer.status, 200) << answer.body;
}

TEST_F(GuardedWriteTest, EachCommandOfABatchIsJudgedWhenItIsCarriedOut) {
  const json batch = json::array(
      {{{"Register", Registration(81)}},
       {{"Deregister", {{"Node", "n2"}, {"ServiceID", "i"}}}},
       {{"Deregister", {{"Node", "n2"}, {"CheckID", "c"}}}},  // has gone with its service
       {{"Register",
         {{"Node", "n2"},
          {"Address", "10.0.0.1"},
          {"Service", {{"ID", "j"}, {"Service", "web"}}}}}}});
  const auto status_of = [](const Answer& answer) {
    std::vector<int> list;
    for (const json& each : answer.json()) list.push_back(each["Status"].get<int>());
    return list;
  };
  const model::Deregister nothing{"nobody", "", ""};
  EXPECT_THAT(status_of(PutAcross(nothing, "/v1/catalog/batch", batch, 4)),
              testing::ElementsAre(200, 200, 200, 200));
  // What is another's by now is refused, and the rest is not.
  Write(ServiceOf("web"));
  EXPECT_THAT(status_of(PutAcross(ServiceOf("db"), "/v1/catalog/batch", batch, 4)),
              testing::ElementsAre(403, 403, 403, 200));
  EXPECT_EQ(Find()->service, "db");
  // And without the token, all of it.
  Write(model::Deregister{"n2", "i", ""});
  Write(model::Deregister{"n2", "j", ""});
  Write(ServiceOf("web"));
  const Answer answer = PutAcross(Removal("web"), "/v1/catalog/batch", batch, 4);
  EXPECT_THAT(status_of(answer), testing::ElementsAre(403, 403, 403, 403));
  EXPECT_EQ(answer.json()[0]["Error"], "ACL not found");
  EXPECT_NE(Find(), nullptr);
  EXPECT_EQ(Now()->FindInstance("n2", "j"), nullptr);
}

TEST_F(GuardedWriteTest, CommandsOfOneBatchCountForThoseBehindThem) {
  PutRules("web", R"(service "web" { policy = "write" }  node "n2" { policy = "write" })");
  const json batch = json::array({{{"Deregister", {{"Node", "n2"}}}},
                                  {{"Register", Registration(81)}},
                                  {{"Deregister", {{"Node", "n2"}, {"ServiceID", "i"}}}}});
  const Answer answer = PutAs("web", "/v1/catalog/batch", batch);
  for (const json& each : answer.json()) EXPECT_EQ(each["Status"], 200) << answer.body;
}

// The policy changes while the commands of the request are submitted: what was judged before the
// change comes back, and what is behind it must not pass it.
TEST_F(GuardedWriteTest, CommandsOfOneRequestKeepTheirOrder) {
  std::promise<void> last;
  OnWorker([&] {
    const auto exchange = std::make_shared<AnsweredExchange>(loop());
    const acl::BearerPtr web = *worker().bearers().Find("web", *worker().Snapshot());
    const auto order = std::make_shared<WriteOrder>();
    const auto submit = [&](int port) {
      model::Register command = ServiceOf("web");
      command.instance->port = static_cast<uint16_t>(port);
      SubmitAs(
          worker(), exchange, *web, command,
          [&last, port](const Result<catalog::Written>& written) {
            EXPECT_TRUE(written) << written.error().message;
            if (port == 83) last.set_value();
          },
          order);
    };
    HoldWriter();
    Queue(Rules("web", kWritesWeb, "another"));
    submit(81);
    const auto before = worker().Snapshot()->acl_edition();
    LetGo();
    while (worker().Snapshot()->acl_edition() == before) std::this_thread::yield();
    submit(82);
    submit(83);
  });
  last.get_future().wait();
  EXPECT_EQ(Find()->port, 83);
}

// Each time that the write is tried, its token's policy has just become another one that allows it.
TEST_F(GuardedWriteTest, WriteIsGivenUpWhenItsRightsKeepChanging) {
  const auto change = [this](int round) {
    return Rules("web", kWritesWeb, "round " + std::to_string(round));
  };
  HoldWriter();
  Queue(change(0));
  auto answer = std::async(std::launch::async, [this] {
    return PutAs("web", "/v1/catalog/register", Registration(81));
  });
  AwaitQueued(2);
  for (int round = 1; round <= kMostGuardedAttempts; ++round) {
    // The worker cannot submit it again before the next change is there.
    const auto reached = std::make_shared<std::promise<void>>();
    std::promise<void> worker_goes;
    boost::asio::post(loop(), [reached, go = worker_goes.get_future().share()] {
      reached->set_value();
      go.wait();
    });
    reached->get_future().wait();
    LetGo();
    HoldWriter();
    const bool is_last = round == kMostGuardedAttempts;
    if (!is_last) Queue(change(round));
    worker_goes.set_value();
    if (!is_last) AwaitQueued(2);
  }
  EXPECT_EQ(answer.get().status, 503);
  LetGo();
  EXPECT_EQ(Find()->port, 0);
}

}  // namespace
}  // namespace rollcall::api
