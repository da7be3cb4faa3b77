// Where the relay's answers come from: its cache, one server or another, and what is stale.
#include "agent/dns_resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/dns_relay_fixture.h"

namespace rollcall::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::AnswerTo;
using test::Asked;
using test::Decode;
using test::FakeDnsServer;
using test::Query;
using testing::ElementsAre;
using testing::IsEmpty;

const Asked kEdns = {.payload = 1232};

class DnsResolverTest : public DnsRelayFixture {
 protected:
  std::vector<std::string> Answer(const Asked& asked = kEdns) {
    return Decode(Ask(Query(asked))).answer;
  }
  std::vector<int> Errors(const Asked& asked = kEdns) {
    return Decode(Ask(Query(asked))).extended_errors;
  }
  static DnsRelay::Limits QuickToServeStale() {
    DnsRelay::Limits limits = Patient();
    limits.resolver.stale_after = milliseconds(20);
    return limits;
  }
  // Lets what is on its way arrive: a query that the server answers after all that came before.
  void Settle(FakeDnsServer& server) {
    const size_t before = server.queries.size();
    Ask(Query({.name = "settle" + std::to_string(before)}));
  }
};

TEST_F(DnsResolverTest, AsksOnceAsLongAsTheAnswerIsFresh) {
  FakeDnsServer server(loop_);
  server.ttl = 30;
  Start();
  UseServers({server.port()});
  EXPECT_THAT(Answer(), ElementsAre("web.service.consul. 30 A 10.0.0.1"));
  Advance(seconds(29));
  const auto kept = Decode(Ask(Query({.name = "WEB.service.consul", .id = 9, .payload = 1232})));
  EXPECT_EQ(kept.id, 9);
  EXPECT_THAT(kept.answer, ElementsAre("WEB.service.consul. 1 A 10.0.0.1"));
  EXPECT_THAT(kept.extended_errors, IsEmpty());
  EXPECT_EQ(server.queries.size(), 1u);
  Advance(seconds(1));
  EXPECT_THAT(Answer(), ElementsAre("web.service.consul. 30 A 10.0.0.1"));
  EXPECT_EQ(server.queries.size(), 2u);
}

TEST_F(DnsResolverTest, TransportsHaveAnswersOfTheirOwn) {
  FakeDnsServer server(loop_);
  Start();
  UseServers({server.port()});
  server.answer = [](const DnsOctets& query) {
    DnsOctets answer = AnswerTo(query).Address("10.0.0.1", 60);
    answer[2] |= 0x02;  // TC
    return answer;
  };
  EXPECT_TRUE(Decode(Ask(Query({}))).truncated);
  server.answer = [](const DnsOctets& query) {
    return AnswerTo(query).Address("10.0.0.1", 60).Address("10.0.0.2", 60);
  };
  const auto whole = Decode(AskTcp(Query({})));
  EXPECT_FALSE(whole.truncated);
  EXPECT_EQ(whole.answer.size(), 2u);
  EXPECT_TRUE(Decode(Ask(Query({}))).truncated);
  EXPECT_EQ(server.queries.size(), 2u);
}

TEST_F(DnsResolverTest, OneQueryGoesForAllThatAskTheSame) {
  FakeDnsServer server(loop_);
  server.hold_until = 2;
  Start();
  UseServers({server.port()});
  for (uint16_t id = 1; id <= 20; ++id) Send(Query({.name = id % 2 ? "Web" : "weB", .id = id}));
  Send(Query({.name = "last", .id = 21}));
  std::set<int> ids;
  for (int i = 1; i <= 21; ++i) {
    const auto answer = Decode(Receive());
    ids.insert(answer.id);
    const std::string name = answer.id == 21 ? "last" : answer.id % 2 != 0 ? "Web" : "weB";
    EXPECT_EQ(answer.question, name + ". A");
    EXPECT_THAT(answer.answer, ElementsAre(name + ". 60 A 10.0.0.1"));
  }
  EXPECT_EQ(ids.size(), 21u);
  EXPECT_EQ(server.queries.size(), 2u);
}

TEST_F(DnsResolverTest, SilentServerIsLeftForTheNext) {
  FakeDnsServer hangs(loop_);
  hangs.silent = true;
  FakeDnsServer answers(loop_);
  DnsRelay::Limits limits = Patient();
  limits.resolver.next_server_after = milliseconds(10);
  Start(limits);
  UseServers({hangs.port(), answers.port()});
  EXPECT_THAT(Answer({.name = "a"}), ElementsAre("a. 60 A 10.0.0.1"));
  EXPECT_EQ(hangs.queries.size(), 1u);
  // From then on it is asked first.
  EXPECT_THAT(Answer({.name = "b"}), ElementsAre("b. 60 A 10.0.0.1"));
  EXPECT_EQ(hangs.queries.size(), 1u);
  EXPECT_EQ(answers.queries.size(), 2u);
}

