// What a real server tells of itself: in a form that Prometheus takes, and each number moves with
// what it counts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "tests/e2e/harness/dig.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/page.h"
#include "tests/e2e/harness/programs.h"
#include "tests/e2e/harness/raw_socket.h"

namespace rollcall::e2e {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::StartsWith;

// Values by their whole name, labels included: x_total{result="committed"}.
using Values = std::map<std::string, double>;

class MetricsTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(server_.Start({"--workers", "2"})); }

  std::string Text() { return server_.Get("/v1/agent/metrics?format=prometheus").body; }

  Values Scrape() {
    Values values;
    std::istringstream lines(Text());
    for (std::string line; std::getline(lines, line);) {
      const size_t space = line.rfind(' ');
      if (!line.starts_with('#')) values[line.substr(0, space)] = std::stod(line.substr(space + 1));
    }
    return values;
  }

  // By how much a value has grown since `before`.
  double Growth(const Values& before, const std::string& name) {
    Values now = Scrape();
    EXPECT_TRUE(now.contains(name)) << name;
    return now[name] - before.at(name);
  }
  bool Grows(const Values& before, const std::string& name, double by = 1) {
    return Eventually([&] { return Growth(before, name) >= by; });
  }

  bool Register(const Json& more) {
    Json body = {{"Node", "host"}, {"Address", "10.0.0.1"}};
    body.update(more);
    return server_.Put("/v1/catalog/register", body).ok();
  }

  Server server_;
};

TEST_F(MetricsTest, PrometheusOwnToolFindsNothingWrong) {
  // Also with labels and values that only come with use.
  ASSERT_TRUE(Register({{"Service", {{"Service", "web"}, {"Port", 80}}}}));
  Dig(server_.dns_port(), "web.service.consul", "A");
  const TempDir dir;
  const Finished checked = RunToEnd({.argv = {"promtool", "check", "metrics"},
                                     .output_path = dir.File("out"),
                                     .error_path = dir.File("err"),
                                     .input = Text()});
  EXPECT_EQ(checked.code, 0);
  EXPECT_EQ(checked.output, "");
  EXPECT_EQ(checked.errors, "");
}

