#include "tests/agent/fake_dns_server.h"

namespace rollcall::agent::test {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

const asio::ip::address kLoopback = asio::ip::address_v4::loopback();

}  // namespace

DnsOctets Prefixed(const DnsOctets& message) {
  DnsOctets octets;
  AppendDnsUint16(static_cast<uint16_t>(message.size()), &octets);
  octets.insert(octets.end(), message.begin(), message.end());
  return octets;
}

FakeDnsServer::FakeDnsServer(asio::io_context& loop, uint16_t port)
    : loop_(loop), acceptor_(loop), socket_(loop, udp::v4()) {
  // A port that is free for TCP may be another test's for UDP.
  for (int tries_left = port == 0 ? 100 : 1; tries_left > 0; --tries_left) {
    acceptor_ = tcp::acceptor(loop, {kLoopback, port});
    error_code error;
    socket_.bind({kLoopback, this->port()}, error);
    if (!error) break;
    if (tries_left == 1) throw boost::system::system_error(error, "bind");
  }
  ReceiveUdp();
  AcceptTcp();
}

FakeDnsServer::~FakeDnsServer() {
  for (const auto& connection : connections_) connection->close();
}

void FakeDnsServer::SendFromElsewhere(const DnsOctets& message) {
  udp::socket other(loop_, udp::endpoint(kLoopback, 0));
  other.send_to(asio::buffer(message), from_);
}

DnsOctets FakeDnsServer::Answer(const DnsOctets& query) {
  queries.push_back(query);
  return silent ? DnsOctets() : answer(query);
}

void FakeDnsServer::ReceiveUdp() {
  socket_.async_receive_from(asio::buffer(buffer_), from_, [this](error_code error, size_t size) {
    if (error) return;
    const DnsOctets octets =
        Answer(DnsOctets(buffer_.begin(), buffer_.begin() + static_cast<ptrdiff_t>(size)));
    if (!octets.empty()) held_.emplace_back(octets, from_);
    if (queries.size() >= hold_until) {
      for (const auto& [message, to] : std::exchange(held_, {})) {
        socket_.send_to(asio::buffer(message), to);
      }
    }
    ReceiveUdp();
  });
}

void FakeDnsServer::AcceptTcp() {
  acceptor_.async_accept([this](error_code error, tcp::socket socket) {
    if (error) return;
    ++connections;
    connections_.push_back(std::make_shared<tcp::socket>(std::move(socket)));
    ReadTcp(connections_.back());
    AcceptTcp();
  });
}

void FakeDnsServer::ReadTcp(const std::shared_ptr<tcp::socket>& socket) {
  auto octets = std::make_shared<DnsOctets>(2);
  asio::async_read(*socket, asio::buffer(*octets), [=, this](error_code error, size_t) {
    if (error) return;
    octets->resize(DnsUint16(*octets, 0));
    asio::async_read(*socket, asio::buffer(*octets), [=, this](error_code cut, size_t) {
      if (cut) return;
      const DnsOctets message = Answer(*octets);
      if (!message.empty()) asio::write(*socket, asio::buffer(Prefixed(message)));
      if (closes) return socket->close();
      ReadTcp(socket);
    });
  });
}

}  // namespace rollcall::agent::test
