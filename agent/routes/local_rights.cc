#include "agent/routes/local_rights.h"

#include "api/shared/access_check.h"
#include "registry/model/maintenance.h"

namespace rollcall::agent {
namespace {

using acl::Authorizer;
using acl::Resource;

Result<void> Allowed(bool may) {
  if (!may) return api::PermissionDenied();
  return {};
}

bool MayWriteNode(const Authorizer& may, const LocalState& state) {
  return may.MayWrite(Resource::kNode, state.node().name);
}

// Null when there is none.
const model::Instance* InstanceOf(const LocalState& state, std::string_view id) {
  const auto found = state.instances().find(id);
  return found == state.instances().end() ? nullptr : found->second.get();
}

// By the name that the record has. What is not there is the node's.
bool MayWriteInstance(const Authorizer& may, const LocalState& state, std::string_view id) {
  const model::Instance* const instance = InstanceOf(state, id);
  return instance == nullptr ? MayWriteNode(may, state)
                             : may.MayWrite(Resource::kService, instance->service);
}

bool MayWriteCheck(const Authorizer& may, const LocalState& state, const std::string& id) {
  const model::Check* const check = state.FindCheck(id);
  if (check == nullptr || check->service_id.empty()) return MayWriteNode(may, state);
  return MayWriteInstance(may, state, check->service_id);
}

bool MayTakePlaceOfCheck(const Authorizer& may, const LocalState& state, const std::string& id) {
  return state.FindCheck(id) == nullptr || MayWriteCheck(may, state, id);
}

}  // namespace

Result<void> CheckRegistration(const Authorizer& may, const LocalState& state,
                               const model::AgentService& service) {
  if (!may.MayWrite(Resource::kService, service.instance.service)) return Allowed(false);
  const std::string_view id = service.instance.id;
  if (InstanceOf(state, id) != nullptr && !MayWriteInstance(may, state, id)) return Allowed(false);
  for (const model::AgentCheck& check : service.checks) {
    const bool speaks_for_others = model::TakesAnothersMaintenance(check.check_id, id);
    if (speaks_for_others && !MayWriteNode(may, state)) return Allowed(false);
    if (!MayTakePlaceOfCheck(may, state, check.check_id)) return Allowed(false);
  }
  return {};
}

Result<void> CheckRegistration(const Authorizer& may, const LocalState& state,
                               const model::AgentCheck& check) {
  const bool is_the_nodes =
      check.service_id.empty() || model::TakesAnothersMaintenance(check.check_id, check.service_id);
  const bool its_own =
      is_the_nodes ? MayWriteNode(may, state) : MayWriteInstance(may, state, check.service_id);
  return Allowed(its_own && MayTakePlaceOfCheck(may, state, check.check_id));
}

Result<void> CheckChangeOfService(const Authorizer& may, const LocalState& state,
                                  const std::string& id) {
  return Allowed(MayWriteInstance(may, state, id));
}

Result<void> CheckChangeOfCheck(const Authorizer& may, const LocalState& state,
                                const std::string& id) {
  return Allowed(MayWriteCheck(may, state, id));
}

}  // namespace rollcall::agent
