#include "agent/dns_server_lookup.h"

#include <spdlog/spdlog.h>

#include <boost/asio/ip/address.hpp>
#include <string>
#include <utility>

namespace rollcall::agent {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// While a name is not found; and to see where names have moved to.
constexpr std::chrono::seconds kAgainAfter{5};
constexpr std::chrono::seconds kFreshFor{60};

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
    server.is_name = static_cast<bool>(not_an_address);
    if (!server.is_name) server.found.emplace_back(address, server.where.port);
  }
  Tell();
  LookUpNames();
}

void DnsServerLookup::LookUpNames() {
  for (size_t i = 0; i < servers_->size(); ++i) {
    if ((*servers_)[i].is_name) LookUp(i);
  }
}

void DnsServerLookup::LookUp(size_t index) {
  const probe::HostPort& where = (*servers_)[index].where;
  resolver_.async_resolve(
      where.host, std::to_string(where.port),
      [this, index, alive = std::weak_ptr(servers_)](
          error_code error, const asio::ip::udp::resolver::results_type& results) {
        if (error == asio::error::operation_aborted || alive.expired()) return;
        OnLookedUp((*servers_)[index], error, results);
      });
}

void DnsServerLookup::OnLookedUp(Server& server, error_code error,
                                 const asio::ip::udp::resolver::results_type& results) {
  if (error) {
    if (!std::exchange(server.complained, true)) {
      spdlog::warn("cannot look up the DNS server {}, trying on: {}", server.where.host,
                   error.message());
    }
    return LookUpLater(server.found.empty() ? kAgainAfter : kFreshFor);
  }
  server.complained = false;
  Addresses found;
  for (const auto& result : results) found.push_back(result.endpoint());
  if (std::exchange(server.found, found) != found) Tell();
  LookUpLater(kFreshFor);
}

void DnsServerLookup::LookUpLater(std::chrono::seconds pause) {
  if (waiting_ && again_.expiry() <= std::chrono::steady_clock::now() + pause) return;
  waiting_ = true;
  again_.expires_after(pause);
  again_.async_wait([this, alive = std::weak_ptr(servers_)](error_code cancelled) {
    if (cancelled || alive.expired()) return;
    waiting_ = false;
    LookUpNames();
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
