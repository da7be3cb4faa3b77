#include "agent/dns_connection.h"

#include <array>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "agent/dns_answer.h"

namespace rollcall::agent {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

class DnsConnection : public std::enable_shared_from_this<DnsConnection> {
 public:
  DnsConnection(tcp::socket client, std::weak_ptr<DnsResolver> resolver,
                std::chrono::milliseconds idle_timeout, std::shared_ptr<int> open_connections)
      : client_(std::move(client)),
        resolver_(std::move(resolver)),
        idle_timeout_(idle_timeout),
        deadline_(client_.get_executor()),
        open_connections_(std::move(open_connections)) {
    ++*open_connections_;
  }
  ~DnsConnection() { --*open_connections_; }

  void ReadQuery() {
    message_ = DnsOctets();  // what waits takes no room
    SetDeadline();
    asio::async_read(client_, asio::buffer(length_),
                     [self = shared_from_this()](error_code error, size_t) {
                       if (error) return self->Close();
                       self->ReadMessage(DnsUint16(self->length_, 0));
                     });
  }

 private:
  void SetDeadline() {
    deadline_.expires_after(idle_timeout_);
    deadline_.async_wait([self = shared_from_this()](error_code cancelled) {
      if (!cancelled) self->Close();
    });
  }

  void Close() {
    deadline_.cancel();
    error_code ignored;
    client_.close(ignored);
  }

  // No question needs more than over UDP. Of what is longer, the header is enough to refuse it.
  void ReadMessage(size_t length) {
    const bool is_too_long = length > kDnsUdpPayload;
    message_.resize(is_too_long ? kDnsHeaderSize : length);
    asio::async_read(client_, asio::buffer(message_),
                     [self = shared_from_this(), is_too_long](error_code error, size_t) {
                       if (error) return self->Close();
                       self->OnMessage(is_too_long);
                     });
  }

  void OnMessage(bool is_too_long) {
    std::optional<DnsQuery> query = ReadDnsQuery(message_, DnsTransport::kTcp);
    const auto resolver = resolver_.lock();
    if (!query || !resolver) return Close();
    if (is_too_long) {
      closes_ = true;  // the rest of it is not read
      return Write(DnsErrorAnswer(*query, dns_rcode::kFormErr, std::nullopt));
    }
    deadline_.cancel();  // the resolver has its own
    resolver->Ask(std::move(*query), [self = shared_from_this()](DnsOctets answer) {
      self->Write(std::move(answer));
    });
  }

  void Write(DnsOctets answer) {
    message_ = std::move(answer);
    length_ = {static_cast<uint8_t>(message_.size() >> 8),
               static_cast<uint8_t>(message_.size() & 0xFF)};
    SetDeadline();
    const std::array<asio::const_buffer, 2> buffers = {asio::buffer(length_),
                                                       asio::buffer(message_)};
    asio::async_write(client_, buffers, [self = shared_from_this()](error_code error, size_t) {
      if (error || self->closes_) return self->Close();
      self->ReadQuery();
    });
  }

  tcp::socket client_;
  const std::weak_ptr<DnsResolver> resolver_;
  const std::chrono::milliseconds idle_timeout_;
  asio::steady_timer deadline_;
  const std::shared_ptr<int> open_connections_;
  std::array<uint8_t, 2> length_{};
  DnsOctets message_;
  bool closes_ = false;  // after the answer that is being written
};

}  // namespace

void ServeDnsConnection(tcp::socket client, std::weak_ptr<DnsResolver> resolver,
                        std::chrono::milliseconds idle_timeout,
                        std::shared_ptr<int> open_connections) {
  std::make_shared<DnsConnection>(std::move(client), std::move(resolver), idle_timeout,
                                  std::move(open_connections))
      ->ReadQuery();
}

}  // namespace rollcall::agent
