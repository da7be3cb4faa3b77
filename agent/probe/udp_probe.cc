#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/udp.hpp>

#include "agent/probe/endpoint.h"
#include "agent/probe/probe.h"

namespace rollcall::probe {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using udp = asio::ip::udp;

// Steps: look up the name, send an empty datagram (as Consul does) to the first address, wait. An
// address that is refused gives way to the next one: "localhost" is ::1 first, and the service may
// be on 127.0.0.1 alone. Silence is as good as an answer, because most services answer nothing to
// what they do not understand, so no other address is asked after it.
class UdpProbe final : public Probe {
 public:
  UdpProbe(asio::io_context& loop, const model::CheckRun& run)
      : Probe(loop, "UDP connect " + run.udp, run.timeout),
        target_(ParseHostPort(run.udp)),
        resolver_(loop),
        socket_(loop) {}

 private:
  using Addresses = udp::resolver::results_type;

  void Begin() override {
    if (!target_) return Fail(target_.error().message);
    const std::string port = std::to_string(target_->port);
    error_code not_an_address;
    const asio::ip::address address = asio::ip::make_address(target_->host, not_an_address);
    if (!not_an_address) {
      addresses_ = Addresses::create(udp::endpoint(address, target_->port), target_->host, port);
      return AskNext(addresses_.begin());
    }
    resolver_.async_resolve(target_->host, port,
                            [this, self = shared_from_this()](error_code error, Addresses found) {
                              if (is_done()) return;
                              if (error) return Fail(error.message());
                              addresses_ = std::move(found);
                              AskNext(addresses_.begin());
                            });
  }

  // Asks the first address from `next` on that a datagram can be sent to.
  void AskNext(Addresses::const_iterator next) {
    asked_ = false;
    for (; next != addresses_.end(); ++next) {
      if (Send(next->endpoint())) return Listen(next);
    }
    Fail(refusal_.message());
  }

  bool Send(const udp::endpoint& to) {
    if (socket_.is_open()) socket_.close(refusal_);
    socket_.open(to.protocol(), refusal_);
    if (!refusal_) socket_.non_blocking(true, refusal_);
    // Only a connected socket is told of ICMP errors (udp(7)).
    if (!refusal_) socket_.connect(to, refusal_);
    if (!refusal_) socket_.send(asio::const_buffer(), 0, refusal_);
    return !refusal_;
  }

  void Listen(const Addresses::const_iterator& asked) {
    asked_ = true;
    socket_.async_receive(asio::buffer(answer_),
                          [this, self = shared_from_this(), asked](error_code error, size_t) {
                            if (is_done()) return;
                            if (!error) return Finish(Success());
                            refusal_ = error;
                            AskNext(std::next(asked));
                          });
  }

  ProbeResult Success() const { return {model::CheckStatus::kPassing, what() + ": Success"}; }

  // A name that could not be looked up in time is another matter than silence.
  ProbeResult OnTimeout() const override { return asked_ ? Success() : Probe::OnTimeout(); }

  void Close() override {
    resolver_.cancel();
    error_code already_closed;
    socket_.close(already_closed);
  }

  const Result<HostPort> target_;
  udp::resolver resolver_;
  udp::socket socket_;
  Addresses addresses_;
  std::array<char, 1> answer_;  // what it says does not matter
  error_code refusal_;          // of the address asked last
  bool asked_ = false;
};

}  // namespace

std::shared_ptr<Probe> MakeUdpProbe(asio::io_context& loop, const model::CheckRun& run) {
  return std::make_shared<UdpProbe>(loop, run);
}

}  // namespace rollcall::probe
