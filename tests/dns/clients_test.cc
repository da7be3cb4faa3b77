// dig, mdig, delv and drill as clients.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/dns/clients_fixture.h"
#include "tests/dns/running_server.h"

namespace rollcall::dns {
namespace {

using testing::HasSubstr;
using testing::Not;

using DnsClientsTest = ClientsFixture;

TEST_F(DnsClientsTest, DigFindsAServiceWithItsAddresses) {
  const std::string output = Dig("web.service.consul SRV");
  EXPECT_THAT(output, HasSubstr("status: NOERROR"));
  EXPECT_THAT(output, HasSubstr("flags: qr aa rd;"));
  EXPECT_THAT(output, HasSubstr("1 1 8080 n1.node.dc1.consul."));
  EXPECT_THAT(output, HasSubstr("2001:db8::7"));
  EXPECT_THAT(output, Not(HasSubstr("Warning: Message parser reports malformed")));
  EXPECT_THAT(output, HasSubstr("udp: 8192"));
}

TEST_F(DnsClientsTest, DigTurnsToTcpWhenTheAnswerIsTruncated) {
  const std::string output = Dig("+noedns many.service.consul A");
  EXPECT_THAT(output, HasSubstr("Truncated, retrying in TCP mode"));
  EXPECT_THAT(output, HasSubstr("ANSWER: 200,"));
}

TEST_F(DnsClientsTest, DigLearnsThatANewerEdnsIsNotSpoken) {
  // +noednsneg: not to ask again with the version that we speak.
  EXPECT_THAT(Dig("+edns=1 +noednsneg web.service.consul A"), HasSubstr("status: BADVERS"));
  EXPECT_THAT(Dig("+edns=1 web.service.consul A"), HasSubstr("status: NOERROR"));
}

TEST_F(DnsClientsTest, DigGetsNoAnswerToOptionsThatWeDoNotKnow) {
  const std::string output =
      Dig("+nocookie +nsid +ednsopt=65001:abcd +ednsopt=12:0000 web.service.consul A");
  EXPECT_THAT(output, HasSubstr("status: NOERROR"));
  EXPECT_THAT(output, HasSubstr("127.0.0.1\n"));
  EXPECT_THAT(output, HasSubstr("EDNS: version: 0, flags:; udp: 8192\n;; QUESTION SECTION"));
}

TEST_F(DnsClientsTest, DigLearnsThatItsSubnetDoesNotMatter) {
  EXPECT_THAT(Dig("+subnet=198.51.100.0/24 web.service.consul A"),
              HasSubstr("CLIENT-SUBNET: 198.51.100.0/24/0"));
}

TEST_F(DnsClientsTest, DigSendsBackTheCookieThatItWasGiven) {
  const std::string first = Dig("+cookie web.service.consul A");
  const std::string begin = "; COOKIE: ";
  ASSERT_THAT(first, HasSubstr(begin));
  const std::string cookie = first.substr(first.find(begin) + begin.size(), 48);
  EXPECT_THAT(first, HasSubstr(cookie + " (good)"));
  EXPECT_EQ(server_.counters().cookies_valid.value(), 0u);
  EXPECT_THAT(Dig("+cookie=" + cookie + " web.service.consul A"), HasSubstr(cookie + " (good)"));
  EXPECT_EQ(server_.counters().cookies_valid.value(), 1u);
}

TEST_F(DnsClientsTest, DigAsksTwiceOnOneConnection) {
  const std::string output =
      Dig("+tcp +keepopen +keepalive node1.node.consul A node2.node.consul A");
  EXPECT_THAT(output, HasSubstr("10.0.0.1\n"));
  EXPECT_THAT(output, HasSubstr("10.0.0.2\n"));
  EXPECT_EQ(server_.counters().tcp_connections.value(), 1u);
  EXPECT_EQ(server_.counters().tcp_queries.value(), 2u);
}

TEST_F(DnsClientsTest, MdigAsksOnOneConnectionWithoutWaiting) {
  std::string arguments = "+vc";
  for (int i = 1; i <= 100; ++i) arguments += " node" + std::to_string(i) + ".node.consul";
  const std::string output = Mdig(arguments);
  for (int i = 1; i <= 100; ++i) {
    EXPECT_THAT(output, HasSubstr("\tA\t10.0.0." + std::to_string(i) + "\n"));
  }
  EXPECT_EQ(server_.counters().tcp_connections.value(), 1u);
  EXPECT_EQ(server_.counters().tcp_queries.value(), 100u);
}

TEST_F(DnsClientsTest, DigAsksOverIpv6) {
  if (!OpenSockets("::1", 0, 1)) GTEST_SKIP() << "this machine has no IPv6";
  for (const char* address : {"::1", "::"}) {
    RunningServer server(Catalog(), TestOptions(), 1, address);
    const std::string dig = "dig @::1 -p " + std::to_string(server.port()) + " ";
    EXPECT_THAT(OutputOf(dig + "+short n1.node.consul A"), HasSubstr("127.0.0.1"));
    EXPECT_THAT(OutputOf(dig + "+short +tcp n1.node.consul A"), HasSubstr("127.0.0.1"));
  }
}

TEST_F(DnsClientsTest, DelvTakesAnswersThatAreNotSigned) {
  EXPECT_THAT(Delv("-i n1.node.consul A"), HasSubstr("; authoritative\n"
                                                     "n1.node.consul.\t\t0\tIN\tA\t127.0.0.1\n"));
  EXPECT_THAT(Delv("-i nosuch.node.consul A"), HasSubstr("ncache nxdomain"));
}

TEST_F(DnsClientsTest, DrillFindsNodesAndTheirAbsence) {
  EXPECT_THAT(Drill("n1.node.consul @127.0.0.1 A"), HasSubstr("127.0.0.1"));
  const std::string absent = Drill("-t nosuch.node.consul @127.0.0.1 A");
  EXPECT_THAT(absent, HasSubstr("rcode: NXDOMAIN"));
  EXPECT_THAT(absent, HasSubstr("hostmaster.consul."));
}

}  // namespace
}  // namespace rollcall::dns
