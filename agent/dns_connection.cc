// A TCP connection of the DNS relay: a message, length first (RFC 1035, section 4.2.2), goes to the
// registry's server over a connection of its own, its answer comes back, then the next one.
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "agent/dns_relay.h"

namespace rollcall::agent {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

class DnsConnection : public std::enable_shared_from_this<DnsConnection> {
 public:
  DnsConnection(tcp::socket client, std::optional<tcp::endpoint> upstream,
                const DnsRelay::Limits& limits, std::shared_ptr<int> open_connections)
      : limits_(limits),
        client_(std::move(client)),
        upstream_(client_.get_executor()),
        upstream_endpoint_(std::move(upstream)),
        deadline_(client_.get_executor()),
        open_connections_(std::move(open_connections)) {
    ++*open_connections_;
  }
  ~DnsConnection() { --*open_connections_; }

  void ReadQuery() {
    SetDeadline(limits_.idle_timeout, [](DnsConnection& self) { self.Close(); });
    ReadMessage(client_, [](DnsConnection& self, bool good) {
      if (!good) return self.Close();
      self.query_ = self.message_;
      self.PassOn();
    });
  }

 private:
  using Step = void (*)(DnsConnection&);
  using Outcome = void (*)(DnsConnection&, bool good);

  void SetDeadline(std::chrono::milliseconds timeout, Step on_timeout) {
    deadline_.expires_after(timeout);
    deadline_.async_wait([self = shared_from_this(), on_timeout](error_code cancelled) {
      if (!cancelled) on_timeout(*self);
    });
  }

  void Close() {
    deadline_.cancel();
    error_code ignored;
    client_.close(ignored);
    upstream_.close(ignored);
  }

  // Fills message_, length prefix included.
  void ReadMessage(tcp::socket& from, Outcome outcome) {
    message_.resize(2);
    asio::async_read(
        from, asio::buffer(message_),
        [self = shared_from_this(), &from, outcome](error_code error, size_t) {
          if (error) return outcome(*self, false);
          const size_t length = static_cast<size_t>(self->message_[0] << 8 | self->message_[1]);
          self->message_.resize(2 + length);
          asio::async_read(from, asio::buffer(self->message_.data() + 2, length),
                           [self, outcome](error_code e, size_t) { outcome(*self, !e); });
        });
  }

  void PassOn() {
    if (!upstream_endpoint_) return AnswerServFail();
    // Whatever waits for the server fails when its socket closes.
    SetDeadline(limits_.answer_timeout, [](DnsConnection& self) {
      error_code ignored;
      self.upstream_.close(ignored);
    });
    if (upstream_.is_open()) return WriteQuery();
    upstream_.async_connect(*upstream_endpoint_, [self = shared_from_this()](error_code error) {
      if (error) return self->AnswerServFail();
      self->WriteQuery();
    });
  }

  void WriteQuery() {
    asio::async_write(
        upstream_, asio::buffer(query_), [self = shared_from_this()](error_code error, size_t) {
          if (error) return self->AnswerServFail();
          self->ReadMessage(self->upstream_, [](DnsConnection& connection, bool good) {
            if (!good) return connection.AnswerServFail();
            connection.WriteAnswer();
          });
        });
  }

  void AnswerServFail() {
    error_code ignored;
    upstream_.close(ignored);
    const std::vector<uint8_t> answer = ServFail(query_.data() + 2, query_.size() - 2);
    if (answer.empty()) return Close();
    message_.assign(
        {static_cast<uint8_t>(answer.size() >> 8), static_cast<uint8_t>(answer.size() & 0xFF)});
    message_.insert(message_.end(), answer.begin(), answer.end());
    WriteAnswer();
  }

  void WriteAnswer() {
    SetDeadline(limits_.idle_timeout, [](DnsConnection& self) { self.Close(); });
    asio::async_write(client_, asio::buffer(message_),
                      [self = shared_from_this()](error_code error, size_t) {
                        if (error) return self->Close();
                        self->ReadQuery();
                      });
  }

  const DnsRelay::Limits limits_;
  tcp::socket client_;
  tcp::socket upstream_;
  const std::optional<tcp::endpoint> upstream_endpoint_;
  asio::steady_timer deadline_;
  const std::shared_ptr<int> open_connections_;
  std::vector<uint8_t> query_;
  std::vector<uint8_t> message_;
};

}  // namespace

void ServeDnsConnection(tcp::socket client, std::optional<tcp::endpoint> upstream,
                        const DnsRelay::Limits& limits, std::shared_ptr<int> open_connections) {
  std::make_shared<DnsConnection>(std::move(client), std::move(upstream), limits,
                                  std::move(open_connections))
      ->ReadQuery();
}

}  // namespace rollcall::agent
