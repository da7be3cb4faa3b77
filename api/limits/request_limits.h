// RequestLimits: how many requests a client, a token and all together may make, reads and writes
// apart, and how often a client may fail to authenticate itself.
//
// One for all workers, with one bucket for each client and token: the connections of a client are
// spread over the workers by chance, so that buckets of each worker with its share of the rate
// would refuse a client with one connection at a fraction of what it may have. The buckets are
// a fixed table without a lock (registry/base/rate_buckets.h). Any thread.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "registry/base/clock.h"
#include "registry/base/network_set.h"
#include "registry/base/rate_buckets.h"

namespace rollcall::api {

enum class RequestKind : uint8_t { kRead, kWrite };

// Of each pair the reads come first.
enum class Limit : uint8_t {
  kReads,  // of all clients together
  kWrites,
  kReadsPerClient,
  kWritesPerClient,
  kReadsPerToken,
  kWritesPerToken,
  kFailedAuth,
};
inline constexpr size_t kRateLimits = 6;  // all but kFailedAuth
inline constexpr size_t kLimits = 7;

// As its setting is called, without the dashes in front: "limit-reads-per-client".
std::string_view NameOf(Limit limit);

struct RequestRate {
  uint32_t per_second = 0;  // 0: no limit
  uint32_t burst = 0;       // how many at once

  bool operator==(const RequestRate&) const = default;
};

// Consul's words for what becomes of a request over a limit. kPermissive: it is served, and counted
// and logged as one that would not have been.
enum class LimitMode : uint8_t { kDisabled, kPermissive, kEnforcing };
std::string_view NameOf(LimitMode mode);

struct RequestLimitOptions {
  const RequestRate& of(Limit limit) const { return rates[static_cast<size_t>(limit)]; }
  RequestRate& of(Limit limit) { return rates[static_cast<size_t>(limit)]; }

  std::array<RequestRate, kRateLimits> rates;
  LimitMode mode = LimitMode::kEnforcing;  // of the rates; failures are limited in any mode
  size_t failed_auth_per_minute = 60;      // 0: no limit
  // Whose requests are neither limited nor counted.
  NetworkSet exempt = NetworkSet::Loopback();

  bool operator==(const RequestLimitOptions&) const = default;
};

// What outlives a change of the limits: the buckets and the counters. Any thread.
class LimitState {
 public:
  // `now` begins the time of the buckets; `seed` is a secret, so that nobody can work out whose
  // bucket he shares.
  LimitState(Clock::TimePoint now, uint64_t seed) : seed_(seed), buckets_(kSets, now) {}

  // Requests over that limit: that were refused, and that were served because of kPermissive.
  uint64_t refused(Limit limit) const { return refused_[static_cast<size_t>(limit)]; }
  uint64_t permitted(Limit limit) const { return permitted_[static_cast<size_t>(limit)]; }
  uint64_t failed_authentications() const { return failed_authentications_; }

 private:
  friend class RequestLimits;
  // 131,072 buckets, 1 MiB, for all limits together.
  static constexpr size_t kSets = 16'384;

  const uint64_t seed_;
  RateBuckets buckets_;
  std::array<std::atomic<uint64_t>, kLimits> refused_{};
  std::array<std::atomic<uint64_t>, kLimits> permitted_{};
  std::array<std::atomic<int64_t>, kLimits> warned_at_{};  // in seconds of the clock
  std::atomic<uint64_t> failed_authentications_{0};
};

class RequestLimits {
 public:
  // A client address as the limits see it: IPv6 by its /64, which is what one host has for itself.
  struct Client {
    uint64_t hash = 0;
    bool is_exempt = false;
  };
  struct Refusal {
    Limit limit;
    std::chrono::microseconds wait;  // until the next request is served, if nobody else asks
  };

  RequestLimits(const RequestLimitOptions& options, std::shared_ptr<LimitState> state);

  // False: no request can be over a limit now, so that nothing else need be asked.
  bool is_watching() const { return has_rates_ || has_failures(); }
  // False: no token can be over a limit.
  bool is_watching_tokens() const { return has_token_rates_; }
  // Whether anybody has failed to authenticate so far.
  bool has_failures() const {
    return state_->failed_authentications_.load(std::memory_order_relaxed) != 0;
  }

  // `address` is an IP address; what is none is one client together with all that are none.
  Client ClientOf(const std::string& address) const;

  // Counts a request, before it is known whose token it has, by its client and by all.
  std::optional<Refusal> OfClient(const Client& client, RequestKind kind,
                                  Clock::TimePoint now) const;
  // Counts a request of the token with that accessor ID, which is not empty.
  std::optional<Refusal> OfToken(std::string_view accessor, RequestKind kind,
                                 Clock::TimePoint now) const;
  // Whether the client has failed too often to be listened to when it presents a token. Counts
  // nothing.
  std::optional<Refusal> OfFailures(const Client& client, Clock::TimePoint now) const;

  // A token was unknown or has expired, or a login was refused.
  void CountFailedAuthentication(const std::string& address, Clock::TimePoint now) const;

  // Counts `refusal`, logs the first of each minute, and says whether the request is refused.
  // `who`: the client's address.
  bool Refuses(const Refusal& refusal, std::string_view who, Clock::TimePoint now) const;

  // "Too many requests: limit-reads-per-client is 100 a second, 200 at once, for 10.0.0.5".
  std::string Explain(Limit limit, std::string_view who) const;

  const RequestLimitOptions& options() const { return options_; }
  const std::shared_ptr<LimitState>& state() const { return state_; }

 private:
  bool Has(Limit limit) const {
    return rates_[static_cast<size_t>(limit)].interval.count() > 0;
  }
  std::optional<Refusal> Take(Limit limit, uint64_t owner, Clock::TimePoint now) const;
  uint64_t OwnerOf(Limit limit, uint64_t hash) const;

  const RequestLimitOptions options_;
  const std::shared_ptr<LimitState> state_;
  std::array<RateBuckets::Rate, kLimits> rates_;  // an interval of 0: no limit
  bool has_rates_ = false;
  bool has_token_rates_ = false;
};

// Retry-After (RFC 9110 section 10.2.3): whole seconds, at least 1.
int64_t RetryAfterSeconds(std::chrono::microseconds wait);

}  // namespace rollcall::api
