// The endpoints that operate the server, with a server that only notes what it is asked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/api_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using OperationsTest = ApiTest;

TEST_F(OperationsTest, AReloadIsAnsweredWhenItIsDoneOrRefused) {
  Result<void> outcome;
  shared().operations.reload = [&outcome](const auto& done) {
    std::thread([done, outcome] { done(outcome); }).detach();
  };
  const Answer done = Put("/v1/agent/reload");
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(done.body, "");
  outcome = InvalidArgument("service-ttl \"soon\": expected whole seconds");
  const Answer refused = Put("/v1/agent/reload");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.body, "service-ttl \"soon\": expected whole seconds");
  outcome = Unavailable("the server is stopping");
  EXPECT_EQ(Put("/v1/agent/reload").status, 503);
  EXPECT_EQ(Get("/v1/agent/reload").status, 405);
}

TEST_F(OperationsTest, LeavingIsAnsweredAndAsksTheServerToStop) {
  std::promise<void> stopped;
  shared().operations.stop = [&stopped] { stopped.set_value(); };
  EXPECT_EQ(Get("/v1/agent/leave").status, 405);
  EXPECT_EQ(Put("/v1/agent/leave").status, 200);
  EXPECT_EQ(stopped.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST_F(OperationsTest, TheVersionHasADateEvenWhenItIsNotKnown) {
  EXPECT_EQ(Get("/v1/agent/version").json(), json({{"SHA", ""},
                                                   {"BuildDate", "1970-01-01T00:00:01Z"},
                                                   {"HumanVersion", "test"},
                                                   {"FIPS", ""}}));
}

TEST_F(OperationsTest, TheHostIsToldInPartsOfConsulsNames) {
  shared().operations.host.disk = "/nowhere";
  const json host = Get("/v1/agent/host").json();
  EXPECT_GT(host["Memory"]["total"], 0);
  EXPECT_TRUE(host["Disk"].is_null());
  EXPECT_EQ(host["Errors"].size(), 1u);
}

TEST_F(OperationsTest, MetricsComeAsJsonOrForPrometheus) {
  shared().operations.metrics = [] {
    prometheus::MetricFamily family{"x_total", "Help.", prometheus::MetricType::Counter, {{}}};
    family.metric[0].counter.value = 7;
    return std::vector{family};
  };
  EXPECT_EQ(Get("/v1/agent/metrics").json()["Counters"][0]["Count"], 7);
  EXPECT_EQ(Get("/v1/agent/metrics?format=").json()["Counters"][0]["Count"], 7);
  const Answer text = Get("/v1/agent/metrics?format=prometheus");
  EXPECT_EQ(text.status, 200);
  EXPECT_EQ(text.body, "# HELP x_total Help.\n# TYPE x_total counter\nx_total 7\n");
}

TEST_F(OperationsTest, AnUnknownFormatOfMetricsIsRefused) {
  for (const char* format : {"xml", "Prometheus", "prometheus%20", "%0A"}) {
    const Answer answer = Get(std::string("/v1/agent/metrics?format=") + format);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, "Unknown format: expected prometheus, or none for JSON");
  }
}

}  // namespace
}  // namespace rollcall::api
