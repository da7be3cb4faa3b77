// Server: the HTTP server of one worker: its listening sockets, of plain HTTP and of HTTPS, and
// their sessions, all on the worker's loop.
//
//   auto first = Server::Listen(loop_0, {.address = "127.0.0.1", .port = 8500}, router_0);
//   auto second = first.value()->ListenAlongside(loop_1, router_1);   // the same port
//
// With several workers the kernel spreads the connections over their sockets (SO_REUSEPORT). The
// first one claims the port alone, so that a port which another process uses, even one of the same
// user with SO_REUSEPORT, is an error and never shared.
//
// Threads: created by anyone while its loop does not run; Start, SetTls, Stop, Drain and the
// destructor belong to the worker's thread, or to anyone while the loop does not run; ports,
// connection_count and counters to any thread.
// SIGPIPE is ignored in the whole process from Listen on: a client that goes away must not end it.
// Ownership: loop and router outlive the server; the loop also outlives every exchange.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/http/counters.h"
#include "api/http/limits.h"
#include "registry/base/result.h"

namespace boost::asio {
class io_context;
}

namespace rollcall::http {

class Listener;
class Router;
class SessionSet;
class TlsContext;

class Server {
 public:
  // Where HTTPS is served, as `address` and `port` below.
  struct Tls {
    std::string address = "127.0.0.1";
    uint16_t port = 0;
    std::shared_ptr<const TlsContext> context;  // not null
  };
  struct Options {
    std::string address = "127.0.0.1";  // of plain HTTP: an IP address, without brackets
    uint16_t port = 0;                  // 0: the system picks one, see port()
    Limits limits;
    bool plain = true;                      // false: no plain HTTP, `tls` alone
    std::optional<Tls> tls = std::nullopt;  // unset: no HTTPS
  };

  // Binds the ports, so that an error is known before anything runs; no connection is taken before
  // Start. Error: "cannot listen on 127.0.0.1:8500: address already in use".
  static Result<std::unique_ptr<Server>> Listen(boost::asio::io_context& loop,
                                                const Options& options, const Router& router);

  // One more server, for another worker, on this one's addresses and ports, with its limits; the
  // limits on connections hold for all of them, and for HTTP and HTTPS, together.
  Result<std::unique_ptr<Server>> ListenAlongside(boost::asio::io_context& loop,
                                                  const Router& router) const;

  // Closes every connection; exchanges that wait are told (Exchange::OnClosed).
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void Start();

  // For HTTPS connections from now on; those that are there keep what they began with.
  // Precondition: HTTPS is served.
  void SetTls(std::shared_ptr<const TlsContext> context);

  // Stops listening; what is connected goes on.
  void Stop();

  // Stops listening, closes idle connections, lets running requests finish and asks waiting
  // exchanges to answer (Exchange::OnShutdown); each answer is its connection's last. What is left
  // after `grace` is closed. `done` is then called from the loop, unless the server is destroyed
  // before. Once.
  void Drain(std::chrono::milliseconds grace, std::function<void()> done);

  const std::string& address() const { return options_.address; }
  // 0: it is off.
  uint16_t port() const { return options_.plain ? options_.port : uint16_t{0}; }
  uint16_t tls_port() const { return options_.tls ? options_.tls->port : uint16_t{0}; }
  size_t connection_count() const;
  const Counters& counters() const;

 private:
  struct DrainTimer;

  Server(Options options, std::shared_ptr<SessionSet> sessions);

  // Claims the ports, or joins in them.
  enum class Claim { kFirst, kJoin };

  // Binds what the options say, and notes the ports that were picked.
  Result<void> Bind(Claim claim);

  Options options_;  // constant once it listens, and without the context of TLS
  const std::shared_ptr<SessionSet> sessions_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  std::unique_ptr<DrainTimer> drain_timer_;
};

}  // namespace rollcall::http
