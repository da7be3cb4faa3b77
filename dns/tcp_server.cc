#include "dns/tcp_server.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dns/tcp_session.h"

namespace rollcall::dns {

namespace {

using boost::asio::ip::tcp;

// How long not to accept when there are no file descriptors left: trying at once would fail the
// same way, in a loop.
constexpr std::chrono::milliseconds kAcceptPause{100};

// The client that a connection is counted for: with IPv6 a host has a whole /64.
std::string CountedAddress(const boost::asio::ip::address& address) {
  if (address.is_v4()) return address.to_string();
  boost::asio::ip::address_v6::bytes_type octets = address.to_v6().to_bytes();
  const boost::asio::ip::address_v6 whole(octets);
  if (whole.is_v4_mapped()) return whole.to_string();
  std::fill(octets.begin() + 8, octets.end(), uint8_t{0});
  return boost::asio::ip::address_v6(octets).to_string();
}

}  // namespace

// Kept alive by its own pending accept, so that one which ends after the server is gone finds it.
class TcpServer::Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(boost::asio::io_context* io, DnsSockets* sockets, Responder* responder,
           ConnectionCounts* connections)
      : acceptor_(*io, sockets->is_ipv6 ? tcp::v6() : tcp::v4(), sockets->tcp.Release()),
        pause_(*io),
        responder_(responder),
        connections_(connections),
        answer_room_(kMaxMessageSize) {}

  void Accept() {
    acceptor_.async_accept(
        [self = shared_from_this()](const boost::system::error_code& error, tcp::socket socket) {
          if (!self->acceptor_.is_open()) return;
          if (error) return self->Pause();
          self->Begin(std::move(socket));
          self->Accept();
        });
  }

  void Stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    for (const auto& [key, open] : sessions_) {
      open.session->Stop();
      Leave(open.address);
    }
    sessions_.clear();
  }

 private:
  void Begin(tcp::socket socket) {
    DnsCounters& counters = responder_->counters();
    boost::system::error_code error;
    const tcp::endpoint peer = socket.remote_endpoint(error);
    if (error) return;  // gone already
    const std::string address = CountedAddress(peer.address());
    if (connections_ != nullptr &&
        connections_->Enter(address) != ConnectionCounts::Verdict::kWelcome) {
      counters.tcp_refused.Add();
      return;  // which closes it
    }
    counters.tcp_connections.Add();
    socket.set_option(tcp::no_delay(true), error);
    // The listener stops every session before it goes.
    const auto session = std::make_shared<TcpSession>(std::move(socket), responder_, answer_room_,
                                                      [this](TcpSession* ended) { OnEnd(ended); });
    sessions_.emplace(session.get(), Open{session, address});
    session->Start();
  }

  void OnEnd(TcpSession* ended) {
    const auto at = sessions_.find(ended);
    if (at == sessions_.end()) return;
    Leave(at->second.address);
    sessions_.erase(at);
  }

  void Leave(const std::string& address) {
    if (connections_ != nullptr) connections_->Leave(address);
  }

  void Pause() {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error && self->acceptor_.is_open()) self->Accept();
    });
  }

  tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  Responder* const responder_;
  ConnectionCounts* const connections_;
  std::vector<uint8_t> answer_room_;
  struct Open {
    std::shared_ptr<TcpSession> session;
    std::string address;  // that it was counted for
  };
  std::unordered_map<TcpSession*, Open> sessions_;
};

TcpServer::TcpServer(boost::asio::io_context* io, DnsSockets* sockets, Responder* responder,
                     ConnectionCounts* connections)
    : listener_(std::make_shared<Listener>(io, sockets, responder, connections)) {}

TcpServer::~TcpServer() { Stop(); }

void TcpServer::Start() { listener_->Accept(); }

void TcpServer::Stop() { listener_->Stop(); }

}  // namespace rollcall::dns
