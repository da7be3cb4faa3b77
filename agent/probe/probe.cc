#include "agent/probe/probe.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "registry/base/go_duration.h"

namespace rollcall::probe {

namespace asio = boost::asio;

Probe::Probe(asio::io_context& loop, std::string what, std::chrono::nanoseconds timeout)
    : loop_(loop), what_(std::move(what)), timeout_(timeout), deadline_(loop) {}

void Probe::Start(OnDone on_done) {
  on_done_ = std::move(on_done);
  // One deadline for the whole attempt, so that a peer that trickles bytes cannot stretch it.
  deadline_.expires_after(timeout_);
  deadline_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
    if (!cancelled && !self->is_done()) self->Finish(self->OnTimeout());
  });
  asio::post(loop_, [self = shared_from_this()] {
    if (!self->is_done()) self->Begin();
  });
}

void Probe::Cancel() {
  on_done_ = nullptr;
  deadline_.cancel();
  Close();
}

void Probe::Finish(const ProbeResult& result) {
  if (is_done()) return;
  const OnDone done = std::exchange(on_done_, nullptr);
  deadline_.cancel();
  Close();
  done(result);
}

void Probe::Fail(const std::string& why) {
  Finish({model::CheckStatus::kCritical, what_ + ": " + why});
}

ProbeResult Probe::OnTimeout() const {
  return {model::CheckStatus::kCritical,
          what_ + ": no answer within " + FormatGoDuration(timeout_)};
}

}  // namespace rollcall::probe
