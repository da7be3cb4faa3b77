// DnsFlight: a query that is on its way to one server or more, and the clients that wait for its
// answer. DnsResolver's own; a plain structure.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/dns_health.h"
#include "agent/dns_message.h"
#include "agent/dns_tcp_exchange.h"

namespace rollcall::agent {

// Called once with the answer for the client.
using DnsReply = std::function<void(DnsOctets)>;

struct DnsFlight {
  struct Waiter {
    DnsQuery query;
    DnsReply reply;
  };

  explicit DnsFlight(boost::asio::io_context& loop) : timer(loop) {}
  ~DnsFlight() { StopExchanges(); }
  DnsFlight(const DnsFlight&) = delete;
  DnsFlight& operator=(const DnsFlight&) = delete;

  void StopExchanges() {
    for (const auto& exchange : exchanges) exchange->Stop();
    exchanges.clear();
  }

  uint16_t id = 0;
  DnsTransport transport = DnsTransport::kUdp;
  std::string key;  // empty: its answer is not kept, and nobody else waits for it
  DnsOctets query;  // as sent, with `id`
  std::vector<Waiter> waiters;
  DnsServerSet asked = 0;
  DnsServerSet failed = 0;  // of those asked: refused, or answered that they do not know
  DnsOctets failure;        // the last such answer
  std::vector<std::shared_ptr<DnsTcpExchange>> exchanges;
  Clock::TimePoint asked_at;
  std::chrono::steady_clock::time_point begun;
  std::chrono::steady_clock::time_point next_server_at;
  bool is_late = false;  // clients that a stale answer is kept for have been given that
  boost::asio::steady_timer timer;
};

}  // namespace rollcall::agent
