// Probe: one attempt of one check, from the first step to its verdict. Everything about it happens
// on its io_context's thread. It keeps itself alive until it has answered or was cancelled, answers
// exactly once and never inside Start, and not at all after Cancel.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/probe/prober.h"
#include "registry/model/definition.h"

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

  virtual void Begin() = 0;
  // Ends all that is under way; handlers that come nevertheless find is_done().
  virtual void Close() = 0;
  // What to answer when the time is up.
  virtual ProbeResult OnTimeout() const;

  // Ends the probe: closes everything and answers. Later calls do nothing.
  void Finish(const ProbeResult& result);
  // Critical, with `what` and the reason.
  virtual void Fail(const std::string& why);

  bool is_done() const { return !on_done_; }
  const std::string& what() const { return what_; }
  boost::asio::io_context& loop() { return loop_; }

 private:
  boost::asio::io_context& loop_;
  const std::string what_;
  const std::chrono::nanoseconds timeout_;
  boost::asio::steady_timer deadline_;
  OnDone on_done_;
};

// A TCP connection that is accepted is passing.
std::shared_ptr<Probe> MakeTcpProbe(boost::asio::io_context& loop, const model::CheckRun& run);

// A datagram: an answer is passing and so is silence until the timeout; a closed port is critical.
std::shared_ptr<Probe> MakeUdpProbe(boost::asio::io_context& loop, const model::CheckRun& run);

// A program, in a process group of its own that is killed when the time is up: it passes when it
// exits with 0, 1 is warning, all else critical. At least one of `run.args`.
struct ScriptInput {
  std::shared_ptr<const std::string> input;  // what it reads; null: nothing
  std::vector<std::string> environment;      // "NAME=value", beside the agent's own
};
std::shared_ptr<Probe> MakeScriptProbe(boost::asio::io_context& loop, const model::CheckRun& run,
                                       ScriptInput input = {});

// An HTTP request: 2xx is passing, 429 warning, all else critical. Redirects are followed unless
// `run` says otherwise. `tls` is used for https URLs, also those
// that it is redirected to, and outlives the probe.
std::shared_ptr<Probe> MakeHttpProbe(boost::asio::io_context& loop, const model::CheckRun& run,
                                     TlsContexts& tls);

// An HTTP/2 PING: passing once it is acknowledged. `tls` is null for a target without TLS.
std::shared_ptr<Probe> MakeH2PingProbe(boost::asio::io_context& loop, const model::CheckRun& run,
                                       boost::asio::ssl::context* tls);

// A call of gRPC's health service: SERVING is passing, all else critical. `tls` as above.
std::shared_ptr<Probe> MakeGrpcProbe(boost::asio::io_context& loop, const model::CheckRun& run,
                                     boost::asio::ssl::context* tls);

}  // namespace rollcall::probe
