// A shared log in memory, for any number of servers in one process. A test can hold back what a
// server is told, lose answers, and cut servers off. Any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "registry/store/shared_log.h"

namespace rollcall::catalog {

class MemoryLog;

struct MemoryLogContent {
  struct Value {
    std::string value;
    Index revision;
  };
  Index revision{10};  // a log's first entry is not its first revision
  Index head;
  std::string token;
  std::map<std::string, Value> keys;
};

// What is common to all servers.
struct MemoryLogDisk : MemoryLogContent {
  std::recursive_mutex mutex;
  MemoryLogContent backup;
  std::vector<MemoryLog*> servers;
  std::vector<size_t> operations;  // of each entry
  size_t largest = 0;              // of a proposal, in bytes
  uint32_t format = 0;             // the highest that a proposal needed
};

class MemoryLog final : public store::SharedLog {
 public:
  explicit MemoryLog(std::shared_ptr<MemoryLogDisk> disk) : disk_(std::move(disk)) {
    const std::lock_guard lock(disk_->mutex);
    disk_->servers.push_back(this);
    name_ = std::to_string(disk_->servers.size());
  }
  ~MemoryLog() override {
    const std::lock_guard lock(disk_->mutex);
    std::replace(disk_->servers.begin(), disk_->servers.end(), this,
                 static_cast<MemoryLog*>(nullptr));
  }

