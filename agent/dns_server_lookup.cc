#include "agent/dns_server_lookup.h"

#include <spdlog/spdlog.h>

#include <boost/asio/ip/address.hpp>
#include <string>
#include <utility>

namespace rollcall::agent {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::chrono::seconds kAgainAfter{5};

}  // namespace

DnsServerLookup::DnsServerLookup(asio::io_context& loop,
                                 std::function<void(const Addresses&)> on_found)
    : resolver_(loop), again_(loop), on_found_(std::move(on_found)) {}

void DnsServerLookup::Find(const std::vector<probe::HostPort>& servers) {
  resolver_.cancel();
  again_.cancel();
  waiting_ = false;
  servers_ = std::make_shared<std::vector<Server>>();
  for (const probe::HostPort& where : servers) servers_->push_back({.where = where});
  for (Server& server : *servers_) {
    error_code not_an_address;
    const auto address = asio::ip::make_address(server.where.host, not_an_address);
    if (!not_an_address) server.found.emplace_back(address, server.where.port);
  }
  Tell();
  for (size_t i = 0; i < servers_->size(); ++i) {
    if ((*servers_)[i].found.empty()) LookUp(i);
  }
}

void DnsServerLookup::LookUp(size_t index) {
  const probe::HostPort& where = (*servers_)[index].where;
  resolver_.async_resolve(
      where.host, std::to_string(where.port),
      [this, index, alive = std::weak_ptr(servers_)](
          error_code error, const asio::ip::udp::resolver::results_type& results) {
        if (error == asio::error::operation_aborted || alive.expired()) return;
        Server& server = (*servers_)[index];
        if (!server.found.empty()) return;
        if (error) {
          if (!std::exchange(server.complained, true)) {
            spdlog::warn("cannot look up the DNS server {}, trying on: {}", server.where.host,
                         error.message());
          }
          return TryAgainLater();
        }
        for (const auto& result : results) server.found.push_back(result.endpoint());
        Tell();
      });
}

void DnsServerLookup::TryAgainLater() {
  if (std::exchange(waiting_, true)) return;
  again_.expires_after(kAgainAfter);
  again_.async_wait([this, alive = std::weak_ptr(servers_)](error_code cancelled) {
    if (cancelled || alive.expired()) return;
    waiting_ = false;
    for (size_t i = 0; i < servers_->size(); ++i) {
      if ((*servers_)[i].found.empty()) LookUp(i);
    }
  });
}

void DnsServerLookup::Tell() const {
  Addresses all;
  for (const Server& server : *servers_) {
    all.insert(all.end(), server.found.begin(), server.found.end());
  }
  if (!all.empty()) on_found_(all);
}

}  // namespace rollcall::agent
