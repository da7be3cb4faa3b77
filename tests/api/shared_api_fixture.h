// The HTTP API of a server that shares its log: a log in memory, and a group of servers that the
// test makes up.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "registry/catalog/heard_servers.h"
#include "tests/api/api_fixture.h"
#include "tests/registry/catalog/memory_log.h"

namespace rollcall::api {

// Made before the API, whose requests may use it from the first.
struct SharedLogParts {
  std::shared_ptr<catalog::MemoryLogDisk> disk = std::make_shared<catalog::MemoryLogDisk>();
  std::unique_ptr<catalog::MemoryLog> unopened = std::make_unique<catalog::MemoryLog>(disk);
  catalog::MemoryLog* log = unopened.get();
  catalog::HeardServers heard;
};

class SharedApiTest : private SharedLogParts, public ApiTest {
 protected:
  static constexpr const char* kSelf = "run-1";

  SharedApiTest()
      : ApiTest([this](const Clock& clock) {
          return catalog::Catalog::OpenShared(std::move(unopened), clock, {});
        }) {
    OnWorker([this] {
      shared().heard = &heard();
      return true;
    });
    SetGroup({{kSelf, ""}}, std::nullopt);
  }
  // Before the group of which handlers ask.
  ~SharedApiTest() override { StopServer(); }

  catalog::MemoryLog& log() { return *SharedLogParts::log; }
  // For the logs of other servers.
  const std::shared_ptr<catalog::MemoryLogDisk>& disk() const { return SharedLogParts::disk; }
  catalog::HeardServers& heard() { return SharedLogParts::heard; }

  // `owner`: as the log has it, "ID.number". All take heartbeats; `servers`: what each says of
  // itself.
  void SetGroup(const std::map<std::string, std::string>& servers,
                std::optional<std::string> owner) {
    std::map<std::string, catalog::GroupMember> members;
    for (const auto& [id, about] : servers) {
      members[id] = {catalog::HeartbeatDuty::kActive, about};
    }
    SetMembers(std::move(members), std::move(owner));
  }
  void SetMembers(std::map<std::string, catalog::GroupMember> members,
                  std::optional<std::string> owner) {
    catalog::GroupView view;
    view.self = kSelf;
    view.servers = std::move(members);
    view.owner = std::move(owner);
    heard().SetGroup(view, clock().Now());
  }
};

}  // namespace rollcall::api
