// Probe: one attempt of one check, from the first packet to its verdict. Everything about it
// happens on its io_context's thread. It keeps itself alive until it has answered or was cancelled,
// answers exactly once and never inside Start, and not at all after Cancel.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <functional>
#include <memory>
#include <string>

#include "agent/probe/endpoint.h"
#include "agent/probe/prober.h"
#include "registry/model/records.h"

namespace boost::asio::ssl {
class context;
}

namespace rollcall::probe {

class Probe : public std::enable_shared_from_this<Probe> {
 public:
  using OnDone = std::function<void(const ProbeResult&)>;

  virtual ~Probe() = default;
  void Start(OnDone on_done);
  void Cancel();

 protected:
  // `what` opens each output, as in "TCP connect 127.0.0.1:80".
  Probe(boost::asio::io_context& loop, std::string what, std::chrono::nanoseconds timeout);

  // Looks up `where` and connects stream_ to the first address that answers, then OnConnected.
  void Connect(const HostPort& where);
  virtual void Begin() = 0;
  virtual void OnConnected() = 0;
  // What to answer when the time is up.
  virtual ProbeResult OnTimeout() const;

  // Ends the probe: closes everything and answers. Later calls do nothing.
  void Finish(const ProbeResult& result);
  void Fail(const std::string& why);

  bool is_done() const { return !on_done_; }
  const std::string& what() const { return what_; }
  boost::beast::tcp_stream& stream() { return stream_; }

 private:
  void ConnectTo(const boost::asio::ip::tcp::resolver::results_type& endpoints);
  void Close();

  const std::string what_;
  const std::chrono::nanoseconds timeout_;
  boost::asio::ip::tcp::resolver resolver_;
  boost::beast::tcp_stream stream_;
  boost::asio::steady_timer deadline_;
  OnDone on_done_;
};

// A TCP connection that is accepted is passing.
std::shared_ptr<Probe> MakeTcpProbe(boost::asio::io_context& loop,
                                    const model::CheckDefinition& definition);

// An HTTP request: 2xx is passing, 429 warning, all else critical. `tls` is used for https URLs.
std::shared_ptr<Probe> MakeHttpProbe(boost::asio::io_context& loop,
                                     const model::CheckDefinition& definition,
                                     boost::asio::ssl::context& tls);

}  // namespace rollcall::probe
