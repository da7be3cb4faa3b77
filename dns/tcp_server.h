// TcpServer: DNS over TCP (RFC 7766) on one listening socket and one worker's io_context. Use, Stop
// and destroy it on the worker's thread (or while that does not run).
#pragma once

#include <memory>

#include "dns/listen.h"
#include "dns/responder.h"
#include "registry/base/connection_counts.h"

namespace boost::asio {
class io_context;
}

namespace rollcall::dns {

class TcpServer {
 public:
  // Takes over `sockets.tcp`. `responder`, `io` and `connections` outlive the server; the latter
  // are those of all workers, null for no limit.
  TcpServer(boost::asio::io_context* io, DnsSockets* sockets, Responder* responder,
            ConnectionCounts* connections);
  ~TcpServer();

  // Starts to accept once the io_context runs. Once.
  void Start();
  // Closes the listening socket and all connections. Any number of times.
  void Stop();

 private:
  class Listener;
  std::shared_ptr<Listener> listener_;
};

}  // namespace rollcall::dns
