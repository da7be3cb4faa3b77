#include "agent/probe/probe.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "registry/base/go_duration.h"

namespace rollcall::probe {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

Probe::Probe(asio::io_context& loop, std::string what, std::chrono::nanoseconds timeout)
    : what_(std::move(what)), timeout_(timeout), resolver_(loop), stream_(loop), deadline_(loop) {}

void Probe::Start(OnDone on_done) {
  on_done_ = std::move(on_done);
  // One deadline for the whole attempt, so that a peer that trickles bytes cannot stretch it.
  deadline_.expires_after(timeout_);
  deadline_.async_wait([self = shared_from_this()](error_code cancelled) {
    if (!cancelled && !self->is_done()) self->Finish(self->OnTimeout());
  });
  asio::post(stream_.get_executor(), [self = shared_from_this()] {
    if (!self->is_done()) self->Begin();
  });
}

void Probe::Cancel() {
  on_done_ = nullptr;
  Close();
}

void Probe::Close() {
  deadline_.cancel();
  resolver_.cancel();
  stream_.close();
}

void Probe::Finish(const ProbeResult& result) {
  if (is_done()) return;
  const OnDone done = std::exchange(on_done_, nullptr);
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

void Probe::Connect(const HostPort& where) {
  error_code not_an_address;
  const asio::ip::address address = asio::ip::make_address(where.host, not_an_address);
  if (!not_an_address) {
    ConnectTo(tcp::resolver::results_type::create(tcp::endpoint(address, where.port), where.host,
                                                  std::to_string(where.port)));
    return;
  }
  resolver_.async_resolve(where.host, std::to_string(where.port),
                          [self = shared_from_this()](error_code error, const auto& endpoints) {
                            if (self->is_done()) return;
                            if (error) return self->Fail(error.message());
                            self->ConnectTo(endpoints);
                          });
}

void Probe::ConnectTo(const tcp::resolver::results_type& endpoints) {
  stream_.async_connect(endpoints,
                        [self = shared_from_this()](error_code error, const tcp::endpoint&) {
                          if (self->is_done()) return;
                          if (error) return self->Fail(error.message());
                          self->OnConnected();
                        });
}

}  // namespace rollcall::probe
