// Checks that hang: what they leave behind, and whom they delay.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <set>
#include <thread>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"
#include "tests/e2e/harness/silent_server.h"

namespace rollcall::e2e {
namespace {

using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

// The processes that have `marker` in their command line.
std::set<std::string> ProcessesWith(const std::string& marker) {
  std::set<std::string> pids;
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", gone)) {
    const std::string pid = entry.path().filename();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    if (ReadFile(entry.path() / "cmdline").find(marker) != std::string::npos) pids.insert(pid);
  }
  return pids;
}

// The checks of an agent, by their IDs.
Json ChecksOf(const Agent& agent) { return Http(agent.http_port()).Get("/v1/agent/checks").json(); }

std::string FieldOf(const Agent& agent, const std::string& check, const std::string& field) {
  const Json checks = ChecksOf(agent);
  return checks.contains(check) ? checks[check].value(field, "") : "";
}

// A script with a child and a grandchild, none of which minds being asked to end.
class HangingScriptTest : public ::testing::Test {
 protected:
  static constexpr size_t kProcesses = 3;

  void SetUp() override { ASSERT_TRUE(server_.Start()); }
  // Of a test that failed.
  void TearDown() override {
    for (const std::string& pid : ProcessesWith(marker_)) kill(std::stoi(pid), SIGKILL);
  }

  Json Script(const std::string& timeout) const {
    const std::string hang = "trap '' TERM HUP INT; sleep 600; : " + marker_;
    const std::string child = "trap '' TERM HUP INT; sh -c \"" + hang + "\" & sleep 600; : ";
    return {{"check",
             {{"id", "hangs"},
              {"name", "hangs"},
              {"args",
               {"/bin/sh", "-c", "sh -c \"$1\" child & echo begun; sleep 600; : " + marker_, "sh",
                child + marker_}},
              {"interval", "1s"},
              {"timeout", timeout}}}};
  }

  const std::string marker_ = "of-test-" + std::to_string(getpid());
  Server server_;
};

TEST_F(HangingScriptTest, IsKilledWithAllThatItStartedWhenItsTimeIsUp) {
  Agent agent({.server_url = server_.Url(),
               .definitions = Script("2s"),
               .more_flags = {"--enable-local-script-checks", "true"}});
  agent.Start();
  std::set<std::string> first;
  ASSERT_TRUE(Eventually([&] { return (first = ProcessesWith(marker_)).size() >= kProcesses; }));
  ASSERT_TRUE(
      Eventually([&] { return FieldOf(agent, "hangs", "Output").starts_with("Timed out (2s)"); }));
  EXPECT_THAT(FieldOf(agent, "hangs", "Output"), testing::EndsWith("begun\n"));
  EXPECT_EQ(FieldOf(agent, "hangs", "Status"), "critical");
  // The next attempt has processes of its own; those of the first are gone.
  const auto left = [&] {
    std::set<std::string> both;
    const std::set<std::string> now = ProcessesWith(marker_);
    std::set_intersection(first.begin(), first.end(), now.begin(), now.end(),
                          std::inserter(both, both.begin()));
    return both.size();
  };
  EXPECT_TRUE(Eventually([&] { return left() == 0; }));
  // Whatever the number of attempts.
  EXPECT_LE(ProcessesWith(marker_).size(), kProcesses + 2);
  EXPECT_EQ(agent.Stop(), 0);
  EXPECT_TRUE(Eventually([&] { return ProcessesWith(marker_).empty(); }));
}

TEST_F(HangingScriptTest, IsKilledWithAllThatItStartedWhenItIsDefinedNoMore) {
  Agent agent({.server_url = server_.Url(),
               .definitions = Script("10m"),
               .more_flags = {"--enable-local-script-checks", "true"}});
  agent.Start();
  ASSERT_TRUE(Eventually([&] { return ProcessesWith(marker_).size() >= kProcesses; }));
  agent.Define(Json::object());
  ASSERT_TRUE(Http(agent.http_port()).Put("/v1/agent/reload").ok());
  EXPECT_TRUE(Eventually([&] { return ProcessesWith(marker_).empty(); }));
}

// A web server that remembers when it was asked, and answers with a status of the test's choice.
class AskedServer {
 public:
  AskedServer() {
    server_.Get("/", [this](const httplib::Request&, httplib::Response& response) {
      const std::lock_guard lock(mutex_);
      asked_.push_back(Clock::now());
      response.status = status_;
    });
    thread_ = std::thread([this] { server_.listen("127.0.0.1", port_.number()); });
  }
  ~AskedServer() {
    server_.stop();
    thread_.join();
  }
  AskedServer(const AskedServer&) = delete;
  AskedServer& operator=(const AskedServer&) = delete;

  std::string url() const { return "http://" + port_.address() + "/"; }
  void Answer(int status) {
    const std::lock_guard lock(mutex_);
    status_ = status;
  }
  std::vector<Clock::time_point> Asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  const Port port_;
  std::mutex mutex_;
  std::vector<Clock::time_point> asked_;
  int status_ = 200;
  httplib::Server server_;
  std::thread thread_;
};

TEST(HangingChecksTest, TwoHundredThatHangDelayNoneThatDoesNot) {
  constexpr int kHanging = 200;
  const SilentServer hangs;
  AskedServer answers;
  Server server;
  ASSERT_TRUE(server.Start());
  Json checks = Json::array();
  for (int i = 0; i < kHanging; ++i) {
    const std::string id = "hangs-" + std::to_string(i);
    checks.push_back({{"id", id},
                      {"name", id},
                      {"http", "http://" + hangs.address() + "/"},
                      {"interval", "1s"},
                      {"timeout", "5s"}});
  }
  const Json good = {{"id", "good"}, {"http", answers.url()}, {"interval", "1s"}};
  Agent agent(
      {.server_url = server.Url(),
       .definitions = {{"services", {{{"name", "web"}, {"check", good}}}}, {"checks", checks}}});
  agent.Start();
  ASSERT_TRUE(Eventually([&] { return hangs.accepted() >= kHanging; }));
  ASSERT_TRUE(Eventually([&] { return FieldOf(agent, "good", "Status") == "passing"; }));
  // While they wait, time out and begin again, each change is seen with the next attempt.
  const auto since = Clock::now();
  for (int i = 0; i < 8; ++i) {
    const bool ill = i % 2 == 0;
    answers.Answer(ill ? 500 : 200);
    const size_t before = answers.Asked().size();
    const std::string expected = ill ? "critical" : "passing";
    EXPECT_TRUE(Eventually([&] { return FieldOf(agent, "good", "Status") == expected; }));
    EXPECT_LE(answers.Asked().size() - before, 2u);
  }
  ASSERT_TRUE(Eventually([&] { return hangs.accepted() >= 2 * kHanging; }));
  EXPECT_THAT(FieldOf(agent, "hangs-7", "Output"), testing::HasSubstr("5s"));

  // A second apart, not a timeout.
  const std::vector<Clock::time_point> asked = answers.Asked();
  ASSERT_GT(asked.size(), 8u);
  for (size_t i = 1; i < asked.size(); ++i) EXPECT_LT(asked[i] - asked[i - 1], seconds(3)) << i;
  EXPECT_GE(Clock::now() - since, seconds(4));
}

}  // namespace
}  // namespace rollcall::e2e
