#include "agent/dns_tcp_upstream.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <utility>

namespace rollcall::agent {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// Nothing is to be read: neither its end nor an answer that nobody waits for.
bool IsQuiet(tcp::socket& connection) {
  error_code error;
  connection.non_blocking(true, error);
  std::array<char, 1> octet;
  if (!error) connection.receive(asio::buffer(octet), tcp::socket::message_peek, error);
  return error == asio::error::would_block;
}

}  // namespace

std::optional<tcp::socket> DnsTcpUpstream::TakeIdle() {
  const auto too_old = std::chrono::steady_clock::now() - kIdleFor;
  std::erase_if(idle_, [too_old](const Idle& idle) { return idle.since < too_old; });
  while (!idle_.empty()) {
    tcp::socket connection = std::move(idle_.back().connection);
    idle_.pop_back();
    if (IsQuiet(connection)) return connection;
  }
  return std::nullopt;
}

void DnsTcpUpstream::Keep(tcp::socket connection) {
  if (idle_.size() >= kIdle) idle_.erase(idle_.begin());
  idle_.push_back({std::move(connection), std::chrono::steady_clock::now()});
}

}  // namespace rollcall::agent
