// DnsRelay: DNS for the programs of this host, passed on to the registry's DNS server, over UDP and
// TCP. It understands no more of a message than its header: queries travel unchanged but for their
// ID, which is replaced by a random one that is free (RFC 5452, section 9.2), and answers go back
// with their own. What no server answers in time is answered with SERVFAIL.
//
// Everything runs on the loop's thread. Pending queries and connections are bounded.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/options.h"
#include "agent/probe/endpoint.h"
#include "registry/base/result.h"

namespace rollcall::agent {

class DnsRelay {
 public:
  struct Limits {
    size_t pending_queries = 1024;
    int connections = 128;
    std::chrono::milliseconds answer_timeout{2000};
    std::chrono::milliseconds idle_timeout{10'000};  // of a TCP connection between two queries
  };

  // Opens both sockets. kUnavailable names the address when it is taken. The relay must be
  // destroyed before `loop`, and `loop` must not run any more by then or be running on this very
  // thread.
  static Result<std::unique_ptr<DnsRelay>> Listen(boost::asio::io_context& loop,
                                                  const ListenAddress& where, const Limits& limits);
  ~DnsRelay();

  // Where queries go from now on. A name is looked up, once.
  void SetUpstream(const probe::HostPort& upstream);

  uint16_t port() const { return port_; }

 private:
  using udp = boost::asio::ip::udp;
  using tcp = boost::asio::ip::tcp;
  using Message = std::vector<uint8_t>;
  struct Pending {
    udp::endpoint client;
    uint16_t client_id = 0;
    Message head;  // header and question, for SERVFAIL
    std::chrono::steady_clock::time_point deadline;
  };

  DnsRelay(boost::asio::io_context& loop, const Limits& limits);
  Result<void> Open(const ListenAddress& where);
  void UseUpstream(const udp::endpoint& upstream);
  void ReceiveQuery();
  void OnQuery(size_t size);
  void ReceiveAnswer();
  void OnAnswer(size_t size);
  void SendServFail(const Pending& query);
  void FailAll();
  void ArmSweep();
  void Accept();
  void AcceptLater();  // out of descriptors: not at once

  boost::asio::io_context& loop_;
  const Limits limits_;
  uint16_t port_ = 0;
  std::mt19937 random_{std::random_device{}()};
  udp::socket listening_;
  tcp::acceptor acceptor_;
  udp::resolver resolver_;
  boost::asio::steady_timer sweep_;
  boost::asio::steady_timer accept_again_;
  bool sweeping_ = false;
  std::optional<udp::endpoint> upstream_;
  std::shared_ptr<udp::socket> upstream_socket_;  // connected, so that only its peer is heard
  std::unordered_map<uint16_t, Pending> pending_;
  // Shared with the TCP connections, which may outlive the relay by a moment.
  std::shared_ptr<int> open_connections_ = std::make_shared<int>(0);
  udp::endpoint sender_;
  std::array<uint8_t, 65535> query_;
  std::array<uint8_t, 65535> answer_;
};

// The answer SERVFAIL to `query`: its ID, opcode and RD, and its question where it can be read
// (RFC 1035, section 4.1.1). Empty when `query` is no query at all.
std::vector<uint8_t> ServFail(const uint8_t* query, size_t size);

// One client's TCP connection (RFC 7766): queries are passed on one after the other.
void ServeDnsConnection(boost::asio::ip::tcp::socket client,
                        std::optional<boost::asio::ip::tcp::endpoint> upstream,
                        const DnsRelay::Limits& limits, std::shared_ptr<int> open_connections);

}  // namespace rollcall::agent
