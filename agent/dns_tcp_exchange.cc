#include "agent/dns_tcp_exchange.h"

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace rollcall::agent {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

DnsTcpExchange::DnsTcpExchange(asio::io_context& loop, DnsView query, OnEnd on_end)
    : socket_(loop), on_end_(std::move(on_end)) {
  octets_.reserve(2 + query.size());
  AppendDnsUint16(static_cast<uint16_t>(query.size()), &octets_);
  octets_.insert(octets_.end(), query.begin(), query.end());
}

void DnsTcpExchange::Start(const tcp::endpoint& server) {
  socket_.async_connect(server, [self = shared_from_this()](error_code error) {
    if (error) return self->End({});
    self->Write();
  });
}

void DnsTcpExchange::Stop() {
  on_end_ = nullptr;
  error_code ignored;
  socket_.close(ignored);
}

void DnsTcpExchange::Write() {
  asio::async_write(socket_, asio::buffer(octets_),
                    [self = shared_from_this()](error_code error, size_t) {
                      if (error) return self->End({});
                      self->ReadLength();
                    });
}

void DnsTcpExchange::ReadLength() {
  asio::async_read(socket_, asio::buffer(length_),
                   [self = shared_from_this()](error_code error, size_t) {
                     if (error) return self->End({});
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

void DnsTcpExchange::End(DnsView answer) {
  error_code ignored;
  socket_.close(ignored);
  if (const OnEnd on_end = std::exchange(on_end_, nullptr)) on_end(answer);
}

}  // namespace rollcall::agent
