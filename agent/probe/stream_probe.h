// StreamProbe: a probe that begins with a TCP connection. Threads as probe.h says.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <string>

#include "agent/probe/endpoint.h"
#include "agent/probe/probe.h"

namespace rollcall::probe {

class StreamProbe : public Probe {
 protected:
  StreamProbe(boost::asio::io_context& loop, std::string what, std::chrono::nanoseconds timeout);

  // Looks up `where` and connects stream() to the first address that answers, then OnConnected.
  void Connect(const HostPort& where);
  virtual void OnConnected() = 0;
  void Close() override;

  boost::beast::tcp_stream& stream() { return stream_; }

 private:
  void ConnectTo(const boost::asio::ip::tcp::resolver::results_type& endpoints);

  boost::asio::ip::tcp::resolver resolver_;
  boost::beast::tcp_stream stream_;
};

}  // namespace rollcall::probe
