// What the local state starts with, and what files make of it at each reload.
#include <spdlog/spdlog.h>

#include <string>
#include <utility>
#include <vector>

#include "agent/local_state.h"
#include "registry/model/json.h"

namespace rollcall::agent {
namespace {

struct DefinedIds {
  explicit DefinedIds(const Definitions& definitions) {
    for (const model::AgentService& service : definitions.services) {
      services.insert(service.instance.id.str());
      for (const model::AgentCheck& check : service.checks) checks.insert(check.check_id);
    }
    for (const model::AgentCheck& check : definitions.checks) checks.insert(check.check_id);
  }

  IdSet services;
  IdSet checks;
};

// `error`, with the place of the definition that it is about, where that is known.
Error At(const std::vector<std::string>& places, size_t index, const Error& error) {
  if (index >= places.size()) return error;
  return {error.code, places[index] + ": " + error.message};
}

}  // namespace

Result<void> LocalState::Load(const Definitions& files, const Definitions& kept) {
  const DefinedIds in_files(files);
  std::vector<KeptChange> forgotten;
  loading_ = true;
  for (const model::AgentService& service : kept.services) {
    const std::string id = service.instance.id.str();
    if (in_files.services.contains(id)) {
      forgotten.emplace_back(ForgottenService{id});
    } else {
      PutService(service, Origin::kApi);
    }
  }
  // After those services: a check of a file may belong to one of them.
  Result<void> replaced = ReplaceFileDefinitions(WithoutHomelessChecks(files));
  for (const model::AgentCheck& check : kept.checks) {
    const bool has_service = check.service_id.empty() || instances_.contains(check.service_id);
    if (in_files.checks.contains(check.check_id) || !has_service || !CheckRunnable(check)) {
      forgotten.emplace_back(ForgottenCheck{check.check_id});
    } else {
      PutCheck(check, Origin::kApi);
    }
  }
  loading_ = false;
  if (!replaced) return replaced;
  for (const KeptChange& change : forgotten) TellKept(change);
  Publish();
  return {};
}

void LocalState::Restore(const std::vector<LastCheckState>& states) {
  for (const LastCheckState& last : states) {
    const auto found = checks_.find(last.id);
    if (found == checks_.end()) continue;
    const model::CheckKind kind = found->second.definition.run.kind;
    if (kind == model::CheckKind::kMaintenance) continue;
    const size_t limit = model::OutputLimit(found->second.definition.run);
    SetStatus(found->second, last.status, model::KeptOutput(last.output, limit));
  }
  Publish();
}

Result<void> LocalState::CheckFileDefinitions(const Definitions& definitions) const {
  const DefinedIds defined(definitions);
  for (size_t i = 0; i < definitions.services.size(); ++i) {
    for (const model::AgentCheck& check : definitions.services[i].checks) {
      if (Result<void> good = CheckRunnable(check); !good) {
        return At(definitions.service_places, i, good.error());
      }
    }
  }
  for (size_t i = 0; i < definitions.checks.size(); ++i) {
    const model::AgentCheck& check = definitions.checks[i];
    if (Result<void> good = CheckRunnable(check); !good) {
      return At(definitions.check_places, i, good.error());
    }
    const auto existing = instance_origins_.find(check.service_id);
    const bool stays = existing != instance_origins_.end() && existing->second == Origin::kApi;
    if (!check.service_id.empty() && !defined.services.contains(check.service_id) && !stays) {
      return At(definitions.check_places, i, NoSuchService(check.service_id));
    }
  }
  return {};
}

Definitions LocalState::WithoutHomelessChecks(const Definitions& files) const {
  const DefinedIds defined(files);
  Definitions rest = files;
  rest.checks.clear();
  rest.check_places.clear();
  for (size_t i = 0; i < files.checks.size(); ++i) {
    const std::string& service = files.checks[i].service_id;
    if (service.empty() || defined.services.contains(service) || instances_.contains(service)) {
      rest.checks.push_back(files.checks[i]);
      if (i < files.check_places.size()) rest.check_places.push_back(files.check_places[i]);
    } else {
      spdlog::error("{}; the check is left out",
                    At(files.check_places, i, NoSuchService(service)).message);
    }
  }
  return rest;
}

Result<void> LocalState::ReplaceFileDefinitions(const Definitions& definitions) {
  if (Result<void> good = CheckFileDefinitions(definitions); !good) return good;
  const DefinedIds defined(definitions);
  std::vector<std::string> gone_services;
  for (const auto& [id, origin] : instance_origins_) {
    if (origin == Origin::kFile && !defined.services.contains(id)) gone_services.push_back(id);
  }
  for (const std::string& id : gone_services) DropService(id);
  std::vector<std::string> gone_checks;
  for (const auto& [id, check] : checks_) {
    if (check.origin == Origin::kFile && !defined.checks.contains(id)) gone_checks.push_back(id);
  }
  for (const std::string& id : gone_checks) DropCheck(id);
  for (const model::AgentService& service : definitions.services) {
    PutService(service, Origin::kFile);
  }
  for (const model::AgentCheck& check : definitions.checks) PutCheck(check, Origin::kFile);
  Publish();
  return {};
}

}  // namespace rollcall::agent
