#include "agent/probe/http2_probe.h"

namespace rollcall::probe {
namespace {

class H2PingProbe final : public Http2Probe {
 public:
  H2PingProbe(boost::asio::io_context& loop, const model::CheckRun& run,
              boost::asio::ssl::context* tls)
      : Http2Probe(loop, "HTTP2 ping " + run.h2ping, run, tls),
        target_(ParseHostPort(run.h2ping)) {}

 private:
  void Begin() override {
    if (!target_) return Fail(target_.error().message);
    ConnectHttp2(*target_);
  }

  void Ask() override { SendPing(); }

  void OnPong() override { Finish({model::CheckStatus::kPassing, "HTTP2 ping was successful"}); }

  const Result<HostPort> target_;
};

}  // namespace

std::shared_ptr<Probe> MakeH2PingProbe(boost::asio::io_context& loop, const model::CheckRun& run,
                                       boost::asio::ssl::context* tls) {
  return std::make_shared<H2PingProbe>(loop, run, tls);
}

}  // namespace rollcall::probe
