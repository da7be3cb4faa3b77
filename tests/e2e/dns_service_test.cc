// The real server's DNS settings, as an operator gives them, asked by the real dig: order, few
// answers, recursors, cookies, limits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/e2e/harness/dig.h"
#include "tests/e2e/harness/programs.h"
#include "tests/e2e/harness/raw_socket.h"

namespace rollcall::e2e {
namespace {

using testing::ElementsAre;

class DnsServiceTest : public testing::Test {
 protected:
  static void Register(Server& server, const std::string& node, const std::string& address,
                       const std::string& service) {
    ASSERT_TRUE(
        server
            .Put("/v1/catalog/register",
                 {{"Node", node}, {"Address", address}, {"Service", {{"Service", service}}}})
            .ok());
  }

  double Metric(const std::string& line) {
    const std::string text = server_.Get("/v1/agent/metrics?format=prometheus").body;
    const size_t at = text.find("\n" + line + " ");
    if (at == std::string::npos) return -1;
    return std::stod(text.substr(at + line.size() + 2));
  }

  Server server_;
};

TEST_F(DnsServiceTest, StableOrderGivesOneClientTheSameFewEveryTime) {
  ASSERT_TRUE(server_.Start({"--dns-order", "stable", "--dns-max-answers", "3"}));
  for (int i = 0; i < 20; ++i) {
    Register(server_, "n" + std::to_string(i), "10.0.0." + std::to_string(i), "web");
  }
  const std::vector<std::string> first = Dig(server_.dns_port(), "web.service.consul", "A").answers;
  EXPECT_EQ(first.size(), 3u);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Dig(server_.dns_port(), "web.service.consul", "A").answers, first);
  }
  // Over a restart too.
  ASSERT_EQ(server_.Stop(), 0);
  ASSERT_TRUE(server_.Start({"--dns-order", "stable", "--dns-max-answers", "3"}));
  EXPECT_EQ(Dig(server_.dns_port(), "web.service.consul", "A").answers, first);
  // Another client (127.0.0.0/8 is all ours) has others.
  std::set<std::vector<std::string>> all;
  for (int i = 1; i < 9; ++i) {
    all.insert(
        Dig(server_.dns_port(), "web.service.consul", "A", {"-b", "127.0.1." + std::to_string(i)})
            .answers);
  }
  EXPECT_GT(all.size(), 4u);
}

TEST_F(DnsServiceTest, ARecursorAnswersForOtherDomains) {
  Server other;
  ASSERT_TRUE(other.Start({"--domain", "example"}));
  Register(other, "www", "192.0.2.7", "web");
  const Port silent;
  ASSERT_TRUE(server_.Start({"--recursor", "127.0.0.1:" + std::to_string(silent.number()),
                             "--recursor", "127.0.0.1:" + std::to_string(other.dns_port())}));
  Register(server_, "out", "www.node.example", "web");
  EXPECT_THAT(Dig(server_.dns_port(), "www.node.example", "A").answers, ElementsAre("192.0.2.7"));
  EXPECT_THAT(Dig(server_.dns_port(), "www.node.example", "A", {"+tcp"}).answers,
              ElementsAre("192.0.2.7"));
  EXPECT_THAT(Dig(server_.dns_port(), "web.service.consul", "A").answers,
              ElementsAre("192.0.2.7", "www.node.example."));
  EXPECT_EQ(Dig(server_.dns_port(), "nobody.node.example", "A").status, "NXDOMAIN");
  EXPECT_EQ(Metric("rollcall_dns_forwarded_total{result=\"answered\"}"), 4);

  // Who is not allowed to is told so.
  ASSERT_EQ(server_.Stop(), 0);
  ASSERT_TRUE(server_.Start({"--recursor", "127.0.0.1:" + std::to_string(other.dns_port()),
                             "--allow-recursion", "10.0.0.0/8,::1"}));
  EXPECT_EQ(Dig(server_.dns_port(), "www.node.example", "A").status, "REFUSED");
}

TEST_F(DnsServiceTest, ByDefaultNobodyElsesDomainIsAnswered) {
  ASSERT_TRUE(server_.Start());
  EXPECT_EQ(Dig(server_.dns_port(), "www.node.example", "A").status, "REFUSED");
  EXPECT_EQ(Metric("rollcall_dns_forwarded_total{result=\"answered\"}"), -1);
}

TEST_F(DnsServiceTest, ConnectionsBeyondTheLimitsAreClosed) {
  ASSERT_TRUE(server_.Start({"--dns-max-connections-per-address", "2", "--workers", "2"}));
  Register(server_, "n1", "10.0.0.1", "web");
  {
    const RawSocket first(RawSocket::Kind::kTcp, server_.dns_port());
    const RawSocket second(RawSocket::Kind::kTcp, server_.dns_port());
    EXPECT_EQ(Dig(server_.dns_port(), "web.service.consul", "A", {"+tcp", "+tries=1"}).status, "");
    EXPECT_GE(Metric("rollcall_dns_tcp_connections_total{result=\"refused\"}"), 1);
    EXPECT_EQ(Dig(server_.dns_port(), "web.service.consul", "A").status, "NOERROR");
  }
  EXPECT_EQ(Dig(server_.dns_port(), "web.service.consul", "A", {"+tcp"}).status, "NOERROR");
}

TEST_F(DnsServiceTest, ServersWithOneSecretTakeEachOthersCookies) {
  const TempDir dir;
  const std::string secret = dir.Write("secret", "e5e973e5a6b2a43f48e7dc849e37bfcf\n");
  Server other;
  ASSERT_TRUE(server_.Start({"--dns-cookie-secret-file", secret}));
  ASSERT_TRUE(other.Start({"--dns-cookie-secret-file", secret}));
  const auto cookie_from = [](const Server& server, const std::string& sent) {
    return Dig(server.dns_port(), "consul", "SOA", {"+cookie=" + sent}).cookie;
  };
  const std::string given = cookie_from(server_, "2464c4abcf10c957");
  ASSERT_EQ(given.size(), 48u);
  EXPECT_EQ(cookie_from(other, given), given);
  EXPECT_EQ(cookie_from(server_, given), given);
  EXPECT_EQ(Metric("rollcall_dns_cookies_total{cookie=\"valid\"}"), 1);
}

}  // namespace
}  // namespace rollcall::e2e
