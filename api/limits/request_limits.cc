#include "api/limits/request_limits.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "registry/base/ip_address.h"

namespace rollcall::api {
namespace {

using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr size_t kV6NetworkOctets = 8;  // /64
constexpr int64_t kWarnEverySeconds = 60;

// The limit of that kind, out of a pair.
Limit OfKind(Limit reads, RequestKind kind) {
  return static_cast<Limit>(static_cast<uint8_t>(reads) + static_cast<uint8_t>(kind));
}

RateBuckets::Rate BucketOf(const RequestRate& rate) {
  if (rate.per_second == 0) return {};
  const microseconds interval =
      std::max(microseconds(1), microseconds(seconds(1)) / rate.per_second);
  return {interval, interval * std::max(rate.burst, 1u)};
}

RateBuckets::Rate FailuresOf(size_t per_minute) {
  if (per_minute == 0) return {};
  const auto count = static_cast<int64_t>(per_minute);
  const microseconds interval = microseconds(minutes(1)) / count;
  return {interval, interval * count};
}

uint64_t HashOf(std::string_view text, uint64_t seed) {
  uint64_t hash = RateBuckets::Mixed(seed ^ text.size());
  while (!text.empty()) {
    uint64_t word = 0;
    const size_t size = std::min(text.size(), sizeof word);
    std::memcpy(&word, text.data(), size);
    hash = RateBuckets::Mixed(hash ^ word);
    text.remove_prefix(size);
  }
  return hash;
}

std::string_view BytesOf(const IpAddress& address) {
  const auto bytes = [](const auto& octets, size_t count) {
    return std::string_view(reinterpret_cast<const char*>(octets.data()), count);
  };
  if (const Ipv4* v4 = std::get_if<Ipv4>(&address)) return bytes(*v4, v4->size());
  return bytes(std::get<Ipv6>(address), kV6NetworkOctets);
}

std::string Amount(const RequestRate& rate) {
  return std::to_string(rate.per_second) + " a second, " + std::to_string(rate.burst) + " at once";
}

}  // namespace

std::string_view NameOf(Limit limit) {
  constexpr std::array<std::string_view, kLimits> kNames = {"limit-reads",
                                                            "limit-writes",
                                                            "limit-reads-per-client",
                                                            "limit-writes-per-client",
                                                            "limit-reads-per-token",
                                                            "limit-writes-per-token",
                                                            "limit-failed-auth"};
  return kNames[static_cast<size_t>(limit)];
}

std::string_view NameOf(LimitMode mode) {
  constexpr std::array<std::string_view, 3> kNames = {"disabled", "permissive", "enforcing"};
  return kNames[static_cast<size_t>(mode)];
}

RequestLimits::RequestLimits(const RequestLimitOptions& options, std::shared_ptr<LimitState> state)
    : options_(options), state_(std::move(state)) {
  for (size_t i = 0; i < kRateLimits; ++i) {
    if (options_.mode != LimitMode::kDisabled) rates_[i] = BucketOf(options_.rates[i]);
    has_rates_ = has_rates_ || Has(static_cast<Limit>(i));
  }
  has_token_rates_ = Has(Limit::kReadsPerToken) || Has(Limit::kWritesPerToken);
  rates_[static_cast<size_t>(Limit::kFailedAuth)] = FailuresOf(options_.failed_auth_per_minute);
}

RequestLimits::Client RequestLimits::ClientOf(const std::string& address) const {
  const std::optional<IpAddress> parsed = ParseIpAddress(address);
  if (!parsed) return {HashOf("", state_->seed_), false};
  const IpAddress ip = Unmapped(*parsed);
  return {HashOf(BytesOf(ip), state_->seed_), options_.exempt.Contains(ip)};
}

// The same client has another bucket for each limit.
uint64_t RequestLimits::OwnerOf(Limit limit, uint64_t hash) const {
  return RateBuckets::Mixed(hash + static_cast<uint64_t>(limit) * 0x9e3779b97f4a7c15u);
}

std::optional<RequestLimits::Refusal> RequestLimits::Take(Limit limit, uint64_t owner,
                                                          Clock::TimePoint now) const {
  if (!Has(limit)) return std::nullopt;
  const RateBuckets::Rate& rate = rates_[static_cast<size_t>(limit)];
  const microseconds wait = state_->buckets_.Take(OwnerOf(limit, owner), rate, now);
  if (wait.count() == 0) return std::nullopt;
  return Refusal{limit, wait};
}

std::optional<RequestLimits::Refusal> RequestLimits::OfClient(const Client& client,
                                                              RequestKind kind,
                                                              Clock::TimePoint now) const {
  if (client.is_exempt) return std::nullopt;
  if (auto refusal = Take(OfKind(Limit::kReadsPerClient, kind), client.hash, now)) return refusal;
  return Take(OfKind(Limit::kReads, kind), state_->seed_, now);
}

std::optional<RequestLimits::Refusal> RequestLimits::OfToken(std::string_view accessor,
                                                             RequestKind kind,
                                                             Clock::TimePoint now) const {
  const Limit limit = OfKind(Limit::kReadsPerToken, kind);
  if (!Has(limit)) return std::nullopt;
  return Take(limit, HashOf(accessor, state_->seed_), now);
}

std::optional<RequestLimits::Refusal> RequestLimits::OfFailures(const Client& client,
                                                                Clock::TimePoint now) const {
  if (client.is_exempt || !Has(Limit::kFailedAuth)) return std::nullopt;
  const RateBuckets::Rate& rate = rates_[static_cast<size_t>(Limit::kFailedAuth)];
  const microseconds wait =
      state_->buckets_.Peek(OwnerOf(Limit::kFailedAuth, client.hash), rate, now);
  if (wait.count() == 0) return std::nullopt;
  return Refusal{Limit::kFailedAuth, wait};
}

void RequestLimits::CountFailedAuthentication(const std::string& address,
                                              Clock::TimePoint now) const {
  state_->failed_authentications_.fetch_add(1, std::memory_order_relaxed);
  const Client client = ClientOf(address);
  if (!client.is_exempt) Take(Limit::kFailedAuth, client.hash, now);
}

bool RequestLimits::Refuses(const Refusal& refusal, std::string_view who,
                            Clock::TimePoint now) const {
  const auto at = static_cast<size_t>(refusal.limit);
  const bool enforced =
      refusal.limit == Limit::kFailedAuth || options_.mode == LimitMode::kEnforcing;
  auto& count = enforced ? state_->refused_[at] : state_->permitted_[at];
  count.fetch_add(1, std::memory_order_relaxed);
  // Moved off 0, which says that there was none yet.
  const int64_t second =
      std::chrono::duration_cast<seconds>(now.time_since_epoch()).count() + kWarnEverySeconds;
  int64_t warned = state_->warned_at_[at].load(std::memory_order_relaxed);
  if ((warned == 0 || second - warned >= kWarnEverySeconds) &&
      state_->warned_at_[at].compare_exchange_strong(warned, second, std::memory_order_relaxed)) {
    spdlog::warn("http: {}: {}; {} so far, the log tells of one a minute",
                 enforced ? "refused" : "served only because of limit-mode permissive",
                 Explain(refusal.limit, who), count.load(std::memory_order_relaxed));
  }
  return enforced;
}

std::string RequestLimits::Explain(Limit limit, std::string_view who) const {
  const std::string name(NameOf(limit));
  if (limit == Limit::kFailedAuth) {
    return "Too many failed authentications: " + name + " is " +
           std::to_string(options_.failed_auth_per_minute) + " a minute for " + std::string(who);
  }
  std::string whose = std::string(who);
  if (limit == Limit::kReads || limit == Limit::kWrites) whose = "all clients of this server";
  if (limit == Limit::kReadsPerToken || limit == Limit::kWritesPerToken) whose = "a token";
  return "Too many requests: " + name + " is " + Amount(options_.of(limit)) + ", for " + whose;
}

int64_t RetryAfterSeconds(microseconds wait) {
  return std::max<int64_t>(1, std::chrono::ceil<seconds>(wait).count());
}

}  // namespace rollcall::api