  Result<store::Position> Load(const KeySink& sink, const std::stop_token& given_up) override {
    while (holds_loads && !given_up.stop_requested()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    const std::lock_guard lock(disk_->mutex);
    if (is_cut_off_) return Unavailable("the log does not answer");
    for (const auto& [key, value] : disk_->keys) {
      if (!sink({{key, value.value, value.revision}})) break;
    }
    return store::Position{disk_->revision, disk_->head, disk_->token};
  }

  void Follow(store::Position, store::SharedLogListener* listener) override {
    const std::lock_guard lock(disk_->mutex);
    held_.clear();
    listener_ = listener;
  }

  void Stop() override {
    const std::lock_guard lock(disk_->mutex);
    listener_ = nullptr;
  }

  void Propose(store::Proposal proposal) override {
    const std::lock_guard lock(disk_->mutex);
    ++proposals;
    if (is_cut_off_) return Say(proposal.id, store::Outcome::Kind::kUnknown);
    if (!refusal_.empty() && !proposal.moves_head) {
      if (listener_ == nullptr) return;
      return listener_->OnOutcome(proposal.id,
                                  {store::Outcome::Kind::kRefused, {}, Unavailable(refusal_)});
    }
    if (delays_next_ && proposal.moves_head) {
      delays_next_ = false;
      delayed_.push_back(proposal);
      return Say(proposal.id, store::Outcome::Kind::kUnknown);
    }
    const bool made = Make(proposal);
    if (loses_next_answer_ && proposal.moves_head) {
      loses_next_answer_ = false;
      return Say(proposal.id, store::Outcome::Kind::kUnknown);
    }
    Say(proposal.id, made ? store::Outcome::Kind::kCommitted : store::Outcome::Kind::kConflict);
  }

  void ReadHead(std::function<void(Result<Index>)> done) override {
    const std::lock_guard lock(disk_->mutex);
    ++head_reads;
    if (holds_heads_) return held_heads_.push_back(std::move(done));
    if (is_cut_off_) return done(Unavailable("the log does not answer"));
    done(disk_->head);
  }
  void Compact(Index before) override {
    const std::lock_guard lock(disk_->mutex);
    compactions.push_back(before);
  }

  // What a test does. ------------------------------------------------------------------------

  // Entries are kept back until Release.
  void Hold() {
    const std::lock_guard lock(disk_->mutex);
    is_held_ = true;
  }
  void Release() {
    const std::lock_guard lock(disk_->mutex);
    is_held_ = false;
    for (store::Entry& entry : std::exchange(held_, {})) Tell(std::move(entry));
  }
  // Looks at the head are not answered until ReleaseHeads.
  void HoldHeads() {
    const std::lock_guard lock(disk_->mutex);
    holds_heads_ = true;
  }
  void ReleaseHeads() {
    std::vector<std::function<void(Result<Index>)>> held;
    {
      const std::lock_guard lock(disk_->mutex);
      holds_heads_ = false;
      held = std::exchange(held_heads_, {});
    }
    for (auto& done : held) ReadHead(std::move(done));
  }
  // The next write of the catalog is made, but its answer does not come.
  void LoseNextAnswer() {
    const std::lock_guard lock(disk_->mutex);
    loses_next_answer_ = true;
  }
  // The answer of the next write of the catalog does not come, and it is made when DeliverDelayed
  // is called.
  void DelayNext() {
    const std::lock_guard lock(disk_->mutex);
    delays_next_ = true;
  }
  // How many of them were made.
  size_t DeliverDelayed() {
    const std::lock_guard lock(disk_->mutex);
    size_t made = 0;
    for (const store::Proposal& proposal : std::exchange(delayed_, {})) made += Make(proposal);
    return made;
  }
  void CutOff(bool is_cut_off) {
    const std::lock_guard lock(disk_->mutex);
    is_cut_off_ = is_cut_off;
    if (is_cut_off && listener_ != nullptr) listener_->OnTrouble(Unavailable("no etcd answers"));
  }
  // Writes that concern the servers themselves are refused, with that reason; empty: no more.
  void RefuseGroup(std::string reason) {
    const std::lock_guard lock(disk_->mutex);
    refusal_ = std::move(reason);
  }
  // Says that all there was at that time has been told, unless it has not.
  void Contact(Clock::TimePoint as_of) {
    const std::lock_guard lock(disk_->mutex);
    if (listener_ != nullptr && !is_held_ && !is_cut_off_) listener_->OnContact(as_of);
  }
  void Break() {
    const std::lock_guard lock(disk_->mutex);
    if (listener_ != nullptr) listener_->OnBroken(Unavailable("compacted"));
    listener_ = nullptr;
  }
  // Keeps what the log holds now, and puts it in the place of what it holds.
  void BackUp() {
    const std::lock_guard lock(disk_->mutex);
    disk_->backup = *disk_;
  }
  void Restore() {
    const std::lock_guard lock(disk_->mutex);
    static_cast<MemoryLogContent&>(*disk_) = disk_->backup;
  }
  // The server is heard of until then.
  void Lease(std::optional<Clock::TimePoint> until) {
    const std::lock_guard lock(disk_->mutex);
    if (listener_ != nullptr) listener_->OnLease(until);
  }
  // What was put while it was alive goes.
  void Expire() {
    const std::lock_guard lock(disk_->mutex);
    store::Proposal proposal;
    proposal.moves_head = false;
    for (const std::string& key : std::exchange(mortal_, {})) {
      proposal.operations.push_back({store::Operation::Kind::kRemove, key, {}});
    }
    Make(proposal);
  }
  // Somebody else writes.
  void WriteAsAStranger(std::string key, std::string value) {
    const std::lock_guard lock(disk_->mutex);
    store::Proposal proposal;
    proposal.operations.push_back({store::Operation::Kind::kPut, std::move(key), std::move(value)});
    Make(proposal);
  }

  // Who loads waits.
  std::atomic<bool> holds_loads = false;
  std::atomic<size_t> proposals = 0;
  std::atomic<size_t> head_reads = 0;
  std::vector<Index> compactions;  // that were asked for; read when nothing runs

 private:
  void Say(store::ProposalId id, store::Outcome::Kind kind) {
    if (listener_ == nullptr) return;
    listener_->OnOutcome(id, {kind, disk_->head, Unavailable("no answer")});
  }

  bool Holds(const store::Condition& condition) const {
    const auto found = disk_->keys.find(condition.key);
    const bool is_there = found != disk_->keys.end();
    switch (condition.kind) {
      case store::Condition::Kind::kAbsent:
        return !is_there;
      case store::Condition::Kind::kUnchanged:
        return is_there && found->second.revision == condition.revision;
      case store::Condition::Kind::kHasValue:
        break;
    }
    return is_there && found->second.value == condition.value;
  }

  bool Make(const store::Proposal& proposal) {
    for (const store::Condition& condition : proposal.conditions) {
      if (!Holds(condition)) return false;
    }
    size_t bytes = 0;
    for (const store::Operation& each : proposal.operations) {
      bytes += each.key.size() + each.value.size();
    }
    disk_->largest = std::max(disk_->largest, bytes);
    disk_->format = std::max(disk_->format, proposal.format);
    disk_->revision = disk_->revision.Next();
    store::Entry entry{disk_->revision, proposal.moves_head, 0, {}};
    for (const store::Operation& operation : proposal.operations) Do(operation, &entry);
    if (proposal.moves_head) disk_->operations.push_back(proposal.operations.size());
    if (proposal.moves_head) {
      disk_->head = disk_->revision;
      disk_->token = name_ + "-" + std::to_string(proposal.id);
    }
    for (MemoryLog* server : disk_->servers) {
      if (server == nullptr) continue;
      entry.proposal = server == this ? proposal.id : 0;
      server->Tell(entry);
    }
    return true;
  }

  void Do(const store::Operation& operation, store::Entry* entry) {
    if (operation.kind == store::Operation::Kind::kPut ||
        operation.kind == store::Operation::Kind::kPutWhileAlive) {
      disk_->keys[operation.key] = {operation.value, disk_->revision};
      if (operation.kind == store::Operation::Kind::kPutWhileAlive) mortal_.insert(operation.key);
      entry->changes.push_back({operation.key, operation.value});
      return;
    }
    const bool all = operation.kind == store::Operation::Kind::kRemoveAllUnder;
    for (auto it = disk_->keys.lower_bound(operation.key); it != disk_->keys.end();) {
      if (all ? !it->first.starts_with(operation.key) : it->first != operation.key) break;
      entry->changes.push_back({it->first, std::nullopt});
      it = disk_->keys.erase(it);
    }
  }

  void Tell(store::Entry entry) {
    if (listener_ == nullptr) return;
    if (is_held_ || is_cut_off_) {
      held_.push_back(std::move(entry));
    } else {
      listener_->OnEntry(std::move(entry));
    }
  }

  const std::shared_ptr<MemoryLogDisk> disk_;
  std::string name_;
  store::SharedLogListener* listener_ = nullptr;
  std::vector<store::Entry> held_;
  std::vector<store::Proposal> delayed_;
  std::set<std::string> mortal_;  // keys
  std::vector<std::function<void(Result<Index>)>> held_heads_;
  std::string refusal_;
  bool holds_heads_ = false;
  bool is_held_ = false;
  bool is_cut_off_ = false;
  bool loses_next_answer_ = false;
  bool delays_next_ = false;
};

}  // namespace rollcall::catalog
