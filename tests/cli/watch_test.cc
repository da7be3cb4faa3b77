// `rollcall watch` against a server that answers, changes, goes away and comes back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "tests/cli/fake_registry.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/files.h"
#include "tests/e2e/harness/process.h"

namespace rollcall::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kPath = "/v1/health/service/web";

std::string Instance(const std::string& id, const std::string& status) {
  return R"({"Node": {"Node": "n1", "Address": "10.0.0.1"}, "Service": {"ID": ")" + id +
         R"(", "Address": "", "Port": 80, "Tags": ["v1"]}, "Checks": [{"Name": "http", "Status": ")" +
         status + R"("}]})";
}

class WatchTest : public testing::Test {
 protected:
  WatchTest() : registry_(std::make_unique<FakeRegistry>()) {
    registry_->Set(kPath, {.body = "[" + Instance("web-1", "passing") + "]", .index = 10});
  }

  void Start(std::vector<std::string> more = {}) {
    std::vector<std::string> argv = {ROLLCALL_PROGRAM, "watch", "web", "--http-addr",
                                     registry_->Url()};
    argv.insert(argv.end(), more.begin(), more.end());
    watch_ = std::make_unique<e2e::Process>(e2e::ProcessOptions{
        .argv = argv, .output_path = dir_.File("out"), .error_path = dir_.File("err")});
  }

  // The lines so far, without the time that each begins with.
  std::vector<std::string> Lines() const {
    std::istringstream output(watch_->Output());
    std::vector<std::string> lines;
    for (std::string line; std::getline(output, line);) {
      lines.push_back(line.starts_with('{') ? line : line.substr(line.find(' ') + 1));
    }
    return lines;
  }

  testing::AssertionResult Shows(size_t line, const std::string& text) {
    if (!e2e::Eventually([&] { return Lines().size() > line; })) {
      return testing::AssertionFailure() << "no line " << line << "; stderr: " << watch_->Errors();
    }
    if (Lines()[line] == text) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "line " << line << " is: " << Lines()[line];
  }

  e2e::TempDir dir_;
  std::unique_ptr<FakeRegistry> registry_;
  std::unique_ptr<e2e::Process> watch_;
};

TEST_F(WatchTest, PrintsEachChangeAsItHappens) {
  Start();
  EXPECT_TRUE(Shows(0, "+ web-1 on n1 10.0.0.1:80 passing [v1]"));
  registry_->Set(kPath, {.body = "[" + Instance("web-1", "critical") + "]", .index = 11});
  EXPECT_TRUE(Shows(1, "~ web-1 on n1 10.0.0.1:80 passing -> critical (http)"));
  registry_->Set(kPath, {.body = "[" + Instance("web-1", "critical") + "," +
                                 Instance("web-2", "passing") + "]",
                         .index = 12});
  EXPECT_TRUE(Shows(2, "+ web-2 on n1 10.0.0.1:80 passing [v1]"));
  registry_->Set(kPath, {.body = "[" + Instance("web-2", "passing") + "]", .index = 13});
  EXPECT_TRUE(Shows(3, "- web-1 on n1 10.0.0.1:80"));
  EXPECT_THAT(registry_->Requests(),
              testing::Contains("GET /v1/health/service/web?index=12&wait=60s"));
}

TEST_F(WatchTest, JsonIsOneObjectPerChange) {
  Start({"--json"});
  ASSERT_TRUE(e2e::Eventually([&] { return !Lines().empty(); }));
  registry_->Set(kPath, {.body = "[]", .index = 11});
  ASSERT_TRUE(e2e::Eventually([&] { return Lines().size() == 2; }));
  const auto came = nlohmann::json::parse(Lines()[0]);
  EXPECT_EQ(came["Event"], "added");
  EXPECT_EQ(came["ID"], "web-1");
  EXPECT_EQ(came["Address"], "10.0.0.1");
  EXPECT_EQ(came["Port"], 80);
  EXPECT_EQ(came["Status"], "passing");
  EXPECT_EQ(nlohmann::json::parse(Lines()[1])["Event"], "removed");
}

TEST_F(WatchTest, ReconnectsAndShowsWhatItMissed) {
  Start();
  EXPECT_TRUE(Shows(0, "+ web-1 on n1 10.0.0.1:80 passing [v1]"));
  const int port = registry_->port();
  registry_.reset();
  EXPECT_TRUE(e2e::Eventually(
      [&] { return watch_->Errors().find("connection refused") != std::string::npos; }));
  EXPECT_THAT(watch_->Errors(), StartsWith("rollcall: "));
  EXPECT_THAT(watch_->Errors(), HasSubstr("; trying again in "));

  registry_ = std::make_unique<FakeRegistry>(port);
  registry_->Set(kPath, {.body = "[" + Instance("web-1", "critical") + "]", .index = 3});
  EXPECT_TRUE(Shows(1, "~ web-1 on n1 10.0.0.1:80 passing -> critical (http)"));
  EXPECT_THAT(watch_->Errors(), HasSubstr(" is back\n"));
  // The index went backwards, and the watch follows all the same.
  registry_->Set(kPath, {.body = "[]", .index = 4});
  EXPECT_TRUE(Shows(2, "- web-1 on n1 10.0.0.1:80"));
  EXPECT_EQ(Lines().size(), 3u);
}

TEST_F(WatchTest, ControlCEndsItWithZero) {
  for (const int signal : {SIGINT, SIGTERM}) {
    Start();
    ASSERT_TRUE(e2e::Eventually([&] { return !Lines().empty(); }));
    watch_->Signal(signal);
    EXPECT_EQ(watch_->Wait(std::chrono::seconds(5)), 0);
  }
}

TEST_F(WatchTest, GivesUpWhenTheServerRefuses) {
  Start();
  ASSERT_TRUE(e2e::Eventually([&] { return !Lines().empty(); }));
  registry_->Set(kPath, {.status = 400, .body = "no", .index = 11});
  EXPECT_EQ(watch_->Wait(std::chrono::seconds(5)), 1);
  EXPECT_THAT(watch_->Errors(), HasSubstr("answered 400: no"));
}

}  // namespace
}  // namespace rollcall::cli
