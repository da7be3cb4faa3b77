// The server behind real sockets: what it does with clients of every kind of manners.
#include "dns/server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <future>
#include <random>
#include <string>
#include <vector>

#include "tests/dns/catalog_text.h"
#include "tests/dns/running_server.h"

namespace rollcall::dns {
namespace {

using Lines = std::vector<std::string>;
using Kind = Client::Kind;

CatalogText Services(int instances = 100) {
  CatalogText text;
  text.Node("n1", "127.0.0.1").Instance({.node = "n1", .name = "one"});
  for (int i = 0; i < instances; ++i) {
    const std::string name = "node" + std::to_string(i);
    text.Node(name, "10.0.0." + std::to_string(i)).Instance({.node = name, .name = "web"});
  }
  return text;
}

std::vector<uint8_t> Query(uint16_t id, const std::string& name = "one.service.consul.") {
  return EncodeQuery({.name = name, .type = "A", .id = id});
}

void ExpectAnswersOverUdp(const Client& client, uint16_t id) {
  client.Send(Query(id));
  const MessageText message = DecodeMessage(client.ReceiveDatagram());
  EXPECT_EQ(message.id, id);
  EXPECT_EQ(message.answer, Lines{"one.service.consul. 0 A 127.0.0.1"});
}

void ExpectAnswersOverTcp(const Client& client, uint16_t id) {
  client.SendPrefixed(Query(id));
  const auto octets = client.ReceivePrefixed();
  ASSERT_TRUE(octets);
  EXPECT_EQ(DecodeMessage(*octets).id, id);
}

TEST(DnsServerTest, AnswersOverUdpAndTcp) {
  RunningServer server(Services().Build());
  ExpectAnswersOverUdp(Client(Kind::kUdp, server.port()), 1);
  ExpectAnswersOverTcp(Client(Kind::kTcp, server.port()), 2);
  EXPECT_EQ(server.counters().udp_queries.value(), 1u);
  EXPECT_EQ(server.counters().tcp_queries.value(), 1u);
  EXPECT_EQ(server.counters().answers[0].value(), 2u);
}

TEST(DnsServerTest, ManyClientsAtOnceAreAllAnswered) {
  RunningServer server(Services().Build(), TestOptions(), 2);
  std::vector<std::future<void>> clients;
  for (uint16_t c = 0; c < 8; ++c) {
    clients.push_back(std::async(std::launch::async, [&server, c] {
      const Client udp(Kind::kUdp, server.port());
      const Client tcp(Kind::kTcp, server.port());
      for (uint16_t i = 0; i < 100; ++i) {
        ExpectAnswersOverUdp(udp, static_cast<uint16_t>(c * 100 + i));
        ExpectAnswersOverTcp(tcp, static_cast<uint16_t>(c * 100 + i));
      }
    }));
  }
  for (int i = 0; i < 50; ++i) server.Publish(Services(i % 5).Build());
  for (auto& client : clients) client.get();
  EXPECT_EQ(server.counters(0).udp_queries.value() + server.counters(1).udp_queries.value(), 800u);
}

TEST(DnsServerTest, ABurstOfDatagramsIsAnsweredWhole) {
  RunningServer server(Services().Build());
  const Client client(Kind::kUdp, server.port());
  constexpr uint16_t kCount = 100;  // several batches
  for (uint16_t id = 0; id < kCount; ++id) client.Send(Query(id));
  std::vector<bool> seen(kCount);
  for (uint16_t i = 0; i < kCount; ++i) seen.at(DecodeMessage(client.ReceiveDatagram()).id) = true;
  for (uint16_t id = 0; id < kCount; ++id) EXPECT_TRUE(seen[id]) << id;
}

TEST(DnsServerTest, GarbageDoesNotKeepOthersFromTheirAnswer) {
  RunningServer server(Services().Build());
  const Client garbage(Kind::kUdp, server.port());
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::vector<uint8_t> octets(random() % 600);
    for (uint8_t& octet : octets) octet = static_cast<uint8_t>(random());
    garbage.Send(octets);
  }
  garbage.Send({});
  garbage.Send(std::vector<uint8_t>(60'000, 1));  // longer than the payload that we take
  // The flood may have filled the socket's buffer, in which case a query is lost: ask again, as
  // resolvers do.
  const Client client(Kind::kUdp, server.port());
  const timeval patience{1, 0};
  setsockopt(client.fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::vector<uint8_t> answer(512);
  ssize_t size = -1;
  for (int attempt = 0; size < 0 && attempt < 20; ++attempt) {
    client.Send(Query(7));
    size = recv(client.fd(), answer.data(), answer.size(), 0);
  }
  ASSERT_GT(size, 0);
  answer.resize(static_cast<size_t>(size));
  EXPECT_EQ(DecodeMessage(answer).answer, Lines{"one.service.consul. 0 A 127.0.0.1"});
}

TEST(DnsServerTest, AnswersLeaveFromTheAddressThatWasAsked) {
  RunningServer server(Services().Build(), TestOptions(), 1, "0.0.0.0");
  // A connected socket takes nothing from another address.
  ExpectAnswersOverUdp(Client(Kind::kUdp, server.port(), "127.0.0.2"), 1);
  ExpectAnswersOverUdp(Client(Kind::kUdp, server.port(), "127.0.0.3"), 2);
}

TEST(DnsServerTest, AClientThatWentAwayDoesNotStopTheOthers) {
  RunningServer server(Services().Build());
  for (uint16_t i = 0; i < 20; ++i) {
    Client(Kind::kUdp, server.port()).Send(Query(i));
    Client(Kind::kTcp, server.port()).SendPrefixed(Query(i));
  }
  ExpectAnswersOverUdp(Client(Kind::kUdp, server.port()), 99);
  ExpectAnswersOverTcp(Client(Kind::kTcp, server.port()), 99);
}

TEST(DnsServerTest, TruncatedOverUdpIsWholeOverTcp) {
  RunningServer server(Services().Build());
  const std::vector<uint8_t> query = EncodeQuery({.name = "web.service.consul.", .type = "SRV"});
  const Client udp(Kind::kUdp, server.port());
  udp.Send(query);
  const MessageText cut = DecodeMessage(udp.ReceiveDatagram());
  EXPECT_EQ(cut.flags, "qr aa tc rd");
  const Client tcp(Kind::kTcp, server.port());
  tcp.SendPrefixed(query);
  const MessageText whole = DecodeMessage(tcp.ReceivePrefixed().value());
  EXPECT_EQ(whole.flags, "qr aa rd");
  EXPECT_EQ(whole.answer.size(), 100u);
  EXPECT_EQ(whole.additional.size(), 100u);
}

TEST(DnsServerTest, PipelinedQueriesAreAnsweredInOrder) {
  RunningServer server(Services().Build());
  const Client client(Kind::kTcp, server.port());
  constexpr uint16_t kCount = 200;
  std::vector<uint8_t> all;
  for (uint16_t id = 0; id < kCount; ++id) {
    const std::vector<uint8_t> query = Query(id, "web.service.consul.");
    all.push_back(0);
    all.push_back(static_cast<uint8_t>(query.size()));
    all.insert(all.end(), query.begin(), query.end());
  }
  auto sending = std::async(std::launch::async, [&] {
    // In pieces that end anywhere, also inside a length.
    for (size_t at = 0; at < all.size(); at += 333) {
      client.Send(std::span(all).subspan(at, std::min<size_t>(333, all.size() - at)));
    }
    client.ShutdownSending();
  });
  for (uint16_t id = 0; id < kCount; ++id) {
    const auto octets = client.ReceivePrefixed();
    ASSERT_TRUE(octets) << id;
    EXPECT_EQ(DecodeMessage(*octets).id, id);
  }
  sending.get();
  EXPECT_TRUE(client.IsClosedByServer());
}

TEST(DnsServerTest, TcpMessagesOfAnySizeAreTaken) {
  RunningServer server(Services().Build());
  const Client client(Kind::kTcp, server.port());
  client.SendPrefixed({});
  client.SendPrefixed(std::vector<uint8_t>(65535, 0));
  const auto error = client.ReceivePrefixed();
  ASSERT_TRUE(error);
  EXPECT_EQ(DecodeMessage(*error).rcode, "FORMERR");
  ExpectAnswersOverTcp(client, 3);
}

DnsOptions ImpatientOptions() {
  DnsOptions options = TestOptions();
  options.tcp.idle_timeout = std::chrono::milliseconds(100);
  return options;
}

TEST(DnsServerTest, IdleConnectionsAreClosed) {
  RunningServer server(Services().Build(), ImpatientOptions());
  const Client silent(Kind::kTcp, server.port());
  const Client halfway(Kind::kTcp, server.port());
  halfway.Send(std::vector<uint8_t>{0, 30, 1, 2, 3});
  EXPECT_TRUE(silent.IsClosedByServer());
  EXPECT_TRUE(halfway.IsClosedByServer());
}

TEST(DnsServerTest, AQueryThatTricklesInDoesNotKeepAConnectionOpen) {
  RunningServer server(Services().Build(), ImpatientOptions());
  const Client client(Kind::kTcp, server.port());
  client.Send(std::vector<uint8_t>{255, 255});
  // Sends for as long as the server listens: were the timer restarted by every octet, for ever.
  while (send(client.fd(), "x", 1, MSG_NOSIGNAL) == 1) {
    timeval pause{0, 5000};
    select(0, nullptr, nullptr, nullptr, &pause);
  }
  SUCCEED();
}

TEST(DnsServerTest, AClientThatTakesNoAnswersIsCutOff) {
  RunningServer server(Services(250).Build(), ImpatientOptions());
  const Client client(Kind::kTcp, server.port());
  const timeval never_block{0, 50'000};
  setsockopt(client.fd(), SOL_SOCKET, SO_SNDTIMEO, &never_block, sizeof never_block);
  const std::vector<uint8_t> query = Query(1, "web.service.consul.");
  std::vector<uint8_t> prefixed = {0, static_cast<uint8_t>(query.size())};
  prefixed.insert(prefixed.end(), query.begin(), query.end());
  // Until the connection is reset; while it is not, a full send buffer only delays.
  while (send(client.fd(), prefixed.data(), prefixed.size(), MSG_NOSIGNAL) >= 0 ||
         errno == EAGAIN) {
  }
  ExpectAnswersOverUdp(Client(Kind::kUdp, server.port()), 4);
}

TEST(DnsServerTest, ConnectionsBeyondTheLimitAreClosed) {
  RunningServer server(Services().Build(), TestOptions(), 1, "127.0.0.1", 2);
  auto first = std::make_unique<Client>(Kind::kTcp, server.port());
  ExpectAnswersOverTcp(*first, 1);
  const Client second(Kind::kTcp, server.port());
  ExpectAnswersOverTcp(second, 2);
  EXPECT_TRUE(Client(Kind::kTcp, server.port()).IsClosedByServer());
  EXPECT_EQ(server.counters().tcp_refused.value(), 1u);
  ExpectAnswersOverTcp(second, 3);
  // One that ends makes room for another.
  first->ShutdownSending();
  EXPECT_TRUE(first->IsClosedByServer());
  ExpectAnswersOverTcp(Client(Kind::kTcp, server.port()), 4);
}

TEST(DnsServerTest, StopClosesWhatIsOpen) {
  RunningServer server(Services().Build(), TestOptions(), 2);
  const Client client(Kind::kTcp, server.port());
  ExpectAnswersOverTcp(client, 1);
  server.Stop();
  EXPECT_TRUE(client.IsClosedByServer());
  EXPECT_TRUE(OpenSockets("127.0.0.1", server.port(), 1));
}

TEST(ListenTest, APortInUseIsNamed) {
  RunningServer server(Services().Build());
  const std::string port = std::to_string(server.port());
  const auto taken = OpenSockets("127.0.0.1", server.port(), 2);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(taken.error().message,
            "cannot listen on 127.0.0.1:" + port + " (UDP): address already in use");
}

TEST(ListenTest, APortInUseForTcpAloneIsNamedToo) {
  auto held = OpenSockets("127.0.0.1", 0, 1).value();
  held[0].udp = OwnedFd();
  const auto taken = OpenSockets("127.0.0.1", held[0].port, 1);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().message, "cannot listen on 127.0.0.1:" + std::to_string(held[0].port) +
                                       " (TCP): address already in use");
}

TEST(ListenTest, BadAddressesAreNamed) {
  EXPECT_EQ(OpenSockets("localhost", 0, 1).error().message,
            "cannot listen on \"localhost\": not an IP address");
  EXPECT_EQ(OpenSockets("192.0.2.1", 5353, 1).error().message,
            "cannot listen on 192.0.2.1:5353 (UDP): cannot assign requested address");
}

}  // namespace
}  // namespace rollcall::dns
