// DnsCache: the answers of the registry's DNS server, by DnsQuery::key. An answer is fresh until
// its TTL has passed, and kept for some time longer, to be served while no server answers
// (RFC 8767). Bounded by octets and by answers: the one that was not asked for longest goes first.
//
// One thread's; time is passed in.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "agent/dns_answer.h"
#include "registry/base/clock.h"

namespace rollcall::agent {

class DnsCache {
 public:
  struct Limits {
    size_t octets = size_t{1} << 20;  // with what an answer's bookkeeping takes
    size_t answers = 4096;
    std::chrono::seconds max_stale{0};  // 0: stale answers are not kept
  };

  struct Found {
    const KeptDnsAnswer* answer;  // until the cache is next changed, or asked
    DnsAge age;
  };

  explicit DnsCache(const Limits& limits) : limits_(limits) {}

  // Empty when nothing is kept, or it is too old.
  std::optional<Found> Find(const std::string& key, Clock::TimePoint now);

  // In the place of what was kept for `key`.
  void Put(const std::string& key, KeptDnsAnswer answer, Clock::TimePoint now);

  void Remove(const std::string& key);

  size_t answers() const { return by_use_.size(); }
  size_t octets() const { return octets_; }

 private:
  struct Entry {
    std::string key;
    KeptDnsAnswer answer;
    Clock::TimePoint received;
  };
  using Entries = std::list<Entry>;

  static size_t SizeOf(const Entry& entry);
  void Erase(Entries::iterator entry);

  const Limits limits_;
  size_t octets_ = 0;
  Entries by_use_;                                                  // last used first
  std::unordered_map<std::string_view, Entries::iterator> by_key_;  // views of the entries' keys
};

}  // namespace rollcall::agent
