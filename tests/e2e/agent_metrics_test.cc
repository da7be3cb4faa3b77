// What a real agent tells of itself as numbers.
#include <gtest/gtest.h>

#include <sstream>

#include "tests/e2e/harness/dig.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/page.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

class AgentMetricsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_.Start());
    agent_.Start();
    ASSERT_TRUE(Eventually([&] { return Value("rollcall_agent_registry_connected") == 1; }));
  }

  std::string Text() {
    return Http(agent_.http_port()).Get("/v1/agent/metrics?format=prometheus").body;
  }

  // -1: there is no such one.
  double Value(const std::string& name) {
    std::istringstream lines(Text());
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(name + " ")) return std::stod(line.substr(name.size()));
    }
    return -1;
  }

  Server server_;
  Agent agent_{{.server_url = server_.Url(),
                .definitions = {{"service",
                                 {{"name", "web"},
                                  {"address", "127.0.0.1"},
                                  {"port", 80},
                                  {"check", {{"tcp", "127.0.0.1:1"}, {"interval", "1s"}}}}}}}};
};

TEST_F(AgentMetricsTest, PrometheusOwnToolFindsNothingWrong) {
  const TempDir dir;
  const Finished checked = RunToEnd({.argv = {"promtool", "check", "metrics"},
                                     .output_path = dir.File("out"),
                                     .error_path = dir.File("err"),
                                     .input = Text()});
  EXPECT_EQ(checked.code, 0);
  EXPECT_EQ(checked.output + checked.errors, "");
}

TEST_F(AgentMetricsTest, EveryMetricIsOnItsPage) {
  EXPECT_GT(ExpectMetricsOnPage(Text(), ROLLCALL_METRICS_PAGE), 15);
}

TEST_F(AgentMetricsTest, NumbersMoveWithWhatTheyCount) {
  EXPECT_EQ(Value("rollcall_agent_services"), 1);
  EXPECT_EQ(Value("rollcall_agent_checks{status=\"critical\"}"), 1);
  EXPECT_TRUE(Eventually(
      [&] { return Value("rollcall_agent_check_attempts_total{status=\"critical\"}") >= 1; }));
  EXPECT_TRUE(
      Eventually([&] { return Value("rollcall_agent_writes_total{result=\"taken\"}") >= 2; }));
  EXPECT_GE(Value("rollcall_agent_comparisons_total"), 1);

  Http http(agent_.http_port());
  EXPECT_TRUE(http.Get("/v1/catalog/services?cached").ok());
  EXPECT_TRUE(http.Get("/v1/catalog/services?cached").ok());
  EXPECT_EQ(Value("rollcall_agent_cached_reads_total{result=\"miss\"}"), 1);
  EXPECT_EQ(Value("rollcall_agent_cached_reads_total{result=\"hit\"}"), 1);
  EXPECT_EQ(Value("rollcall_agent_cache_reads"), 1);
  EXPECT_GT(Value("rollcall_agent_cache_bytes"), 0);

  ASSERT_TRUE(Eventually(
      [&] { return Dig(agent_.dns_port(), "consul.service.consul", "SRV").status == "NOERROR"; }));
  EXPECT_GE(Value("rollcall_agent_dns_answers_total{from=\"registry\"}"), 1);
  server_.Kill();
  ASSERT_TRUE(Eventually(
      [&] { return Dig(agent_.dns_port(), "consul.service.consul", "SRV").status == "NOERROR"; }));
  EXPECT_GE(Value("rollcall_agent_dns_answers_total{from=\"stale\"}"), 1);
  EXPECT_TRUE(Eventually([&] { return Value("rollcall_agent_registry_connected") == 0; }));
  EXPECT_GE(Value("rollcall_agent_registry_failures_total"), 1);
}

}  // namespace
}  // namespace rollcall::e2e