TEST_F(DnsResolverTest, RefusalsAndFailuresGoToTheNextAtOnce) {
  FakeDnsServer fails(loop_);
  fails.answer = [](const DnsOctets& query) { return AnswerTo(query, dns_rcode::kServFail); };
  const uint16_t closed = FakeDnsServer(loop_).port();
  FakeDnsServer answers(loop_);
  Start();
  UseServers({closed, fails.port(), answers.port()});
  EXPECT_THAT(Answer({.name = "a"}), ElementsAre("a. 60 A 10.0.0.1"));
  EXPECT_EQ(Decode(AskTcp(Query({.name = "a"}))).rcode, "NOERROR");
  // What all say is what the client gets.
  answers.answer = fails.answer;
  EXPECT_EQ(Decode(Ask(Query({.name = "b"}))).rcode, "SERVFAIL");
}

TEST_F(DnsResolverTest, StaleAnswersAreServedUntilTheServerReturns) {
  auto server = std::make_unique<FakeDnsServer>(loop_);
  const uint16_t port = server->port();
  Start();
  UseServers({port});
  EXPECT_THAT(Answer(), ElementsAre("web.service.consul. 60 A 10.0.0.1"));
  server = nullptr;
  Advance(seconds(100));
  for (int i = 0; i < 3; ++i) {
    const auto stale = Decode(Ask(Query(kEdns)));
    EXPECT_EQ(stale.rcode, "NOERROR");
    EXPECT_THAT(stale.answer, ElementsAre("web.service.consul. 5 A 10.0.0.1"));
    EXPECT_THAT(stale.extended_errors, ElementsAre(3));
  }
  EXPECT_THAT(Decode(Ask(Query({.name = "other", .payload = 1232}))).extended_errors,
              ElementsAre(22));

  server = std::make_unique<FakeDnsServer>(loop_, port);
  server->answer = [](const DnsOctets& query) { return AnswerTo(query).Address("10.0.0.2", 60); };
  Advance(seconds(2));
  EXPECT_THAT(Errors(), ElementsAre(3));  // at once; the server is asked meanwhile
  EXPECT_TRUE(RunUntil([&] { return server->queries.size() == 1; }));
  Settle(*server);
  EXPECT_THAT(Answer(), ElementsAre("web.service.consul. 60 A 10.0.0.2"));
  EXPECT_EQ(server->queries.size(), 2u);
}

TEST_F(DnsResolverTest, StaleAnswersAreServedOverTcp) {
  auto server = std::make_unique<FakeDnsServer>(loop_);
  Start();
  UseServers({server->port()});
  EXPECT_EQ(Decode(AskTcp(Query(kEdns))).answer.size(), 1u);
  server = nullptr;
  Advance(seconds(100));
  EXPECT_THAT(Decode(AskTcp(Query(kEdns))).extended_errors, ElementsAre(3));
}

TEST_F(DnsResolverTest, StaleAnswersHaveAnEnd) {
  auto server = std::make_unique<FakeDnsServer>(loop_);
  Start();
  UseServers({server->port()});
  Answer();
  server = nullptr;
  Advance(seconds(60 + 1000));
  EXPECT_THAT(Errors(), ElementsAre(3));
  Advance(seconds(1));
  EXPECT_EQ(Decode(Ask(Query(kEdns))).rcode, "SERVFAIL");
}

TEST_F(DnsResolverTest, NoStaleAnswersWhenThatIsOff) {
  auto server = std::make_unique<FakeDnsServer>(loop_);
  DnsRelay::Limits limits = Patient();
  limits.resolver.cache.max_stale = seconds(0);
  Start(limits);
  UseServers({server->port()});
  Answer();
  server = nullptr;
  Advance(seconds(60));
  EXPECT_EQ(Decode(Ask(Query(kEdns))).rcode, "SERVFAIL");
}

