// DnsTcpUpstream: one DNS server over TCP, and the connections to it that wait for the next query
// (RFC 7766, section 6.2.1): without them, each query would leave behind a port that cannot be used
// for a minute.
//
// Everything runs on the loop's thread. Exchanges hold weak ones.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <optional>
#include <vector>

namespace rollcall::agent {

class DnsTcpUpstream {
 public:
  static constexpr size_t kIdle = 4;
  // Servers close them sooner or later, and one that is gone does not say so.
  static constexpr std::chrono::seconds kIdleFor{5};

  explicit DnsTcpUpstream(const boost::asio::ip::tcp::endpoint& server) : server_(server) {}

  const boost::asio::ip::tcp::endpoint& server() const { return server_; }

  // A connection that was open a moment ago; empty when there is none.
  std::optional<boost::asio::ip::tcp::socket> TakeIdle();
  void Keep(boost::asio::ip::tcp::socket connection);

 private:
  struct Idle {
    boost::asio::ip::tcp::socket connection;
    std::chrono::steady_clock::time_point since;
  };

  const boost::asio::ip::tcp::endpoint server_;
  std::vector<Idle> idle_;  // the longest idle first
};

}  // namespace rollcall::agent
