#include "agent/probe/probe.h"

namespace rollcall::probe {
namespace {

class TcpProbe final : public Probe {
 public:
  TcpProbe(boost::asio::io_context& loop, const model::CheckDefinition& definition)
      : Probe(loop, "TCP connect " + definition.tcp, definition.timeout),
        target_(ParseHostPort(definition.tcp)) {}

 private:
  void Begin() override {
    if (!target_) return Fail(target_.error().message);
    Connect(*target_);
  }

  void OnConnected() override { Finish({model::CheckStatus::kPassing, what() + ": Success"}); }

  const Result<HostPort> target_;
};

}  // namespace

std::shared_ptr<Probe> MakeTcpProbe(boost::asio::io_context& loop,
                                    const model::CheckDefinition& definition) {
  return std::make_shared<TcpProbe>(loop, definition);
}

}  // namespace rollcall::probe
