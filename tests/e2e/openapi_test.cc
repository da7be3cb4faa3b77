// A real server and its own description, /openapi.json; what is compared is in clients/npm.
#include <gtest/gtest.h>

#include "tests/e2e/harness/npm.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

TEST(OpenApiTest, ItIsValidAndTheAnswersAreAsItSays) {
  Server server;
  ASSERT_TRUE(server.Start({"--acl"}));
  const Finished client =
      RunNodeScript("openapi.js", {"127.0.0.1", std::to_string(server.http_port())});
  EXPECT_EQ(client.code, 0) << client.output;
  EXPECT_TRUE(client.output.ends_with("done\n")) << client.output;
}

}  // namespace
}  // namespace rollcall::e2e
