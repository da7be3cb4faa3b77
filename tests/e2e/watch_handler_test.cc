// A real nginx that is reloaded by a watch of the agent, with the script of examples/.
#include <gtest/gtest.h>

#include <set>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

class WatchHandlerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_.Start());
    dir_.Write("upstream.conf", "upstream web { server 127.0.0.1:1 down; }\n");
    const std::string dir = dir_.path();
    std::string temporary;
    for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
      temporary += std::string(kind) + "_temp_path " + dir + "/" + kind + ";\n";
    }
    config_ = dir_.Write(
        "nginx.conf", "daemon off;\npid " + dir +
                          "/nginx.pid;\nerror_log stderr warn;\n"
                          "events { worker_connections 64; }\n"
                          "http {\naccess_log off;\n" +
                          temporary + "include " + dir + "/upstream.conf;\nserver {\nlisten " +
                          listen_.address() + ";\nlocation / { proxy_pass http://web; }\n}\n}\n");
    nginx_ = std::make_unique<Process>(ProcessOptions{.argv = {"nginx", "-p", dir, "-c", config_},
                                                      .output_path = dir_.File("nginx.log")});
    ASSERT_TRUE(Eventually([&] { return Ask() == "502"; }));
  }

  Json Watch() const {
    return {{"type", "service"},
            {"service", "web"},
            {"passingonly", true},
            {"args",
             {ROLLCALL_EXAMPLES "/nginx-upstream.sh", "web", dir_.File("upstream.conf"), "nginx",
              "-p", dir_.path(), "-c", config_, "-s", "reload"}}};
  }

  // Who answers through nginx, or the status that it says.
  std::string Ask() {
    const Reply reply = Http(listen_.number()).Get("/");
    return reply.ok() ? reply.body : std::to_string(reply.status);
  }

  Json Web(const std::string& id, const Port& port) const {
    return {{"id", id},
            {"name", "web"},
            {"address", "127.0.0.1"},
            {"port", port.number()},
            {"check", {{"tcp", port.address()}, {"interval", "1s"}}}};
  }

  Server server_;
  const TempDir dir_;
  const Port listen_;
  std::string config_;
  std::unique_ptr<Process> nginx_;
};

TEST_F(WatchHandlerTest, NginxFollowsAService) {
  const Port first_port;
  const Port second_port;
  Backend first("127.0.0.1", first_port.number(), "first");
  Backend second("127.0.0.1", second_port.number(), "second");
  const Json services = {Web("web-1", first_port), Web("web-2", second_port)};
  Agent agent({.server_url = server_.Url(),
               .definitions = {{"watches", {Watch()}}, {"services", services}}});
  agent.Start();
  std::set<std::string> answered;
  EXPECT_TRUE(Eventually([&] {
    answered.insert(Ask());
    return answered.contains("first") && answered.contains("second");
  }));
  first.Kill();
  // For nginx it is gone: no request is tried there, with and without luck.
  EXPECT_TRUE(Eventually([&] {
    return ReadFile(dir_.File("upstream.conf")).find(first_port.text()) == std::string::npos;
  }));
  EXPECT_TRUE(Eventually([&] { return Ask() == "second"; }));
  second.Kill();
  EXPECT_TRUE(Eventually([&] { return Ask() == "502"; }));
}

TEST_F(WatchHandlerTest, WatchIsAddedByAReload) {
  const Port port;
  Backend backend("127.0.0.1", port.number(), "backend");
  const Json services = Json::array({Web("web-1", port)});
  Agent agent({.server_url = server_.Url(), .definitions = {{"services", services}}});
  agent.Start();
  ASSERT_TRUE(Eventually([&] { return !server_.PassingInstances("web").empty(); }));
  EXPECT_EQ(Ask(), "502");
  agent.Define({{"services", services}, {"watches", {Watch()}}});
  EXPECT_EQ(Http(agent.http_port()).Put("/v1/agent/reload").status, 200);
  EXPECT_TRUE(Eventually([&] { return Ask() == "backend"; }));
}

}  // namespace
}  // namespace rollcall::e2e
