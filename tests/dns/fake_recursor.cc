#include "tests/dns/fake_recursor.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace rollcall::dns {

namespace {

using boost::system::error_code;

void Append(const Octets& part, Octets* octets) {
  octets->insert(octets->end(), part.begin(), part.end());
}

uint8_t High(size_t number) { return static_cast<uint8_t>(number >> 8); }
uint8_t Low(size_t number) { return static_cast<uint8_t>(number & 0xff); }

}  // namespace

Octets MakeAnswer(const Octets& query, const AnswerParts& parts) {
  size_t end = 12;
  while (query.at(end) != 0) end += 1u + query[end];
  end += 5;
  Octets octets(query.begin(), query.begin() + static_cast<std::ptrdiff_t>(end));
  octets[2] = High(parts.flags);
  octets[3] = Low(parts.flags);
  size_t count_at = 6;
  for (const auto* section : {&parts.answer, &parts.authority, &parts.additional}) {
    octets[count_at] = High(section->size());
    octets[count_at + 1] = Low(section->size());
    count_at += 2;
    for (const Octets& record : *section) Append(record, &octets);
  }
  return octets;
}

Octets AddressRecord(uint8_t last) {
  return {0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, last};
}

Octets TextRecord(size_t size) {
  Octets octets = {0xc0, 12, 0, 16, 0, 1, 0, 0, 1, 44, High(size + 1), Low(size + 1), Low(size)};
  octets.resize(octets.size() + size, 'x');
  return octets;
}

Octets OptRecord(const OptParts& parts) {
  Octets octets = {0,
                   0,
                   41,
                   High(parts.payload),
                   Low(parts.payload),
                   parts.extended_rcode,
                   parts.version,
                   static_cast<uint8_t>(parts.dnssec_ok ? 0x80 : 0),
                   0,
                   High(parts.options.size()),
                   Low(parts.options.size())};
  Append(parts.options, &octets);
  return octets;
}

Octets Prefixed(const Octets& message) {
  Octets octets = {High(message.size()), Low(message.size())};
  Append(message, &octets);
  return octets;
}

struct FakeRecursor::Connection {
  explicit Connection(boost::asio::ip::tcp::socket s) : socket(std::move(s)) {}
  boost::asio::ip::tcp::socket socket;
  std::array<uint8_t, 2> length{};
  Octets query;
  Octets stream;
  bool is_abandoned = false;
};

FakeRecursor::FakeRecursor(boost::asio::io_context* io, OverUdp over_udp, OverTcp over_tcp,
                           const std::string& address)
    : over_udp_(std::move(over_udp)), over_tcp_(std::move(over_tcp)), udp_(*io), tcp_(*io) {
  const auto ip = boost::asio::ip::make_address(address);
  if (over_tcp_) {
    // Ports that the kernel gives out for TCP are rarely taken for UDP.
    tcp_ = {*io, {ip, 0}};
    udp_ = {*io, {ip, tcp_.local_endpoint().port()}};
    Accept();
  } else {
    udp_ = {*io, {ip, 0}};
  }
  ReceiveDatagram();
}

FakeRecursor::~FakeRecursor() {
  for (const auto& connection : connections_) connection->socket.close();
}

size_t FakeRecursor::abandoned_connections() const {
  return static_cast<size_t>(
      std::count_if(connections_.begin(), connections_.end(),
                    [](const auto& connection) { return connection->is_abandoned; }));
}

RecursorAddress FakeRecursor::address() const {
  const auto ip = udp_.local_endpoint().address();
  const uint16_t port = udp_.local_endpoint().port();
  if (ip.is_v4()) return {ip.to_v4().to_bytes(), port};
  return {ip.to_v6().to_bytes(), port};
}

void FakeRecursor::ReceiveDatagram() {
  udp_.async_receive_from(
      boost::asio::buffer(datagram_), sender_, [this](const error_code& error, size_t size) {
        if (error) return;
        const Octets query(datagram_.begin(), datagram_.begin() + static_cast<ptrdiff_t>(size));
        udp_queries.push_back(query);
        clients.push_back(sender_);
        for (const Octets& answer : over_udp_(query)) {
          udp_.send_to(boost::asio::buffer(answer), sender_);
        }
        ReceiveDatagram();
      });
}

void FakeRecursor::Accept() {
  tcp_.async_accept([this](const error_code& error, boost::asio::ip::tcp::socket socket) {
    if (error) return;
    connections_.push_back(std::make_shared<Connection>(std::move(socket)));
    ServeQuery(connections_.back());
    Accept();
  });
}

void FakeRecursor::ServeQuery(const std::shared_ptr<Connection>& connection) {
  const auto on_query = [this, connection](const error_code& error, size_t /*size*/) {
    if (error) return;
    tcp_queries.push_back(connection->query);
    const std::optional<Octets> stream = over_tcp_(connection->query);
    if (!stream) {
      connection->socket.async_wait(
          boost::asio::ip::tcp::socket::wait_read,
          [connection](const error_code& closed_here) { connection->is_abandoned = !closed_here; });
      return;
    }
    connection->stream = *stream;
    boost::asio::async_write(
        connection->socket, boost::asio::buffer(connection->stream),
        [connection](const error_code& /*error*/, size_t /*size*/) { connection->socket.close(); });
  };
  boost::asio::async_read(
      connection->socket, boost::asio::buffer(connection->length),
      [connection, on_query](const error_code& error, size_t /*size*/) {
        if (error) return;
        connection->query.resize(size_t{connection->length[0]} << 8 | connection->length[1]);
        boost::asio::async_read(connection->socket, boost::asio::buffer(connection->query),
                                on_query);
      });
}

}  // namespace rollcall::dns
