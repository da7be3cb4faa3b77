#include "dns/upstream_exchange.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "dns/constants.h"
#include "dns/forwarded_message.h"
#include "dns/message_layout.h"

namespace rollcall::dns {

namespace {

using boost::system::error_code;

// Ports below are for services.
constexpr uint16_t kFirstPort = 1024;
// That many ports drawn in a row are taken only where nearly all are.
constexpr int kRandomPortAttempts = 8;
// After so many datagrams others of this worker's tasks get their turn.
constexpr int kDatagramsPerTurn = 16;
constexpr size_t kTcpLengthSize = 2;  // RFC 1035 section 4.2.2

boost::asio::ip::udp::endpoint EndpointOf(const RecursorAddress& server) {
  if (const Ipv4* const v4 = std::get_if<Ipv4>(&server.address)) {
    return {boost::asio::ip::address_v4(*v4), server.port};
  }
  return {boost::asio::ip::address_v6(std::get<Ipv6>(server.address)), server.port};
}

}  // namespace

UpstreamExchange::UpstreamExchange(UpstreamResources* resources, const RecursorAddress& server,
                                   std::vector<uint8_t> query, OnEnd on_end)
    : resources_(resources),
      server_(EndpointOf(server)),
      query_(std::move(query)),
      on_end_(std::move(on_end)),
      udp_(*resources->io),
      tcp_(*resources->io),
      timer_(*resources->io) {}

void UpstreamExchange::Start() {
  if (!SendOverUdp()) {
    boost::asio::post(*resources_->io, [self = shared_from_this()] {
      self->End(UpstreamOutcome::kUnreachable, {});
    });
    return;
  }
  RestartTimer();
  AwaitDatagrams();
}

void UpstreamExchange::Stop() {
  on_end_ = nullptr;
  error_code ignored;
  udp_.close(ignored);
  tcp_.close(ignored);
  timer_.cancel();
}

void UpstreamExchange::End(UpstreamOutcome outcome, std::span<const uint8_t> answer) {
  if (!on_end_) return;
  const auto on_end = std::exchange(on_end_, nullptr);
  Stop();
  on_end(outcome, answer);
}

void UpstreamExchange::RestartTimer() {
  timer_.expires_after(resources_->timeout);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (error || self->timer_.expiry() > std::chrono::steady_clock::now()) return;
    if (self->used_tcp()) return self->GiveUpTcp();
    self->End(UpstreamOutcome::kTimeout, {});
  });
}

bool UpstreamExchange::SendOverUdp() {
  error_code error;
  udp_.open(server_.protocol(), error);
  if (!error && server_.address().is_v6()) udp_.set_option(boost::asio::ip::v6_only(true), error);
  if (!error) udp_.non_blocking(true, error);
  if (error) return false;
  BindToRandomPort();
  udp_.connect(server_, error);
  if (!error) udp_.send(boost::asio::buffer(query_), 0, error);
  return !error;
}

// Leaves it to the kernel where no drawn port is free.
void UpstreamExchange::BindToRandomPort() {
  for (int attempt = 0; attempt < kRandomPortAttempts; ++attempt) {
    const uint16_t port = resources_->random();
    if (port < kFirstPort) continue;
    error_code error;
    udp_.bind({server_.protocol(), port}, error);
    if (!error) return;
  }
}

void UpstreamExchange::AwaitDatagrams() {
  udp_.async_wait(udp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
    if (!self->on_end_ || self->used_tcp()) return;
    if (error) return self->End(UpstreamOutcome::kUnreachable, {});
    self->OnDatagrams();
  });
}

void UpstreamExchange::OnDatagrams() {
  std::vector<uint8_t>& buffer = resources_->datagram;
  for (int i = 0; i < kDatagramsPerTurn; ++i) {
    error_code error;
    udp::endpoint sender;
    const size_t size = udp_.receive_from(boost::asio::buffer(buffer), sender, 0, error);
    if (error == boost::asio::error::would_block) break;
    if (error) return End(UpstreamOutcome::kUnreachable, {});
    // One from elsewhere may have come between bind and connect.
    if (sender != server_) continue;
    const auto datagram = std::span<const uint8_t>(buffer).first(size);
    switch (KindOfAnswer(datagram, query_)) {
      case AnswerKind::kNone:
        break;
      case AnswerKind::kTruncated:
        truncated_.assign(datagram.begin(), datagram.end());
        return AskOverTcp();
      case AnswerKind::kWhole:
        return End(UpstreamOutcome::kAnswer, datagram);
    }
  }
  AwaitDatagrams();
}

void UpstreamExchange::AskOverTcp() {
  error_code ignored;
  udp_.close(ignored);
  RestartTimer();
  tcp_.async_connect({server_.address(), server_.port()},
                     [self = shared_from_this()](const error_code& error) {
                       if (!self->on_end_) return;
                       if (error) return self->GiveUpTcp();
                       self->WriteTcpQuery();
                     });
}

void UpstreamExchange::WriteTcpQuery() {
  // In one piece (RFC 7766 section 8).
  tcp_octets_ = {static_cast<uint8_t>(query_.size() >> 8),
                 static_cast<uint8_t>(query_.size() & 0xff)};
  tcp_octets_.insert(tcp_octets_.end(), query_.begin(), query_.end());
  boost::asio::async_write(tcp_, boost::asio::buffer(tcp_octets_),
                           [self = shared_from_this()](const error_code& error, size_t /*count*/) {
                             if (!self->on_end_) return;
                             if (error) return self->GiveUpTcp();
                             self->ReadTcpLength();
                           });
}

void UpstreamExchange::ReadTcpLength() {
  tcp_octets_.resize(kTcpLengthSize);
  boost::asio::async_read(tcp_, boost::asio::buffer(tcp_octets_),
                          [self = shared_from_this()](const error_code& error, size_t /*count*/) {
                            if (!self->on_end_) return;
                            if (error) return self->GiveUpTcp();
                            self->ReadTcpAnswer(Uint16At(self->tcp_octets_, 0));
                          });
}

void UpstreamExchange::ReadTcpAnswer(size_t size) {
  tcp_octets_.resize(size);
  boost::asio::async_read(
      tcp_, boost::asio::buffer(tcp_octets_),
      [self = shared_from_this()](const error_code& error, size_t /*count*/) {
        if (!self->on_end_) return;
        if (error || KindOfAnswer(self->tcp_octets_, self->query_) == AnswerKind::kNone) {
          return self->GiveUpTcp();
        }
        self->End(UpstreamOutcome::kAnswer, self->tcp_octets_);
      });
}

void UpstreamExchange::GiveUpTcp() { End(UpstreamOutcome::kAnswer, truncated_); }

}  // namespace rollcall::dns
