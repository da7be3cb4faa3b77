// UdpServer: answers the queries of one UDP socket, on one worker's io_context. Receives and sends
// in batches. Use, Stop and destroy it on the worker's thread (or while that does not run).
#pragma once

#include <memory>

#include "dns/listen.h"
#include "dns/responder.h"

namespace boost::asio {
class io_context;
}

namespace rollcall::dns {

class UdpServer {
 public:
  // Takes over `socket`. `responder` and `io` outlive the server.
  UdpServer(boost::asio::io_context* io, OwnedFd socket, Responder* responder);
  ~UdpServer();

  // Starts to answer once the io_context runs. Once.
  void Start();
  // Answers nothing more and closes the socket. Any number of times.
  void Stop();

 private:
  class Loop;
  std::shared_ptr<Loop> loop_;
};

}  // namespace rollcall::dns
