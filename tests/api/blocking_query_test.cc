#include <gmock/gmock.h>
#include <sys/socket.h>

#include <chrono>
#include <vector>

#include "tests/api/api_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;

class BlockingQueryTest : public ApiTest {
 protected:
  void RegisterService(const std::string& service, int port = 80, const json& tags = json::array(),
                       const std::string& node = "m") {
    ASSERT_EQ(Put("/v1/catalog/register",
                  {{"Node", node},
                   {"Address", "10.0.0.1"},
                   {"Service", {{"Service", service}, {"Port", port}, {"Tags", tags}}}})
                  .status,
              200);
  }
  static std::string With(const std::string& target, uint64_t index, const char* wait = "20s") {
    return target + (target.find('?') == std::string::npos ? "?" : "&") +
           "index=" + std::to_string(index) + "&wait=" + wait;
  }
};

// Every read blocks until its own result has changed, and then says so with a greater index.
TEST_F(BlockingQueryTest, EveryReadIsWokenByItsOwnChange) {
  RegisterService("web");
  const std::vector<std::string> targets = {"/v1/catalog/nodes",
                                            "/v1/catalog/services",
                                            "/v1/catalog/service/web",
                                            "/v1/catalog/node/m",
                                            "/v1/health/service/web",
                                            "/v1/health/service/web?passing",
                                            "/v1/health/service/web?tag=new",
                                            "/v1/health/node/m",
                                            "/v1/health/checks/web",
                                            "/v1/health/state/any",
                                            "/v1/health/state/warning",
                                            "/v1/catalog/node-services/m"};
  std::vector<uint64_t> indexes;
  std::vector<std::future<Answer>> waiting;
  for (const std::string& target : targets) {
    const Answer now = Get(target);
    ASSERT_EQ(now.status, 200) << target;
    ASSERT_GT(now.index, 0u) << target;
    indexes.push_back(now.index);
    waiting.push_back(Start(With(target, now.index)));
  }
  AwaitParked(targets.size());
  // One registration that changes them all.
  ASSERT_EQ(Put("/v1/catalog/register",
                {{"Node", "m"},
                 {"Address", "10.0.0.2"},
                 {"Service", {{"Service", "web"}, {"Port", 81}, {"Tags", {"new"}}}},
                 {"Check", {{"CheckID", "c"}, {"Status", "warning"}, {"ServiceID", "web"}}}})
                .status,
            200);
  for (size_t i = 0; i < targets.size(); ++i) {
    const Answer answer = waiting[i].get();
    EXPECT_EQ(answer.status, 200) << targets[i];
    EXPECT_GT(answer.index, indexes[i]) << targets[i];
  }
  EXPECT_EQ(Parked(), 0u);
}

TEST_F(BlockingQueryTest, ChangesOfOthersWakeNobody) {
  RegisterService("web");
  const Answer now = Get("/v1/health/service/web");
  auto waiting = Start(With("/v1/health/service/web", now.index));
  AwaitParked(1);
  for (int i = 0; i < 200; ++i) RegisterService("other", i + 1, json::array(), "elsewhere");
  EXPECT_EQ(Parked(), 1u);
  EXPECT_EQ(Get("/v1/health/service/web").index, now.index);
  RegisterService("web", 81);
  const Answer woken = waiting.get();
  EXPECT_EQ(woken.index, Get("/v1/health/service/web").index);
  EXPECT_EQ(woken.json()[0]["Service"]["Port"], 81);
}

TEST_F(BlockingQueryTest, AnIdenticalReregistrationWakesNobody) {
  RegisterService("web");
  const Answer now = Get("/v1/catalog/service/web");
  auto waiting = Start(With("/v1/catalog/service/web", now.index, "300ms"));
  AwaitParked(1);
  RegisterService("web");
  EXPECT_EQ(waiting.get().index, now.index);
}

TEST_F(BlockingQueryTest, TheWaitEndsWithTheSameIndexAfterItsTimeAndALittle) {
  RegisterService("web");
  const Answer now = Get("/v1/catalog/service/web");
  const auto start = std::chrono::steady_clock::now();
  const Answer later = Get(With("/v1/catalog/service/web", now.index, "160ms"));
  EXPECT_EQ(later.index, now.index);
  EXPECT_EQ(later.body, now.body);
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(160));
}

TEST_F(BlockingQueryTest, AnOldIndexAndOneFromTheFutureAreAnsweredAtOnce) {
  RegisterService("web");
  RegisterService("web", 81);
  const Answer now = Get("/v1/catalog/service/web");
  EXPECT_EQ(Get(With("/v1/catalog/service/web", now.index - 1)).index, now.index);
  EXPECT_EQ(Get(With("/v1/catalog/service/web", 1'000'000)).index, now.index);
}

