#include "agent/dns_resolver.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

#include "agent/dns_answer.h"

namespace rollcall::agent {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

DnsServerSet Bit(size_t server) { return DnsServerSet{1} << server; }

}  // namespace

DnsResolver::DnsResolver(asio::io_context& loop, const DnsResolverLimits& limits,
                         const Clock& clock)
    : loop_(loop), limits_(limits), clock_(clock), cache_(limits.cache) {}

DnsResolver::~DnsResolver() {
  for (const auto& upstream : udp_) upstream->Close();
}

DnsHealth& DnsResolver::HealthOf(DnsTransport transport) {
  return transport == DnsTransport::kUdp ? udp_health_ : tcp_health_;
}

void DnsResolver::UseServers(Servers servers) {
  servers.resize(std::min(servers.size(), kMaxDnsServers));
  if (servers == servers_) return;
  for (const auto& upstream : udp_) upstream->Close();
  udp_.clear();
  tcp_.clear();
  servers_ = std::move(servers);
  udp_health_ = DnsHealth(servers_.size());
  tcp_health_ = DnsHealth(servers_.size());
  for (size_t server = 0; server < servers_.size(); ++server) {
    const auto on_message = [this, server](DnsView message) { OnUdpMessage(server, message); };
    udp_.push_back(std::make_shared<DnsUdpUpstream>(
        loop_, servers_[server],
        DnsUdpUpstream::Listener{on_message, [this, server] { OnUdpRefused(server); }}));
    udp_.back()->Start();
    tcp_.push_back(std::make_shared<DnsTcpUpstream>(
        tcp::endpoint(servers_[server].address(), servers_[server].port())));
  }
  std::vector<uint16_t> ids;
  for (const auto& [id, flight] : flights_) ids.push_back(id);
  for (const uint16_t id : ids) {
    DnsFlight* const flight = FindFlight(id);
    flight->StopExchanges();
    flight->asked = flight->failed = 0;
    if (AskNext(flight)) Arm(flight);
  }
}

void DnsResolver::Ask(DnsQuery query, DnsReply reply) {
  const bool can_wait = !IsFull();
  if (query.key.empty()) {
    if (!can_wait) return reply(ServFailTo(query));
    DnsFlight* const flight = Start(&query);
    Wait(flight, std::move(query), std::move(reply));
    if (AskNext(flight)) Arm(flight);
    return;
  }
  const auto now = clock_.Now();
  const std::optional<DnsCache::Found> kept = cache_.Find(query.key, now);
  if (kept && !kept->age.stale) return reply(ServeKept(*kept, query));

  const auto flying = by_key_.find(query.key);
  DnsFlight* flight = flying == by_key_.end() ? nullptr : flying->second;
  DnsHealth& health = HealthOf(query.transport);
  const bool at_once = health.AllDown(now) || (flight != nullptr && flight->is_late);
  if (kept && (at_once || !can_wait)) {
    reply(ServeKept(*kept, query));
    // The servers may be back; not every query needs to find that out.
    if (flight != nullptr || !can_wait || !health.TakeRecheck(now)) return;
    flight = Start(&query);
    if (AskNext(flight)) Arm(flight);
    return;
  }
  if (!can_wait) return reply(ServFailTo(query));
  if (flight != nullptr) return Wait(flight, std::move(query), std::move(reply));
  flight = Start(&query);
  Wait(flight, std::move(query), std::move(reply));
  if (AskNext(flight)) Arm(flight);
}

DnsOctets DnsResolver::ServeKept(const DnsCache::Found& found, const DnsQuery& query) {
  (found.age.stale ? counters_.stale : counters_.cache).Add();
  return ServeKeptDnsAnswer(*found.answer, query, found.age, &random_);
}

DnsOctets DnsResolver::ServFailTo(const DnsQuery& query) {
  counters_.failed.Add();
  return DnsErrorAnswer(query, dns_rcode::kServFail, std::nullopt);
}

void DnsResolver::TellIfUnreachable(DnsTransport transport) {
  if (!HealthOf(transport).AllDown(clock_.Now()) || std::exchange(told_unreachable_, true)) return;
  spdlog::warn("no DNS server of the registry can be reached; kept answers are served, as stale");
}

bool DnsResolver::IsFull() const {
  return waiting_ >= limits_.pending_queries || flights_.size() >= limits_.pending_queries;
}

