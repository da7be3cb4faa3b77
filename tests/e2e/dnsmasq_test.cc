// dnsmasq hands one domain on to our DNS server, with the line that the README gives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/dig.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class DnsmasqTest : public testing::Test {
 protected:
  void StartDnsmasq() {
    const std::string config = dir_.Write(
        "dnsmasq.conf", "server=/consul/127.0.0.1#" + std::to_string(server_.dns_port()) +
                            "\n"
                            // For the test: nothing of this host's.
                            "no-resolv\n"
                            "no-hosts\n"
                            "listen-address=127.0.0.1\n"
                            "bind-interfaces\n"
                            "port=" +
                            port_.text() + "\n");
    dnsmasq_ = std::make_unique<Process>(
        ProcessOptions{.argv = {"/usr/sbin/dnsmasq", "--no-daemon", "--conf-file=" + config},
                       .output_path = dir_.File("dnsmasq.log")});
  }

  DnsReply Ask(const std::string& name, const std::string& type,
               const std::vector<std::string>& options = {}) {
    return Dig(port_.number(), name, type, options);
  }

  bool Register(const std::string& id, const std::string& address) {
    return server_
        .Put("/v1/agent/service/register",
             {{"ID", id}, {"Name", "web"}, {"Address", address}, {"Port", 8080}})
        .ok();
  }

  const TempDir dir_;
  const Port port_;
  Server server_;
  std::unique_ptr<Process> dnsmasq_;
};

TEST_F(DnsmasqTest, AnswersForTheRegistrysDomain) {
  ASSERT_TRUE(server_.Start());
  ASSERT_TRUE(Register("web-1", "10.0.0.1"));
  StartDnsmasq();
  ASSERT_TRUE(Eventually([&] { return Ask("web.service.consul", "A").status == "NOERROR"; }));
  EXPECT_THAT(Ask("web.service.consul", "A").answers, ElementsAre("10.0.0.1"));
  EXPECT_THAT(Ask("web.service.consul", "A", {"+tcp"}).answers, ElementsAre("10.0.0.1"));
  EXPECT_THAT(Ask("_web._tcp.service.consul", "SRV").answers, ElementsAre(HasSubstr(" 8080 ")));
  EXPECT_THAT(Ask("n1.node.consul", "A").answers, ElementsAre("127.0.0.1"));
  EXPECT_EQ(Ask("nobody.service.consul", "A").status, "NXDOMAIN");
  // Everything else is not ours.
  EXPECT_EQ(Ask("web.example", "A").status, "REFUSED");
}

TEST_F(DnsmasqTest, KeepsNoAnswerFromBeforeAChange) {
  ASSERT_TRUE(server_.Start());
  StartDnsmasq();
  ASSERT_TRUE(Eventually([&] { return Ask("web.service.consul", "A").status == "NXDOMAIN"; }));
  ASSERT_TRUE(Register("web-1", "10.0.0.1"));
  EXPECT_THAT(Ask("web.service.consul", "A").answers, ElementsAre("10.0.0.1"));
  ASSERT_TRUE(Register("web-2", "10.0.0.2"));
  EXPECT_THAT(Ask("web.service.consul", "A").answers, ElementsAre("10.0.0.1", "10.0.0.2"));
  ASSERT_TRUE(server_.Put("/v1/agent/service/deregister/web-1").ok());
  EXPECT_THAT(Ask("web.service.consul", "A").answers, ElementsAre("10.0.0.2"));
  ASSERT_TRUE(server_.Put("/v1/agent/service/deregister/web-2").ok());
  EXPECT_EQ(Ask("web.service.consul", "A").status, "NXDOMAIN");
}

}  // namespace
}  // namespace rollcall::e2e