TEST_F(BlockingQueryTest, AServiceThatComesAndGoesMovesTheIndexEachTime) {
  const Answer before = Get("/v1/health/service/web");
  EXPECT_EQ(before.body, "[]");
  auto comes = Start(With("/v1/health/service/web", before.index));
  AwaitParked(1);
  RegisterService("web");
  const Answer there = comes.get();
  EXPECT_GT(there.index, before.index);
  auto goes = Start(With("/v1/health/service/web", there.index));
  AwaitParked(1);
  ASSERT_EQ(Put("/v1/catalog/deregister", {{"Node", "m"}, {"ServiceID", "web"}}).status, 200);
  const Answer gone = goes.get();
  EXPECT_EQ(gone.body, "[]");
  EXPECT_GT(gone.index, there.index);
}

TEST_F(BlockingQueryTest, AClientThatGoesAwayIsForgotten) {
  RegisterService("web");
  const Answer now = Get("/v1/catalog/service/web");
  {
    httplib::Client client("127.0.0.1", port());
    client.set_read_timeout(0, 100'000);
    const auto given_up = client.Get(With("/v1/catalog/service/web", now.index));
    EXPECT_FALSE(given_up);
  }
  AwaitParked(0);
  RegisterService("web", 81);
  EXPECT_EQ(Get("/v1/catalog/service/web").status, 200);
}

TEST_F(BlockingQueryTest, ManyWaitersOfOneKeyGetTheSameAnswer) {
  RegisterService("web");
  const Answer now = Get("/v1/health/service/web");
  std::vector<std::future<Answer>> waiting;
  waiting.reserve(100);
  for (int i = 0; i < 100; ++i) waiting.push_back(Start(With("/v1/health/service/web", now.index)));
  AwaitParked(100);
  RegisterService("web", 81);
  const Answer after = Get("/v1/health/service/web");
  for (auto& one : waiting) {
    const Answer answer = one.get();
    EXPECT_EQ(answer.index, after.index);
    EXPECT_EQ(answer.body, after.body);
  }
}

TEST_F(BlockingQueryTest, AServerThatStopsAnswersWhoWaits) {
  RegisterService("web");
  const Answer now = Get("/v1/catalog/service/web");
  auto waiting = Start(With("/v1/catalog/service/web", now.index));
  AwaitParked(1);
  StopServer();
  const Answer answer = waiting.get();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.index, now.index);
}

TEST_F(BlockingQueryTest, BadOptionsAreRefusedInConsulsWords) {
  const struct {
    const char* query;
    const char* message;
  } cases[] = {
      {"index=abc", "Invalid index"},
      {"index=-1", "Invalid index"},
      {"index=1x", "Invalid index"},
      {"index=99999999999999999999", "Invalid index"},
      {"wait=abc", "Invalid wait time"},
      {"wait=10", "Invalid wait time"},
      {"passing=notabool", "Invalid value for ?passing"},
      {"dc=nope", "No path to datacenter"},
      {"dc=DC1", "No path to datacenter"},
      {"stale&consistent", "Cannot specify ?stale with ?consistent, conflicting semantics."}};
  for (const auto& c : cases) {
    const Answer answer = Get(std::string("/v1/health/service/web?") + c.query);
    EXPECT_EQ(answer.status, 400) << c.query;
    EXPECT_EQ(answer.body, c.message) << c.query;
  }
}

class FullOfParkedQueriesTest : public ApiTest {
 protected:
  FullOfParkedQueriesTest() : ApiTest(2) {}
};

TEST_F(FullOfParkedQueriesTest, OneMoreIsRefusedAndNothingElseIs) {
  const std::string waiting =
      "/v1/catalog/nodes?wait=20s&index=" + std::to_string(Get("/v1/catalog/nodes").index);
  auto first = Start(waiting);
  auto second = Start(waiting);
  AwaitParked(2);
  const Answer refused = Get(waiting);
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.body, testing::HasSubstr("2 (max-parked-queries)"));
  EXPECT_EQ(Get("/v1/catalog/nodes").status, 200);
  // A place that is free again is given to the next.
  Put("/v1/catalog/register", {{"Node", "m"}, {"Address", "10.0.0.1"}});
  EXPECT_EQ(first.get().status, 200);
  EXPECT_EQ(second.get().status, 200);
  AwaitParked(0);
  const uint64_t index = Get("/v1/catalog/nodes").index;
  EXPECT_EQ(Get("/v1/catalog/nodes?wait=10ms&index=" + std::to_string(index)).status, 200);
}

}  // namespace
}  // namespace rollcall::api
