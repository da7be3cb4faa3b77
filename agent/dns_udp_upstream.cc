#include "agent/dns_udp_upstream.h"

#include <spdlog/spdlog.h>

#include <array>
#include <boost/asio/error.hpp>
#include <utility>

namespace rollcall::agent {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// Received at once, before others have their turn on the loop.
constexpr int kBurst = 64;

}  // namespace

DnsUdpUpstream::DnsUdpUpstream(asio::io_context& loop, const asio::ip::udp::endpoint& server,
                               Listener listener)
    : server_(server), listener_(std::move(listener)), socket_(loop) {}

void DnsUdpUpstream::Start() {
  error_code error;
  socket_.open(server_.protocol(), error);
  if (!error) socket_.connect(server_, error);
  if (!error) socket_.non_blocking(true, error);
  if (!error) return AwaitMessages();
  spdlog::warn("cannot reach the DNS server {}: {}", server_.address().to_string(),
               error.message());
  Close();
}

void DnsUdpUpstream::Close() {
  error_code ignored;
  socket_.close(ignored);
}

bool DnsUdpUpstream::Send(DnsView message) {
  if (!socket_.is_open()) return false;
  error_code error;
  socket_.send(asio::buffer(message.data(), message.size()), 0, error);
  if (error == asio::error::connection_refused) {
    // That was an earlier message's refusal; this one has not been sent.
    socket_.send(asio::buffer(message.data(), message.size()), 0, error);
  }
  return !error || error == asio::error::would_block;  // a full buffer: UDP may lose messages
}

// Waits first, so that no room is held for messages that do not come.
void DnsUdpUpstream::AwaitMessages() {
  socket_.async_wait(asio::ip::udp::socket::wait_read,
                     [self = shared_from_this()](error_code error) {
                       if (error == asio::error::operation_aborted || !self->socket_.is_open())
                         return;
                       self->OnReadable();
                       if (self->socket_.is_open()) self->AwaitMessages();
                     });
}

void DnsUdpUpstream::OnReadable() {
  std::array<uint8_t, kDnsUdpPayload + 1> octets;
  for (int i = 0; i < kBurst && socket_.is_open(); ++i) {
    error_code error;
    const size_t size = socket_.receive(asio::buffer(octets), 0, error);
    if (error == asio::error::would_block) return;
    if (error) {
      listener_.on_refused();
    } else if (size <= kDnsUdpPayload) {  // longer ones were cut, and never asked for
      listener_.on_message(DnsView(octets.data(), size));
    }
  }
}

}  // namespace rollcall::agent
