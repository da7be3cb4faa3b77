// Listener: a listening socket and its accept loop; every connection becomes a Session of the set.
// Worker's thread. The pending accept keeps the listener alive until Close.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>

#include "api/http/quiet_log.h"
#include "api/http/session.h"
#include "api/http/session_set.h"
#include "registry/base/owned_fd.h"
#include "registry/base/result.h"

namespace rollcall::http {

class Listener : public std::enable_shared_from_this<Listener> {
 public:
  // The port's first listener claims it: it fails when anybody else, also another process of the
  // same user, listens there. The others join in it.
  enum class Claim { kFirst, kJoin };
  // kTls: with the set's context, as it is when a connection begins.
  enum class Security { kPlain, kTls };

  static Result<std::shared_ptr<Listener>> Open(std::shared_ptr<SessionSet> set,
                                                const std::string& address, uint16_t port,
                                                Security security, Claim claim);

  Listener(std::shared_ptr<SessionSet> set, Security security);

  void Start();
  // Takes the connections that wait in the kernel's queue, then closes; idempotent.
  void Close();
  uint16_t port() const { return port_; }
  Security security() const { return security_; }

 private:
  using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp,
                                                      boost::asio::io_context::executor_type>;

  Result<void> Bind(const boost::asio::ip::tcp::endpoint& endpoint, Claim claim);
  using Peer = boost::asio::ip::tcp::endpoint;

  void WaitForConnections();
  void Accept();
  // One connection, if there is one.
  OwnedFd AcceptOne(Peer& peer, boost::system::error_code& error);
  void Pause(const boost::system::error_code& why);
  void Welcome(OwnedFd socket, const Peer& peer);
  Transport MakeTransport(OwnedFd socket) const;
  // A connection that has been counted in.
  void Begin(OwnedFd socket, std::string address);
  void Refuse(OwnedFd socket, std::string address, ConnectionCounts::Verdict why);

  const std::shared_ptr<SessionSet> set_;
  const Security security_;
  Acceptor acceptor_;
  boost::asio::steady_timer pause_;
  // A crowd of connections that fail or are refused is logged once in a while.
  QuietLog failures_;
  QuietLog refusals_;
  uint16_t port_ = 0;
};

}  // namespace rollcall::http