TEST_F(DnsResolverTest, SilentServersAreNotWaitedForWhereSomethingIsKept) {
  FakeDnsServer server(loop_);
  Start(QuickToServeStale());
  UseServers({server.port()});
  Answer();
  server.silent = true;
  Advance(seconds(61));
  EXPECT_THAT(Errors(), ElementsAre(3));
  EXPECT_EQ(server.queries.size(), 2u);
  // The query is still on its way: no other is needed, and its late answer counts.
  EXPECT_THAT(Errors(), ElementsAre(3));
  EXPECT_EQ(server.queries.size(), 2u);
}

TEST_F(DnsResolverTest, LateAnswersAreKept) {
  FakeDnsServer server(loop_);
  Start(QuickToServeStale());
  UseServers({server.port()});
  Answer();
  Advance(seconds(61));
  server.hold_until = 3;  // its second answer comes with its third
  EXPECT_THAT(Errors(), ElementsAre(3));
  Answer({.name = "other"});
  Settle(server);
  const size_t asked = server.queries.size();
  EXPECT_THAT(Answer(), ElementsAre("web.service.consul. 60 A 10.0.0.1"));
  EXPECT_EQ(server.queries.size(), asked);
}

TEST_F(DnsResolverTest, NameThatIsNotAnsweredIsStaleAtOnceWhileItIsAsked) {
  FakeDnsServer server(loop_);
  Start(QuickToServeStale());
  UseServers({server.port()});
  Answer();
  Advance(seconds(61));
  const auto answer = server.answer;
  server.answer = [&](const DnsOctets& query) {
    return query[13] == 'w' ? DnsOctets() : answer(query);
  };
  EXPECT_THAT(Errors(), ElementsAre(3));
  EXPECT_THAT(Answer({.name = "other"}), ElementsAre("other. 60 A 10.0.0.1"));  // it is there
  EXPECT_THAT(Errors(), ElementsAre(3));
  EXPECT_EQ(server.queries.size(), 3u);
}

TEST_F(DnsResolverTest, SilentServersAreAskedAgainNowAndThen) {
  FakeDnsServer server(loop_);
  Start(QuickToServeStale());
  UseServers({server.port()});
  const char* const names[] = {"a", "b", "c", "d"};
  for (const char* name : names) Answer({.name = name});
  server.silent = true;
  Advance(seconds(61));
  const auto ask_all = [&] {
    for (const char* name : names) {
      EXPECT_THAT(Answer({.name = name}), ElementsAre(std::string(name) + ". 5 A 10.0.0.1"));
    }
  };
  // "a" finds out; "b" need not wait, and has the server asked all the same; "c" and "d" have not.
  ask_all();
  EXPECT_TRUE(RunUntil([&] { return server.queries.size() == 4 + 2; }));
  Advance(seconds(1));
  ask_all();
  EXPECT_TRUE(RunUntil([&] { return server.queries.size() == 4 + 3; }));
  server.silent = false;
  Settle(server);
  EXPECT_EQ(server.queries.size(), 4u + 3u + 1u);
}

TEST_F(DnsResolverTest, ServersThatAreDownAreAskedTogether) {
  FakeDnsServer first(loop_);
  FakeDnsServer second(loop_);
  Start(QuickToServeStale());
  UseServers({first.port(), second.port()});
  for (const char* name : {"a", "b"}) Answer({.name = name});
  first.silent = second.silent = true;
  Advance(seconds(61));
  for (const char* name : {"a", "b"}) {  // "a" finds the first one down, "b" the second
    EXPECT_THAT(Answer({.name = name}), ElementsAre(std::string(name) + ". 5 A 10.0.0.1"));
  }
  EXPECT_EQ(first.queries.size(), 3u);
  EXPECT_EQ(second.queries.size(), 1u);
  second.silent = false;
  EXPECT_THAT(Answer({.name = "c"}), ElementsAre("c. 60 A 10.0.0.1"));
}

TEST_F(DnsResolverTest, ServersThatAreDownDoNotHoldUpAFailure) {
  FakeDnsServer hangs(loop_);
  FakeDnsServer fails(loop_);
  fails.answer = [](const DnsOctets& query) { return AnswerTo(query, dns_rcode::kServFail); };
  Start(QuickToServeStale());
  UseServers({hangs.port(), fails.port()});
  Answer({.name = "a"});
  hangs.silent = true;
  Advance(seconds(61));
  EXPECT_EQ(Answer({.name = "a"}).size(), 1u);  // it is down now
  EXPECT_EQ(Decode(Ask(Query({.name = "b"}))).rcode, "SERVFAIL");
}

