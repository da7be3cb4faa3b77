// What a program sees that asks its agent, while servers of the registry hang or go away.
#include <gtest/gtest.h>

#include <csignal>
#include <future>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using std::chrono::seconds;

constexpr const char* kWeb = "/v1/catalog/service/web";

Json Registration(const std::string& id) {
  return {{"Node", "elsewhere"},
          {"Address", "192.0.2.1"},
          {"Service", {{"ID", id}, {"Service", "web"}, {"Port", 80}}}};
}

std::string IdIn(const Reply& reply) {
  const Json instances = reply.json();
  return instances.is_array() && instances.size() == 1 ? instances[0].value("ServiceID", "") : "";
}

TEST(AgentFrontTest, ReadsGoOnWhenOneOfTwoServersHangs) {
  Server hangs;
  Server goes_on;
  ASSERT_TRUE(hangs.Start());
  ASSERT_TRUE(goes_on.Start());
  for (Server* server : {&hangs, &goes_on}) {
    ASSERT_TRUE(server->Put("/v1/catalog/register", Registration("web-1")).ok());
  }
  Agent agent({.server_url = hangs.Url(), .more_flags = {"--server", goes_on.Url()}});
  agent.Start();
  const auto get = [&](const std::string& path, std::chrono::milliseconds patience) {
    return Http(agent.http_port(), patience).Get(path);
  };
  ASSERT_TRUE(Eventually([&] { return IdIn(get(kWeb, seconds(5))) == "web-1"; }));
  const std::string next =
      kWeb + std::string("?wait=60s&index=") + std::to_string(get(kWeb, seconds(5)).index);
  auto waits = std::async(std::launch::async, [&] { return get(next, seconds(20)); });

  hangs.process().Signal(SIGSTOP);
  EXPECT_EQ(IdIn(get(kWeb, seconds(1))), "web-1");
  EXPECT_EQ(IdIn(get(kWeb, seconds(1))), "web-1");
  // Also a query that began before, and waits for what is new.
  ASSERT_TRUE(goes_on.Put("/v1/catalog/register", Registration("web-1")).ok());
  Json changed = Registration("web-1");
  changed["Service"]["Port"] = 81;
  ASSERT_TRUE(goes_on.Put("/v1/catalog/register", changed).ok());
  const Reply news = waits.get();
  EXPECT_EQ(IdIn(news), "web-1") << news.status << news.body;
  // And writes.
  const Reply written = Http(agent.http_port()).Put("/v1/catalog/register", changed);
  EXPECT_TRUE(written.ok()) << written.body;
  hangs.process().Signal(SIGCONT);
}

TEST(AgentFrontTest, CachedReadsGoOnWithoutARegistry) {
  Server server;
  ASSERT_TRUE(server.Start());
  ASSERT_TRUE(server.Put("/v1/catalog/register", Registration("web-1")).ok());
  Agent agent({.server_url = server.Url()});
  agent.Start();
  const std::string cached = kWeb + std::string("?cached");
  const auto get = [&](const std::string& path) { return Http(agent.http_port()).Get(path); };
  ASSERT_TRUE(Eventually([&] { return IdIn(get(cached)) == "web-1"; }));

  server.Kill();
  EXPECT_EQ(IdIn(get(cached)), "web-1");
  const Reply refused = get(kWeb);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.body.rfind("no registry server can be reached: " + server.Url(), 0), 0u)
      << refused.body;
  EXPECT_EQ(get("/v1/agent/self").status, 200);

  ASSERT_TRUE(server.Start());
  Json changed = Registration("web-1");
  changed["Service"]["Port"] = 81;
  ASSERT_TRUE(server.Put("/v1/catalog/register", changed).ok());
  EXPECT_TRUE(Eventually([&] { return get(cached).json()[0].value("ServicePort", 0) == 81; }));
  EXPECT_EQ(IdIn(get(kWeb)), "web-1");
}

}  // namespace
}  // namespace rollcall::e2e
