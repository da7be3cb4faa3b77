#include "agent/dns_relay.h"

#include <string>
#include <utility>

#include "agent/dns_answer.h"
#include "agent/dns_connection.h"

namespace rollcall::agent {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds kAcceptAgainAfter{100};
// Received at once, before others have their turn on the loop.
constexpr int kQueriesAtOnce = 64;
constexpr int kFreePortTries = 20;

}  // namespace

DnsRelay::DnsRelay(asio::io_context& loop, const Limits& limits, const Clock& clock)
    : limits_(limits),
      resolver_(std::make_shared<DnsResolver>(loop, limits.resolver, clock)),
      lookup_(loop, [this](const auto& servers) { resolver_->UseServers(servers); }),
      listening_(std::make_shared<udp::socket>(loop)),
      acceptor_(loop),
      accept_again_(loop) {}

DnsRelay::~DnsRelay() = default;

Result<std::unique_ptr<DnsRelay>> DnsRelay::Listen(asio::io_context& loop,
                                                   const ListenAddress& where, const Limits& limits,
                                                   const Clock& clock) {
  std::unique_ptr<DnsRelay> relay(new DnsRelay(loop, limits, clock));
  if (Result<void> open = relay->Open(where); !open) return open.error();
  relay->AwaitQueries();
  relay->Accept();
  return relay;
}

Result<void> DnsRelay::Open(const ListenAddress& where) {
  const asio::ip::address address = asio::ip::make_address(where.address);
  error_code error = Bind(address, where.port);
  // A port that was free for TCP may be somebody else's for UDP.
  for (int more = kFreePortTries; more > 0 && where.port == 0 && error; --more) {
    error = Bind(address, where.port);
  }
  if (!error) return {};
  const bool ipv6 = address.is_v6();
  return Unavailable("cannot listen on " + (ipv6 ? "[" + where.address + "]" : where.address) +
                     ":" + std::to_string(where.port) + " (DNS): " + error.message());
}

error_code DnsRelay::Bind(const asio::ip::address& address, uint16_t port) {
  error_code error;
  acceptor_.close(error);  // of an attempt before
  listening_->close(error);
  const tcp::endpoint tcp_endpoint(address, port);
  acceptor_.open(tcp_endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(tcp_endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  // With port 0, UDP takes the port that TCP was given.
  if (!error) port_ = acceptor_.local_endpoint(error).port();
  const udp::endpoint udp_endpoint(address, port_);
  if (!error) listening_->open(udp_endpoint.protocol(), error);
  if (!error) listening_->bind(udp_endpoint, error);
  if (!error) listening_->non_blocking(true, error);
  return error;
}

void DnsRelay::AwaitQueries() {
  listening_->async_wait(udp::socket::wait_read,
                         [this, alive = std::weak_ptr(listening_)](error_code error) {
                           if (error == asio::error::operation_aborted || alive.expired()) return;
                           OnReadable();
                           AwaitQueries();
                         });
}

void DnsRelay::OnReadable() {
  std::array<uint8_t, kDnsUdpPayload + 1> octets;
  for (int i = 0; i < kQueriesAtOnce; ++i) {
    error_code error;
    udp::endpoint client;
    const size_t size = listening_->receive_from(asio::buffer(octets), client, 0, error);
    if (error == asio::error::would_block) return;
    if (!error) OnQuery(DnsView(octets.data(), size), client);
  }
}

void DnsRelay::OnQuery(DnsView message, const udp::endpoint& client) {
  DnsReply reply = [client, weak = std::weak_ptr(listening_)](const DnsOctets& answer) {
    const auto socket = weak.lock();
    if (!socket) return;
    error_code ignored;  // a client that is gone, or a full buffer: UDP may lose answers
    socket->send_to(asio::buffer(answer), client, 0, ignored);
  };
  const bool is_too_long = message.size() > kDnsUdpPayload;
  std::optional<DnsQuery> query =
      ReadDnsQuery(is_too_long ? message.first(kDnsHeaderSize) : message, DnsTransport::kUdp);
  if (!query) return;
  if (is_too_long) return reply(DnsErrorAnswer(*query, dns_rcode::kFormErr, std::nullopt));
  resolver_->Ask(std::move(*query), std::move(reply));
}

void DnsRelay::Accept() {
  acceptor_.async_accept(
      [this, alive = std::weak_ptr(listening_)](error_code error, tcp::socket client) {
        if (error == asio::error::operation_aborted || alive.expired()) return;
        if (error) return AcceptLater();
        if (*open_connections_ < limits_.connections) {
          ServeDnsConnection(std::move(client), resolver_, limits_.idle_timeout, open_connections_);
        }
        Accept();
      });
}

void DnsRelay::AcceptLater() {
  accept_again_.expires_after(kAcceptAgainAfter);
  accept_again_.async_wait([this, alive = std::weak_ptr(listening_)](error_code cancelled) {
    if (!cancelled && !alive.expired()) Accept();
  });
}

}  // namespace rollcall::agent
