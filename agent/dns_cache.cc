#include "agent/dns_cache.h"

#include <utility>

namespace rollcall::agent {
namespace {

using std::chrono::seconds;

// Of one answer: the nodes of the list and of the map, and what the allocator adds to each block.
constexpr size_t kOverhead = 256;

}  // namespace

size_t DnsCache::SizeOf(const Entry& entry) {
  return entry.key.capacity() + entry.answer.octets.capacity() +
         entry.answer.extended_errors.capacity() + kOverhead;
}

std::optional<DnsCache::Found> DnsCache::Find(const std::string& key, Clock::TimePoint now) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return std::nullopt;
  const auto entry = found->second;
  const auto age = std::chrono::floor<seconds>(now - entry->received);
  const seconds ttl = entry->answer.ttl;
  const bool stale = age >= ttl;
  if (stale && (limits_.max_stale == seconds(0) || age - ttl > limits_.max_stale)) {
    Erase(entry);
    return std::nullopt;
  }
  by_use_.splice(by_use_.begin(), by_use_, entry);
  return Found{&entry->answer, {.age = age, .stale = stale}};
}

void DnsCache::Put(const std::string& key, KeptDnsAnswer answer, Clock::TimePoint now) {
  Remove(key);
  if (answer.ttl == seconds(0) && limits_.max_stale == seconds(0)) return;
  by_use_.push_front({key, std::move(answer), now});
  by_key_.emplace(by_use_.front().key, by_use_.begin());
  octets_ += SizeOf(by_use_.front());
  while (octets_ > limits_.octets || by_use_.size() > limits_.answers) {
    Erase(std::prev(by_use_.end()));
  }
}

void DnsCache::Remove(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) Erase(found->second);
}

void DnsCache::Erase(Entries::iterator entry) {
  octets_ -= SizeOf(*entry);
  by_key_.erase(entry->key);
  by_use_.erase(entry);
}

}  // namespace rollcall::agent
