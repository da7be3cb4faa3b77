// The UDP server when the kernel does not take its answers. Over a pair of Unix datagram sockets:
// there a full buffer and a message that cannot be sent happen when the test wants them, which UDP
// on the loopback does not offer. The loop runs on the test's own thread, step by step.
#include "dns/udp_server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <string>
#include <vector>

#include "registry/base/clock.h"
#include "registry/catalog/snapshot_holder.h"
#include "tests/dns/asked.h"
#include "tests/dns/catalog_text.h"

namespace rollcall::dns {
namespace {

// Their addresses are more than 4,608 octets, the smallest send buffer that Linux gives, and less
// than the payload that a query here allows.
constexpr int kInstances = 400;

std::shared_ptr<const catalog::Snapshot> OneAndMany() {
  CatalogText text;
  text.Node("n1", "127.0.0.1").Instance({.node = "n1", .name = "one"});
  for (int i = 0; i < kInstances; ++i) {
    const std::string node = "node" + std::to_string(i);
    const std::string address = "10.0." + std::to_string(i / 200) + "." + std::to_string(i % 200);
    text.Node(node, address).Instance({.node = node, .name = "many"});
  }
  return text.Build();
}

class UdpServerTest : public testing::Test {
 protected:
  UdpServerTest()
      : reader_(holder_),
        responder_(TestZone(), {.catalog = &reader_, .clock = &clock_, .seed = 1}) {
    holder_.Publish(OneAndMany());
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    client_ = OwnedFd(ends[0]);
    server_end_ = ends[1];
    server_ = std::make_unique<UdpServer>(&io_, OwnedFd(server_end_), &responder_);
    server_->Start();
  }

  // False when the kernel takes no more.
  bool Ask(uint16_t id, const std::string& name = "one.service.consul.") {
    const std::vector<uint8_t> query =
        EncodeQuery({.name = name, .type = "A", .edns = 8192, .id = id});
    const ssize_t sent = send(client_.get(), query.data(), query.size(), 0);
    EXPECT_TRUE(sent >= 0 || errno == EAGAIN) << errno;
    return sent == static_cast<ssize_t>(query.size());
  }

  // The next answer, if there is one.
  std::optional<MessageText> Receive() {
    std::vector<uint8_t> octets(65536);
    const ssize_t size = recv(client_.get(), octets.data(), octets.size(), 0);
    if (size < 0) return std::nullopt;
    octets.resize(static_cast<size_t>(size));
    return DecodeMessage(octets);
  }

  // All that the server can do without waiting.
  void Serve() {
    io_.restart();
    io_.poll();
  }

  // Asks until neither side takes any more; how many were asked.
  uint16_t AskUntilAllIsFull() {
    constexpr uint16_t kFarTooMany = 5'000;  // the kernel's queues hold 10 messages, or 512
    uint16_t asked = 0;
    for (bool taken = true; taken && asked < kFarTooMany;) {
      taken = false;
      for (; asked < kFarTooMany && Ask(asked); ++asked) taken = true;
      Serve();
    }
    EXPECT_LT(asked, kFarTooMany) << "never full";
    return asked;
  }

  const DnsCounters& counters() const { return responder_.counters(); }

  boost::asio::io_context io_{1};
  catalog::SnapshotHolder holder_;
  catalog::SnapshotReader reader_;
  SteadyClock clock_;
  Responder responder_;
  OwnedFd client_;
  int server_end_ = -1;  // the server's own
  std::unique_ptr<UdpServer> server_;
};

TEST_F(UdpServerTest, TakesNothingInWhileItsAnswersDoNotLeave) {
  const uint16_t asked = AskUntilAllIsFull();
  const uint64_t answered = counters().udp_queries.value();
  // Some wait to be read by the client, some in the server's batch, the rest in its socket.
  EXPECT_GT(answered, 0u);
  EXPECT_LT(answered, asked);
  Serve();
  EXPECT_EQ(counters().udp_queries.value(), answered);
  EXPECT_EQ(counters().send_failures.value(), 0u);
}

TEST_F(UdpServerTest, NoAnswerIsLostToAFullBuffer) {
  const uint16_t asked = AskUntilAllIsFull();
  uint16_t expected = 0;
  for (bool more = true; more;) {
    more = false;
    while (const auto message = Receive()) {
      EXPECT_EQ(message->id, expected++);
      EXPECT_EQ(message->rcode, "NOERROR");
      more = true;
    }
    Serve();
  }
  EXPECT_EQ(expected, asked);
  EXPECT_EQ(counters().udp_queries.value(), asked);
  EXPECT_EQ(counters().send_failures.value(), 0u);
  // And goes on as before.
  ASSERT_TRUE(Ask(expected));
  Serve();
  const auto after = Receive();
  ASSERT_TRUE(after);
  EXPECT_EQ(after->id, expected);
}

TEST_F(UdpServerTest, StopsWhileItsAnswersDoNotLeave) {
  AskUntilAllIsFull();
  server_->Stop();
  Serve();
  EXPECT_TRUE(io_.stopped());  // nothing left to wait for
}

TEST_F(UdpServerTest, AnAnswerThatCannotBeSentIsGivenUpAlone) {
  const int smallest = 1;
  ASSERT_EQ(setsockopt(server_end_, SOL_SOCKET, SO_SNDBUF, &smallest, sizeof smallest), 0);
  ASSERT_TRUE(Ask(1));
  ASSERT_TRUE(Ask(2, "many.service.consul."));
  ASSERT_TRUE(Ask(3));
  Serve();
  EXPECT_EQ(counters().udp_queries.value(), 3u);
  EXPECT_EQ(counters().send_failures.value(), 1u);
  const auto first = Receive();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->id, 1);
  Serve();
  const auto second = Receive();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->id, 3);
}

TEST_F(UdpServerTest, AClientThatIsGoneCostsItsAnswersOnly) {
  for (uint16_t id = 0; id < 3; ++id) ASSERT_TRUE(Ask(id));
  client_ = OwnedFd();
  Serve();
  EXPECT_EQ(counters().send_failures.value(), counters().udp_queries.value());
  EXPECT_FALSE(io_.stopped());
}

}  // namespace
}  // namespace rollcall::dns
