#include "cli/server_probes.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <utility>

namespace rollcall::cli {
namespace {

bool IsProbed(const model::Check& check) {
  return check.upkeep != nullptr && (!check.upkeep->http.empty() || !check.upkeep->tcp.empty());
}

}  // namespace

ServerProbes::ServerProbes(boost::asio::io_context& loop, catalog::Catalog& catalog,
                           std::string node, std::function<double()> random)
    : loop_(loop),
      catalog_(catalog),
      node_(std::move(node)),
      key_(catalog::WatchKey::Node(node_)),
      prober_(
          loop, [this](const std::string& id, const probe::ProbeResult& r) { Report(id, r); },
          std::move(random)) {
  catalog_.AddListener(this);
  Follow(*catalog_.snapshots().Get());
}

ServerProbes::~ServerProbes() { catalog_.RemoveListener(this); }

void ServerProbes::OnChange(const std::shared_ptr<const catalog::ChangeSet>& changes) {
  if (!std::binary_search(changes->keys.begin(), changes->keys.end(), key_)) return;
  boost::asio::post(loop_, [this, changes] { Follow(*changes->snapshot); });
}

void ServerProbes::Follow(const catalog::Snapshot& snapshot) {
  std::set<std::string> wanted;
  if (const catalog::NodeEntry* node = snapshot.FindNode(node_)) {
    for (const catalog::CheckEntry& entry : node->checks) {
      if (!IsProbed(*entry.check)) continue;
      const std::string id = entry.check->check_id.str();
      wanted.insert(id);
      prober_.Ensure(id, model::CheckRun(*entry.check->upkeep));
    }
  }
  for (const std::string& id : probed_) {
    if (!wanted.contains(id)) prober_.Remove(id);
  }
  probed_ = std::move(wanted);
}

void ServerProbes::Report(const std::string& check_id, const probe::ProbeResult& result) {
  const auto snapshot = catalog_.snapshots().Get();
  const catalog::CheckEntry* entry = snapshot->FindCheck(node_, check_id);
  if (entry == nullptr) return;
  if (entry->check->status == result.status && entry->check->output == result.output) return;
  if (entry->check->status != result.status) {
    spdlog::info("check {} is now {}", check_id, model::ToString(result.status));
  }
  catalog_.Submit(model::UpdateCheck{node_, check_id, result.status, result.output},
                  [](const Result<catalog::Written>&) {});
}

}  // namespace rollcall::cli
