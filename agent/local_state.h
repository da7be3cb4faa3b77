// LocalState: the services and checks of this host, and what is known about each check.
// It runs nothing and sends nothing: it is told of registrations, probe results and TTL updates,
// and tells its listener which checks to run and when there is something new for the registry.
//
// Used on the agent's loop only. Time comes from the Clock; the owner calls ApplyDeadlines when
// NextDeadline has come.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agent/desired_state.h"
#include "agent/threshold.h"
#include "agent/watch/watch_definition.h"
#include "registry/base/clock.h"
#include "registry/base/result.h"
#include "registry/model/definition.h"

namespace rollcall::agent {

// Where a definition came from: a reload replaces what came from files and leaves the rest alone.
enum class Origin { kFile, kApi };

// What becomes of checks of a service that its new registration does not name.
enum class UnnamedChecks { kKeep, kRemove };

struct Definitions {
  std::vector<model::AgentService> services;
  std::vector<model::AgentCheck> checks;
  std::vector<watch::WatchDefinition> watches;  // of files; nothing of the state's
  // Where each of the services and checks is defined, "FILE:LINE", for errors; may be empty.
  std::vector<std::string> service_places;
  std::vector<std::string> check_places;
};

// What programs registered and a restart is not to lose has changed: a registration as it is now,
// or one that is not kept any more.
struct ForgottenService {
  std::string id;
};
struct ForgottenCheck {
  std::string id;
};
using KeptChange = std::variant<std::shared_ptr<const model::Instance>, model::AgentCheck,
                                ForgottenService, ForgottenCheck>;

// What was known of a check when the agent was last alive.
struct LastCheckState {
  std::string id;
  model::CheckStatus status = model::CheckStatus::kCritical;
  std::string output;
};

// Whether a check of this kind finds out by itself. The others are told.
inline bool IsProbedKind(model::CheckKind kind) {
  return kind != model::CheckKind::kTtl && kind != model::CheckKind::kAlias &&
         kind != model::CheckKind::kMaintenance;
}

// What is answered where a check names a service that is not there.
Error NoSuchService(const std::string& id);

class LocalState {
 public:
  struct Listener {
    // A check is new or has another definition, whatever its kind.
    std::function<void(const model::AgentCheck&)> on_check;
    std::function<void(const std::string& check_id)> on_check_removed;
    // What is registered through the API has changed: not its state, nor what files define.
    std::function<void(const KeptChange&)> on_kept;
    // Desired() has changed.
    std::function<void()> on_change;
  };

  // `node_ttl`: for how long the registry trusts a heartbeat. `clock` must outlive the state.
  LocalState(model::Node node, std::chrono::nanoseconds node_ttl, const Clock& clock,
             Listener listener);

  // What an agent starts with, before anything else is called: what files define, and what was
  // registered before a restart. A definition of a file wins over a kept one of the same ID, which
  // is forgotten, and so is a kept check of a service that is not there any more. A file's check of
  // such a service is left out, with an error in the log: it may have been registered by a program.
  // Other errors as of ReplaceFileDefinitions.
  Result<void> Load(const Definitions& files, const Definitions& kept);
  // Makes checks that were so before a restart so again. A TTL starts anew.
  void Restore(const std::vector<LastCheckState>& states);

  // Upserts. kInvalidArgument for the node's own check. A check
  // that exists keeps its status and output, so that a program that registers
  // itself again does not flap; an API registration starts its TTL anew.
  Result<void> EnsureService(const model::AgentService& service, Origin origin,
                             UnnamedChecks unnamed);
  // kNotFound `ServiceID "x" does not exist`.
  Result<void> EnsureCheck(const model::AgentCheck& check, Origin origin);

  // Removing what is not there is no error. A service takes its checks with it.
  void RemoveService(const std::string& id);
  void RemoveCheck(const std::string& id);

  // Makes the definitions from files these. What did not change keeps its state and schedule.
  // kNotFound, with nothing changed, when a check names a service that would not exist; the text
  // begins with its place.
  Result<void> ReplaceFileDefinitions(const Definitions& definitions);
  // The same error, or none, and nothing is done.
  Result<void> CheckFileDefinitions(const Definitions& definitions) const;

  // A heartbeat of a TTL check. `CheckID "x" does not have associated TTL`: kInvalidArgument for a
  // check of another kind, kNotFound for none.
  Result<void> UpdateTtlCheck(const std::string& id, model::CheckStatus status,
                              const std::string& output);
  // A probe's verdict, which counts when it has come as often as the check wants (threshold.h);
  // `output` is no longer than the check allows.
  void RecordProbe(const std::string& id, model::CheckStatus status, const std::string& output);

  // What an alias of another node says now: such ones are somebody else's to follow.
  void RecordAlias(const std::string& id, model::CheckStatus status, const std::string& output);

  // Whether the check is an alias of another node.
  bool IsRemoteAlias(const model::CheckRun& run) const;

  // The next moment at which a TTL runs out or a service has been critical for too long.
  std::optional<Clock::TimePoint> NextDeadline() const;
  // Does what is due. Returns the services removed because they were critical for too long.
  std::vector<std::string> ApplyDeadlines();

  std::shared_ptr<const DesiredState> Desired() const;
  const InstanceRecords& instances() const { return instances_; }
  std::vector<std::shared_ptr<const model::Check>> Checks() const;  // without the node's own
  // Null when there is none, or it is the node's own.
  const model::Check* FindCheck(const std::string& id) const;
  const model::Node& node() const { return node_; }

 private:
  struct LocalCheck {
    model::AgentCheck definition;
    Origin origin = Origin::kApi;
    std::shared_ptr<const model::Check> record;
    Clock::TimePoint expires = Clock::TimePoint::max();         // TTL
    Clock::TimePoint critical_since = Clock::TimePoint::max();  // max while it is not critical
    Threshold threshold;
    Clock::TimePoint RemovalDue() const;
    bool IsProbed() const { return IsProbedKind(definition.run.kind); }
  };

  void PutService(const model::AgentService& service, Origin origin);
  void PutCheck(const model::AgentCheck& check, Origin origin);
  void PutRecord(LocalCheck& check, model::Check record);
  void SetStatus(LocalCheck& check, model::CheckStatus status, const std::string& output);
  // `id` must not be a key of these maps themselves.
  void DropCheck(const std::string& id);
  void DropService(const std::string& id);
  void TellKept(const KeptChange& change) const;
  // `files` without checks of services that are neither there nor in `files`.
  Definitions WithoutHomelessChecks(const Definitions& files) const;
  // The error of a check that is not to be defined.
  Result<void> CheckRunnable(const model::AgentCheck& check) const;
  // Makes alias checks say what the checks that they stand for say.
  void UpdateAliases();
  // Ends each public change: tells the listener, once.
  void Publish();

  const model::Node node_;
  const std::shared_ptr<const model::Check> node_check_;
  const Clock& clock_;
  const Listener listener_;
  InstanceRecords instances_;
  IdMap<Origin> instance_origins_;
  IdMap<LocalCheck> checks_;
  bool changed_ = false;
  bool has_new_run_ = false;  // an alias may stand for another service than before
  bool loading_ = false;      // what is put now is what is kept already
  mutable std::shared_ptr<const DesiredState> desired_;  // null: to be made
};

}  // namespace rollcall::agent
