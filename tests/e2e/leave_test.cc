// PUT /v1/agent/leave stops the server as SIGTERM does: nobody is left without an answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"
#include "tests/e2e/harness/raw_socket.h"

namespace rollcall::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(LeaveTest, TheServerAnswersAndStops) {
  Server server;
  ASSERT_TRUE(server.Start());
  const Reply written =
      server.Put("/v1/catalog/register", {{"Node", "host"}, {"Address", "10.0.0.1"}});
  ASSERT_TRUE(written.ok());
  const Reply reply = server.Put("/v1/agent/leave");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "");
  EXPECT_EQ(server.process().Wait(std::chrono::seconds(20)), 0);
  // All that was acknowledged is there again.
  ASSERT_TRUE(server.Start());
  EXPECT_EQ(server.Get("/v1/catalog/node/host").json()["Node"]["Address"], "10.0.0.1");
}

TEST(LeaveTest, ParkedQueriesAreAnswered) {
  Server server;
  ASSERT_TRUE(server.Start({"--workers", "2"}));
  const uint64_t index = server.Get("/v1/catalog/nodes").index;
  ASSERT_GT(index, 0u);
  // Two requests at once on each connection: when the first is answered, the second is parked.
  const std::string requests =
      "GET /v1/status/leader HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET /v1/catalog/nodes?wait=60s&index=" +
      std::to_string(index) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  std::vector<RawSocket> clients;
  for (int i = 0; i < 8; ++i) {
    RawSocket& client = clients.emplace_back(RawSocket::Kind::kTcp, server.http_port());
    ASSERT_TRUE(client.Send(requests));
    std::string first;
    ASSERT_TRUE(Eventually([&] {
      first += client.Receive(std::chrono::milliseconds(20));
      return first.ends_with('"');
    })) << first;
    EXPECT_THAT(first, Not(HasSubstr("X-Consul-Index")));
  }
  EXPECT_EQ(server.Put("/v1/agent/leave").status, 200);
  for (RawSocket& client : clients) {
    const std::string answer = client.Receive(std::chrono::seconds(20));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
    EXPECT_THAT(answer, HasSubstr("X-Consul-Index: " + std::to_string(index) + "\r\n"));
  }
  EXPECT_EQ(server.process().Wait(std::chrono::seconds(20)), 0);
}

}  // namespace
}  // namespace rollcall::e2e
