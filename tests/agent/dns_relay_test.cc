#include "agent/dns_relay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio.hpp>
#include <set>
#include <utility>

#include "tests/agent/little_server.h"

namespace rollcall::agent {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using std::chrono::milliseconds;
using test::RunUntil;
using Bytes = std::vector<uint8_t>;

const asio::ip::address kLoopback = asio::ip::make_address("127.0.0.1");

// A query for a.b, type SRV, class IN, with RD set.
Bytes Query(uint16_t id) {
  return {static_cast<uint8_t>(id >> 8),
          static_cast<uint8_t>(id & 0xFF),
          0x01,
          0x00,
          0,
          1,
          0,
          0,
          0,
          0,
          0,
          0,
          1,
          'a',
          1,
          'b',
          0,
          0,
          33,
          0,
          1};
}

Bytes AnswerTo(Bytes query) {
  query[2] |= 0x80;
  query.push_back(0xEE);  // stands for the records
  return query;
}

Bytes Prefixed(const Bytes& message) {
  Bytes bytes(2 + message.size());
  bytes[0] = static_cast<uint8_t>(message.size() >> 8);
  bytes[1] = static_cast<uint8_t>(message.size() & 0xFF);
  std::copy(message.begin(), message.end(), bytes.begin() + 2);
  return bytes;
}

// A registry's DNS server: echoes queries as answers, over both transports.
class FakeDnsServer {
 public:
  explicit FakeDnsServer(asio::io_context& loop)
      : acceptor_(loop, {kLoopback, 0}),
        socket_(loop, udp::endpoint(kLoopback, acceptor_.local_endpoint().port())) {
    ReceiveUdp();
    AcceptTcp();
  }
  uint16_t port() const { return acceptor_.local_endpoint().port(); }
  bool silent = false;
  // UDP answers are held back until so many queries have come: all of them are pending at once.
  size_t hold_until = 0;
  std::vector<uint16_t> ids;

 private:
  void ReceiveUdp() {
    socket_.async_receive_from(
        asio::buffer(buffer_), from_, [this](boost::system::error_code error, size_t size) {
          if (error) return;
          const Bytes query(buffer_.begin(), buffer_.begin() + static_cast<ptrdiff_t>(size));
          ids.push_back(static_cast<uint16_t>(query[0] << 8 | query[1]));
          if (!silent) held_.emplace_back(AnswerTo(query), from_);
          if (ids.size() >= hold_until) SendHeld();
          ReceiveUdp();
        });
  }
  void SendHeld() {
    for (const auto& [answer, to] : held_) socket_.send_to(asio::buffer(answer), to);
    held_.clear();
  }
  void AcceptTcp() {
    acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (error) return;
      connections_.push_back(std::make_shared<tcp::socket>(std::move(socket)));
      ReadTcp(connections_.back());
      AcceptTcp();
    });
  }
  void ReadTcp(const std::shared_ptr<tcp::socket>& socket) {
    auto bytes = std::make_shared<Bytes>(2 + Query(0).size());
    asio::async_read(*socket, asio::buffer(*bytes),
                     [this, socket, bytes](boost::system::error_code error, size_t) {
                       if (error) return;
                       const Bytes answer = AnswerTo(Bytes(bytes->begin() + 2, bytes->end()));
                       if (!silent) asio::write(*socket, asio::buffer(Prefixed(answer)));
                       ReadTcp(socket);
                     });
  }

  tcp::acceptor acceptor_;
  udp::socket socket_;
  std::array<uint8_t, 4096> buffer_;
  udp::endpoint from_;
  std::vector<std::pair<Bytes, udp::endpoint>> held_;
  std::vector<std::shared_ptr<tcp::socket>> connections_;
};

class DnsRelayTest : public ::testing::Test {
 protected:
  void StartRelay(DnsRelay::Limits limits = {}) {
    auto relay = DnsRelay::Listen(loop_, {"127.0.0.1", 0}, limits);
    ASSERT_TRUE(relay.has_value()) << relay.error().message;
    relay_ = std::move(*relay);
  }
  void UseUpstream(uint16_t port) {
    relay_->SetUpstream({"127.0.0.1", port});
    loop_.restart();
    loop_.poll();
    // The lookup happens on the resolver's thread.
    for (int i = 0; i < 20; ++i) loop_.run_one_for(milliseconds(5));
    loop_.restart();
  }

  void SendUdp(const Bytes& query) {
    client_.send_to(asio::buffer(query), udp::endpoint(kLoopback, relay_->port()));
  }
  Bytes ReceiveUdp() {
    client_.non_blocking(true);
    Bytes answer(4096);
    bool received = false;
    RunUntil(loop_, [&] {
      boost::system::error_code error;
      udp::endpoint from;
      const size_t size = client_.receive_from(asio::buffer(answer), from, 0, error);
      if (!error) answer.resize(size);
      received = !error;
      return received;
    });
    return received ? answer : Bytes();
  }

