// Limits and the audit log, as requests to the API meet them.
#include "api/request_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "api/audit/audit_log.h"
#include "tests/api/api_fixture.h"
#include "tests/api/audit_lines.h"
#include "tests/e2e/harness/eventually.h"

namespace rollcall::api {
namespace {

using e2e::Eventually;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class RequestGateTest : public ApiTest {
 protected:
  ~RequestGateTest() override { StopServer(); }

  void Limit(const RequestLimitOptions& options) {
    state_ = std::make_shared<LimitState>(clock().Now(), 42);
    OnWorker([&] { worker().SetLimits(std::make_shared<RequestLimits>(options, state_)); });
  }
  // As if somebody came with a token that is unknown.
  void FailAuthentication(int times) {
    OnWorker([&] {
      for (int i = 0; i < times; ++i) {
        worker().limits()->CountFailedAuthentication("127.0.0.1", clock().Now());
      }
    });
  }
  void Audit() {
    log_ = std::make_unique<AuditLog>(std::make_unique<LinesSink>(lines_), AuditLog::Options());
    OnWorker([&] { shared().audit = log_.get(); });
  }
  // The lines, when there are so many.
  std::vector<json> AwaitLines(size_t count) {
    EXPECT_TRUE(Eventually([&] { return lines_.all().size() >= count; }));
    EXPECT_EQ(lines_.all().size(), count);
    return lines_.all();
  }

  static RequestLimitOptions OfAll() {
    RequestLimitOptions options;
    options.exempt = NetworkSet();
    return options;
  }

  std::shared_ptr<LimitState> state_;
  Lines lines_;
  std::unique_ptr<AuditLog> log_;
};

TEST_F(RequestGateTest, BeyondTheLimitIs429WithRetryAfter) {
  RequestLimitOptions options = OfAll();
  // So slow that nothing comes back while the test runs.
  options.of(Limit::kReadsPerClient) = {1, 3};
  options.of(Limit::kWritesPerClient) = {1, 1};
  Limit(options);
  int refused = 0;
  for (int i = 0; i < 50; ++i) {
    const Answer answer = Get("/v1/catalog/nodes");
    if (answer.status == 200) continue;
    ++refused;
    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(answer.Header("Retry-After"), "1");
    EXPECT_EQ(answer.body,
              "Too many requests: limit-reads-per-client is 1 a second, 3 at once, for 127.0.0.1");
  }
  EXPECT_GT(refused, 0);
  EXPECT_EQ(state_->refused(Limit::kReadsPerClient), static_cast<uint64_t>(refused));
  EXPECT_EQ(Put("/v1/catalog/register", {{"Node", "n2"}, {"Address", "127.0.0.2"}}).status, 200)
      << "writes have a limit of their own";
}

TEST_F(RequestGateTest, HeartbeatsAreNeverOverALimit) {
  RequestLimitOptions options = OfAll();
  options.of(Limit::kWritesPerClient) = {1, 1};
  Limit(options);
  for (int i = 0; i < 20; ++i) {
    const Answer answer =
        Put("/v1/catalog/heartbeat", {{"Node", "nobody"}, {"CheckIDs", {"serfHealth"}}});
    EXPECT_EQ(answer.status, 404) << answer.body;
  }
}

TEST_F(RequestGateTest, ABlockingQueryCountsOnce) {
  const uint64_t index = Get("/v1/catalog/nodes").index;
  RequestLimitOptions options = OfAll();
  options.of(Limit::kReadsPerClient) = {1, 2};
  Limit(options);
  auto parked = Start("/v1/catalog/nodes?wait=60s&index=" + std::to_string(index));
  AwaitParked(1);
  Put("/v1/catalog/register", {{"Node", "n2"}, {"Address", "127.0.0.2"}});
  EXPECT_EQ(parked.get().status, 200);
  EXPECT_EQ(state_->refused(Limit::kReadsPerClient), 0u);
}

TEST_F(RequestGateTest, WhoFailedTooOftenIsRefusedWhateverTokenHePresents) {
  RequestLimitOptions options = OfAll();
  options.failed_auth_per_minute = 2;
  Limit(options);
  FailAuthentication(1);
  EXPECT_EQ(Get("/v1/catalog/nodes?token=x").status, 200);
  FailAuthentication(1);
  const Answer by_query = Get("/v1/catalog/nodes?token=x");
  EXPECT_EQ(by_query.status, 429);
  EXPECT_EQ(by_query.body,
            "Too many failed authentications: limit-failed-auth is 2 a minute for 127.0.0.1");
  EXPECT_GE(std::stoi(by_query.Header("Retry-After")), 1);
  EXPECT_LE(std::stoi(by_query.Header("Retry-After")), 30);
  EXPECT_EQ(Get("/v1/catalog/nodes", {{"X-Consul-Token", "x"}}).status, 429);
  EXPECT_EQ(Get("/v1/catalog/nodes", {{"Authorization", "bearer x"}}).status, 429);
  EXPECT_EQ(Put("/v1/catalog/deregister?token=x").status, 429);
  EXPECT_EQ(Put("/v1/catalog/heartbeat?token=x").status, 400) << "others' failures end no node";
  // Without a token there is nothing to guess.
  EXPECT_EQ(Get("/v1/catalog/nodes").status, 200);
  EXPECT_EQ(Get("/v1/catalog/nodes?token=").status, 200);
  EXPECT_EQ(Get("/v1/catalog/nodes", {{"Authorization", "Basic x"}}).status, 200);
  EXPECT_EQ(state_->refused(Limit::kFailedAuth), 4u);
}

TEST_F(RequestGateTest, LoopbackIsExemptByDefault) {
  RequestLimitOptions options;
  options.of(Limit::kReadsPerClient) = {1, 1};
  options.failed_auth_per_minute = 1;
  Limit(options);
  FailAuthentication(10);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Get("/v1/catalog/nodes?token=x").status, 200);
}

TEST_F(RequestGateTest, WritesAreAuditedWithTheirIndexAndReadsAreNot) {
  Audit();
  const json node = {{"Node", "n2"}, {"Address", "127.0.0.2"}};
  EXPECT_EQ(Put("/v1/catalog/register?token=s3cr3t", node).status, 200);
  EXPECT_EQ(Put("/v1/catalog/register", node).status, 200);
  EXPECT_EQ(PutText("/v1/catalog/register", "{").status, 400);
  EXPECT_EQ(Get("/v1/catalog/nodes").status, 200);
  EXPECT_EQ(Put("/v1/catalog/batch", json::array({{{"Register", node}}})).status, 200);
  EXPECT_EQ(Put("/v1/catalog/deregister", {{"Node", "n2"}}).status, 200);
  const std::vector<json> lines = AwaitLines(5);
  EXPECT_EQ(lines[0].at("client"), "127.0.0.1");
  EXPECT_EQ(lines[0].at("method"), "PUT");
  EXPECT_EQ(lines[0].at("path"), "/v1/catalog/register");
  EXPECT_EQ(lines[0].at("changed"), true);
  const uint64_t index = lines[0].at("index");
  EXPECT_GT(index, 0u);
  EXPECT_EQ(lines[1].at("changed"), false);
  EXPECT_EQ(lines[1].at("index"), index);
  EXPECT_EQ(lines[2].at("status"), 400);
  EXPECT_FALSE(lines[2].contains("index"));
  EXPECT_EQ(lines[3].at("route"), "/v1/catalog/batch");
  EXPECT_EQ(lines[4].at("index"), index + 1);
  for (const json& line : lines) EXPECT_THAT(line.dump(), Not(HasSubstr("s3cr3t")));
}

TEST_F(RequestGateTest, ARefusalIsAuditedWhateverWasAskedFor) {
  Audit();
  RequestLimitOptions options = OfAll();
  options.of(Limit::kReadsPerClient) = {1, 1};
  Limit(options);
  while (Get("/v1/catalog/service/a%0Ab%22").status == 200) {
  }
  const std::vector<json> lines = AwaitLines(1);
  EXPECT_EQ(lines[0].at("status"), 429);
  EXPECT_EQ(lines[0].at("path"), "/v1/catalog/service/a%0Ab%22") << "as it was sent";
  EXPECT_EQ(lines[0].at("route"), "/v1/catalog/service/*name");
  EXPECT_THAT(lines[0].at("error"), HasSubstr("limit-reads-per-client"));
}

TEST_F(RequestGateTest, OfRenewalsThoseAreAuditedThatChangeSomething) {
  ASSERT_EQ(Put("/v1/agent/check/register", {{"Name", "beat"}, {"TTL", "60s"}}).status, 200);
  Audit();
  EXPECT_EQ(Put("/v1/agent/check/pass/beat").status, 200) << "critical until now";
  EXPECT_EQ(Put("/v1/agent/check/pass/beat").status, 200);
  EXPECT_EQ(Put("/v1/agent/check/pass/beat").status, 200);
  EXPECT_EQ(Put("/v1/agent/check/warn/beat").status, 200);
  const std::vector<json> lines = AwaitLines(2);
  EXPECT_EQ(lines[0].at("path"), "/v1/agent/check/pass/beat");
  EXPECT_EQ(lines[1].at("path"), "/v1/agent/check/warn/beat");
}

TEST_F(RequestGateTest, AnOddAnswerThatIsNoRefusalIsNotAudited) {
  ASSERT_EQ(Put("/v1/agent/service/register",
                {{"Name", "web"}, {"Check", {{"TTL", "60s"}, {"Status", "warning"}}}})
                .status,
            200);
  Audit();
  EXPECT_EQ(Get("/v1/agent/health/service/name/web").status, 429);
  EXPECT_EQ(Put("/v1/agent/maintenance?enable=false").status, 200);
  const std::vector<json> lines = AwaitLines(1);
  EXPECT_EQ(lines[0].at("path"), "/v1/agent/maintenance");
}

}  // namespace
}  // namespace rollcall::api
