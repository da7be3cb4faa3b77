// The agent's DNS while the registry is there, away and back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/dig.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

class AgentDnsTest : public ::testing::Test {
 protected:
  DnsReply Ask(const std::string& type, const std::vector<std::string>& options = {}) {
    return Dig(agent_.dns_port(), "db.service.consul", type, options);
  }
  static bool IsFresh(const DnsReply& reply) {
    return reply.status == "NOERROR" && !reply.answers.empty() && reply.extended_error.empty();
  }

  Server server_;
  Agent agent_{{.server_url = server_.Url(),
                .definitions = {{"service", {{"id", "db-1"}, {"name", "db"}, {"port", 5432}}}}}};
};

TEST_F(AgentDnsTest, AnswersAreStaleWhileTheRegistryIsAway) {
  ASSERT_TRUE(server_.Start());
  agent_.Start();
  ASSERT_TRUE(Eventually([&] { return IsFresh(Ask("SRV")) && IsFresh(Ask("A", {"+tcp"})); }));

  server_.Kill();
  const DnsReply srv = Ask("SRV");
  EXPECT_EQ(srv.status, "NOERROR");
  EXPECT_EQ(srv.answers.size(), 1u);
  EXPECT_EQ(srv.ttl, 5);
  EXPECT_EQ(srv.extended_error, "3 (Stale Answer)");
  EXPECT_EQ(Ask("A", {"+tcp"}).extended_error, "3 (Stale Answer)");
  // What nobody asked for before is not known.
  const DnsReply unknown = Ask("TXT");
  EXPECT_EQ(unknown.status, "SERVFAIL");
  EXPECT_EQ(unknown.extended_error, "22 (No Reachable Authority)");

  ASSERT_TRUE(server_.Start());
  EXPECT_TRUE(Eventually([&] { return IsFresh(Ask("SRV")) && IsFresh(Ask("A", {"+tcp"})); }));
}

TEST_F(AgentDnsTest, AnswersAreKeptForTheirTtl) {
  ASSERT_TRUE(server_.Start({"--service-ttl", "*=60s", "--node-ttl", "60s"}));
  agent_.Start();
  ASSERT_TRUE(Eventually([&] { return IsFresh(Ask("SRV")); }));
  server_.Kill();
  const DnsReply kept = Ask("SRV");
  EXPECT_THAT(kept.answers.size(), 1u);
  EXPECT_GT(kept.ttl, 5);
  EXPECT_THAT(kept.extended_error, IsEmpty());
}

TEST(AgentDnsFailoverTest, OneServerOfTwoIsEnough) {
  Server first;
  Server second;
  ASSERT_TRUE(first.Start());
  ASSERT_TRUE(second.Start());
  Agent agent({.server_url = second.Url(),
               .definitions = {{"service", {{"id", "db-1"}, {"name", "db"}, {"port", 5432}}}},
               .more_flags = {"--server-dns", "127.0.0.1:" + std::to_string(first.dns_port()),
                              "--server-dns", "127.0.0.1:" + std::to_string(second.dns_port())}});
  first.Kill();
  agent.Start();
  EXPECT_TRUE(Eventually([&] {
    const DnsReply reply = Dig(agent.dns_port(), "db.service.consul", "SRV");
    return reply.answers.size() == 1 && reply.extended_error.empty();
  }));
}

}  // namespace
}  // namespace rollcall::e2e
