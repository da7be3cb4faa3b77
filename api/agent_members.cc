#include "api/agent_members.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "api/local_node.h"
#include "api/reply.h"
#include "api/shared/agent_json.h"
#include "api/shared/member_json.h"
#include "api/shared/sight.h"
#include "api/writes.h"
#include "registry/base/ascii.h"

namespace rollcall::api {
namespace {

using http::Exchange;
using http::Request;
using nlohmann::ordered_json;
using ExchangePtr = std::shared_ptr<Exchange>;

ordered_json ServerTags(const ServerInfo& info, std::string_view id) {
  ordered_json tags = MemberTags("consul", info.datacenter, id);
  tags["acls"] = info.controls_access ? "1" : "0";
  // Of the others too: servers of one store are upgraded together.
  tags["build"] = info.version + ":";
  tags["port"] = "8300";
  tags["wan_join_port"] = std::to_string(kMemberWanPort);
  return tags;
}

// This server itself.
Member ServerMember(const catalog::Snapshot& snapshot, const ServerInfo& info) {
  const catalog::NodeEntry* node = snapshot.FindNode(info.node_name);
  Member member{info.node_name, info.address, kMemberLanPort, {}, kMemberAlive};
  member.tags = ServerTags(info, node == nullptr ? std::string_view() : node->node->id.view());
  member.tags["bootstrap"] = "1";
  return member;
}

// Null when no agent keeps the node alive.
const model::Check* NodeAliveCheck(const catalog::NodeEntry& node) {
  const catalog::CheckEntry* entry = node.checks.Find(kNodeAliveCheckId);
  return entry == nullptr || !entry->check->service_id.empty() ? nullptr : entry->check.get();
}

// Another server of the same store.
bool IsServer(const catalog::Snapshot& snapshot, const catalog::NodeEntry& node) {
  const catalog::InstanceEntry* const entry =
      snapshot.FindInstance(node.node->name, kServerServiceId);
  // Who may write another service may take the ID, and is no server by that.
  return entry != nullptr && EqualsIgnoreCase(entry->instance->service, kServerServiceId);
}

// This server, and then all others whose nodes are kept alive.
std::vector<Member> LanMembers(const catalog::Snapshot& snapshot, const ServerInfo& info) {
  std::vector<Member> members = {ServerMember(snapshot, info)};
  for (const catalog::NodeEntry& node : snapshot.nodes()) {
    if (EqualsIgnoreCase(node.node->name, info.node_name)) continue;
    const model::Check* alive = NodeAliveCheck(node);
    if (alive == nullptr) continue;
    const bool failed = alive->status == model::CheckStatus::kCritical;
    members.push_back({node.node->name.str(), node.node->address.str(), kMemberLanPort,
                       IsServer(snapshot, node)
                           ? ServerTags(info, node.node->id)
                           : MemberTags("node", info.datacenter, node.node->id),
                       failed ? kMemberFailed : kMemberAlive});
  }
  return members;
}

// The servers among them, each with the name of the datacenter behind its own.
std::vector<Member> AsWanMembers(std::vector<Member> members, const ServerInfo& info) {
  std::erase_if(members, [](const Member& each) { return each.tags.at("role") != "consul"; });
  for (Member& each : members) {
    each.name += "." + info.datacenter;
    each.port = kMemberWanPort;
  }
  return members;
}

void AnswerMembers(ApiWorker& worker, const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
  const Request& request = exchange->request();
  const bool wan = !request.FindQuery("wan").value_or("").empty();
  const std::string_view segment = request.FindQuery("segment").value_or("");
  if (!segment.empty() && segment != "_all") {
    return exchange->Respond(ErrorResponse(
        InvalidArgument(wan ? "Cannot provide a segment with wan=true"
                            : "Network segments are not supported in this version of Consul")));
  }
  const auto snapshot = worker.Snapshot();
  Sight sight(bearer->authorizer);
  std::vector<Member> members = LanMembers(*snapshot, worker.info());
  std::erase_if(members, [&sight](const Member& each) { return !sight.Node(each.name); });
  if (wan) members = AsWanMembers(std::move(members), worker.info());
  ordered_json list = ordered_json::array();
  for (Member& each : members) list.push_back(MemberJson(std::move(each)));
  http::Response response = JsonAnswer(request, list);
  AddNarrowed(sight.was_narrowed(), &response);
  exchange->Respond(std::move(response));
}

void ForceLeave(ApiWorker& worker, const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
  std::string node(exchange->request().PathParameter("node"));
  if (EqualsIgnoreCase(node, worker.info().node_name)) return exchange->Respond(EmptyOk());
  SubmitAndAnswer(worker, exchange, *bearer, model::RemoveFailedNode{std::move(node)}, EmptyOk);
}

}  // namespace

ordered_json ServerMemberJson(const catalog::Snapshot& snapshot, const ServerInfo& info) {
  return MemberJson(ServerMember(snapshot, info));
}

AccessHandler AgentMembersHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    AnswerMembers(worker, exchange, bearer);
  };
}

http::Handler AgentJoinHandler(ApiWorker&) {
  return [](const ExchangePtr& exchange) {
    if (exchange->request().PathParameter("address").empty()) {
      return exchange->Respond(ErrorResponse(InvalidArgument("Missing address to join")));
    }
    exchange->Respond(EmptyOk());
  };
}

AccessHandler AgentForceLeaveHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    ForceLeave(worker, exchange, bearer);
  };
}

}  // namespace rollcall::api