// Takes what it needs of `query`: its key, and what the servers are asked.
DnsFlight* DnsResolver::Start(DnsQuery* query) {
  auto flight = std::make_unique<DnsFlight>(loop_);
  do {
    flight->id = static_cast<uint16_t>(random_());
  } while (flights_.contains(flight->id));
  flight->transport = query->transport;
  flight->key = std::move(query->key);
  flight->query = std::move(query->upstream);
  PutDnsUint16(flight->id, 0, &flight->query);
  flight->asked_at = clock_.Now();
  flight->begun = steady_clock::now();
  DnsFlight* const started = flight.get();
  if (!started->key.empty()) by_key_.emplace(started->key, started);
  flights_.emplace(started->id, std::move(flight));
  return started;
}

void DnsResolver::Wait(DnsFlight* flight, DnsQuery query, DnsReply reply) {
  query.key = std::string();
  query.upstream = DnsOctets();
  flight->waiters.push_back({std::move(query), std::move(reply)});
  ++waiting_;
}

// Asks one server more, and with one that is down the next one as well: it is not waited for.
bool DnsResolver::AskNext(DnsFlight* flight) {
  const DnsHealth& health = HealthOf(flight->transport);
  while (const std::optional<size_t> server = health.Next(flight->asked)) {
    const bool is_down = health.IsDown(*server);
    flight->asked |= Bit(*server);
    if (Send(flight, *server) && !is_down) break;
  }
  flight->next_server_at = steady_clock::now() + limits_.next_server_after;
  if (IsWorthWaiting(*flight)) return true;
  Fail(flight);
  return false;
}

// With an answer at hand that says nothing, those that are down are not waited for.
bool DnsResolver::IsWorthWaiting(const DnsFlight& flight) {
  const DnsHealth& health = HealthOf(flight.transport);
  for (size_t server = 0; server < servers_.size(); ++server) {
    const bool may_answer = ((flight.asked & ~flight.failed) & Bit(server)) != 0;
    if (may_answer && (flight.failure.empty() || !health.IsDown(server))) return true;
  }
  return false;
}

bool DnsResolver::Send(DnsFlight* flight, size_t server) {
  if (flight->transport == DnsTransport::kUdp) {
    if (udp_[server]->Send(flight->query)) return true;
    flight->failed |= Bit(server);
    udp_health_.OnUnreachable(server, clock_.Now());
    return false;
  }
  const auto on_end = [this, server, id = flight->id](DnsView answer) {
    return OnTcpEnd(id, server, answer);
  };
  flight->exchanges.push_back(
      std::make_shared<DnsTcpExchange>(loop_, tcp_[server], flight->query, on_end));
  flight->exchanges.back()->Start();
  return true;
}

void DnsResolver::Arm(DnsFlight* flight) {
  auto next = flight->begun + limits_.answer_timeout;
  if (!flight->is_late) next = std::min(next, flight->begun + limits_.stale_after);
  if (static_cast<size_t>(std::popcount(flight->asked)) < servers_.size()) {
    next = std::min(next, flight->next_server_at);
  }
  flight->timer.expires_at(next);
  flight->timer.async_wait([weak = weak_from_this(), id = flight->id](error_code cancelled) {
    const auto self = weak.lock();
    if (cancelled || !self) return;
    if (DnsFlight* const found = self->FindFlight(id)) self->OnTimer(found);
  });
}

void DnsResolver::OnTimer(DnsFlight* flight) {
  const auto now = steady_clock::now();
  const bool is_over = now >= flight->begun + limits_.answer_timeout;
  if (is_over || now >= flight->begun + limits_.stale_after) OnLate(flight);
  if (is_over) return Fail(flight);
  if (now >= flight->next_server_at && !AskNext(flight)) return;
  Arm(flight);
}

// The servers asked so far are silent: clients do not wait any longer where there is something for
// them. The query goes on, so that a late answer is kept.
void DnsResolver::OnLate(DnsFlight* flight) {
  DnsHealth& health = HealthOf(flight->transport);
  const auto now = clock_.Now();
  for (size_t server = 0; server < servers_.size(); ++server) {
    const bool silent = ((flight->asked & ~flight->failed) & Bit(server)) != 0;
    if (silent) health.OnSilence(server, flight->asked_at, now);
  }
  flight->is_late = true;
  TellIfUnreachable(flight->transport);
  if (flight->key.empty()) return;
  const std::optional<DnsCache::Found> kept = cache_.Find(flight->key, now);
  if (!kept) return;
  waiting_ -= flight->waiters.size();
  for (const auto& [query, reply] : std::exchange(flight->waiters, {})) {
    reply(ServeKept(*kept, query));
  }
}

