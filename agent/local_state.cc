#include "agent/local_state.h"

#include <algorithm>
#include <set>
#include <utility>

#include "agent/alias.h"
#include "registry/model/json.h"

namespace rollcall::agent {
namespace {

using model::CheckStatus;

std::shared_ptr<const model::Check> NodeCheck(const model::Node& node,
                                              std::chrono::nanoseconds ttl) {
  model::CheckDefinition definition;
  definition.ttl = ttl;
  auto check = std::make_shared<model::Check>();
  check->node = node.name;
  check->check_id = kNodeCheckId;
  check->name = "Serf Health Status";
  check->status = CheckStatus::kPassing;
  check->output = "Agent alive and reachable";
  check->type = "ttl";
  check->definition = std::move(definition);
  return check;
}

bool IsNodeCheck(const model::AgentCheck& check) {
  return EqualsIgnoreCase(check.check_id, kNodeCheckId);
}

Error NodeCheckIsOurs() {
  return InvalidArgument(std::string("CheckID \"") + kNodeCheckId + "\" is the node's own");
}

// Consul's words, with what the program said last.
std::string ExpiredOutput(std::string_view last_output) {
  if (last_output.empty()) return "TTL expired";
  return "TTL expired (last output before timeout follows): " + std::string(last_output);
}

}  // namespace

Error NoSuchService(const std::string& id) {
  return NotFound("ServiceID " + model::Quoted(id) + " does not exist");
}

Clock::TimePoint LocalState::LocalCheck::RemovalDue() const {
  const auto after = definition.run.deregister_critical_service_after;
  if (after.count() <= 0 || definition.service_id.empty() ||
      critical_since == Clock::TimePoint::max()) {
    return Clock::TimePoint::max();
  }
  return critical_since + after;
}

LocalState::LocalState(model::Node node, std::chrono::nanoseconds node_ttl, const Clock& clock,
                       Listener listener)
    : node_(std::move(node)),
      node_check_(NodeCheck(node_, node_ttl)),
      clock_(clock),
      listener_(std::move(listener)) {}

Result<void> LocalState::CheckRunnable(const model::AgentCheck& check) const {
  return IsNodeCheck(check) ? NodeCheckIsOurs() : Result<void>();
}

bool LocalState::IsRemoteAlias(const model::CheckRun& run) const {
  return run.kind == model::CheckKind::kAlias && !run.alias_node.empty() &&
         !EqualsIgnoreCase(run.alias_node, node_.name);
}

void LocalState::TellKept(const KeptChange& change) const {
  if (listener_.on_kept && !loading_) listener_.on_kept(change);
}

Result<void> LocalState::EnsureService(const model::AgentService& service, Origin origin,
                                       UnnamedChecks unnamed) {
  for (const model::AgentCheck& check : service.checks) {
    if (Result<void> good = CheckRunnable(check); !good) return good;
  }
  PutService(service, origin);
  if (unnamed == UnnamedChecks::kRemove) {
    IdSet named;
    for (const model::AgentCheck& check : service.checks) named.insert(check.check_id);
    std::vector<std::string> stale;
    for (const auto& [id, check] : checks_) {
      if (EqualsIgnoreCase(check.definition.service_id, service.instance.id) &&
          !named.contains(id)) {
        stale.push_back(id);
      }
    }
    for (const std::string& id : stale) DropCheck(id);
  }
  Publish();
  return {};
}

Result<void> LocalState::EnsureCheck(const model::AgentCheck& check, Origin origin) {
  if (Result<void> good = CheckRunnable(check); !good) return good;
  if (!check.service_id.empty() && !instances_.contains(check.service_id)) {
    return NoSuchService(check.service_id);
  }
  PutCheck(check, origin);
  Publish();
  return {};
}

void LocalState::PutService(const model::AgentService& service, Origin origin) {
  model::Instance instance = service.instance;
  instance.node = node_.name;
  const std::string id = instance.id.str();
  auto& record = instances_[id];
  const auto [known_origin, is_new] = instance_origins_.try_emplace(id, origin);
  const bool was_kept = !is_new && known_origin->second == Origin::kApi;
  known_origin->second = origin;
  const bool is_other = record == nullptr || !model::SameContent(*record, instance);
  if (is_other) {
    record = std::make_shared<const model::Instance>(std::move(instance));
    changed_ = true;
  }
  if (origin == Origin::kApi && (is_other || !was_kept)) TellKept(record);
  if (origin == Origin::kFile && was_kept) TellKept(ForgottenService{id});
  // Checks show their service's name and tags.
  for (auto& [check_id, check] : checks_) {
    if (!EqualsIgnoreCase(check.definition.service_id, record->id)) continue;
    model::Check updated = *check.record;
    updated.service_name = record->service;
    updated.service_tags = record->tags;
    PutRecord(check, std::move(updated));
  }
  for (const model::AgentCheck& check : service.checks) PutCheck(check, origin);
}

void LocalState::PutCheck(const model::AgentCheck& definition, Origin origin) {
  const auto [place, is_new] = checks_.try_emplace(definition.check_id);
  LocalCheck& check = place->second;
  const bool is_respelled = !is_new && check.definition.check_id != definition.check_id;
  if (is_respelled && listener_.on_check_removed) {
    listener_.on_check_removed(check.definition.check_id);
  }
  const bool runs_differently = is_new || is_respelled || check.definition.run != definition.run;
  model::Check record = model::CheckRecord(definition);
  record.upkeep = nullptr;  // this agent's work, not the registry's
  record.node = node_.name;
  // Nothing else says how a check of maintenance is.
  if (!is_new && definition.run.kind != model::CheckKind::kMaintenance) {
    record.status = check.record->status;
    record.output = check.record->output;
  }
  if (const auto instance = instances_.find(definition.service_id); instance != instances_.end()) {
    record.service_name = instance->second->service;
    record.service_tags = instance->second->tags;
  }
  const bool was_kept = !is_new && check.origin == Origin::kApi;
  const bool is_other = runs_differently || check.definition != definition;
  check.definition = definition;
  check.origin = origin;
  if (origin == Origin::kApi && (is_other || !was_kept)) TellKept(definition);
  if (origin == Origin::kFile && was_kept) TellKept(ForgottenCheck{definition.check_id});
  if (runs_differently) {
    check.threshold = Threshold(definition.run);
    has_new_run_ = true;
  }
  if (definition.run.kind != model::CheckKind::kTtl) {
    check.expires = Clock::TimePoint::max();
  } else if (runs_differently || origin == Origin::kApi) {
    check.expires = clock_.Now() + definition.run.ttl;
  }
  PutRecord(check, std::move(record));
  if (runs_differently && listener_.on_check) listener_.on_check(definition);
}

void LocalState::PutRecord(LocalCheck& check, model::Check record) {
  if (record.status != CheckStatus::kCritical) {
    check.critical_since = Clock::TimePoint::max();
  } else if (check.critical_since == Clock::TimePoint::max()) {
    check.critical_since = clock_.Now();
  }
  if (check.record != nullptr && model::SameContent(*check.record, record)) return;
  check.record = std::make_shared<const model::Check>(std::move(record));
  changed_ = true;
}

void LocalState::SetStatus(LocalCheck& check, CheckStatus status, const std::string& output) {
  if (check.record->status == status && check.record->output == output) return;
  model::Check record = *check.record;
  record.status = status;
  record.output = output;
  PutRecord(check, std::move(record));
}

void LocalState::RemoveService(const std::string& id) {
  // A file that was not loaded may hold one, too: of a script that is not allowed now.
  if (!instances_.contains(id)) TellKept(ForgottenService{id});
  DropService(id);
  Publish();
}

void LocalState::RemoveCheck(const std::string& id) {
  if (!checks_.contains(id)) TellKept(ForgottenCheck{id});
  DropCheck(id);
  Publish();
}

void LocalState::DropService(const std::string& id) {
  std::vector<std::string> check_ids;
  for (const auto& [check_id, check] : checks_) {
    if (EqualsIgnoreCase(check.definition.service_id, id)) check_ids.push_back(check_id);
  }
  for (const std::string& check_id : check_ids) DropCheck(check_id);
  const auto origin = instance_origins_.extract(id);
  if (!origin.empty() && origin.mapped() == Origin::kApi) TellKept(ForgottenService{id});
  if (instances_.erase(id) > 0) changed_ = true;
}

void LocalState::DropCheck(const std::string& id) {
  const auto dropped = checks_.extract(id);
  if (dropped.empty()) return;
  changed_ = true;
  if (dropped.mapped().origin == Origin::kApi) TellKept(ForgottenCheck{id});
  // As it was spelled when it was reported: `id` may differ from that in case.
  if (listener_.on_check_removed) listener_.on_check_removed(dropped.mapped().definition.check_id);
}

Result<void> LocalState::UpdateTtlCheck(const std::string& id, CheckStatus status,
                                        const std::string& output) {
  const auto found = checks_.find(id);
  const std::string no_ttl = "CheckID " + model::Quoted(id) + " does not have associated TTL";
  if (found == checks_.end()) return NotFound(no_ttl);
  if (found->second.definition.run.kind != model::CheckKind::kTtl) return InvalidArgument(no_ttl);
  found->second.expires = clock_.Now() + found->second.definition.run.ttl;
  const size_t limit = model::OutputLimit(found->second.definition.run);
  SetStatus(found->second, status, model::KeptOutput(output, limit));
  Publish();
  return {};
}

void LocalState::RecordProbe(const std::string& id, CheckStatus status, const std::string& output) {
  const auto found = checks_.find(id);
  if (found == checks_.end() || !found->second.IsProbed()) return;
  const std::optional<CheckStatus> reached = found->second.threshold.Next(status);
  if (!reached) return;
  SetStatus(found->second, *reached, output);
  Publish();
}

void LocalState::RecordAlias(const std::string& id, CheckStatus status, const std::string& output) {
  const auto found = checks_.find(id);
  if (found == checks_.end() || !IsRemoteAlias(found->second.definition.run)) return;
  SetStatus(found->second, status, output);
  Publish();
}

std::optional<Clock::TimePoint> LocalState::NextDeadline() const {
  Clock::TimePoint next = Clock::TimePoint::max();
  for (const auto& [id, check] : checks_) {
    next = std::min({next, check.expires, check.RemovalDue()});
  }
  if (next == Clock::TimePoint::max()) return std::nullopt;
  return next;
}

std::vector<std::string> LocalState::ApplyDeadlines() {
  const Clock::TimePoint now = clock_.Now();
  IdSet overdue;
  for (auto& [id, check] : checks_) {
    if (check.expires <= now) {
      check.expires = Clock::TimePoint::max();
      SetStatus(check, CheckStatus::kCritical, ExpiredOutput(check.record->output));
    }
    if (check.RemovalDue() <= now) overdue.insert(check.definition.service_id);
  }
  for (const std::string& id : overdue) DropService(id);
  Publish();
  return {overdue.begin(), overdue.end()};
}

std::shared_ptr<const DesiredState> LocalState::Desired() const {
  if (desired_ == nullptr) {
    auto desired = std::make_shared<DesiredState>();
    desired->node = node_;
    desired->instances = instances_;
    for (const auto& [id, check] : checks_) desired->checks.emplace(id, check.record);
    desired->checks.emplace(kNodeCheckId, node_check_);
    desired_ = std::move(desired);
  }
  return desired_;
}

std::vector<std::shared_ptr<const model::Check>> LocalState::Checks() const {
  std::vector<std::shared_ptr<const model::Check>> all;
  all.reserve(checks_.size());
  for (const auto& [id, check] : checks_) all.push_back(check.record);
  return all;
}

const model::Check* LocalState::FindCheck(const std::string& id) const {
  const auto found = checks_.find(id);
  return found == checks_.end() ? nullptr : found->second.record.get();
}

void LocalState::UpdateAliases() {
  std::vector<LocalCheck*> aliases;
  for (auto& [id, check] : checks_) {
    const model::CheckRun& run = check.definition.run;
    if (run.kind == model::CheckKind::kAlias && !IsRemoteAlias(run)) aliases.push_back(&check);
  }
  if (aliases.empty()) return;
  IdMap<std::vector<const LocalCheck*>> by_service;  // "": those of the whole node
  for (const auto& [id, check] : checks_) {
    by_service[check.definition.service_id].push_back(&check);
  }
  // An alias may stand for a service whose check is an alias: each round carries a status one alias
  // further.
  bool has_changed = true;
  for (size_t round = 0; round < aliases.size() && has_changed; ++round) {
    has_changed = false;
    for (LocalCheck* alias : aliases) {
      const std::string& of = alias->definition.run.alias_service;
      std::vector<std::shared_ptr<const model::Check>> others;
      for (const std::string& service : IdSet{of, ""}) {
        const auto found = by_service.find(service);
        if (found == by_service.end()) continue;
        for (const LocalCheck* check : found->second) {
          if (check != alias) others.push_back(check->record);
        }
      }
      const AliasVerdict verdict = JudgeAlias(of, instances_.contains(of), node_.name, others);
      const auto before = alias->record;
      SetStatus(*alias, verdict.status, verdict.output);
      has_changed = has_changed || alias->record != before;
    }
  }
}

void LocalState::Publish() {
  if (std::exchange(has_new_run_, false) || changed_) UpdateAliases();
  if (!std::exchange(changed_, false)) return;
  desired_ = nullptr;
  if (listener_.on_change) listener_.on_change();
}

}  // namespace rollcall::agent
