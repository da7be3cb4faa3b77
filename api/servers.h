// The registry's servers, as this one knows them: itself, and those that share its log. Of itself a
// server knows how far it has come; of the others it knows that they are there.
// Worker's thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "api/api_worker.h"
#include "api/server_card.h"
#include "registry/base/index.h"

namespace rollcall::api {

// How a server stands to its log.
struct ServerState {
  Index index;                              // of its catalog
  std::chrono::nanoseconds last_contact{};  // all that had been written so long ago is in it
  std::string trouble;                      // why it cannot follow the log, or write to it
  // Since when it can, or cannot.
  std::chrono::system_clock::time_point since;
};

struct KnownServer {
  // Another one in each of its runs; of a server that shares no log, that of its node.
  std::string id;
  ServerCard card;
  bool is_leader = false;  // it owns expiry
  bool is_self = false;
  bool takes_heartbeats = false;  // else others have to be sent them

  // "10.0.0.5:8300", as Consul's servers are named (see ServerAddress); empty: it does not say.
  std::string address() const;
};

// Sorted by the names of their nodes. This server is among them, even where the others may not know
// of it. None is the leader while there is none, or this server has had no word of the log for
// longer than a read by default may be answered without.
std::vector<KnownServer> KnownServers(ApiWorker& worker);

// The one that answers, of a list of KnownServers.
const KnownServer& OwnServer(const std::vector<KnownServer>& servers);
// "" when none of them is the leader.
std::string LeaderAddress(const std::vector<KnownServer>& servers);

ServerState OwnState(ApiWorker& worker);

}  // namespace rollcall::api
