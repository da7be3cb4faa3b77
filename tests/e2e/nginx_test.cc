// nginx finds a service's instances through our DNS server, and stops using one that died.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <thread>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/nginx_proxy.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

// Both backends share a port.
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
  // Sends requests for `time` and counts the answers by body; "failed" is everything but a 200.
  std::map<std::string, int> Answers(milliseconds time) {
    std::map<std::string, int> answers;
    const auto end = Clock::now() + time;
    while (Clock::now() < end) {
      Http http(nginx_.port(), seconds(2));
      const Reply reply = http.Get("/");
      ++answers[reply.ok() ? reply.body : "failed"];
      std::this_thread::sleep_for(milliseconds(5));
    }
    return answers;
  }

  const Port backend_;
  Server server_;
  NginxProxy nginx_;
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

  nginx_.Start({"127.0.0.1:" + std::to_string(server_.dns_port())}, backend_.number());
  ASSERT_TRUE(Eventually([&] { return Http(nginx_.port(), seconds(2)).Get("/").ok(); }));
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
  EXPECT_TRUE(nginx_.process().Running());
}

}  // namespace
}  // namespace rollcall::e2e
