// The `consul` client from npm against a real server; what it does is in clients/npm.
#include <gtest/gtest.h>

#include "tests/e2e/harness/npm.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

TEST(NpmConsulTest, RegistersKeepsAliveListsWatchesDeregisters) {
  Server server;
  ASSERT_TRUE(server.Start());
  const Finished client =
      RunNodeScript("consul_client.js", {"127.0.0.1", std::to_string(server.http_port())});
  EXPECT_EQ(client.code, 0) << client.output;
  EXPECT_TRUE(client.output.ends_with("done\n")) << client.output;
}

}  // namespace
}  // namespace rollcall::e2e
