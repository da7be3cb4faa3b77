// The main job from end to end, and the same told with the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/dig.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(StoryTest, RegisterKeepAliveResolveLose) {
  Server server;
  ASSERT_TRUE(server.Start());
  Agent agent({.server_url = server.Url(),
               .definitions = {{"service",
                                {{"id", "shop-1"},
                                 {"name", "shop"},
                                 {"tags", Json::array({"v1"})},
                                 {"address", "127.0.0.9"},
                                 {"port", 8080},
                                 {"check", {{"check_id", "shop-alive"}, {"ttl", "2s"}}}}}}});
  agent.Start();
  const auto known = [&] { return server.Get("/v1/health/service/shop").json().size() == 1; };
  ASSERT_TRUE(Eventually(known));
  // A TTL check that nobody has passed yet is critical.
  EXPECT_TRUE(server.PassingInstances("shop").empty());

  Http to_agent(agent.http_port());
  const auto beat = [&] { return to_agent.Put("/v1/agent/check/pass/shop-alive").ok(); };
  ASSERT_TRUE(beat());
  ASSERT_TRUE(Eventually([&] { return server.PassingInstances("shop").size() == 1; }, seconds(2)));
  const auto end = std::chrono::steady_clock::now() + seconds(5);
  while (std::chrono::steady_clock::now() < end) {
    ASSERT_TRUE(beat());
    ASSERT_THAT(server.PassingInstances("shop"), ElementsAre("shop-1"));
    std::this_thread::sleep_for(milliseconds(300));
  }
  EXPECT_THAT(Dig(server.dns_port(), "shop.service.consul", "A").answers, ElementsAre("127.0.0.9"));
  EXPECT_THAT(Dig(server.dns_port(), "v1.shop.service.consul", "A", {"+tcp"}).answers,
              ElementsAre("127.0.0.9"));
  EXPECT_THAT(Dig(server.dns_port(), "_shop._v1.service.consul", "SRV").answers,
              ElementsAre(HasSubstr(" 8080 ")));

  // No more heartbeats.
  EXPECT_TRUE(Eventually([&] { return server.PassingInstances("shop").empty(); }, seconds(4)));
  EXPECT_EQ(Dig(server.dns_port(), "shop.service.consul", "A").answers.size(), 0u);
  EXPECT_TRUE(known());

  EXPECT_EQ(agent.Stop(), 0);
  EXPECT_EQ(server.Get("/v1/health/service/shop").json().size(), 0u);
  EXPECT_EQ(Dig(server.dns_port(), "shop.service.consul", "A").status, "NXDOMAIN");
  EXPECT_EQ(server.Stop(), 0);
}

class CommandLineStoryTest : public testing::Test {
 protected:
  Finished Rollcall(std::vector<std::string> arguments, const std::string& input = "") {
    arguments.insert(arguments.begin(), ROLLCALL_PROGRAM);
    return RunToEnd({.argv = std::move(arguments),
                     .environment = {"ROLLCALL_HTTP_ADDR=" + server_.Url()},
                     .output_path = dir_.File("out"),
                     .error_path = dir_.File("err"),
                     .input = input});
  }

  const TempDir dir_;
  Server server_;
};

TEST_F(CommandLineStoryTest, RegisterLookWatchDeregister) {
  ASSERT_TRUE(server_.Start());
  EXPECT_EQ(Rollcall({"health", "web"}).code, 3);
  Process watch({.argv = {ROLLCALL_PROGRAM, "watch", "web", "--http-addr", server_.Url()},
                 .output_path = dir_.File("watch")});
  EXPECT_EQ(Rollcall({"register", "-"},
                     R"({"service": {"id": "web-1", "name": "web", "port": 80, "tags": ["v1"],
                         "check": {"check_id": "alive", "ttl": "60s", "status": "passing"}}})")
                .output,
            "registered web-1 (service web)\n");
  EXPECT_THAT(Rollcall({"services"}).output, HasSubstr("\nweb      v1\n"));
  EXPECT_THAT(Rollcall({"nodes"}).output, HasSubstr("\nn1 "));
  const Finished health = Rollcall({"health", "web", "--passing", "--tag", "v1"});
  EXPECT_EQ(health.code, 0);
  EXPECT_THAT(health.output, HasSubstr("\nweb-1     n1 "));
  const auto shows = [&](const std::string& text) {
    return Eventually([&] { return watch.Output().find(text) != std::string::npos; });
  };
  EXPECT_TRUE(shows(" + web-1 on n1 "));

  ASSERT_TRUE(server_.Put("/v1/agent/check/fail/alive").ok());
  EXPECT_TRUE(shows(" passing -> critical"));
  EXPECT_EQ(Rollcall({"health", "web"}).code, 3);
  server_.Kill();
  ASSERT_TRUE(server_.Start());
  EXPECT_TRUE(shows(" is back\n"));
  EXPECT_EQ(Rollcall({"deregister", "web-1"}).code, 0);
  EXPECT_TRUE(shows(" - web-1 on n1 "));
  EXPECT_EQ(Rollcall({"deregister", "web-1"}).code, 1);
}

}  // namespace
}  // namespace rollcall::e2e
