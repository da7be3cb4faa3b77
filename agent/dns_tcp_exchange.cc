#include "agent/dns_tcp_exchange.h"

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace rollcall::agent {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

DnsTcpExchange::DnsTcpExchange(asio::io_context& loop,
                               const std::shared_ptr<DnsTcpUpstream>& upstream, DnsView query,
                               OnEnd on_end)
    : upstream_(upstream), server_(upstream->server()), socket_(loop), on_end_(std::move(on_end)) {
  octets_.reserve(2 + query.size());
  AppendDnsUint16(static_cast<uint16_t>(query.size()), &octets_);
  octets_.insert(octets_.end(), query.begin(), query.end());
}

void DnsTcpExchange::Start() {
  const auto upstream = upstream_.lock();
  std::optional<tcp::socket> idle = upstream ? upstream->TakeIdle() : std::nullopt;
  if (!idle) return Connect();
  was_idle_ = true;
  socket_ = std::move(*idle);
  Write();
}

void DnsTcpExchange::Connect() {
  socket_.async_connect(server_, [self = shared_from_this()](error_code error) {
    if (error) return self->End({});
    self->Write();
  });
}

void DnsTcpExchange::Stop() {
  if (!std::exchange(on_end_, nullptr)) return;
  error_code ignored;
  socket_.close(ignored);
}

void DnsTcpExchange::Write() {
  asio::async_write(socket_, asio::buffer(octets_),
                    [self = shared_from_this()](error_code error, size_t) {
                      if (error) return self->OnBroken();
                      self->ReadLength();
                    });
}

void DnsTcpExchange::ReadLength() {
  asio::async_read(socket_, asio::buffer(length_),
                   [self = shared_from_this()](error_code error, size_t) {
                     if (error) return self->OnBroken();
                     self->ReadAnswer();
                   });
}

void DnsTcpExchange::ReadAnswer() {
  octets_.resize(DnsUint16(length_, 0));
  asio::async_read(socket_, asio::buffer(octets_),
                   [self = shared_from_this()](error_code error, size_t) {
                     self->End(error ? DnsView() : DnsView(self->octets_));
                   });
}

// Before anything of the answer has come.
void DnsTcpExchange::OnBroken() {
  error_code ignored;
  socket_.close(ignored);
  if (!on_end_ || !std::exchange(was_idle_, false)) return End({});
  Connect();
}

void DnsTcpExchange::End(DnsView answer) {
  const OnEnd on_end = std::exchange(on_end_, nullptr);
  const bool is_good = on_end && on_end(answer) == Verdict::kGood;
  const auto upstream = upstream_.lock();
  if (is_good && upstream) return upstream->Keep(std::move(socket_));
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace rollcall::agent
