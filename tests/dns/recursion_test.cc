// Names outside of our domains, on a server with recursors: who gets what, and how aliases to other
// domains are followed. The recursor is another server, of the domain "example".
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/dns/catalog_text.h"
#include "tests/dns/running_server.h"

namespace rollcall::dns {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using Lines = std::vector<std::string>;

std::shared_ptr<const catalog::Snapshot> OthersCatalog() {
  CatalogText text;
  text.Node("n1", "127.0.0.1").Node("www", "192.0.2.7").Node("alias", "www.node.dc1.example");
  for (int i = 0; i < 100; ++i) {
    const std::string name = "m" + std::to_string(i);
    text.Node(name, "192.0.3." + std::to_string(i)).Instance({.node = name, .name = "many"});
  }
  return text.Build();
}

std::shared_ptr<const catalog::Snapshot> OurCatalog() {
  CatalogText text;
  text.Node("n1", "127.0.0.1");
  text.Node("out", "www.node.example").Node("twice", "alias.node.example");
  text.Node("lost", "nobody.node.example").Node("stranger", "www.elsewhere.invalid");
  text.Instance({.node = "out", .name = "web"});
  return text.Build();
}

class RecursionTest : public testing::Test {
 protected:
  static DnsOptions OthersOptions() {
    DnsOptions options = TestOptions();
    options.domain = "example";
    options.node_ttl = std::chrono::seconds(60);
    return options;
  }

  DnsOptions Options() const {
    DnsOptions options = TestOptions();
    options.recursors.servers = {{Ipv4{127, 0, 0, 1}, others_.port()}};
    options.recursors.timeout = std::chrono::milliseconds(500);
    return options;
  }

  RunningServer& Ours() {
    if (!ours_) ours_ = std::make_unique<RunningServer>(OurCatalog(), Options());
    return *ours_;
  }

  MessageText Ask(const QueryText& query) {
    const Client client(Client::Kind::kUdp, Ours().port());
    client.Send(EncodeQuery(query));
    return DecodeMessage(client.ReceiveDatagram());
  }
  MessageText Ask(const std::string& query) {
    QueryText parsed = ParseQueryText(query);
    parsed.edns = 1232;
    return Ask(parsed);
  }
  MessageText AskByTcp(const QueryText& query) {
    const Client client(Client::Kind::kTcp, Ours().port());
    client.SendPrefixed(EncodeQuery(query));
    const auto answer = client.ReceivePrefixed();
    return answer ? DecodeMessage(*answer) : MessageText();
  }

