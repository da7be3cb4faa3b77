// FollowedLog: an EtcdLog with a listener that keeps all it is told, for tests to wait on. The
// listener's side is the log's thread's; the rest is the test's.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "registry/base/clock.h"
#include "registry/store/etcd/etcd_log.h"

namespace rollcall::store {

// What a listener was told.
struct Told {
  std::vector<Entry> entries;
  std::map<ProposalId, std::vector<Outcome>> outcomes;
  std::vector<Clock::TimePoint> contacts;
  std::vector<Error> troubles;
  std::vector<Error> broken;
  std::vector<std::optional<Clock::TimePoint>> leases;
};

class FollowedLog final : public SharedLogListener {
 public:
  explicit FollowedLog(EtcdOptions options)
      : log_(std::make_unique<EtcdLog>(std::move(options), &clock_,
                                       [random = std::make_shared<std::random_device>()]() {
                                         return (uint64_t{(*random)()} << 32) | (*random)();
                                       })) {}
  ~FollowedLog() override { log_.reset(); }
  FollowedLog(const FollowedLog&) = delete;
  FollowedLog& operator=(const FollowedLog&) = delete;

  EtcdLog& log() { return *log_; }

  // What it holds: by key, in order.
  Result<Position> Load(std::vector<KeyValue>* keys = nullptr) {
    const auto take = [keys](std::vector<KeyValue> page) {
      if (keys != nullptr) keys->insert(keys->end(), page.begin(), page.end());
      return true;
    };
    return log_->Load(take, {});
  }
  // Loads, follows from there, and waits for contact.
  void Follow() {
    auto position = Load();
    ASSERT_TRUE(position) << position.error().message;
    position_ = *position;
    const auto from = SteadyClock().Now();
    log_->Follow(*position, this);
    ASSERT_TRUE(ContactSince(from)) << TroubleText();
  }
  Position position() const { return position_; }

  // Whether there was contact that is as new as `time`.
  bool ContactSince(Clock::TimePoint time) {
    return Wait([time](const Told& told) {
      return !told.contacts.empty() && told.contacts.back() >= time;
    });
  }

  // Proposes; what came of it.
  ProposalId Start(std::vector<Condition> conditions, std::vector<Operation> operations,
                   uint32_t format = kFirstLogFormat) {
    const ProposalId id = ++last_id_;
    log_->Propose({.id = id,
                   .conditions = std::move(conditions),
                   .operations = std::move(operations),
                   .moves_head = true,
                   .format = format});
    return id;
  }
  Outcome OutcomeOf(ProposalId id) {
    EXPECT_TRUE(Wait([id](const Told& told) { return told.outcomes.contains(id); }));
    const std::lock_guard lock(mutex_);
    if (!told_.outcomes.contains(id)) return {Outcome::Kind::kUnknown, {}, Unavailable("none")};
    return told_.outcomes.at(id).front();
  }
  Outcome Propose(std::vector<Condition> conditions, std::vector<Operation> operations) {
    return OutcomeOf(Start(std::move(conditions), std::move(operations)));
  }
  Outcome Put(const std::string& key, const std::string& value) {
    return Propose({}, {{Operation::Kind::kPut, key, value}});
  }

  // Whether that came to hold in half a minute.
  bool Wait(const std::function<bool(const Told&)>& holds) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), [&] { return holds(told_); });
  }
  Told told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }
  std::string TroubleText() {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const Error& each : told_.troubles) text += each.message + "\n";
    for (const Error& each : told_.broken) text += "broken: " + each.message + "\n";
    return text;
  }

  // "a=1 b- @": of each entry, in order; '@' where it moved the head.
  std::vector<std::string> EntryTexts() {
    std::vector<std::string> texts;
    for (const Entry& entry : told().entries) {
      std::string text;
      for (const KeyChange& each : entry.changes) {
        text += each.key + (each.value ? "=" + *each.value : "-") + " ";
      }
      texts.push_back(text + (entry.moved_head ? "@" : ""));
    }
    return texts;
  }

  void OnEntry(Entry entry) override {
    Tell([&](Told& told) { told.entries.push_back(std::move(entry)); });
  }
  void OnOutcome(ProposalId id, Outcome outcome) override {
    Tell([&](Told& told) { told.outcomes[id].push_back(std::move(outcome)); });
  }
  void OnContact(Clock::TimePoint as_of) override {
    Tell([&](Told& told) { told.contacts.push_back(as_of); });
  }
  void OnTrouble(Error error) override {
    Tell([&](Told& told) { told.troubles.push_back(std::move(error)); });
  }
  void OnBroken(Error error) override {
    Tell([&](Told& told) { told.broken.push_back(std::move(error)); });
  }
  void OnLease(std::optional<Clock::TimePoint> until) override {
    Tell([&](Told& told) { told.leases.push_back(until); });
  }

 private:
  void Tell(const std::function<void(Told&)>& tell) {
    const std::lock_guard lock(mutex_);
    tell(told_);
    changed_.notify_all();
  }

  const SteadyClock clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Told told_;
  Position position_;
  ProposalId last_id_ = 0;
  std::unique_ptr<EtcdLog> log_;
};

}  // namespace rollcall::store
