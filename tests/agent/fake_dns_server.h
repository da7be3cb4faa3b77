// FakeDnsServer: a registry's DNS server for tests, over UDP and TCP, that answers as it is told,
// on the test's own loop.
#pragma once

#include <array>
#include <boost/asio.hpp>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "agent/dns_message.h"
#include "tests/agent/dns_messages.h"

namespace rollcall::agent::test {

class FakeDnsServer {
 public:
  // With port 0: any free one.
  explicit FakeDnsServer(boost::asio::io_context& loop, uint16_t port = 0);
  ~FakeDnsServer();
  FakeDnsServer(const FakeDnsServer&) = delete;
  FakeDnsServer& operator=(const FakeDnsServer&) = delete;

  uint16_t port() const { return acceptor_.local_endpoint().port(); }

  // What a query is answered with, unless it is empty.
  std::function<DnsOctets(const DnsOctets& query)> answer = [this](const DnsOctets& query) {
    return DnsOctets(AnswerTo(query).Address("10.0.0.1", ttl).Opt());
  };
  uint32_t ttl = 60;
  bool silent = false;
  // Answers over UDP are held back until so many queries have come: all of them are pending at
  // once.
  size_t hold_until = 0;
  std::vector<DnsOctets> queries;  // over both
  int connections = 0;             // that were made
  bool closes = false;             // a connection after each answer

  // From another socket than the one that was asked.
  void SendFromElsewhere(const DnsOctets& message);

 private:
  using tcp = boost::asio::ip::tcp;
  using udp = boost::asio::ip::udp;

  void ReceiveUdp();
  void AcceptTcp();
  void ReadTcp(const std::shared_ptr<tcp::socket>& socket);
  DnsOctets Answer(const DnsOctets& query);

  boost::asio::io_context& loop_;
  tcp::acceptor acceptor_;
  udp::socket socket_;
  std::array<uint8_t, 5000> buffer_;
  udp::endpoint from_;
  std::vector<std::pair<DnsOctets, udp::endpoint>> held_;
  std::vector<std::shared_ptr<tcp::socket>> connections_;
};

DnsOctets Prefixed(const DnsOctets& message);

}  // namespace rollcall::agent::test
