#include "cli/server_nodes.h"

#include <spdlog/spdlog.h>

#include <set>
#include <utility>

#include "api/local_node.h"
#include "api/server_card.h"
#include "registry/base/ascii.h"

namespace rollcall::cli {
namespace {

using model::CheckStatus;

bool IsAlive(const catalog::Snapshot& state, std::string_view node) {
  const catalog::CheckEntry* alive = state.FindCheck(node, api::kNodeAliveCheckId);
  return alive != nullptr && alive->check->status == CheckStatus::kPassing;
}

}  // namespace

ServerNodes::ServerNodes(catalog::Catalog& catalog, const Clock& clock, std::string own_node,
                         RegisterSelf register_self)
    : catalog_(catalog),
      clock_(clock),
      own_node_(std::move(own_node)),
      register_self_(std::move(register_self)),
      is_registering_(std::make_shared<std::atomic<bool>>(false)) {}

void ServerNodes::Look(const catalog::GroupView& group) {
  const auto state = catalog_.snapshots().Get();
  // Before the others know that it is here, they would take it for gone again.
  if (group.is_known()) KeepOwn(*state);
  if (group.is_owner()) {
    MarkGone(group, *state);
  } else {
    gone_.clear();
  }
}

void ServerNodes::KeepOwn(const catalog::Snapshot& state) {
  if (IsAlive(state, own_node_) && state.FindInstance(own_node_, api::kServerServiceId)) return;
  const Clock::TimePoint now = clock_.Now();
  if (now < next_registration_ || is_registering_->exchange(true)) return;
  next_registration_ = now + kGrace;
  register_self_([is_registering = is_registering_] { is_registering->store(false); });
}

void ServerNodes::MarkGone(const catalog::GroupView& group, const catalog::Snapshot& state) {
  std::set<std::string> here;
  for (const auto& [id, member] : group.servers) {
    here.insert(AsciiLower(api::ServerCard::Parse(member.about).node));
  }
  const Clock::TimePoint now = clock_.Now();
  std::map<std::string, Clock::TimePoint> gone;
  const catalog::ServiceEntry* servers = state.FindService(api::kServerServiceId);
  if (servers != nullptr) {
    for (const catalog::InstanceEntry& entry : servers->instances) {
      std::string node(entry.instance->node);
      if (entry.instance->id != api::kServerServiceId || here.contains(AsciiLower(node)) ||
          !IsAlive(state, node)) {
        continue;
      }
      const auto known = gone_.find(node);
      gone.emplace(std::move(node), known == gone_.end() ? now : known->second);
    }
  }
  gone_ = std::move(gone);
  for (auto& [node, since] : gone_) {
    if (now - since < kGrace) continue;
    since = now;  // when it is not written, again after that time
    spdlog::info("no server of node {} is alive: its health is critical from now on", node);
    catalog_.Submit(model::UpdateCheck{node, api::kNodeAliveCheckId, CheckStatus::kCritical,
                                       "Agent not live or unreachable"},
                    [](const Result<catalog::Written>&) {});
  }
}

}  // namespace rollcall::cli
