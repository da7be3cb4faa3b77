#include "agent/dns_relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/agent/dns_relay_fixture.h"

namespace rollcall::agent {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::AnswerTo;
using test::Decode;
using test::FakeDnsServer;
using test::Query;
using testing::ElementsAre;

class DnsRelayTest : public DnsRelayFixture {
 protected:
  static DnsOctets ServFailTo(DnsOctets query) {
    query[2] |= 0x80;
    query[3] = 2;
    return query;
  }
};

TEST_F(DnsRelayTest, AsksUnderIdsOfItsOwn) {
  FakeDnsServer server(loop_);
  server.hold_until = 50;
  Start();
  UseServers({server.port()});
  // Many clients may use one ID at the same time.
  const auto query = [](int i) { return Query({.name = "s" + std::to_string(i), .id = 7}); };
  for (int i = 0; i < 50; ++i) Send(query(i));
  std::set<std::string> questions;
  for (int i = 0; i < 50; ++i) {
    const auto answer = Decode(Receive());
    EXPECT_EQ(answer.id, 7);
    EXPECT_EQ(answer.rcode, "NOERROR");
    questions.insert(answer.question);
  }
  EXPECT_EQ(questions.size(), 50u);
  std::set<uint16_t> ids;
  for (const DnsOctets& asked : server.queries) ids.insert(DnsUint16(asked, 0));
  EXPECT_EQ(ids.size(), 50u);
}

TEST_F(DnsRelayTest, UnusualQueriesArePassedOnAndNotKept) {
  FakeDnsServer server(loop_);
  Start();
  UseServers({server.port()});
  const DnsOctets subnet = test::Option(8, {0, 1, 24, 0, 10, 0, 0});
  const DnsOctets query = Query({.payload = 1232, .options = subnet});
  for (size_t times = 1; times <= 2; ++times) {
    EXPECT_EQ(Decode(Ask(query)).rcode, "NOERROR");
    ASSERT_EQ(server.queries.size(), times);
    EXPECT_TRUE(std::equal(query.begin() + 2, query.end(), server.queries.back().begin() + 2));
  }
}

TEST_F(DnsRelayTest, AnswersTcpQueries) {
  FakeDnsServer server(loop_);
  Start();
  UseServers({server.port()});
  tcp::socket socket(loop_);
  socket.connect({loopback_, relay_->port()});
  for (const uint16_t id : {uint16_t{1}, uint16_t{2}}) {
    const auto answer = Decode(AskTcp(socket, Query({.id = id})));
    EXPECT_EQ(answer.id, id);
    EXPECT_THAT(answer.answer, ElementsAre("web.service.consul. 60 A 10.0.0.1"));
  }
  EXPECT_EQ(server.queries.size(), 1u);
}

TEST_F(DnsRelayTest, AnswersServFailWithoutAServer) {
  Start();
  EXPECT_EQ(Ask(Query({})), ServFailTo(Query({})));
  EXPECT_EQ(AskTcp(Query({})), ServFailTo(Query({})));
  const auto with_reason = Decode(Ask(Query({.payload = 1232})));
  EXPECT_EQ(with_reason.rcode, "SERVFAIL");
  EXPECT_THAT(with_reason.extended_errors, ElementsAre(22));
}

TEST_F(DnsRelayTest, AnswersServFailWhenTheServerIsGone) {
  const uint16_t port = FakeDnsServer(loop_).port();
  Start();  // patient: a refusal is known at once
  UseServers({port});
  EXPECT_EQ(Ask(Query({})), ServFailTo(Query({})));
  EXPECT_EQ(AskTcp(Query({})), ServFailTo(Query({})));
}

TEST_F(DnsRelayTest, AnswersServFailWhenTheServerIsSilent) {
  FakeDnsServer server(loop_);
  server.silent = true;
  DnsRelay::Limits limits = Patient();
  limits.resolver.answer_timeout = milliseconds(50);
  Start(limits);
  UseServers({server.port()});
  EXPECT_EQ(Ask(Query({})), ServFailTo(Query({})));
  EXPECT_EQ(AskTcp(Query({})), ServFailTo(Query({})));
}

TEST_F(DnsRelayTest, BoundsWhatIsPending) {
  FakeDnsServer server(loop_);
  server.silent = true;
  DnsRelay::Limits limits = Patient();
  limits.resolver.pending_queries = 2;
  Start(limits);
  UseServers({server.port()});
  for (uint16_t id = 1; id <= 3; ++id) Send(Query({.id = id}));
  EXPECT_EQ(Receive(), ServFailTo(Query({.id = 3})));
}

TEST_F(DnsRelayTest, DropsWhatIsNoQuery) {
  Start();
  Send({1, 2, 3});
  Send(AnswerTo(Query({})));  // two relays must not talk for ever
  EXPECT_EQ(Ask(Query({.id = 2})), ServFailTo(Query({.id = 2})));
}

TEST_F(DnsRelayTest, RefusesMessagesThatAreTooLong) {
  Start();
  DnsOctets query = Query({.id = 5});
  query.resize(kDnsUdpPayload + 1);
  const DnsOctets refusal = {0, 5, 0x81, 1, 0, 0, 0, 0, 0, 0, 0, 0};  // FORMERR
  EXPECT_EQ(Ask(query), refusal);
  EXPECT_EQ(AskTcp(query), refusal);
}

TEST_F(DnsRelayTest, ClosesIdleConnections) {
  DnsRelay::Limits limits = Patient();
  limits.idle_timeout = milliseconds(20);
  Start(limits);
  tcp::socket socket(loop_);
  socket.connect({loopback_, relay_->port()});
  asio::write(socket, asio::buffer(DnsOctets{0}));  // half of a length
  bool closed = false;
  DnsOctets octet(1);
  asio::async_read(socket, asio::buffer(octet),
                   [&](boost::system::error_code error, size_t) { closed = !!error; });
  EXPECT_TRUE(RunUntil([&] { return closed; }));
}

TEST_F(DnsRelayTest, OpenConnectionsMayOutliveIt) {
  FakeDnsServer server(loop_);
  server.silent = true;
  Start();
  UseServers({server.port()});
  tcp::socket socket(loop_);
  socket.connect({loopback_, relay_->port()});
  asio::write(socket, asio::buffer(test::Prefixed(Query({}))));
  Send(Query({.id = 2}));
  EXPECT_TRUE(RunUntil([&] { return server.queries.size() == 2; }));
  relay_ = nullptr;
  bool closed = false;
  DnsOctets octet(1);
  asio::async_read(socket, asio::buffer(octet),
                   [&](boost::system::error_code error, size_t) { closed = !!error; });
  EXPECT_TRUE(RunUntil([&] { return closed; }));
}

TEST_F(DnsRelayTest, TakenPortIsNamed) {
  Start();
  const auto second = DnsRelay::Listen(loop_, {"127.0.0.1", relay_->port()}, {}, clock_);
  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().message.find(std::to_string(relay_->port())), std::string::npos);
}

}  // namespace
}  // namespace rollcall::agent
