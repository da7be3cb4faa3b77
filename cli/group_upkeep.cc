#include "cli/group_upkeep.h"

#include <optional>
#include <utility>

#include "registry/access/group_secret.h"

namespace rollcall::cli {
namespace {

using std::chrono_literals::operator""ms;

// For the others to be told that this server has left.
constexpr auto kTellTimeout = 1000ms;
constexpr auto kTellPause = 10ms;

bool SaysLeft(const catalog::GroupView& group) {
  const auto self = group.servers.find(group.self);
  return self == group.servers.end() || self->second.duty == catalog::HeartbeatDuty::kLeft;
}

}  // namespace

GroupUpkeep::GroupUpkeep(catalog::Catalog& catalog, catalog::HeardServers& heard,
                         const Clock& clock, ExpiryLink::Tls tls, bool controls_access,
                         std::string own_node, ServerNodes::RegisterSelf register_self)
    : catalog_(catalog),
      heard_(heard),
      link_(catalog, heard, clock, std::move(tls)),
      nodes_(catalog, clock, std::move(own_node), std::move(register_self)),
      controls_access_(controls_access) {
  thread_ = std::thread([this] { Run(); });
}

bool GroupUpkeep::End() {
  if (!thread_.joinable()) return false;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
  return true;
}

void GroupUpkeep::Run() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    lock.unlock();
    EnsureSecret();
    link_.Turn();
    nodes_.Look(heard_.group());
    lock.lock();
    wake_.wait_for(lock, ExpiryLink::kPause, [this] { return is_stopping_; });
  }
}

void GroupUpkeep::EnsureSecret() {
  if (!controls_access_ || is_drawing_->load()) return;
  Result<std::optional<model::ChangeAcl>> change =
      acl::DrawGroupSecret(*catalog_.snapshots().Get());
  if (!change || !*change) return;
  is_drawing_->store(true);
  // When another server was faster, or anything else goes wrong, the next turn looks again.
  catalog_.Submit(**std::move(change), [is_drawing = is_drawing_](const Result<catalog::Written>&) {
    is_drawing->store(false);
  });
}

void GroupUpkeep::Leave() {
  if (!End() || !link_.Leave()) return;
  catalog_.SetDuty(catalog::HeartbeatDuty::kLeft);
  for (auto waited = 0ms; waited < kTellTimeout && !SaysLeft(heard_.group());
       waited += kTellPause) {
    std::this_thread::sleep_for(kTellPause);
  }
}

}  // namespace rollcall::cli
