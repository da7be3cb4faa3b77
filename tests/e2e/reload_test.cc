// A server that runs reads its configuration file again, asked over HTTP or by a signal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

class ReloadTest : public testing::Test {
 protected:
  void Configure(const std::string& json) { dir_.Write("server.json", json); }

  void StartServer(std::vector<std::string> more_flags = {}) {
    more_flags.insert(more_flags.end(), {"--config", dir_.File("server.json")});
    ASSERT_TRUE(server_.Start(std::move(more_flags)));
    ASSERT_TRUE(server_
                    .Put("/v1/catalog/register", {{"Node", "host"},
                                                  {"Address", "10.0.0.1"},
                                                  {"Service", {{"Service", "web"}, {"Port", 80}}}})
                    .ok());
  }

  // dig's line of the first answer: "web.service.consul. 5 IN A 10.0.0.1".
  std::string AnswerLine(const std::string& name) {
    const Finished dig =
        RunToEnd({.argv = {"dig", "@127.0.0.1", "-p", std::to_string(server_.dns_port()), "+noall",
                           "+answer", "+authority", name, "A"},
                  .output_path = dir_.File("dig")});
    return dig.output;
  }
  void ExpectTtl(const std::string& name, int ttl) {
    const std::string text = std::to_string(ttl);
    EXPECT_THAT(AnswerLine(name), testing::ContainsRegex("[.][ \t]+" + text + "[ \t]+IN"));
  }

  Reply Reload() { return Http(server_.http_port()).Put("/v1/agent/reload"); }
  std::string Log() { return server_.process().Output(); }

  const TempDir dir_;
  Server server_;
};

TEST_F(ReloadTest, TtlsAndLogLevelChangeWhileItRuns) {
  Configure(R"({"service_ttl": "5s"})");
  StartServer({"--workers", "3"});
  ExpectTtl("web.service.consul", 5);
  ExpectTtl("host.node.consul", 0);
  Configure(R"({"service_ttl": "7s", "node_ttl": "11s", "negative_ttl": "13s",
                "log_level": "warn"})");
  const Reply reply = Reload();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "");
  // Each dig is another client, so that the kernel picks among the workers.
  for (int i = 0; i < 8; ++i) ExpectTtl("web.service.consul", 7);
  ExpectTtl("host.node.consul", 11);
  ExpectTtl("nothing.service.consul", 13);
  EXPECT_THAT(Log(), HasSubstr("reload: log-level info -> warn, service-ttl 5s -> 7s, "
                               "node-ttl 0s -> 11s, negative-ttl 0s -> 13s"));
  // Warnings only, from now on.
  EXPECT_EQ(server_.Stop(), 0);
  EXPECT_THAT(Log(), Not(HasSubstr("stopped")));
}

TEST_F(ReloadTest, AHangupSignalReloads) {
  Configure("{}");
  StartServer();
  Configure(R"({"service_ttl": "7s"})");
  server_.process().Signal(SIGHUP);
  EXPECT_TRUE(Eventually([&] { return Log().find("service-ttl 0s -> 7s") != std::string::npos; }));
  ExpectTtl("web.service.consul", 7);
  Configure("{");
  server_.process().Signal(SIGHUP);
  EXPECT_TRUE(Eventually([&] { return Log().find("reload refused") != std::string::npos; }));
  EXPECT_THAT(Log(), HasSubstr("server.json"));
  ExpectTtl("web.service.consul", 7);
  EXPECT_EQ(server_.Stop(), 0);
}

TEST_F(ReloadTest, AFileThatIsWrongIsRefusedAsAWhole) {
  Configure(R"({"service_ttl": "5s"})");
  StartServer();
  const struct {
    const char* text;
    const char* named;
  } cases[] = {
      {R"({"service_ttl": "9s", "datacentre": "dc1"})", "datacentre"},
      {R"({"service_ttl": "9s", "node_ttl": "soon"})", "soon"},
      {R"({"service_ttl": "9s", "log_level": "loud"})", "loud"},
      {R"({"service_ttl": "9s")", "server.json"},
      {"", "server.json"},
  };
  for (const auto& each : cases) {
    Configure(each.text);
    const Reply reply = Reload();
    EXPECT_EQ(reply.status, 400) << each.text;
    EXPECT_THAT(reply.body, HasSubstr(each.named));
    EXPECT_THAT(reply.body, Not(HasSubstr("\n")));
    ExpectTtl("web.service.consul", 5);
  }
  std::string large = R"({"service_ttl": "9s"})";
  large.resize((1 << 20) + 1, ' ');
  Configure(large);
  EXPECT_EQ(Reload().status, 400);
  ASSERT_EQ(unlink(dir_.File("server.json").c_str()), 0);
  EXPECT_EQ(Reload().status, 400);
  ExpectTtl("web.service.consul", 5);
  Configure(R"({"service_ttl": "6s"})");
  EXPECT_EQ(Reload().status, 200);
  ExpectTtl("web.service.consul", 6);
}

TEST_F(ReloadTest, WhatNeedsARestartIsNamedAndTheRestIsApplied) {
  Configure("{}");
  StartServer();
  Configure(R"({"service_ttl": "7s", "datacenter": "dc2", "domain": "example", "workers": 7,
                "node_ttl": "3s"})");
  EXPECT_EQ(Reload().status, 200);
  EXPECT_THAT(Log(), HasSubstr("only a restart applies it: datacenter, domain, workers"));
  ExpectTtl("web.service.consul", 7);
  EXPECT_EQ(server_.Get("/v1/catalog/datacenters").body, R"(["dc1"])");
}

TEST_F(ReloadTest, AFlagWinsOverTheFileAlsoThen) {
  Configure("{}");
  StartServer({"--service-ttl", "4s"});
  Configure(R"({"service_ttl": "9s"})");
  EXPECT_EQ(Reload().status, 200);
  ExpectTtl("web.service.consul", 4);
  EXPECT_THAT(Log(), HasSubstr("reload: nothing to apply"));
}

TEST_F(ReloadTest, WithoutAFileThereIsNothingToDo) {
  ASSERT_TRUE(server_.Start());
  EXPECT_EQ(Reload().status, 200);
  server_.process().Signal(SIGHUP);
  EXPECT_TRUE(Eventually([&] {
    const std::string log = Log();
    const std::string line = "no --config file";
    return log.find(line) != log.rfind(line);
  })) << Log();
  EXPECT_TRUE(server_.process().Running());
}

TEST_F(ReloadTest, ManyAtATimeAreAllAnswered) {
  Configure("{}");
  StartServer();
  std::vector<std::thread> clients;
  clients.reserve(8);
  std::atomic<int> answered{0};
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      for (int j = 0; j < 20; ++j) answered += Reload().ok() ? 1 : 0;
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(answered, 160);
  EXPECT_EQ(server_.Stop(), 0);
}

}  // namespace
}  // namespace rollcall::e2e