TEST_F(DnsResolverTest, FailureDoesNotReplaceWhatIsKept) {
  FakeDnsServer server(loop_);
  Start();
  UseServers({server.port()});
  Answer();
  server.answer = [](const DnsOctets& query) { return AnswerTo(query, dns_rcode::kServFail); };
  Advance(seconds(61));
  EXPECT_THAT(Errors(), ElementsAre(3));
  EXPECT_THAT(Errors(), ElementsAre(3));
}

TEST_F(DnsResolverTest, AnswerThatCannotBeKeptReplacesWhatIs) {
  auto server = std::make_unique<FakeDnsServer>(loop_);
  Start();
  UseServers({server->port()});
  Answer();
  server->answer = [](const DnsOctets& query) { return AnswerTo(query, dns_rcode::kNxDomain); };
  Advance(seconds(61));
  EXPECT_EQ(Decode(Ask(Query(kEdns))).rcode, "NXDOMAIN");
  server = nullptr;
  EXPECT_EQ(Decode(Ask(Query(kEdns))).rcode, "SERVFAIL");
}

TEST_F(DnsResolverTest, AnswersToOtherQuestionsAreNotHeard) {
  FakeDnsServer server(loop_);
  Start();
  UseServers({server.port()});
  server.answer = [&server](const DnsOctets& query) {
    const DnsOctets right = AnswerTo(query).Address("10.0.0.66", 60);
    server.SendFromElsewhere(right);
    DnsOctets wrong_id = right;
    wrong_id[1] ^= 1;
    server.SendFromElsewhere(wrong_id);
    DnsOctets wrong_name = right;
    wrong_name[13] ^= 1;
    return wrong_name;
  };
  Send(Query({}));
  EXPECT_TRUE(RunUntil([&] { return server.queries.size() == 1; }));
  server.answer = [](const DnsOctets& query) { return AnswerTo(query).Address("10.0.0.1", 60); };
  Settle(server);  // its answer comes after the wrong ones
  // The first one still waits; with another server its query goes there.
  FakeDnsServer other(loop_);
  UseServers({other.port()});
  EXPECT_THAT(Decode(Receive()).answer, ElementsAre("web.service.consul. 60 A 10.0.0.1"));
}

TEST_F(DnsResolverTest, MalformedAnswersAreNotPassedOn) {
  FakeDnsServer server(loop_);
  Start();
  UseServers({server.port()});
  server.answer = [](const DnsOctets& query) { return AnswerTo(query).Count(0, 1); };
  EXPECT_EQ(Decode(Ask(Query({}))).rcode, "SERVFAIL");
  EXPECT_EQ(Decode(AskTcp(Query({}))).rcode, "SERVFAIL");
}

TEST_F(DnsResolverTest, ConnectionToTheServerIsUsedAgain) {
  FakeDnsServer server(loop_);
  Start();
  UseServers({server.port()});
  for (const char* name : {"a", "b", "c"}) {
    EXPECT_EQ(Decode(AskTcp(Query({.name = name}))).rcode, "NOERROR");
  }
  EXPECT_EQ(server.connections, 1);
}

TEST_F(DnsResolverTest, ConnectionThatTheServerClosedIsMadeAnew) {
  FakeDnsServer server(loop_);
  server.closes = true;
  Start();
  UseServers({server.port()});
  for (const char* name : {"a", "b", "c"}) {
    EXPECT_EQ(Decode(AskTcp(Query({.name = name}))).rcode, "NOERROR");
  }
  EXPECT_EQ(server.connections, 3);
}

TEST_F(DnsResolverTest, ConnectionThatClosesUnderAQueryIsMadeAnew) {
  FakeDnsServer server(loop_);
  Start();
  UseServers({server.port()});
  EXPECT_EQ(Decode(AskTcp(Query({.name = "a"}))).rcode, "NOERROR");
  bool first = true;
  server.answer = [&](const DnsOctets& query) {
    server.closes = std::exchange(first, false);  // without an answer
    return server.closes ? DnsOctets() : AnswerTo(query).Address("10.0.0.1", 60);
  };
  EXPECT_EQ(Decode(AskTcp(Query({.name = "b"}))).rcode, "NOERROR");
  EXPECT_EQ(server.connections, 2);
}

TEST_F(DnsResolverTest, NamesOfServersAreLookedUp) {
  FakeDnsServer server(loop_);
  Start();
  relay_->SetUpstreams({{"localhost", server.port()}});
  // ::1 may be among its addresses, where nobody listens.
  EXPECT_TRUE(RunUntil([&] { return Decode(Ask(Query({}))).rcode == "NOERROR"; }));
}

}  // namespace
}  // namespace rollcall::agent
