// The server's own node, as its /v1/agent endpoints see it: what programs registered on it, without
// what the server says of itself. Any thread, on any snapshot; what is found in a snapshot lives as
// long as that.
#pragma once

#include <string>
#include <string_view>

#include "registry/catalog/snapshot.h"
#include "registry/model/command.h"
#include "registry/model/records.h"

namespace rollcall::api {

struct ServerInfo;

// The server registers itself as Consul's servers do, so that clients which look for the servers
// find them: a node with these. They are the server's, and no business of /v1/agent.
inline constexpr char kServerServiceId[] = "consul";
inline constexpr char kNodeAliveCheckId[] = "serfHealth";

// Where Consul's servers talk to each other, behind an address.
inline constexpr char kServerPort[] = ":8300";

bool IsServersOwn(const model::Instance& instance);
bool IsServersOwn(const model::Check& check);

// The own node's instance; null when there is none, or it is the server's own.
const catalog::InstanceEntry* FindLocalInstance(const catalog::Snapshot& snapshot,
                                                const ServerInfo& info, std::string_view id);

// A registration on the own node, whose record stays as it is; checks that are there already keep
// their status.
model::Register OnOwnNode(const ServerInfo& info);

// As it stands before a port: an IPv6 address in brackets.
std::string HostInUrl(const std::string& address);

// "address:8300", where Consul's servers talk to each other. Clients take it for the name of a
// server that is there; nobody connects to it.
std::string ServerAddress(const ServerInfo& info);

}  // namespace rollcall::api
