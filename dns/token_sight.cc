#include "dns/token_sight.h"

#include <cassert>
#include <tuple>
#include <utility>

namespace rollcall::dns {

namespace {

// It is asked for one bearer at a time, and an earlier token's is of no use.
acl::BearerCache::Options ForOneToken(acl::BearerCache::Options options) {
  options.capacity = 1;
  return options;
}

}  // namespace

TokenSight::TokenSight(acl::BearerCache::Options access, const DnsToken* token)
    : bearers_(ForOneToken(std::move(access))), token_(token) {
  assert(token_ != nullptr || !enabled());
}

Result<Sight> TokenSight::At(const catalog::Snapshot& snapshot) {
  if (!enabled()) return Sight();
  if (token_->generation() != generation_) {
    bearer_ = nullptr;
    std::tie(secret_, generation_) = token_->Get();
  }
  Result<acl::BearerPtr> found = bearer_ != nullptr ? bearers_.FindAgain(*bearer_, snapshot)
                                                    : bearers_.Find(secret_, snapshot);
  if (!found) {
    bearer_ = nullptr;
    return std::move(found).error();
  }
  bearer_ = *std::move(found);
  return Sight(bearer_->authorizer);
}

}  // namespace rollcall::dns
