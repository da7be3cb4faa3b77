// nginx finds a service's instances through our DNS server, and stops using one that died.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <thread>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

// nginx takes addresses from A records and the port from its configuration, so the two backends
// share a port on two addresses.
constexpr const char* kFirst = "127.0.0.2";
constexpr const char* kSecond = "127.0.0.3";

Json WebOn(const std::string& address, int port) {
  return {{"id", "web-" + address},
          {"name", "web"},
          {"address", address},
          {"port", port},
          {"check",
           {{"http", "http://" + address + ":" + std::to_string(port) + "/"},
            {"interval", "1s"},
            {"timeout", "500ms"}}}};
}

class NginxTest : public testing::Test {
 protected:
  // proxy_next_upstream off: nginx must not cover up for a stale answer by trying the next address.
  void StartNginx() {
    const std::string dir = dir_.path();
    const std::string config = dir_.Write("nginx.conf",
                                          "daemon off;\n"
                                          "master_process off;\n"
                                          "pid " +
                                              dir +
                                              "/nginx.pid;\n"
                                              "error_log stderr warn;\n"
                                              "events { worker_connections 64; }\n"
                                              "http {\n"
                                              "  access_log off;\n"
                                              "  client_body_temp_path " +
                                              dir +
                                              "/body;\n"
                                              "  proxy_temp_path " +
                                              dir +
                                              "/proxy;\n"
                                              "  fastcgi_temp_path " +
                                              dir +
                                              "/fastcgi;\n"
                                              "  uwsgi_temp_path " +
                                              dir +
                                              "/uwsgi;\n"
                                              "  scgi_temp_path " +
                                              dir +
                                              "/scgi;\n"
                                              "  resolver 127.0.0.1:" +
                                              std::to_string(server_.dns_port()) +
                                              " valid=1s ipv6=off;\n"
                                              "  server {\n"
                                              "    listen " +
                                              listen_.address() +
                                              ";\n"
                                              "    location / {\n"
                                              "      set $upstream web.service.consul;\n"
                                              "      proxy_pass http://$upstream:" +
                                              backend_.text() +
                                              ";\n"
                                              "      proxy_connect_timeout 1s;\n"
                                              "      proxy_next_upstream off;\n"
                                              "    }\n"
                                              "  }\n"
                                              "}\n");
    nginx_ = std::make_unique<Process>(
        ProcessOptions{.argv = {"/usr/sbin/nginx", "-p", dir, "-c", config, "-e", "stderr"},
                       .output_path = dir_.File("nginx.log")});
  }

  // Sends requests for `time` and counts the answers by body; "failed" is everything but a 200.
  std::map<std::string, int> Answers(milliseconds time) {
    std::map<std::string, int> answers;
    const auto end = Clock::now() + time;
    while (Clock::now() < end) {
      Http http(listen_.number(), seconds(2));
      const Reply reply = http.Get("/");
      ++answers[reply.ok() ? reply.body : "failed"];
      std::this_thread::sleep_for(milliseconds(5));
    }
    return answers;
  }

  const TempDir dir_;
  const Port listen_;
  const Port backend_;
  Server server_;
  std::unique_ptr<Process> nginx_;
};

TEST_F(NginxTest, StopsSendingRequestsToABackendThatDied) {
  ASSERT_TRUE(server_.Start());
  Backend first(kFirst, backend_.number(), "first");
  Backend second(kSecond, backend_.number(), "second");
  Agent agent(
      {.server_url = server_.Url(),
       .definitions = {
           {"services", {WebOn(kFirst, backend_.number()), WebOn(kSecond, backend_.number())}}}});
  agent.Start();
  ASSERT_TRUE(Eventually([&] { return server_.PassingInstances("web").size() == 2; }));

  StartNginx();
  ASSERT_TRUE(Eventually([&] { return Http(listen_.number(), seconds(2)).Get("/").ok(); }));
  const std::map<std::string, int> both = Answers(seconds(2));
  EXPECT_GT(both.count("first"), 0u);
  EXPECT_GT(both.count("second"), 0u);
  EXPECT_EQ(both.count("failed"), 0u);

  second.Kill();
  // The check's interval plus 2 s, in which requests may fail.
  Answers(seconds(3));
  const std::map<std::string, int> afterwards = Answers(seconds(3));
  EXPECT_EQ(afterwards.count("failed"), 0u);
  EXPECT_EQ(afterwards.count("second"), 0u);
  EXPECT_GT(afterwards.count("first"), 0u);
  EXPECT_TRUE(nginx_->Running());
}

}  // namespace
}  // namespace rollcall::e2e
