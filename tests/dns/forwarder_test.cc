// What a forwarder sends to a recursor, and what it takes for its answer.
#include "dns/forwarder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/dns/forwarder_fixture.h"

namespace rollcall::dns {
namespace {

using boost::asio::ip::udp;
using testing::ElementsAre;
using testing::IsEmpty;

class ForwarderTest : public ForwarderFixture {};

TEST_F(ForwarderTest, GivesBackTheAnswerUnderTheClientsId) {
  Recursor(Answers(1));
  const MessageText got = Ask({.name = "wWw.Example.ORG.", .type = "A", .id = 4711});
  EXPECT_EQ(got.id, 4711);
  EXPECT_EQ(got.flags, "qr rd ra");
  EXPECT_THAT(got.question, ElementsAre("wWw.Example.ORG. IN A"));
  EXPECT_THAT(got.answer, ElementsAre("wWw.Example.ORG. 300 A 192.0.2.1"));
  EXPECT_THAT(DecodeMessage(recursors_[0]->udp_queries.at(0)).question,
              ElementsAre("wWw.Example.ORG. IN A"));
  EXPECT_EQ(counters().forwarded.value(), 1u);
  EXPECT_EQ(counters().answered.value(), 1u);
  EXPECT_EQ(counters().failed.value(), 0u);
}

TEST_F(ForwarderTest, AsksARecursorOfIpv6) {
  Recursor(Answers(6), nullptr, "::1");
  EXPECT_EQ(AskAddress(), "192.0.2.6");
}

TEST_F(ForwarderTest, EveryQueryHasAnIdAndAPortOfItsOwn) {
  const FakeRecursor& recursor = Recursor(Answers(1));
  for (int i = 0; i < 50; ++i) Ask();
  std::set<uint16_t> ids;
  std::set<uint16_t> ports;
  for (const Octets& query : recursor.udp_queries) ids.insert(DecodeMessage(query).id);
  for (const udp::endpoint& client : recursor.clients) ports.insert(client.port());
  // Among 50 of 65,536 one may come twice by chance, rarely.
  EXPECT_GT(ids.size(), 45u);
  EXPECT_GT(ports.size(), 45u);
  EXPECT_GE(*ports.begin(), 1024);
}

TEST_F(ForwarderTest, TakesIdAndPortFromTheRandomSource) {
  const FakeRecursor& recursor = Recursor(Answers(1));
  udp::socket taken(io_, {udp::v4(), 0});
  udp::socket free(io_, {udp::v4(), 0});
  const uint16_t port = free.local_endpoint().port();
  free.close();
  // The ID; a port of the system's, a taken one, a free one.
  std::vector<uint16_t> numbers = {0xbeef, 53, taken.local_endpoint().port(), port};
  random_ = [&numbers] {
    if (numbers.empty()) return uint16_t{0};
    const uint16_t number = numbers.front();
    numbers.erase(numbers.begin());
    return number;
  };
  Ask();
  EXPECT_THAT(numbers, IsEmpty());
  EXPECT_EQ(DecodeMessage(recursor.udp_queries.at(0)).id, 0xbeef);
  EXPECT_EQ(recursor.clients.at(0).port(), port);
}

TEST_F(ForwarderTest, WithoutAFreePortTheKernelChooses) {
  const FakeRecursor& recursor = Recursor(Answers(1));
  random_ = [] { return uint16_t{53}; };
  EXPECT_EQ(AskAddress(), "192.0.2.1");
  EXPECT_NE(recursor.clients.at(0).port(), 53);
}

TEST_F(ForwarderTest, IgnoresWhatIsNoAnswerToTheQuery) {
  Recursor([](const Octets& query) {
    const Octets answer = MakeAnswer(query, {.answer = {AddressRecord(66)}});
    std::vector<Octets> all;
    Octets other_id = answer;
    other_id[1] ^= 1;
    all.push_back(other_id);
    Octets other_case = answer;
    other_case[13] ^= 0x20;
    all.push_back(other_case);
    Octets other_type = answer;
    other_type[query.size() - 3] ^= 1;
    all.push_back(other_type);
    all.push_back(query);
    all.emplace_back();
    all.emplace_back(60'000, uint8_t{1});
    for (size_t size = 0; size < answer.size(); ++size) {
      all.emplace_back(answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(size));
    }
    all.push_back(MakeAnswer(query, {.answer = {AddressRecord(1)}}));
    return all;
  });
  EXPECT_EQ(AskAddress(), "192.0.2.1");
}

TEST_F(ForwarderTest, IgnoresAnswersFromElsewhere) {
  udp::socket stranger(io_, {boost::asio::ip::address_v4::loopback(), 0});
  FakeRecursor* recursor = nullptr;
  recursor = &Recursor([&](const Octets& query) {
    stranger.send_to(boost::asio::buffer(MakeAnswer(query, {.answer = {AddressRecord(66)}})),
                     recursor->clients.back());
    return std::vector<Octets>{MakeAnswer(query, {.answer = {AddressRecord(1)}})};
  });
  EXPECT_EQ(AskAddress(), "192.0.2.1");
}

TEST_F(ForwarderTest, OptionsAreBetweenNeighbours) {
  options_.advertised_payload = 1400;
  const FakeRecursor& recursor = Recursor([](const Octets& query) {
    const Octets options = {0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 15, 0, 2, 0, 3};
    return std::vector<Octets>{
        MakeAnswer(query, {.additional = {OptRecord({.options = options})}})};
  });
  const MessageText got = Ask({.name = "example.org.",
                               .type = "A",
                               .edns = 4096,
                               .dnssec_ok = true,
                               .options = "000a00080102030405060708"});
  const MessageText sent = DecodeMessage(recursor.udp_queries.at(0));
  EXPECT_EQ(sent.edns, 1232);
  EXPECT_TRUE(sent.dnssec_ok);
  EXPECT_EQ(sent.options, "");
  EXPECT_EQ(got.edns, 1400);
  EXPECT_TRUE(got.dnssec_ok);
  EXPECT_EQ(got.options, "000f00020003");
}

TEST_F(ForwarderTest, ATruncatedAnswerIsAskedForOverTcp) {
  const FakeRecursor& recursor = Recursor(AnswersTruncated, [](const Octets& query) {
    return Prefixed(MakeAnswer(query, {.answer = std::vector(300, TextRecord(200))}));
  });
  const MessageText got = Ask({.name = "example.org.", .type = "TXT", .id = 7});
  EXPECT_EQ(got.id, 7);
  EXPECT_EQ(got.flags, "qr rd ra");
  EXPECT_EQ(got.answer.size(), 300u);
  EXPECT_THAT(recursor.tcp_queries, ElementsAre(recursor.udp_queries.at(0)));
  EXPECT_EQ(counters().tcp_retries.value(), 1u);
}

// Where TCP fails, the client gets what came over UDP.
TEST_F(ForwarderTest, WithoutTcpTheAnswerStaysTruncated) {
  struct Case {
    std::string what;
    FakeRecursor::OverTcp over_tcp;
  };
  const auto whole = [](const Octets& query) {
    return Prefixed(MakeAnswer(query, {.answer = {AddressRecord(66)}}));
  };
  const Case cases[] = {
      {"refused", nullptr},
      {"closed", [](const Octets&) { return Octets(); }},
      {"half a length", [](const Octets&) { return Octets{0}; }},
      {"no message",
       [](const Octets&) {
         return Octets{0, 0};
       }},
      {"part of the answer",
       [&](const Octets& query) {
         Octets stream = whole(query);
         stream.pop_back();
         return stream;
       }},
      {"to another query",
       [&](const Octets& query) {
         Octets stream = whole(query);
         stream[3] ^= 1;
         return stream;
       }},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    options_.servers.clear();
    Recursor(AnswersTruncated, c.over_tcp);
    Start();
    const MessageText got = Ask();
    EXPECT_EQ(got.id, 7);
    EXPECT_EQ(got.flags, "qr tc rd ra");
    EXPECT_THAT(got.answer, ElementsAre("example.org. 300 A 192.0.2.1"));
    EXPECT_EQ(counters().tcp_retries.value(), 1u);
    EXPECT_EQ(counters().answered.value(), 1u);
  }
}

TEST_F(ForwarderTest, SilenceOverTcpEnds) {
  Impatient();
  Recursor(AnswersTruncated, [](const Octets&) { return std::nullopt; });
  EXPECT_EQ(Ask().flags, "qr tc rd ra");
}

}  // namespace
}  // namespace rollcall::dns
