// unbound hands the registry's zones on to our DNS server, with the lines that docs/dns.md gives.
// It validates (its trust anchor is the root's), and what is not ours it asks our server, too,
// which refuses: no test asks the world.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/dig.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/page.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr char kInsecure[] = "    domain-insecure: \"consul\"\n";

std::string Recipe() { return BlockOf(ROLLCALL_DNS_PAGE, "conf", "stub-zone:"); }

class UnboundTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(server_.Start()); }

  void StartUnbound(const std::string& recipe = Recipe()) {
    const std::string server = "127.0.0.1@" + std::to_string(server_.dns_port());
    const std::string config =
        With(recipe, "127.0.0.1@8600", server) +
        "forward-zone:\n    name: \".\"\n    forward-addr: " + server +
        "\n"
        "server:\n"
        "    trust-anchor: \". DS 20326 8 2 "
        "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\"\n"
        "    interface: 127.0.0.1\n"
        "    port: " +
        port_.text() +
        "\n"
        "    directory: \"" +
        dir_.path() +
        "\"\n"
        "    chroot: \"\"\n"
        "    username: \"\"\n"
        "    pidfile: \"\"\n"
        "    use-syslog: no\n";
    unbound_ = std::make_unique<Process>(ProcessOptions{
        .argv = {"/usr/sbin/unbound", "-d", "-c", dir_.Write("unbound.conf", config)},
        .output_path = dir_.File("unbound.log")});
    EXPECT_TRUE(Eventually([&] { return !Ask("consul", "SOA").status.empty(); }))
        << unbound_->Output();
  }

  DnsReply Ask(const std::string& name, const std::string& type,
               const std::vector<std::string>& options = {}) {
    return Dig(port_.number(), name, type, options);
  }

  bool Register(const std::string& node, const std::string& address) {
    return server_
        .Put("/v1/catalog/register", {{"Node", node},
                                      {"Address", address},
                                      {"Service", {{"Service", "web"}, {"Port", 8080}}}})
        .ok();
  }
  bool Deregister(const std::string& node) {
    return server_.Put("/v1/catalog/deregister", {{"Node", node}}).ok();
  }

  const TempDir dir_;
  const Port port_;
  Server server_;
  std::unique_ptr<Process> unbound_;
};

TEST_F(UnboundTest, AnswersForTheRegistrysDomain) {
  ASSERT_TRUE(Register("host-1", "10.0.0.1"));
  StartUnbound();
  EXPECT_THAT(Ask("web.service.consul", "A").answers, ElementsAre("10.0.0.1"));
  EXPECT_THAT(Ask("web.service.consul", "A", {"+tcp"}).answers, ElementsAre("10.0.0.1"));
  EXPECT_THAT(Ask("wEb.sErvice.coNsul", "A").answers, ElementsAre("10.0.0.1"));
  EXPECT_THAT(Ask("_web._tcp.service.consul", "SRV").answers,
              ElementsAre("1 1 8080 host-1.node.dc1.consul."));
  EXPECT_THAT(Ask("host-1.node.consul", "A").answers, ElementsAre("10.0.0.1"));
  const DnsReply no_data = Ask("web.service.consul", "AAAA");
  EXPECT_EQ(no_data.status, "NOERROR");
  EXPECT_THAT(no_data.answers, SizeIs(0));
  EXPECT_EQ(Ask("nobody.service.consul", "A").status, "NXDOMAIN");
  EXPECT_EQ(Ask("web.example", "A").status, "SERVFAIL");
}

TEST_F(UnboundTest, AnswersTheWayBackFromAnAddress) {
  ASSERT_TRUE(Register("host-1", "10.0.0.1"));
  StartUnbound();
  EXPECT_THAT(Ask("1.0.0.10.in-addr.arpa", "PTR").answers, ElementsAre("host-1.node.dc1.consul."));
  EXPECT_EQ(Ask("2.0.0.10.in-addr.arpa", "PTR").status, "NXDOMAIN");
}

TEST_F(UnboundTest, KeepsNoAnswerFromBeforeAChange) {
  StartUnbound();
  EXPECT_EQ(Ask("web.service.consul", "A").status, "NXDOMAIN");
  ASSERT_TRUE(Register("host-1", "10.0.0.1"));
  EXPECT_THAT(Ask("web.service.consul", "A").answers, ElementsAre("10.0.0.1"));
  ASSERT_TRUE(Register("host-2", "10.0.0.2"));
  EXPECT_THAT(Ask("web.service.consul", "A").answers, ElementsAre("10.0.0.1", "10.0.0.2"));
  ASSERT_TRUE(Deregister("host-1"));
  EXPECT_THAT(Ask("web.service.consul", "A").answers, ElementsAre("10.0.0.2"));
  EXPECT_EQ(Ask("1.0.0.10.in-addr.arpa", "PTR").status, "NXDOMAIN");
  ASSERT_TRUE(Deregister("host-2"));
  EXPECT_EQ(Ask("web.service.consul", "A").status, "NXDOMAIN");
}

TEST_F(UnboundTest, FetchesALargeServiceOverTcp) {
  for (int i = 1; i <= 200; ++i) {
    ASSERT_TRUE(Register("host-" + std::to_string(i), "10.0.0." + std::to_string(i)));
  }
  StartUnbound();
  EXPECT_THAT(Ask("web.service.consul", "SRV", {"+tcp"}).answers, SizeIs(200));
  EXPECT_THAT(Ask("web.service.consul", "A").answers, SizeIs(200));
  // It asked over UDP first.
  const std::string metrics = server_.Get("/v1/agent/metrics?format=prometheus").body;
  EXPECT_THAT(metrics, Not(HasSubstr("rollcall_dns_truncated_total 0\n")));
  EXPECT_THAT(metrics, Not(HasSubstr("rollcall_dns_queries_total{transport=\"tcp\"} 0\n")));
}

// The zone has no signatures.
TEST_F(UnboundTest, WouldNotBelieveTheDomainWithoutBeingToldThatItIsInsecure) {
  ASSERT_TRUE(Register("host-1", "10.0.0.1"));
  StartUnbound(With(Recipe(), kInsecure, ""));
  EXPECT_EQ(Ask("web.service.consul", "A").status, "SERVFAIL");
  EXPECT_THAT(Ask("web.service.consul", "A", {"+cd"}).answers, ElementsAre("10.0.0.1"));
}

}  // namespace
}  // namespace rollcall::e2e