  RunningServer others_{OthersCatalog(), OthersOptions()};
  std::unique_ptr<RunningServer> ours_;
};

TEST_F(RecursionTest, ForwardsWhatIsNotOursAndAnswersWhatIs) {
  const MessageText theirs = Ask("www.node.example. A");
  EXPECT_EQ(theirs.rcode, "NOERROR");
  EXPECT_THAT(theirs.answer, ElementsAre("www.node.example. 60 A 192.0.2.7"));
  EXPECT_THAT(theirs.flags, HasSubstr("ra"));
  EXPECT_TRUE(theirs.edns);
  EXPECT_EQ(Ask("nobody.node.example. A").rcode, "NXDOMAIN");
  EXPECT_EQ(Ask("example. SOA").answer.size(), 1u);

  const MessageText own = Ask("n1.node.consul. A");
  EXPECT_THAT(own.answer, ElementsAre("n1.node.consul. 0 A 127.0.0.1"));
  EXPECT_EQ(own.flags, "qr aa rd ra");
  EXPECT_EQ(Ask("nobody.node.consul. A").rcode, "NXDOMAIN");
  EXPECT_EQ(others_.counters().udp_queries.value(), 3u);
}

TEST_F(RecursionTest, AsksOnlyWhereThatIsDesired) {
  QueryText query = ParseQueryText("www.node.example. A");
  query.recursion_desired = false;
  query.edns = 1232;
  EXPECT_EQ(Ask(query).rcode, "REFUSED");
  EXPECT_EQ(Ask("www.node.example. AXFR").rcode, "REFUSED");
  query = ParseQueryText("www.node.example. A");
  query.klass = "CH";
  EXPECT_EQ(Ask(query).rcode, "REFUSED");
  EXPECT_EQ(others_.counters().udp_queries.value(), 0u);
}

TEST_F(RecursionTest, AsksForNobodyElse) {
  DnsOptions options = Options();
  options.allow_recursion = NetworkSet::Parse("10.0.0.0/8").value();
  ours_ = std::make_unique<RunningServer>(OurCatalog(), options);
  const MessageText refused = Ask("www.node.example. A");
  EXPECT_EQ(refused.rcode, "REFUSED");
  EXPECT_THAT(refused.flags, Not(HasSubstr("ra")));
  EXPECT_EQ(refused.options.substr(0, 4), "000f");
  EXPECT_EQ(refused.options.substr(8, 4), "0012") << "prohibited";
  // Of an alias it gets what is ours.
  EXPECT_THAT(Ask("out.node.consul. A").answer,
              ElementsAre("out.node.consul. 0 CNAME www.node.example."));
  EXPECT_EQ(others_.counters().udp_queries.value(), 0u);
}

TEST_F(RecursionTest, FollowsAliasesIntoOtherDomains) {
  EXPECT_THAT(Ask("out.node.consul. A").answer,
              ElementsAre("out.node.consul. 0 CNAME www.node.example.",
                          "www.node.example. 60 A 192.0.2.7"));
  EXPECT_THAT(Ask("web.service.consul. A").answer,
              ElementsAre("web.service.consul. 0 CNAME www.node.example.",
                          "www.node.example. 60 A 192.0.2.7"));
  EXPECT_THAT(Ask("twice.node.consul. A").answer,
              ElementsAre("twice.node.consul. 0 CNAME alias.node.example.",
                          "alias.node.example. 60 CNAME www.node.dc1.example.",
                          "www.node.dc1.example. 60 A 192.0.2.7"));
  // The rcode is that of the last name of the chain (RFC 6604 section 3).
  const MessageText lost = Ask("lost.node.consul. A");
  EXPECT_EQ(lost.rcode, "NXDOMAIN");
  EXPECT_THAT(lost.answer, ElementsAre("lost.node.consul. 0 CNAME nobody.node.example."));
  const MessageText other_family = Ask("out.node.consul. AAAA");
  EXPECT_EQ(other_family.rcode, "NOERROR");
  EXPECT_THAT(other_family.answer, ElementsAre("out.node.consul. 0 CNAME www.node.example."));
  // Who asks for the alias itself gets it, and nobody is asked.
  const uint64_t before = others_.counters().udp_queries.value();
  EXPECT_EQ(Ask("out.node.consul. CNAME").answer.size(), 1u);
  EXPECT_EQ(others_.counters().udp_queries.value(), before);
}

TEST_F(RecursionTest, WithoutAnAnswerAnAliasIsStillAnAlias) {
  const MessageText answer = Ask("stranger.node.consul. A");
  EXPECT_THAT(answer.answer, ElementsAre("stranger.node.consul. 0 CNAME www.elsewhere.invalid."));
}

TEST_F(RecursionTest, TheOptionsBetweenClientAndServerAreKept) {
  QueryText query = ParseQueryText("www.node.example. A");
  query.edns = 1232;
  query.options = "000a00082464c4abcf10c9570008000700011800c00002";
  const MessageText first = Ask(query);
  EXPECT_EQ(first.answer.size(), 1u);
  EXPECT_EQ(first.options.substr(0, 22), "0008000700011800c00002");
  ASSERT_EQ(first.options.substr(22, 24), "000a00182464c4abcf10c957");
  query.options = first.options.substr(22);
  EXPECT_EQ(Ask(query).options, first.options.substr(22)) << "the same cookie as for our own names";
  EXPECT_EQ(Ours().counters().cookies_valid.value(), 1u);
  // With what the recursor has to say of it, and within the client's size.
  query.name = "nobody.node.example.";
  EXPECT_THAT(Ask(query).options, testing::EndsWith(first.options.substr(22)));
  query = ParseQueryText("many.service.example. SRV");
  query.edns = 512;
  query.options = first.options.substr(22);
  const MessageText cut = Ask(query);
  EXPECT_THAT(cut.flags, HasSubstr("tc"));
  EXPECT_THAT(cut.options, testing::EndsWith(first.options.substr(22)));
}

TEST_F(RecursionTest, SaysWhenNoRecursorAnswers) {
  Ours();
  others_.Stop();
  DnsOptions options = Options();
  options.recursors.timeout = std::chrono::milliseconds(100);
  ours_ = std::make_unique<RunningServer>(OurCatalog(), options);
  const MessageText failed = Ask("www.node.example. A");
  EXPECT_EQ(failed.rcode, "SERVFAIL");
  EXPECT_EQ(failed.options.substr(8, 4), "0016") << "no reachable authority";
  EXPECT_THAT(Ask("out.node.consul. A").answer, testing::SizeIs(1));
  EXPECT_THAT(Ask("n1.node.consul. A").answer, testing::SizeIs(1)) << "and goes on";
}

TEST_F(RecursionTest, ForwardsAddressesThatAreNobodysOfOurs) {
  EXPECT_THAT(Ask("1.0.0.127.in-addr.arpa. PTR").answer,
              ElementsAre("1.0.0.127.in-addr.arpa. 0 PTR n1.node.dc1.consul."));
  EXPECT_THAT(Ask("7.2.0.192.in-addr.arpa. PTR").answer,
              ElementsAre("7.2.0.192.in-addr.arpa. 60 PTR www.node.dc1.example."));
  EXPECT_EQ(others_.counters().udp_queries.value(), 1u);
}

TEST_F(RecursionTest, CutsToWhatTheClientTakes) {
  QueryText query = ParseQueryText("many.service.example. SRV");
  const MessageText cut = Ask(query);
  EXPECT_THAT(cut.flags, HasSubstr("tc"));
  EXPECT_LE(cut.size, 512u);
  const MessageText whole = AskByTcp(query);
  EXPECT_EQ(whole.answer.size(), 100u);
  EXPECT_THAT(whole.flags, Not(HasSubstr("tc")));
}

// RFC 7766 section 7: an answer does not wait for that before it.
TEST_F(RecursionTest, OneConnectionGetsBothKindsOfAnswers) {
  const Client client(Client::Kind::kTcp, Ours().port());
  for (uint16_t id = 1; id <= 40; ++id) {
    QueryText query = ParseQueryText(id % 2 == 0 ? "www.node.example. A" : "n1.node.consul. A");
    query.id = id;
    client.SendPrefixed(EncodeQuery(query));
  }
  client.ShutdownSending();
  std::set<uint16_t> answered;
  for (int i = 0; i < 40; ++i) {
    const auto octets = client.ReceivePrefixed();
    ASSERT_TRUE(octets) << i;
    const MessageText answer = DecodeMessage(*octets);
    EXPECT_THAT(answer.answer, ElementsAre(answer.id % 2 == 0 ? "www.node.example. 60 A 192.0.2.7"
                                                              : "n1.node.consul. 0 A 127.0.0.1"));
    answered.insert(answer.id);
  }
  EXPECT_EQ(answered.size(), 40u);
  EXPECT_TRUE(client.IsClosedByServer());
}

TEST_F(RecursionTest, MoreQueriesThanMayWaitAreTakenLater) {
  const Client client(Client::Kind::kTcp, Ours().port());
  constexpr uint16_t kQueries = 500;
  for (uint16_t id = 0; id < kQueries; ++id) {
    QueryText query = ParseQueryText("www.node.example. A");
    query.id = id;
    client.SendPrefixed(EncodeQuery(query));
  }
  for (uint16_t id = 0; id < kQueries; ++id) ASSERT_TRUE(client.ReceivePrefixed()) << id;
}

TEST_F(RecursionTest, StopsWithQueriesUnderWay) {
  const OwnedFd silent(socket(AF_INET, SOCK_DGRAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(silent.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(getsockname(silent.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  DnsOptions options = Options();
  options.recursors.servers = {{Ipv4{127, 0, 0, 1}, ntohs(address.sin_port)}};
  options.recursors.timeout = std::chrono::minutes(1);
  ours_ = std::make_unique<RunningServer>(OurCatalog(), options);
  const Client udp(Client::Kind::kUdp, ours_->port());
  const Client tcp(Client::Kind::kTcp, ours_->port());
  const std::vector<uint8_t> query = EncodeQuery(ParseQueryText("www.node.example. A"));
  udp.Send(query);
  tcp.SendPrefixed(query);
  // Both have been taken in once something asked later is answered.
  EXPECT_EQ(Ask("n1.node.consul. A").answer.size(), 1u);
  ours_->Stop();
  EXPECT_TRUE(tcp.IsClosedByServer());
}

}  // namespace
}  // namespace rollcall::dns
