// kdig as a client: EDNS, cookies and TCP by another implementation than dig's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/dns/clients_fixture.h"

namespace rollcall::dns {
namespace {

using testing::HasSubstr;
using testing::Not;

using KdigTest = ClientsFixture;

TEST_F(KdigTest, FindsAServiceWithItsAddresses) {
  const std::string output = Kdig("+bufsize=1232 web.service.consul SRV");
  EXPECT_THAT(output, HasSubstr("status: NOERROR"));
  EXPECT_THAT(output, HasSubstr("Flags: qr aa rd;"));
  EXPECT_THAT(output, HasSubstr("Version: 0; flags: ; UDP size: 8192 B; ext-rcode: NOERROR"));
  EXPECT_THAT(output, HasSubstr("1 1 8080 n1.node.dc1.consul."));
  EXPECT_THAT(output, HasSubstr("1 1 8081 n2.node.dc1.consul."));
  EXPECT_THAT(output, HasSubstr("2001:db8::7"));
  EXPECT_THAT(output, Not(HasSubstr("WARNING")));
}

TEST_F(KdigTest, TurnsToTcpWhenTheAnswerIsTruncated) {
  for (const char* size : {"+noedns", "+bufsize=1232"}) {
    const std::string output = Kdig(std::string(size) + " many.service.consul A");
    EXPECT_THAT(output, HasSubstr("truncated reply"));
    EXPECT_THAT(output, HasSubstr("ANSWER: 200;"));
  }
}

TEST_F(KdigTest, SendsBackTheCookieThatItWasGiven) {
  const std::string first = Kdig("+cookie web.service.consul A");
  const std::string begin = ";; COOKIE: ";
  ASSERT_THAT(first, HasSubstr(begin));
  const std::string cookie = first.substr(first.find(begin) + begin.size(), 48);
  EXPECT_EQ(cookie.find_first_not_of("0123456789ABCDEF"), std::string::npos) << first;
  EXPECT_EQ(server_.counters().cookies_valid.value(), 0u);
  EXPECT_THAT(Kdig("+cookie=" + cookie + " web.service.consul A"), HasSubstr(begin + cookie));
  EXPECT_EQ(server_.counters().cookies_valid.value(), 1u);
  EXPECT_EQ(server_.counters().cookies_other.value(), 1u);
}

TEST_F(KdigTest, LearnsThatItsSubnetDoesNotMatter) {
  EXPECT_THAT(Kdig("+subnet=198.51.100.0/24 web.service.consul A"),
              HasSubstr("CLIENT-SUBNET: 198.51.100.0/24/0"));
  EXPECT_THAT(Kdig("+subnet=2001:db8::/56 web.service.consul A"),
              HasSubstr("CLIENT-SUBNET: 2001:db8::/56/0"));
}

TEST_F(KdigTest, AsksSeveralTimesOnOneConnection) {
  const std::string output =
      Kdig("+tcp +keepopen node1.node.consul A node2.node.consul A web.service.consul SRV");
  EXPECT_THAT(output, HasSubstr("10.0.0.1\n"));
  EXPECT_THAT(output, HasSubstr("10.0.0.2\n"));
  EXPECT_THAT(output, HasSubstr("1 1 8080 n1.node.dc1.consul."));
  EXPECT_EQ(server_.counters().tcp_connections.value(), 1u);
  EXPECT_EQ(server_.counters().tcp_queries.value(), 3u);
}

TEST_F(KdigTest, LearnsThatANewerEdnsIsNotSpoken) {
  const std::string output = Kdig("+edns=1 web.service.consul A");
  EXPECT_THAT(output, HasSubstr("ext-rcode: BADVERS"));
  EXPECT_THAT(output, HasSubstr("ANSWER: 0;"));
}

TEST_F(KdigTest, GetsNoAnswerToOptionsThatWeDoNotKnow) {
  const std::string output =
      Kdig("+nsid +padding=64 +expire +ednsopt=65001:abcd web.service.consul A");
  EXPECT_THAT(output, HasSubstr("ext-rcode: NOERROR\n\n"));
  EXPECT_THAT(output, HasSubstr("127.0.0.1\n"));
}

}  // namespace
}  // namespace rollcall::dns
