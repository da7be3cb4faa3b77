// Short ways to say what is registered, for tests of the catalog.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "registry/catalog/resolve.h"
#include "registry/catalog/snapshot.h"
#include "registry/catalog/snapshot_builder.h"
#include "registry/catalog/snapshot_loader.h"
#include "registry/model/command.h"
#include "tests/registry/store/record_chunks.h"

namespace rollcall::catalog {

inline model::Register RegisterNode(std::string name, std::string address = "10.0.0.1") {
  model::Register command;
  command.node.name = std::move(name);
  command.node.address = std::move(address);
  return command;
}

inline model::Register RegisterService(std::string node, std::string service, std::string id = "",
                                       std::vector<std::string> tags = {}) {
  model::Register command = RegisterNode(std::move(node));
  model::Instance instance;
  instance.id = id.empty() ? service : std::move(id);
  instance.service = std::move(service);
  instance.port = 80;
  instance.tags = std::move(tags);
  command.instance = std::move(instance);
  return command;
}

inline model::Check CheckOf(std::string check_id, std::string service_id, model::CheckStatus status,
                            std::string output = "") {
  model::Check check;
  check.check_id = check_id;
  check.name = std::move(check_id);
  check.service_id = std::move(service_id);
  check.status = status;
  check.output = std::move(output);
  return check;
}

inline model::Check TtlCheck(std::string check_id, std::string service_id,
                             std::chrono::nanoseconds ttl,
                             std::chrono::nanoseconds reap_after = {}) {
  model::Check check =
      CheckOf(std::move(check_id), std::move(service_id), model::CheckStatus::kPassing);
  model::CheckDefinition upkeep;
  upkeep.ttl = ttl;
  upkeep.deregister_critical_service_after = reap_after;
  check.upkeep = upkeep;
  return check;
}

inline model::Register RegisterCheck(std::string node, model::Check check) {
  model::Register command = RegisterNode(std::move(node));
  command.skip_node_update = true;
  command.checks.push_back(std::move(check));
  return command;
}

inline std::vector<std::string> IdsOf(const ServiceEntry& service) {
  std::vector<std::string> ids;
  for (const InstanceEntry& entry : service.instances) {
    ids.push_back(entry.instance->node + "/" + entry.instance->id);
  }
  return ids;
}

inline std::vector<std::string> CheckIdsOf(const CheckList& list) {
  std::vector<std::string> ids;
  for (const auto& entry : list) ids.push_back(entry->check->check_id.str());
  return ids;
}

// The catalog that a store with these Put mutations, in any order, gives: loaded by several
// threads, a node at a time. Null when a record is refused.
inline std::shared_ptr<const Snapshot> LoadOf(const std::vector<model::Mutation>& records,
                                              Index index, model::ValuePool* pool = nullptr) {
  model::ValuePool own;
  SnapshotLoader loader(pool == nullptr ? &own : pool, 2);
  for (store::RecordChunk& chunk : store::ChunksOf(records, index, 1)) {
    if (!loader.Add(std::move(chunk))) break;
  }
  auto loaded = loader.Finish(index);
  return loaded ? std::move(loaded->snapshot) : nullptr;
}

// A catalog without store and threads: each command becomes the next snapshot.
class PlainCatalog {
 public:
  // The index that the command took, or an unset one when it changed nothing.
  Index Do(const model::Command& command) {
    Result<model::Transaction> transaction = Resolve(command, *snapshot_);
    if (!transaction) {
      last_error_ = transaction.error();
      return Index();
    }
    if (transaction->empty()) return Index();
    index_ = index_.Next();
    SnapshotBuilder builder(*snapshot_);
    builder.Apply(*transaction, index_);
    changed_ = builder.TakeChangedKeys();
    snapshot_ = builder.Finish();
    return index_;
  }

  const Snapshot& now() const { return *snapshot_; }
  std::shared_ptr<const Snapshot> snapshot() const { return snapshot_; }
  Index index() const { return index_; }
  const std::vector<WatchKey>& changed() const { return changed_; }
  const Error& last_error() const { return last_error_; }

 private:
  std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<const Snapshot>();
  Index index_{10};
  std::vector<WatchKey> changed_;
  Error last_error_{ErrorCode::kNotFound, ""};
};

}  // namespace rollcall::catalog
