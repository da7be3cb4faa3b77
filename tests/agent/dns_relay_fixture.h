// What tests of the DNS relay are written with: a relay on the test's own loop and by the test's
// own clock, a client, and the servers that they bring.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio.hpp>
#include <memory>
#include <vector>

#include "agent/dns_relay.h"
#include "tests/agent/fake_dns_server.h"
#include "tests/agent/little_server.h"

namespace rollcall::agent {

class DnsRelayFixture : public ::testing::Test {
 protected:
  using tcp = boost::asio::ip::tcp;
  using udp = boost::asio::ip::udp;

  class FakeClock final : public Clock {
   public:
    TimePoint Now() const override { return now; }
    TimePoint now = TimePoint() + std::chrono::hours(1);
  };

  // Nothing in it is due before a test's patience ends.
  static DnsRelay::Limits Patient() {
    DnsRelay::Limits limits;
    limits.resolver.next_server_after = std::chrono::hours(1);
    limits.resolver.stale_after = std::chrono::hours(1);
    limits.resolver.answer_timeout = std::chrono::hours(1);
    limits.resolver.cache.max_stale = std::chrono::seconds(1000);
    return limits;
  }
  void Start(const DnsRelay::Limits& limits = Patient()) {
    auto relay = DnsRelay::Listen(loop_, {"127.0.0.1", 0}, limits, clock_);
    ASSERT_TRUE(relay.has_value()) << relay.error().message;
    relay_ = std::move(*relay);
  }
  void UseServers(const std::vector<uint16_t>& ports) {
    std::vector<probe::HostPort> servers;
    servers.reserve(ports.size());
    for (const uint16_t port : ports) servers.push_back({"127.0.0.1", port});
    relay_->SetUpstreams(servers);
  }
  void Advance(std::chrono::seconds by) { clock_.now += by; }

  void Send(const DnsOctets& query) {
    client_.send_to(boost::asio::buffer(query), udp::endpoint(loopback_, relay_->port()));
  }
  DnsOctets Receive() {
    client_.non_blocking(true);
    DnsOctets answer(65535);
    size_t size = 0;
    EXPECT_TRUE(RunUntil([&] {
      boost::system::error_code error;
      udp::endpoint from;
      size = client_.receive_from(boost::asio::buffer(answer), from, 0, error);
      return !error;
    }));
    answer.resize(size);
    return answer;
  }
  DnsOctets Ask(const DnsOctets& query) {
    Send(query);
    return Receive();
  }
  DnsOctets AskTcp(tcp::socket& socket, const DnsOctets& query) {
    namespace asio = boost::asio;
    asio::write(socket, asio::buffer(test::Prefixed(query)));
    DnsOctets length(2);
    DnsOctets answer;
    bool done = false;
    asio::async_read(socket, asio::buffer(length), [&](boost::system::error_code error, size_t) {
      done = static_cast<bool>(error);
      if (error) return;
      answer.resize(DnsUint16(length, 0));
      asio::async_read(socket, asio::buffer(answer),
                       [&](boost::system::error_code, size_t) { done = true; });
    });
    EXPECT_TRUE(RunUntil([&] { return done; }));
    return answer;
  }
  DnsOctets AskTcp(const DnsOctets& query) {
    tcp::socket socket(loop_);
    socket.connect({loopback_, relay_->port()});
    return AskTcp(socket, query);
  }
  // Runs the loop until `condition` holds.
  template <typename Condition>
  bool RunUntil(Condition condition) {
    return rollcall::test::RunUntil(loop_, condition);
  }

  const boost::asio::ip::address loopback_ = boost::asio::ip::address_v4::loopback();
  boost::asio::io_context loop_;
  FakeClock clock_;
  std::unique_ptr<DnsRelay> relay_;
  udp::socket client_{loop_, udp::endpoint(loopback_, 0)};
};

}  // namespace rollcall::agent
