// DnsUdpUpstream: a connected UDP socket to one DNS server, so that nobody else is heard there.
//
// Everything runs on the loop's thread. Nothing is called back after Close, which its owner calls
// before it lets go.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <functional>
#include <memory>

#include "agent/dns_message.h"

namespace rollcall::agent {

class DnsUdpUpstream : public std::enable_shared_from_this<DnsUdpUpstream> {
 public:
  struct Listener {
    std::function<void(DnsView)> on_message;  // the octets are valid until it returns
    std::function<void()> on_refused;         // nobody listens there
  };

  DnsUdpUpstream(boost::asio::io_context& loop, const boost::asio::ip::udp::endpoint& server,
                 Listener listener);

  void Start();
  void Close();

  // Whether it was sent, as far as this host knows. Calls nothing back.
  bool Send(DnsView message);

 private:
  void AwaitMessages();
  void OnReadable();

  const boost::asio::ip::udp::endpoint server_;
  const Listener listener_;
  boost::asio::ip::udp::socket socket_;
};

}  // namespace rollcall::agent
