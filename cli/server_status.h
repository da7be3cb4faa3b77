// How the servers of a registry do: what one of them lists, and what each says of itself when it is
// asked. Blocks; the calling thread's, with threads of its own for the questions.
#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cli/registry_client.h"
#include "registry/base/result.h"

namespace rollcall::cli {

struct ServerStatus {
  std::string id;
  std::string node;
  std::string http;    // "10.0.0.5:8500"
  bool https = false;  // and that is over TLS
  std::string index;   // empty, as `lag`: it has not said
  std::string lag;
  bool owns_expiry = false;
  std::string status;  // "ok", or what is wrong

  bool is_ok() const { return status == "ok"; }
  // It is the one that was asked, and has answered for itself.
  bool has_answered() const { return !index.empty(); }
};

// What operator/raft/configuration answers. kCorruption when it is no such answer.
Result<std::vector<ServerStatus>> ParseServers(std::string_view body);

// Asks for the list, and then each server that the list does not tell enough of, several at a time
// and none for longer than a few seconds. An error: there is no list.
Result<std::vector<ServerStatus>> AskServers(RegistryClient& client);

nlohmann::ordered_json ServersJson(const std::vector<ServerStatus>& servers);

}  // namespace rollcall::cli
