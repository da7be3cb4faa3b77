// Server: the HTTP server of one worker: a listening socket and its sessions, all on the worker's
// loop.
//
//   auto first = Server::Listen(loop_0, {.address = "127.0.0.1", .port = 8500}, router_0);
//   auto second = first.value()->ListenAlongside(loop_1, router_1);   // the same port
//
// With several workers the kernel spreads the connections over their sockets (SO_REUSEPORT). The
// first one claims the port alone, so that a port which another process uses, even one of the same
// user with SO_REUSEPORT, is an error and never shared.
//
// Threads: created by anyone while its loop does not run; Start, Stop, Drain and the destructor
// belong to the worker's thread, or to anyone while the loop does not run; port, address,
// connection_count and counters to any thread.
// SIGPIPE is ignored in the whole process from Listen on: a client that goes away must not end it.
// Ownership: loop and router outlive the server; the loop also outlives every exchange.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

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

class Server {
 public:
  struct Options {
    std::string address = "127.0.0.1";  // an IP address, without brackets
    uint16_t port = 0;                  // 0: the system picks one, see port()
    Limits limits;
  };

  // Binds the port, so that an error is known before anything runs; no connection is taken before
  // Start. Error: "cannot listen on 127.0.0.1:8500: address already in use".
  static Result<std::unique_ptr<Server>> Listen(boost::asio::io_context& loop,
                                                const Options& options, const Router& router);

  // One more server, for another worker, on this one's address and port, with its limits; the
  // limits on connections hold for all of them together.
  Result<std::unique_ptr<Server>> ListenAlongside(boost::asio::io_context& loop,
                                                  const Router& router) const;

  // Closes every connection; exchanges that wait are told (Exchange::OnClosed).
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void Start();

  // Stops listening; what is connected goes on.
  void Stop();

  // Stops listening, closes idle connections, lets running requests finish and asks waiting
  // exchanges to answer (Exchange::OnShutdown); each answer is its connection's last. What is left
  // after `grace` is closed. `done` is then called from the loop, unless the server is destroyed
  // before. Once.
  void Drain(std::chrono::milliseconds grace, std::function<void()> done);

  const std::string& address() const { return options_.address; }
  uint16_t port() const { return options_.port; }
  size_t connection_count() const;
  const Counters& counters() const;

 private:
  struct DrainTimer;

  Server(Options options, std::shared_ptr<SessionSet> sessions, std::shared_ptr<Listener> listener);

  const Options options_;  // with the port that was picked
  const std::shared_ptr<SessionSet> sessions_;
  const std::shared_ptr<Listener> listener_;
  std::unique_ptr<DrainTimer> drain_timer_;
};

}  // namespace rollcall::http
