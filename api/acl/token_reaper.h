// TokenReaper: removes tokens that have expired from the catalog. They are good for nothing from
// the moment on at which they expire, reaped or not; this keeps them from filling it, as those of
// many logins would.
//
// Every server has one. When two of a store find the same tokens one of them comes too late, which
// is no error: what is left is found the next time.
//
// Made before the loop runs and destroyed after it has ended; between, it belongs to that loop's
// thread. The catalog outlives it, and has stopped before it goes.
#pragma once

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "registry/access/bearer_cache.h"
#include "registry/access/directory.h"
#include "registry/base/result.h"
#include "registry/catalog/catalog.h"

namespace boost::asio {
class io_context;
}

namespace rollcall::api {

class TokenReaper {
 public:
  // As many are removed in one change, so that it stays a small one; the next follows at once. A
  // shared log takes not many more (catalog::SharedWriterOptions).
  static constexpr size_t kMaxBatch = 100;

  // Does nothing where access is not controlled. `interval`: between looks.
  TokenReaper(boost::asio::io_context& loop, catalog::Catalog& catalog,
              const acl::BearerCache::Options& access,
              std::chrono::milliseconds interval = std::chrono::seconds(30));
  TokenReaper(const TokenReaper&) = delete;
  TokenReaper& operator=(const TokenReaper&) = delete;

  // How many it has removed. Any thread.
  uint64_t reaped() const { return reaped_.load(std::memory_order_relaxed); }

 private:
  void LookAgainLater();
  void Look();
  void Done(size_t count, const Result<catalog::Written>& written);

  boost::asio::io_context& loop_;
  catalog::Catalog& catalog_;
  const std::function<UtcTime()> now_;
  const std::chrono::milliseconds interval_;
  catalog::SnapshotReader reader_;
  acl::Directory directory_;
  boost::asio::steady_timer timer_;
  std::atomic<uint64_t> reaped_{0};
};

}  // namespace rollcall::api