  Bytes AskTcp(tcp::socket& socket, const Bytes& query) {
    asio::write(socket, asio::buffer(Prefixed(query)));
    Bytes length(2);
    Bytes answer;
    bool done = false;
    asio::async_read(socket, asio::buffer(length), [&](boost::system::error_code error, size_t) {
      done = static_cast<bool>(error);
      if (error) return;
      answer.resize(static_cast<size_t>(length[0] << 8 | length[1]));
      asio::async_read(socket, asio::buffer(answer),
                       [&](boost::system::error_code, size_t) { done = true; });
    });
    EXPECT_TRUE(RunUntil(loop_, [&] { return done; }));
    return answer;
  }

  static Bytes ServFailTo(Bytes query) {
    query[2] |= 0x80;
    query[3] = 2;
    return query;
  }

  asio::io_context loop_;
  std::unique_ptr<DnsRelay> relay_;
  udp::socket client_{loop_, udp::endpoint(kLoopback, 0)};
};

TEST_F(DnsRelayTest, PassesUdpQueriesUnderIdsOfItsOwn) {
  FakeDnsServer server(loop_);
  server.hold_until = 50;
  StartRelay();
  UseUpstream(server.port());
  // Many clients may use one ID at the same time.
  for (int i = 0; i < 50; ++i) SendUdp(Query(7));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(ReceiveUdp(), AnswerTo(Query(7)));
  EXPECT_EQ(std::set<uint16_t>(server.ids.begin(), server.ids.end()).size(), 50u);
}

TEST_F(DnsRelayTest, PassesTcpQueries) {
  FakeDnsServer server(loop_);
  StartRelay();
  UseUpstream(server.port());
  tcp::socket socket(loop_);
  socket.connect({kLoopback, relay_->port()});
  EXPECT_EQ(AskTcp(socket, Query(1)), AnswerTo(Query(1)));
  EXPECT_EQ(AskTcp(socket, Query(2)), AnswerTo(Query(2)));
}

TEST_F(DnsRelayTest, AnswersServFailWithoutAServer) {
  StartRelay();
  SendUdp(Query(1));
  EXPECT_EQ(ReceiveUdp(), ServFailTo(Query(1)));
  tcp::socket socket(loop_);
  socket.connect({kLoopback, relay_->port()});
  EXPECT_EQ(AskTcp(socket, Query(2)), ServFailTo(Query(2)));
}

TEST_F(DnsRelayTest, AnswersServFailWhenTheServerIsGone) {
  uint16_t port = 0;
  {
    FakeDnsServer server(loop_);
    port = server.port();
  }
  StartRelay({.answer_timeout = std::chrono::seconds(60)});  // a refusal is known at once
  UseUpstream(port);
  SendUdp(Query(1));
  EXPECT_EQ(ReceiveUdp(), ServFailTo(Query(1)));
  tcp::socket socket(loop_);
  socket.connect({kLoopback, relay_->port()});
  EXPECT_EQ(AskTcp(socket, Query(2)), ServFailTo(Query(2)));
}

TEST_F(DnsRelayTest, AnswersServFailWhenTheServerIsSilent) {
  FakeDnsServer server(loop_);
  server.silent = true;
  StartRelay({.answer_timeout = milliseconds(100)});
  UseUpstream(server.port());
  SendUdp(Query(1));
  EXPECT_EQ(ReceiveUdp(), ServFailTo(Query(1)));
  tcp::socket socket(loop_);
  socket.connect({kLoopback, relay_->port()});
  EXPECT_EQ(AskTcp(socket, Query(2)), ServFailTo(Query(2)));
}

TEST_F(DnsRelayTest, BoundsWhatIsPending) {
  FakeDnsServer server(loop_);
  server.silent = true;
  StartRelay({.pending_queries = 2, .answer_timeout = std::chrono::seconds(60)});
  UseUpstream(server.port());
  for (uint16_t id = 1; id <= 3; ++id) SendUdp(Query(id));
  EXPECT_EQ(ReceiveUdp(), ServFailTo(Query(3)));
}

TEST_F(DnsRelayTest, DropsWhatIsNoQuery) {
  StartRelay();
  SendUdp({1, 2, 3});
  SendUdp(AnswerTo(Query(1)));  // an answer: two relays must not talk for ever
  SendUdp(Query(2));
  EXPECT_EQ(ReceiveUdp(), ServFailTo(Query(2)));
}

TEST_F(DnsRelayTest, TakenPortIsNamed) {
  StartRelay();
  const auto second = DnsRelay::Listen(loop_, {"127.0.0.1", relay_->port()}, {});
  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().message.find(std::to_string(relay_->port())), std::string::npos);
}

TEST(ServFailTest, KeepsTheQuestionWhereItCanBeRead) {
  Bytes broken = Query(1);
  broken[12] = 60;  // a label that runs beyond the end
  const Bytes answer = ServFail(broken.data(), broken.size());
  EXPECT_EQ(answer, (Bytes{0, 1, 0x81, 2, 0, 0, 0, 0, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace rollcall::agent
