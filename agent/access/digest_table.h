// DigestTable: values by the SHA-256 of a secret, bounded in number and in what they weigh. What
// was not asked for the longest makes room. For one thread.
#pragma once

#include <cstddef>
#include <cstring>
#include <list>
#include <unordered_map>
#include <utility>

#include "registry/acl/objects/secrets.h"

namespace rollcall::access {

// A digest is as good as random.
struct DigestHash {
  size_t operator()(const acl::SecretDigest& digest) const {
    size_t bytes = 0;
    std::memcpy(&bytes, digest.data(), sizeof bytes);
    return bytes;
  }
};

template <typename Value>
class DigestTable {
 public:
  // `max_weight`: of all values, in whatever Put is told of each.
  DigestTable(size_t capacity, size_t max_weight) : capacity_(capacity), max_weight_(max_weight) {}

  // Null when there is none. Valid until the next change.
  Value* Find(const acl::SecretDigest& digest) {
    const auto found = places_.find(digest);
    if (found == places_.end()) return nullptr;
    items_.splice(items_.begin(), items_, found->second);
    return &found->second->value;
  }

  // The newest is kept, whatever it weighs.
  void Put(const acl::SecretDigest& digest, Value value, size_t weight) {
    Erase(digest);
    items_.push_front({digest, std::move(value), weight});
    places_.emplace(digest, items_.begin());
    weight_ += weight;
    while (items_.size() > 1 && (items_.size() > capacity_ || weight_ > max_weight_)) {
      Erase(acl::SecretDigest(items_.back().digest));
    }
  }

  void Erase(const acl::SecretDigest& digest) {
    const auto found = places_.find(digest);
    if (found == places_.end()) return;
    weight_ -= found->second->weight;
    items_.erase(found->second);
    places_.erase(found);
  }

  size_t size() const { return items_.size(); }

 private:
  struct Item {
    acl::SecretDigest digest;
    Value value;
    size_t weight;
  };
  using Items = std::list<Item>;

  const size_t capacity_;
  const size_t max_weight_;
  size_t weight_ = 0;
  Items items_;  // the one that was asked for last in front
  std::unordered_map<acl::SecretDigest, typename Items::iterator, DigestHash> places_;
};

}  // namespace rollcall::access
