#include "api/acl/token_reaper.h"

#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "registry/model/command.h"

namespace rollcall::api {

TokenReaper::TokenReaper(boost::asio::io_context& loop, catalog::Catalog& catalog,
                         const acl::BearerCache::Options& access,
                         std::chrono::milliseconds interval)
    : loop_(loop),
      catalog_(catalog),
      now_(access.now),
      interval_(interval),
      reader_(catalog.snapshots()),
      directory_([](const std::string&) {}),  // who presents such a token has it told
      timer_(loop) {
  if (access.enabled) LookAgainLater();
}

void TokenReaper::LookAgainLater() {
  timer_.expires_after(interval_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) Look();
  });
}

void TokenReaper::Look() {
  const catalog::Snapshot& snapshot = *reader_.Current();
  directory_.Follow(snapshot);
  const UtcTime now = now_();
  model::ChangeAcl change{snapshot.acl_index(), {}, {}};
  for (const auto& [accessor, token] : directory_.tokens().all()) {
    if (!token.object.IsExpired(now)) continue;
    change.remove.emplace_back(model::AclKind::kToken, token.object.secret_hash);
    if (change.remove.size() == kMaxBatch) break;
  }
  const size_t count = change.remove.size();
  if (count == 0) return LookAgainLater();
  catalog_.Submit(std::move(change), [this, count](const Result<catalog::Written>& written) {
    boost::asio::post(loop_, [this, count, written] { Done(count, written); });
  });
}

void TokenReaper::Done(size_t count, const Result<catalog::Written>& written) {
  if (!written) {
    if (written.error().code != ErrorCode::kConflict) {
      spdlog::warn("cannot remove tokens that have expired: {}", written.error().message);
    }
    return LookAgainLater();
  }
  reaped_.fetch_add(count, std::memory_order_relaxed);
  spdlog::info("removed {} tokens that had expired", count);
  if (count == kMaxBatch) return Look();
  LookAgainLater();
}

}  // namespace rollcall::api
