#include "api/servers.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "api/local_node.h"

namespace rollcall::api {
namespace {

ServerCard OwnCard(const ServerInfo& info) {
  return {info.node_name, HostInUrl(info.address) + ":" + std::to_string(info.api_port()),
          info.version, info.http_port == 0};
}

KnownServer OnlyServer(ApiWorker& worker) {
  KnownServer self{"", OwnCard(worker.info()), true, true, true};
  const catalog::NodeEntry* node = worker.Snapshot()->FindNode(worker.info().node_name);
  if (node != nullptr) self.id = node->node->id.str();
  return self;
}

// For so long has this server had no word of its log that it cannot tell what is true.
bool IsOutOfTouch(ApiWorker& worker, std::chrono::nanoseconds age) {
  return age > worker.shared().bounds.by_default;
}

}  // namespace

std::string KnownServer::address() const {
  return card.http.empty() ? "" : card.http.substr(0, card.http.rfind(':')) + kServerPort;
}

std::vector<KnownServer> KnownServers(ApiWorker& worker) {
  if (worker.shared().heard == nullptr) return {OnlyServer(worker)};
  const catalog::GroupView group = worker.shared().heard->group();
  const std::string leader =
      IsOutOfTouch(worker, worker.catalog().Age()) ? std::string() : group.owner_id();
  std::vector<KnownServer> servers;
  servers.push_back(
      {group.self, OwnCard(worker.info()), leader == group.self, true, group.IsActive(group.self)});
  for (const auto& [id, member] : group.servers) {
    if (id == group.self) continue;
    servers.push_back(
        {id, ServerCard::Parse(member.about), leader == id, false, group.IsActive(id)});
  }
  std::sort(servers.begin(), servers.end(), [](const KnownServer& a, const KnownServer& b) {
    return std::tie(a.card.node, a.id) < std::tie(b.card.node, b.id);
  });
  return servers;
}

const KnownServer& OwnServer(const std::vector<KnownServer>& servers) {
  return *std::find_if(servers.begin(), servers.end(),
                       [](const KnownServer& each) { return each.is_self; });
}

std::string LeaderAddress(const std::vector<KnownServer>& servers) {
  const auto leader = std::find_if(servers.begin(), servers.end(),
                                   [](const KnownServer& each) { return each.is_leader; });
  return leader == servers.end() ? "" : leader->address();
}

ServerState OwnState(ApiWorker& worker) {
  const catalog::Catalog& catalog = worker.catalog();
  ServerState state;
  state.index = worker.Snapshot()->index();
  state.since = worker.shared().operations.started;
  if (!catalog.is_shared()) return state;
  state.last_contact = catalog.Age();
  const catalog::Contact::Standing standing = catalog.standing();
  state.trouble = standing.trouble;
  if (state.trouble.empty() && IsOutOfTouch(worker, state.last_contact)) {
    state.trouble = "no word of the log in time";
  }
  if (standing.since) {
    state.since = std::chrono::system_clock::now() -
                  std::chrono::duration_cast<std::chrono::system_clock::duration>(
                      catalog.clock().Now() - *standing.since);
  }
  return state;
}

}  // namespace rollcall::api
