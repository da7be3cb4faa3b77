// DnsServerLookup: the addresses of DNS servers that were given by name or address. A name that
// cannot be looked up is tried again, as long as it takes: the network may not be up yet. One that
// was is looked up again about once a minute: it may have moved.
//
// Everything runs on the loop's thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "agent/probe/endpoint.h"

namespace rollcall::agent {

class DnsServerLookup {
 public:
  using Addresses = std::vector<boost::asio::ip::udp::endpoint>;

  DnsServerLookup(boost::asio::io_context& loop, std::function<void(const Addresses&)> on_found);

  // Forgets what was looked up before. `on_found` is called with the addresses of all of them, in
  // their order, each time that they are others; before this returns if no name is among them.
  void Find(const std::vector<probe::HostPort>& servers);

 private:
  struct Server {
    probe::HostPort where;
    Addresses found = {};
    bool is_name = false;
    bool complained = false;  // the log says it once
  };

  void LookUpNames();
  void LookUp(size_t index);
  void OnLookedUp(Server& server, boost::system::error_code error,
                  const boost::asio::ip::udp::resolver::results_type& results);
  void LookUpLater(std::chrono::seconds pause);
  void Tell() const;

  boost::asio::ip::udp::resolver resolver_;
  boost::asio::steady_timer again_;
  const std::function<void(const Addresses&)> on_found_;
  // Handlers hold a weak one: those of an earlier Find, or of a lookup that is gone, do nothing.
  std::shared_ptr<std::vector<Server>> servers_;
  bool waiting_ = false;
};

}  // namespace rollcall::agent
