// DnsTcpExchange: one query to one DNS server over TCP, and its answer (RFC 7766), over a
// connection of its own. It has no deadline: its owner stops it.
//
// Everything runs on the loop's thread. It keeps itself alive until it has ended or was stopped.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>

#include "agent/dns_message.h"

namespace rollcall::agent {

class DnsTcpExchange : public std::enable_shared_from_this<DnsTcpExchange> {
 public:
  // The octets that came, or none: no connection, or it ended.
  using OnEnd = std::function<void(DnsView)>;

  DnsTcpExchange(boost::asio::io_context& loop, DnsView query, OnEnd on_end);

  // `on_end` is called once, and never before this has returned.
  void Start(const boost::asio::ip::tcp::endpoint& server);
  // Nothing is called back after that.
  void Stop();

 private:
  void Write();
  void ReadLength();
  void ReadAnswer();
  void End(DnsView answer);

  boost::asio::ip::tcp::socket socket_;
  OnEnd on_end_;  // empty once it has ended
  std::array<uint8_t, 2> length_;
  DnsOctets octets_;  // what is written, then what is read
};

}  // namespace rollcall::agent