TEST_F(MetricsTest, TheContentTypeIsThatOfTheTextFormat) {
  RawSocket socket(RawSocket::Kind::kTcp, server_.http_port());
  ASSERT_TRUE(socket.Send(
      "GET /v1/agent/metrics?format=prometheus HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  EXPECT_THAT(socket.Receive(seconds(10)),
              HasSubstr("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
}

TEST_F(MetricsTest, TheJsonHasTheSameNamesAndValues) {
  const Values text = Scrape();
  const Json json = server_.Get("/v1/agent/metrics").json();
  EXPECT_THAT(json["Timestamp"].get<std::string>(), testing::EndsWith(" +0000 UTC"));
  EXPECT_TRUE(json["Points"].is_array());
  const auto value_of = [](const Json& list, const std::string& name, const char* member) {
    for (const Json& each : list) {
      if (each.at("Name") == name) return each.at(member).get<double>();
    }
    ADD_FAILURE() << name;
    return -1.0;
  };
  for (const char* name : {"rollcall_catalog_nodes", "rollcall_process_max_fds",
                           "rollcall_catalog_index", "rollcall_start_time_seconds"}) {
    EXPECT_NEAR(value_of(json["Gauges"], name, "Value"), text.at(name), 1) << name;
  }
  EXPECT_EQ(value_of(json["Counters"], "rollcall_writer_commands_total", "Count"),
            text.at("rollcall_writer_commands_total{result=\"committed\"}"));
  EXPECT_EQ(value_of(json["Samples"], "rollcall_writer_commit_duration_seconds", "Count"),
            text.at("rollcall_writer_commit_duration_seconds_count"));
}

TEST_F(MetricsTest, EveryMetricIsOnItsPage) {
  EXPECT_GT(ExpectMetricsOnPage(Text(), ROLLCALL_METRICS_PAGE), 20);
}

TEST_F(MetricsTest, TheProcessAndTheBuild) {
  const Values values = Scrape();
  const Json version = server_.Get("/v1/agent/version").json();
  const std::string info = "rollcall_build_info{version=\"" +
                           version["HumanVersion"].get<std::string>() + "\",revision=\"" +
                           version["SHA"].get<std::string>() + "\"}";
  EXPECT_EQ(values.at(info), 1);
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_LE(values.at("rollcall_start_time_seconds"), now);
  EXPECT_GT(values.at("rollcall_start_time_seconds"), now - 600);
  EXPECT_GT(values.at("rollcall_process_resident_memory_bytes"), 1e6);
  EXPECT_GT(values.at("rollcall_process_cpu_seconds_total"), 0);
  EXPECT_GT(values.at("rollcall_process_max_fds"), values.at("rollcall_process_open_fds"));
  // Two workers with sockets and event loops of their own.
  EXPECT_GT(values.at("rollcall_process_open_fds"), 10);
  std::vector<RawSocket> open;
  open.reserve(10);
  for (int i = 0; i < 10; ++i) open.emplace_back(RawSocket::Kind::kTcp, server_.http_port());
  EXPECT_TRUE(Grows(values, "rollcall_process_open_fds", 5));
  EXPECT_TRUE(Grows(values, "rollcall_http_connections", 5));
}

TEST_F(MetricsTest, TheCatalogAndItsWriter) {
  const Values before = Scrape();
  ASSERT_TRUE(Register({{"Service", {{"ID", "w1"}, {"Service", "web"}, {"Port", 80}}}}));
  ASSERT_TRUE(Register({{"Service", {{"ID", "w2"}, {"Service", "web"}, {"Port", 81}}}}));
  ASSERT_TRUE(Register({{"Service", {{"ID", "w2"}, {"Service", "web"}, {"Port", 81}}}}));
  ASSERT_TRUE(Register({{"Checks",
                         {{{"CheckID", "a"}, {"Status", "passing"}},
                          {{"CheckID", "b"}, {"Status", "warning"}},
                          {{"CheckID", "c"}, {"Status", "critical"}}}}}));
  EXPECT_FALSE(Register({{"Check", {{"CheckID", "d"}, {"ServiceID", "missing"}}}}));
  EXPECT_EQ(Growth(before, "rollcall_catalog_nodes"), 1);
  EXPECT_EQ(Growth(before, "rollcall_catalog_services"), 1);
  EXPECT_EQ(Growth(before, "rollcall_catalog_instances"), 2);
  EXPECT_EQ(Growth(before, "rollcall_catalog_index"), 3);
  for (const char* status : {"passing", "warning", "critical"}) {
    EXPECT_EQ(Growth(before, std::string("rollcall_catalog_checks{status=\"") + status + "\"}"), 1);
  }
  EXPECT_EQ(Growth(before, "rollcall_writer_commands_total{result=\"committed\"}"), 3);
  EXPECT_EQ(Growth(before, "rollcall_writer_commands_total{result=\"unchanged\"}"), 1);
  EXPECT_EQ(Growth(before, "rollcall_writer_commands_total{result=\"refused\"}"), 1);
  EXPECT_EQ(Growth(before, "rollcall_writer_commit_duration_seconds_count"), 3);
  EXPECT_GT(Growth(before, "rollcall_writer_commit_duration_seconds_sum"), 0);
  EXPECT_EQ(Scrape().at("rollcall_writer_queue_commands"), 0);
}

TEST_F(MetricsTest, WhatTheRegistryDoesByItself) {
  const Values before = Scrape();
  const Json upkeep = {{"TTL", "1s"}, {"DeregisterCriticalServiceAfter", "1s"}};
  ASSERT_TRUE(Register(
      {{"Service", {{"Service", "web"}, {"Port", 80}}},
       {"Check",
        {{"CheckID", "t"}, {"Status", "passing"}, {"ServiceID", "web"}, {"Definition", upkeep}}}}));
  EXPECT_TRUE(Grows(before, "rollcall_checks_ttl_expired_total"));
  EXPECT_TRUE(Grows(before, "rollcall_instances_reaped_total"));
  EXPECT_EQ(Growth(before, "rollcall_nodes_reaped_total"), 0);
  ASSERT_TRUE(Register({{"Check",
                         {{"CheckID", "alive"},
                          {"Status", "critical"},
                          {"Definition", {{"DeregisterCriticalServiceAfter", "1s"}}}}}}));
  EXPECT_TRUE(Grows(before, "rollcall_nodes_reaped_total"));
}

TEST_F(MetricsTest, HttpRequests) {
  Values before = Scrape();
  EXPECT_EQ(server_.Get("/v1/catalog/nothing").status, 404);
  EXPECT_TRUE(Grows(before, "rollcall_http_requests_total{status=\"4xx\"}"));
  EXPECT_EQ(server_.Get("/v1/catalog/nodes?dc=elsewhere").status / 100, 4);
  EXPECT_TRUE(Grows(before, "rollcall_http_requests_total{status=\"4xx\"}", 2));
  // The scrapes themselves, too.
  EXPECT_GT(Growth(before, "rollcall_http_requests_total{status=\"2xx\"}"), 1);
  EXPECT_GT(Growth(before, "rollcall_http_request_duration_seconds_count"), 3);
  EXPECT_GT(Growth(before, "rollcall_http_request_duration_seconds_sum"), 0);

  RawSocket waiting(RawSocket::Kind::kTcp, server_.http_port());
  const uint64_t index = server_.Get("/v1/catalog/nodes").index;
  before = Scrape();
  EXPECT_EQ(before.at("rollcall_http_parked_queries"), 0);
  ASSERT_TRUE(waiting.Send("GET /v1/catalog/nodes?index=" + std::to_string(index) +
                           " HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_TRUE(Grows(before, "rollcall_http_parked_queries"));
  ASSERT_TRUE(Register(Json::object()));
  EXPECT_THAT(waiting.Receive(milliseconds(500)), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(Growth(before, "rollcall_http_parked_queries"), 0);
}

TEST_F(MetricsTest, DnsQueries) {
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(Register({{"Service",
                           {{"ID", "w" + std::to_string(i)},
                            {"Service", "web"},
                            {"Address", "10.0.1." + std::to_string(i)},
                            {"Port", 80}}}}));
  }
  const Values before = Scrape();
  const int port = server_.dns_port();
  Dig(port, "host.node.consul", "A");
  Dig(port, "host.node.consul", "A", {"+tcp"});
  EXPECT_EQ(Growth(before, "rollcall_dns_queries_total{transport=\"udp\"}"), 1);
  EXPECT_EQ(Growth(before, "rollcall_dns_queries_total{transport=\"tcp\"}"), 1);
  EXPECT_EQ(Growth(before, "rollcall_dns_tcp_connections_total{result=\"accepted\"}"), 1);
  EXPECT_EQ(Growth(before, "rollcall_dns_answers_total{rcode=\"NOERROR\"}"), 2);
  Dig(port, "missing.service.consul", "A");
  EXPECT_EQ(Growth(before, "rollcall_dns_answers_total{rcode=\"NXDOMAIN\"}"), 1);
  Dig(port, "example.org", "A");
  EXPECT_EQ(Growth(before, "rollcall_dns_answers_total{rcode=\"REFUSED\"}"), 1);
  Dig(port, "host.node.consul", "A", {"+opcode=NOTIFY"});
  EXPECT_EQ(Growth(before, "rollcall_dns_answers_total{rcode=\"NOTIMP\"}"), 1);
  Dig(port, "host.node.consul", "A", {"+edns=9", "+noednsnegotiation"});
  EXPECT_EQ(Growth(before, "rollcall_dns_answers_total{rcode=\"BADVERS\"}"), 1);
  EXPECT_EQ(Growth(before, "rollcall_dns_truncated_total"), 0);
  Dig(port, "web.service.consul", "SRV", {"+noedns", "+ignore"});
  EXPECT_EQ(Growth(before, "rollcall_dns_truncated_total"), 1);

  RawSocket raw(RawSocket::Kind::kUdp, port);
  ASSERT_TRUE(raw.Send("x"));
  EXPECT_TRUE(Grows(before, "rollcall_dns_dropped_total"));
  // A header that promises a question, and nothing behind it.
  ASSERT_TRUE(raw.Send(std::string("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12)));
  EXPECT_TRUE(Grows(before, "rollcall_dns_answers_total{rcode=\"FORMERR\"}"));
}

}  // namespace
}  // namespace rollcall::e2e
