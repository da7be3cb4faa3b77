// TokenSight: what the token for DNS may see at present. It is looked up again for every question,
// so that what is taken away from it, its end and another token count from the next question on;
// while nothing of it changes, that costs a look-up by a digest that is known, and allocates
// nothing.
// One worker's.
#pragma once

#include <cstdint>
#include <string>

#include "dns/dns_token.h"
#include "dns/sight.h"
#include "registry/access/bearer_cache.h"
#include "registry/base/result.h"
#include "registry/catalog/snapshot.h"

namespace rollcall::dns {

class TokenSight {
 public:
  // `token`, which outlives this, may be null where access is not controlled.
  TokenSight(acl::BearerCache::Options access, const DnsToken* token);

  // Whether access is controlled; if not, everything may be seen.
  bool enabled() const { return bearers_.enabled(); }

  // Valid until the next call. kPermissionDenied when there is no such token or it has expired,
  // kCorruption when a record that it depends on cannot be read. Throws std::bad_alloc.
  Result<Sight> At(const catalog::Snapshot& snapshot);

 private:
  acl::BearerCache bearers_;
  const DnsToken* const token_;
  uint64_t generation_ = 0;  // of the secret
  std::string secret_;
  acl::BearerPtr bearer_;  // found with that secret; null: not yet, or there was none
};

}  // namespace rollcall::dns
