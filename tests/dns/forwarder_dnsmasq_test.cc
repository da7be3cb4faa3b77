// The forwarder with dnsmasq as its recursor.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/dns/forwarder_fixture.h"
#include "tests/e2e/harness/files.h"
#include "tests/e2e/harness/port.h"
#include "tests/e2e/harness/process.h"

namespace rollcall::dns {
namespace {

using testing::ElementsAre;

class ForwarderDnsmasqTest : public ForwarderFixture {
 protected:
  ForwarderDnsmasqTest() {
    std::string config =
        "no-resolv\n"
        "no-hosts\n"
        "listen-address=127.0.0.1\n"
        "bind-interfaces\n"
        "address=/example.org/192.0.2.7\n"
        "local=/example/\n"
        "port=" +
        port_.text() + "\n";
    // Far more than one datagram takes.
    for (int i = 0; i < 40; ++i) {
      config += "txt-record=long.example," + std::to_string(i) + std::string(200, 'x') + "\n";
    }
    dnsmasq_ = std::make_unique<e2e::Process>(
        e2e::ProcessOptions{.argv = {"/usr/sbin/dnsmasq", "--no-daemon",
                                     "--conf-file=" + dir_.Write("dnsmasq.conf", config)},
                            .output_path = dir_.File("dnsmasq.log")});
    options_.servers = {{Ipv4{127, 0, 0, 1}, static_cast<uint16_t>(port_.number())}};
  }

  // Until it has started, its port is closed.
  bool AwaitDnsmasq() {
    return RunUntil([this] { return !AskRaw({.name = "example.org.", .type = "A"}).empty(); });
  }

  const e2e::TempDir dir_;
  const e2e::Port port_;
  std::unique_ptr<e2e::Process> dnsmasq_;
};

TEST_F(ForwarderDnsmasqTest, AnswersWhatItKnows) {
  ASSERT_TRUE(AwaitDnsmasq());
  const MessageText got = Ask({.name = "wWw.example.ORG.", .type = "A", .id = 7});
  EXPECT_EQ(got.id, 7);
  EXPECT_EQ(got.rcode, "NOERROR");
  EXPECT_THAT(got.answer, ElementsAre("wWw.example.ORG. 0 A 192.0.2.7"));
  EXPECT_EQ(got.edns, std::nullopt);
  EXPECT_EQ(Ask({.name = "nothing.example.", .type = "A"}).rcode, "NXDOMAIN");
  EXPECT_EQ(Ask({.name = "other.test.", .type = "A"}).rcode, "REFUSED");
}

TEST_F(ForwarderDnsmasqTest, AnswersWithEdns) {
  ASSERT_TRUE(AwaitDnsmasq());
  const MessageText got = Ask(
      {.name = "example.org.", .type = "A", .edns = 4096, .options = "000a00080102030405060708"});
  EXPECT_THAT(got.answer, ElementsAre("example.org. 0 A 192.0.2.7"));
  EXPECT_EQ(got.edns, options_.advertised_payload);
  EXPECT_EQ(got.options, "");
}

TEST_F(ForwarderDnsmasqTest, GivesLongAnswersOverTcp) {
  ASSERT_TRUE(AwaitDnsmasq());
  const MessageText got = Ask({.name = "long.example.", .type = "TXT"});
  EXPECT_EQ(got.answer.size(), 40u);
  EXPECT_EQ(counters().tcp_retries.value(), 1u);
}

}  // namespace
}  // namespace rollcall::dns
