// A recursor that does what the test says, on a free port of the loopback and the test's own
// io_context, and the octets of its answers. Single-threaded; goes after the io_context has stopped
// running.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dns/recursor_address.h"

namespace rollcall::dns {

using Octets = std::vector<uint8_t>;

struct AnswerParts {
  uint16_t flags = 0x8180;  // qr rd ra
  std::vector<Octets> answer = {};
  std::vector<Octets> authority = {};
  std::vector<Octets> additional = {};
};

// With the ID and the question of `query`.
Octets MakeAnswer(const Octets& query, const AnswerParts& parts);

// Owned by the question's name, by a pointer: 300 A 192.0.2.<last>.
Octets AddressRecord(uint8_t last);
// 300 TXT of `size` octets; at most 255.
Octets TextRecord(size_t size);

struct OptParts {
  uint16_t payload = 4096;
  uint8_t extended_rcode = 0;
  uint8_t version = 0;
  bool dnssec_ok = false;
  Octets options = {};
};
Octets OptRecord(const OptParts& parts);

// Behind the length that TCP wants.
Octets Prefixed(const Octets& message);

class FakeRecursor {
 public:
  // The datagrams that are sent for `query`.
  using OverUdp = std::function<std::vector<Octets>(const Octets& query)>;
  // The stream that is sent for `query`, before the connection is closed; nothing: silence.
  using OverTcp = std::function<std::optional<Octets>(const Octets& query)>;

  // Without `over_tcp`, it refuses connections.
  FakeRecursor(boost::asio::io_context* io, OverUdp over_udp, OverTcp over_tcp = nullptr,
               const std::string& address = "127.0.0.1");

  ~FakeRecursor();

  RecursorAddress address() const;
  // Connections on which it is silent and that the client has closed.
  size_t abandoned_connections() const;

  std::vector<Octets> udp_queries;
  std::vector<boost::asio::ip::udp::endpoint> clients;  // of udp_queries
  std::vector<Octets> tcp_queries;

 private:
  struct Connection;

  void ReceiveDatagram();
  void Accept();
  void ServeQuery(const std::shared_ptr<Connection>& connection);

  const OverUdp over_udp_;
  const OverTcp over_tcp_;
  boost::asio::ip::udp::socket udp_;
  boost::asio::ip::tcp::acceptor tcp_;
  std::array<uint8_t, 65535> datagram_{};
  boost::asio::ip::udp::endpoint sender_;
  std::vector<std::shared_ptr<Connection>> connections_;
};

}  // namespace rollcall::dns
