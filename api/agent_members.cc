#include "api/agent_members.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "api/local_node.h"
#include "api/reply.h"
#include "api/shared/agent_json.h"
#include "api/shared/member_json.h"
#include "api/writes.h"
#include "registry/base/ascii.h"

namespace rollcall::api {
namespace {

using http::Exchange;
using http::Request;
using nlohmann::ordered_json;
using ExchangePtr = std::shared_ptr<Exchange>;

Member ServerMember(const catalog::Snapshot& snapshot, const ServerInfo& info) {
  const catalog::NodeEntry* node = snapshot.FindNode(info.node_name);
  Member member{info.node_name, info.address, kMemberLanPort, {}, kMemberAlive};
  member.tags = MemberTags("consul", info.datacenter,
                           node == nullptr ? std::string_view() : node->node->id.view());
  member.tags["acls"] = "0";
  member.tags["bootstrap"] = "1";
  member.tags["build"] = info.version + ":";
  member.tags["port"] = "8300";
  member.tags["wan_join_port"] = std::to_string(kMemberWanPort);
  return member;
}

// Null when no agent keeps the node alive.
const model::Check* NodeAliveCheck(const catalog::NodeEntry& node) {
  const catalog::CheckEntry* entry = node.checks.Find(kNodeAliveCheckId);
  return entry == nullptr || !entry->check->service_id.empty() ? nullptr : entry->check.get();
}

ordered_json LanMembersJson(const catalog::Snapshot& snapshot, const ServerInfo& info) {
  ordered_json list = ordered_json::array();
  list.push_back(ServerMemberJson(snapshot, info));
  for (const catalog::NodeEntry& node : snapshot.nodes()) {
    if (EqualsIgnoreCase(node.node->name, info.node_name)) continue;
    const model::Check* alive = NodeAliveCheck(node);
    if (alive == nullptr) continue;
    const bool failed = alive->status == model::CheckStatus::kCritical;
    list.push_back(MemberJson({node.node->name.str(), node.node->address.str(), kMemberLanPort,
                               MemberTags("node", info.datacenter, node.node->id),
                               failed ? kMemberFailed : kMemberAlive}));
  }
  return list;
}

ordered_json WanMembersJson(const catalog::Snapshot& snapshot, const ServerInfo& info) {
  Member member = ServerMember(snapshot, info);
  member.name += "." + info.datacenter;
  member.port = kMemberWanPort;
  ordered_json list = ordered_json::array();
  list.push_back(MemberJson(std::move(member)));
  return list;
}

void AnswerMembers(ApiWorker& worker, const ExchangePtr& exchange) {
  const Request& request = exchange->request();
  const bool wan = !request.FindQuery("wan").value_or("").empty();
  const std::string_view segment = request.FindQuery("segment").value_or("");
  if (!segment.empty() && segment != "_all") {
    return exchange->Respond(ErrorResponse(
        InvalidArgument(wan ? "Cannot provide a segment with wan=true"
                            : "Network segments are not supported in this version of Consul")));
  }
  const auto snapshot = worker.Snapshot();
  exchange->Respond(JsonAnswer(request, wan ? WanMembersJson(*snapshot, worker.info())
                                            : LanMembersJson(*snapshot, worker.info())));
}

void ForceLeave(ApiWorker& worker, const ExchangePtr& exchange) {
  std::string node(exchange->request().PathParameter("node"));
  if (EqualsIgnoreCase(node, worker.info().node_name)) return exchange->Respond(EmptyOk());
  SubmitAndAnswer(worker, exchange, model::RemoveFailedNode{std::move(node)}, EmptyOk);
}

}  // namespace

ordered_json ServerMemberJson(const catalog::Snapshot& snapshot, const ServerInfo& info) {
  return MemberJson(ServerMember(snapshot, info));
}

http::Handler AgentMembersHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) { AnswerMembers(worker, exchange); };
}

http::Handler AgentJoinHandler(ApiWorker&) {
  return [](const ExchangePtr& exchange) {
    if (exchange->request().PathParameter("address").empty()) {
      return exchange->Respond(ErrorResponse(InvalidArgument("Missing address to join")));
    }
    exchange->Respond(EmptyOk());
  };
}

http::Handler AgentForceLeaveHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) { ForceLeave(worker, exchange); };
}

}  // namespace rollcall::api
