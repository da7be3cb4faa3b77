#include "api/access/write_rights.h"

#include <algorithm>
#include <string_view>
#include <variant>

#include "api/access/guard.h"
#include "api/local_node.h"
#include "registry/base/ascii.h"
#include "registry/model/maintenance.h"

namespace rollcall::api {
namespace {

using acl::Authorizer;
using acl::Resource;
using catalog::Snapshot;

bool ServiceOf(const Authorizer& may, std::string_view service) {
  return may.MayWrite(Resource::kService, service);
}
bool NodeOf(const Authorizer& may, std::string_view node) {
  return may.MayWrite(Resource::kNode, node);
}

// By the name as it is written and, where they differ, as the catalog has it.
bool NodeOf(const Authorizer& may, const Snapshot& snapshot, std::string_view name) {
  const catalog::NodeEntry* const known = snapshot.FindNode(name);
  return NodeOf(may, name) && (known == nullptr || NodeOf(may, known->node->name));
}

bool WouldChange(const model::Register& command, const catalog::NodeEntry* known) {
  if (known == nullptr) return true;
  if (command.skip_node_update) return false;
  if (!command.node.id.empty()) return !SameContent(command.node, *known->node);
  model::Node asked = command.node;
  asked.id = known->node->id;  // what is left out stays as it is
  return !SameContent(asked, *known->node);
}

// Checks that speak for more than the service that they say they belong to: whether the node is
// alive, and who is in maintenance.
bool SpeaksForNode(const model::Check& check) {
  return EqualsIgnoreCase(check.check_id, kNodeAliveCheckId) ||
         model::TakesAnothersMaintenance(check.check_id, check.service_id);
}

// Of a check in `command`: the service that it says it belongs to, else that of the instance which
// is there.
bool MayRegister(const Authorizer& may, const Snapshot& snapshot, const model::Register& command,
                 const model::Check& check) {
  const std::string_view node = command.node.name;
  const catalog::CheckEntry* const replaced = snapshot.FindCheck(node, check.check_id);
  if (replaced != nullptr && !MayUpdate(may, *replaced->check)) return false;
  if (check.service_id.empty() || SpeaksForNode(check)) {
    return NodeOf(may, snapshot, node);
  }
  if (command.instance && EqualsIgnoreCase(command.instance->id, check.service_id)) return true;
  const catalog::InstanceEntry* const owner = snapshot.FindInstance(node, check.service_id);
  // The catalog refuses it by its own reason, which says what is there.
  return owner == nullptr ? NodeOf(may, snapshot, node) : ServiceOf(may, owner->instance->service);
}

bool May(const Authorizer& may, const Snapshot& snapshot, const model::Register& command) {
  const std::string_view node = command.node.name;
  const catalog::NodeEntry* const known = snapshot.FindNode(node);
  if (WouldChange(command, known) && !NodeOf(may, snapshot, node)) return false;
  // A node that comes with the ID of another one takes its place.
  const catalog::NodeEntry* const same_id =
      command.node.id.empty() ? nullptr : snapshot.FindNodeById(command.node.id);
  if (same_id != nullptr && same_id != known && !NodeOf(may, same_id->node->name)) return false;
  if (command.instance) {
    if (!ServiceOf(may, command.instance->service)) return false;
    const catalog::InstanceEntry* const replaced =
        snapshot.FindInstance(node, command.instance->id);
    if (replaced != nullptr && !ServiceOf(may, replaced->instance->service)) return false;
  }
  return std::all_of(command.checks.begin(), command.checks.end(), [&](const model::Check& check) {
    return MayRegister(may, snapshot, command, check);
  });
}

bool May(const Authorizer& may, const Snapshot& snapshot, const model::Deregister& command) {
  if (NodeOf(may, snapshot, command.node)) return true;
  if (!command.service_id.empty()) {
    const catalog::InstanceEntry* const entry =
        snapshot.FindInstance(command.node, command.service_id);
    return entry != nullptr && ServiceOf(may, entry->instance->service);
  }
  if (!command.check_id.empty()) {
    const catalog::CheckEntry* const entry = snapshot.FindCheck(command.node, command.check_id);
    return entry != nullptr && MayUpdate(may, *entry->check);
  }
  return false;
}

bool May(const Authorizer& may, const Snapshot&, const model::RemoveFailedNode&) {
  return may.MayWrite(acl::Scalar::kOperator);
}

bool May(const Authorizer& may, const Snapshot& snapshot, const model::UpdateCheck& command) {
  const catalog::CheckEntry* const entry = snapshot.FindCheck(command.node, command.check_id);
  return entry == nullptr ? NodeOf(may, snapshot, command.node) : MayUpdate(may, *entry->check);
}

bool May(const Authorizer& may, const Snapshot& snapshot, const model::UpdateCoordinate& command) {
  return NodeOf(may, snapshot, command.coordinate.node);
}

bool May(const Authorizer& may, const Snapshot&, const model::ChangeAcl&) {
  return may.MayWrite(acl::Scalar::kAcl);
}

// Whether the command is about something on a node that is not there, so that nothing comes of it.
bool IsAboutNothing(const Snapshot& state, const model::Command& command) {
  if (const auto* gone = std::get_if<model::Deregister>(&command)) {
    if (!gone->service_id.empty())
      return state.FindInstance(gone->node, gone->service_id) == nullptr;
    return !gone->check_id.empty() && state.FindCheck(gone->node, gone->check_id) == nullptr;
  }
  const auto* update = std::get_if<model::UpdateCheck>(&command);
  return update != nullptr && state.FindCheck(update->node, update->check_id) == nullptr;
}

}  // namespace

bool MayUpdate(const Authorizer& may, const model::Check& check) {
  return check.service_id.empty() ? NodeOf(may, check.node) : ServiceOf(may, check.service_name);
}

Result<void> CheckWrite(const Authorizer& may, const Snapshot& snapshot,
                        const model::Command& command) {
  const bool allowed =
      std::visit([&](const auto& each) { return May(may, snapshot, each); }, command);
  if (!allowed) return PermissionDenied();
  return {};
}

bool MayStillWrite(const Authorizer& may, const Snapshot& state, const model::Command& command) {
  return IsAboutNothing(state, command) || CheckWrite(may, state, command);
}

}  // namespace rollcall::api
