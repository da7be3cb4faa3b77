// Handlers of /v1/agent/members, join and force-leave, which in Consul speak of its gossip pool.
// There is no gossip here: the members are this server and the nodes that an agent registered,
// which are those with a node-alive check (serfHealth), and that check says who has failed.
// They run on their worker's thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "api/access/guard.h"
#include "api/api_worker.h"
#include "api/http/router.h"

namespace rollcall::api {

// This server as a member, in the shape of agent/members; also `Member` of agent/self.
nlohmann::ordered_json ServerMemberJson(const catalog::Snapshot& snapshot, const ServerInfo& info);

// GET agent/members: with ?wan, the servers alone.
AccessHandler AgentMembersHandler(ApiWorker& worker);

// PUT agent/join/:address: nothing to do, since agents find the server by its address.
http::Handler AgentJoinHandler(ApiWorker& worker);

// PUT agent/force-leave/:node: a failed node leaves the catalog with all that it holds; one that is
// alive, and this server, stay. 404 for what is no member.
AccessHandler AgentForceLeaveHandler(ApiWorker& worker);

}  // namespace rollcall::api