DnsFlight* DnsResolver::FindFlight(uint16_t id) {
  const auto found = flights_.find(id);
  return found == flights_.end() ? nullptr : found->second.get();
}

void DnsResolver::OnUdpMessage(size_t server, DnsView message) {
  if (message.size() < kDnsHeaderSize) return;
  DnsFlight* const flight = FindFlight(DnsUint16(message, 0));
  if (flight == nullptr || flight->transport != DnsTransport::kUdp) return;
  const bool is_awaited = ((flight->asked & ~flight->failed) & Bit(server)) != 0;
  if (is_awaited && IsAnswerTo(message, flight->query)) OnAnswer(flight, server, message);
}

void DnsResolver::OnAnswer(DnsFlight* flight, size_t server, DnsView answer) {
  HealthOf(flight->transport).OnAnswer(server, clock_.Now());
  if (std::exchange(told_unreachable_, false)) spdlog::info("a DNS server answers again");
  const DnsAnswerKind kind = KindOfDnsAnswer(answer);
  if (kind == DnsAnswerKind::kAnswer) return Deliver(flight, answer);
  if (kind == DnsAnswerKind::kFailure) flight->failure.assign(answer.begin(), answer.end());
  OnServerFailed(flight, server);
}

DnsTcpExchange::Verdict DnsResolver::OnTcpEnd(uint16_t id, size_t server, DnsView answer) {
  DnsFlight* const flight = FindFlight(id);
  assert(flight != nullptr);  // or else the exchange would have been stopped
  if (IsAnswerTo(answer, flight->query)) {
    OnAnswer(flight, server, answer);
    return DnsTcpExchange::Verdict::kGood;
  }
  if (answer.empty()) tcp_health_.OnUnreachable(server, clock_.Now());
  OnServerFailed(flight, server);
  return DnsTcpExchange::Verdict::kBad;
}

void DnsResolver::OnUdpRefused(size_t server) {
  udp_health_.OnUnreachable(server, clock_.Now());
  std::vector<uint16_t> ids;
  for (const auto& [id, flight] : flights_) {
    const bool waits = flight->transport == DnsTransport::kUdp &&
                       ((flight->asked & ~flight->failed) & Bit(server)) != 0;
    if (waits) ids.push_back(id);
  }
  for (const uint16_t id : ids) OnServerFailed(FindFlight(id), server);
}

void DnsResolver::OnServerFailed(DnsFlight* flight, size_t server) {
  flight->failed |= Bit(server);
  if (AskNext(flight)) Arm(flight);
}

void DnsResolver::Deliver(DnsFlight* flight, DnsView answer) {
  // The flight goes, and with it what its exchange has read.
  const DnsOctets octets(answer.begin(), answer.end());
  const std::string key = flight->key;
  const std::vector<DnsFlight::Waiter> waiters = End(flight);
  std::optional<KeptDnsAnswer> kept;
  if (!key.empty()) kept = KeepDnsAnswer(octets);
  for (size_t i = 0; i < waiters.size(); ++i) {
    const auto& [query, reply] = waiters[i];
    counters_.registry.Add();
    // The server has drawn the order of the addresses for one client.
    reply(kept && i > 0 ? ServeKeptDnsAnswer(*kept, query, {}, &random_)
                        : PassDnsAnswer(octets, query));
  }
  if (kept) {
    cache_.Put(key, std::move(*kept), clock_.Now());
  } else {
    cache_.Remove(key);  // what is kept is not true any more
  }
}

void DnsResolver::Fail(DnsFlight* flight) {
  TellIfUnreachable(flight->transport);
  const std::string key = flight->key;
  const DnsOctets failure = std::move(flight->failure);
  const std::vector<DnsFlight::Waiter> waiters = End(flight);
  const auto kept = cache_.Find(key, clock_.Now());
  for (const auto& [query, reply] : waiters) {
    if (kept) {
      reply(ServeKept(*kept, query));
    } else if (!failure.empty()) {
      counters_.registry.Add();
      reply(PassDnsAnswer(failure, query));
    } else {
      counters_.failed.Add();
      reply(DnsErrorAnswer(query, dns_rcode::kServFail, dns_extended_error::kNoReachableAuthority));
    }
  }
}

std::vector<DnsFlight::Waiter> DnsResolver::End(DnsFlight* flight) {
  std::vector<DnsFlight::Waiter> waiters = std::move(flight->waiters);
  waiting_ -= waiters.size();
  if (!flight->key.empty()) by_key_.erase(flight->key);
  flights_.erase(flight->id);
  return waiters;
}

}  // namespace rollcall::agent
