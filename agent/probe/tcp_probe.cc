#include "agent/probe/stream_probe.h"

namespace rollcall::probe {
namespace {

class TcpProbe final : public StreamProbe {
 public:
  TcpProbe(boost::asio::io_context& loop, const model::CheckRun& run)
      : StreamProbe(loop, "TCP connect " + run.tcp, run.timeout), target_(ParseHostPort(run.tcp)) {}

 private:
  void Begin() override {
    if (!target_) return Fail(target_.error().message);
    Connect(*target_);
  }

  void OnConnected() override { Finish({model::CheckStatus::kPassing, what() + ": Success"}); }

  const Result<HostPort> target_;
};

}  // namespace

std::shared_ptr<Probe> MakeTcpProbe(boost::asio::io_context& loop, const model::CheckRun& run) {
  return std::make_shared<TcpProbe>(loop, run);
}

}  // namespace rollcall::probe
