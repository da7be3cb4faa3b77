// The log of a real server, followed with curl.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

TEST(MonitorTest, CurlFollowsTheLogUntilTheServerStops) {
  Server server;
  ASSERT_TRUE(server.Start({"--workers", "2"}));
  const TempDir dir;
  const std::string url = server.Url() + "/v1/agent/monitor";
  Process debugging(
      {.argv = {"curl", "-sSN", url + "?loglevel=debug"}, .output_path = dir.File("debugging")});
  // Each request is a debug line, so the first one that is seen says that curl is connected.
  ASSERT_TRUE(Eventually([&] {
    return server.Get("/v1/status/leader").ok() &&
           debugging.Output().find("GET /v1/status/leader") != std::string::npos;
  })) << debugging.Output();
  Process plain({.argv = {"curl", "-sSN", url}, .output_path = dir.File("plain")});
  ASSERT_TRUE(Eventually([&] {
    const std::string text = debugging.Output();
    const std::string line = "GET /v1/agent/monitor ";
    const size_t first = text.find(line);
    return first != std::string::npos && text.find(line, first + 1) != std::string::npos;
  })) << debugging.Output();

  EXPECT_EQ(server.Stop(), 0);
  EXPECT_EQ(debugging.Wait(seconds(10)), 0);
  EXPECT_EQ(plain.Wait(seconds(10)), 0);
  EXPECT_THAT(debugging.Output(), HasSubstr(" info stopping\n"));
  EXPECT_THAT(plain.Output(), HasSubstr(" info stopping\n"));
  EXPECT_THAT(plain.Output(), Not(HasSubstr("debug")));
  // The server's own log is of the level that it was started with.
  EXPECT_THAT(server.process().Output(), HasSubstr(" info stopping\n"));
  EXPECT_THAT(server.process().Output(), Not(HasSubstr("debug")));
}

}  // namespace
}  // namespace rollcall::e2e
