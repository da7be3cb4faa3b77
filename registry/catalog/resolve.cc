#include "registry/catalog/resolve.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "registry/catalog/upkeep.h"

namespace rollcall::catalog {
namespace {

using model::Check;
using model::CheckStatus;
using model::Coordinate;
using model::Instance;
using model::Node;
using model::Transaction;

// The check that says whether a node is alive: an agent's heartbeat, or Consul's gossip.
constexpr std::string_view kNodeAliveCheck = "serfHealth";

template <typename Put, typename Record>
Put PutOf(Record record) {
  return Put{std::make_shared<const Record>(std::move(record))};
}

void RemoveInstanceWithChecks(const InstanceEntry& entry, Transaction* out) {
  for (const auto& check : entry.checks) {
    out->push_back(model::RemoveCheck{check->check->node, check->check->check_id});
  }
  out->push_back(model::RemoveInstance{entry.instance->node, entry.instance->id});
}

void RemoveNodeWithAll(const NodeEntry& node, const Snapshot& state, Transaction* out) {
  for (const InstanceEntry& entry : node.instances) RemoveInstanceWithChecks(entry, out);
  for (const auto& check : node.node_checks) {
    out->push_back(model::RemoveCheck{check->check->node, check->check->check_id});
  }
  if (const CoordinateSet* set = state.FindCoordinates(node.node->name)) {
    for (const auto& coordinate : set->coordinates) {
      out->push_back(model::RemoveCoordinate{coordinate->node, coordinate->segment});
    }
  }
  out->push_back(model::RemoveNode{node.node->name});
}

// Null when there is none.
const Check* NodeAliveCheck(const NodeEntry& node) {
  const CheckEntry* entry = node.checks.Find(kNodeAliveCheck);
  return entry == nullptr || !entry->check->service_id.empty() ? nullptr : entry->check.get();
}

bool IsAlive(const NodeEntry& node) {
  const Check* alive = NodeAliveCheck(node);
  return alive != nullptr && alive->status == CheckStatus::kPassing;
}

// One Register on its way into mutations.
class Registration {
 public:
  Registration(const model::Register& command, const Snapshot& state)
      : command_(command), state_(state), existing_(state.FindNode(command.node.name)) {}

  Result<Transaction> Resolve() && {
    if (Result<void> ok = ResolveNode(); !ok) return ok.error();
    if (command_.instance) ResolveInstance(*command_.instance);
    for (const Check& check : command_.checks) {
      if (Result<void> ok = ResolveCheck(check); !ok) return ok.error();
    }
    if (command_.instance && command_.replace_existing_checks) RemoveOtherChecks();
    return std::move(out_);
  }

 private:
  Result<void> ResolveNode() {
    Node node = command_.node;
    if (!node.id.empty()) {
      const NodeEntry* same_id = state_.FindNodeById(node.id);
      if (same_id != nullptr && same_id != existing_) RemoveNodeWithAll(*same_id, state_, &out_);
    }
    if (existing_ != nullptr) {
      const Node& before = *existing_->node;
      if (command_.skip_node_update) return {};
      if (node.id.empty()) node.id = before.id;
      if (!before.id.empty() && before.id != node.id && IsAlive(*existing_)) {
        return Conflict("Node name " + node.name + " is reserved by node " + before.id +
                        " with name " + before.name + " (" + before.address + ")");
      }
      if (SameContent(node, before)) return {};
      node.create_index = before.create_index;
    }
    out_.push_back(PutOf<model::PutNode>(std::move(node)));
    return {};
  }

  // What the node's record calls itself, or will.
  const Text& node_name() const {
    return existing_ != nullptr && command_.skip_node_update ? existing_->node->name
                                                             : command_.node.name;
  }

  void ResolveInstance(Instance instance) {
    instance.node = node_name();
    const InstanceEntry* before =
        existing_ == nullptr ? nullptr : existing_->instances.Find(instance.id);
    if (before != nullptr) {
      if (SameContent(instance, *before->instance)) return;
      instance.create_index = before->instance->create_index;
    }
    out_.push_back(PutOf<model::PutInstance>(instance));
    if (before != nullptr && (instance.service != before->instance->service ||
                              instance.tags != before->instance->tags)) {
      KeepChecksInStep(*before, instance);
    }
  }

  // Checks carry their instance's name and tags: those that the registration does not write itself.
  void KeepChecksInStep(const InstanceEntry& before, const Instance& instance) {
    for (const auto& entry : before.checks) {
      if (IsRegistered(entry->check->check_id)) continue;
      Check check = *entry->check;
      check.service_name = instance.service;
      check.service_tags = instance.tags;
      out_.push_back(PutOf<model::PutCheck>(std::move(check)));
    }
  }

  bool IsRegistered(std::string_view check_id) const {
    return std::any_of(command_.checks.begin(), command_.checks.end(), [&](const Check& check) {
      return EqualsIgnoreCase(check.check_id, check_id);
    });
  }

  Result<void> ResolveCheck(Check check) {
    check.node = node_name();
    if (!check.service_id.empty()) {
      const Instance* instance = FindInstance(check.service_id);
      if (instance == nullptr) {
        return InvalidArgument("failed inserting check: Missing service registration on node \"" +
                               check.node + "\"");
      }
      check.service_name = instance->service;
      check.service_tags = instance->tags;
    }
    const CheckEntry* before =
        existing_ == nullptr ? nullptr : existing_->checks.Find(check.check_id);
    if (before != nullptr) {
      if (command_.keep_check_status) {
        check.status = before->check->status;
        check.output = before->check->output;
      }
      if (SameContent(check, *before->check)) return {};
      check.create_index = before->check->create_index;
    }
    out_.push_back(PutOf<model::PutCheck>(std::move(check)));
    return {};
  }

  const Instance* FindInstance(std::string_view id) const {
    if (command_.instance && EqualsIgnoreCase(command_.instance->id, id)) {
      return &*command_.instance;
    }
    const InstanceEntry* entry = existing_ == nullptr ? nullptr : existing_->instances.Find(id);
    return entry == nullptr ? nullptr : entry->instance.get();
  }

  void RemoveOtherChecks() {
    const InstanceEntry* before =
        existing_ == nullptr ? nullptr : existing_->instances.Find(command_.instance->id);
    if (before == nullptr) return;
    for (const auto& entry : before->checks) {
      if (IsRegistered(entry->check->check_id)) continue;
      std::erase_if(out_, [&](const model::Mutation& mutation) {
        const auto* put = std::get_if<model::PutCheck>(&mutation);
        return put != nullptr && EqualsIgnoreCase(put->check->check_id, entry->check->check_id);
      });
      out_.push_back(model::RemoveCheck{entry->check->node, entry->check->check_id});
    }
  }

  const model::Register& command_;
  const Snapshot& state_;
  const NodeEntry* const existing_;
  Transaction out_;
};

Result<Transaction> ResolveCommand(const model::Register& command, const Snapshot& state) {
  return Registration(command, state).Resolve();
}

Result<Transaction> ResolveCommand(const model::Deregister& command, const Snapshot& state) {
  Transaction out;
  const NodeEntry* node = state.FindNode(command.node);
  if (node == nullptr) return out;
  if (!command.service_id.empty()) {
    if (const InstanceEntry* entry = node->instances.Find(command.service_id)) {
      RemoveInstanceWithChecks(*entry, &out);
    }
  } else if (!command.check_id.empty()) {
    if (const CheckEntry* entry = node->checks.Find(command.check_id)) {
      out.push_back(model::RemoveCheck{entry->check->node, entry->check->check_id});
    }
  } else {
    RemoveNodeWithAll(*node, state, &out);
  }
  return out;
}

Result<Transaction> ResolveCommand(const model::RemoveFailedNode& command, const Snapshot& state) {
  const NodeEntry* node = state.FindNode(command.node);
  const Check* alive = node == nullptr ? nullptr : NodeAliveCheck(*node);
  if (alive == nullptr) {
    return NotFound("agent: No node found with name '" + command.node + "'");
  }
  Transaction out;
  if (alive->status == CheckStatus::kCritical) RemoveNodeWithAll(*node, state, &out);
  return out;
}

Result<Transaction> ResolveCommand(const model::UpdateCheck& command, const Snapshot& state) {
  const CheckEntry* entry = state.FindCheck(command.node, command.check_id);
  if (entry == nullptr) {
    return NotFound("Unknown check \"" + command.check_id + "\" on node \"" + command.node + "\"");
  }
  Transaction out;
  if (entry->check->status == command.status && entry->check->output == command.output) {
    return out;
  }
  Check check = *entry->check;
  check.status = command.status;
  check.output = command.output;
  out.push_back(PutOf<model::PutCheck>(std::move(check)));
  return out;
}

Result<Transaction> ResolveCommand(const model::UpdateCoordinate& command, const Snapshot& state) {
  Coordinate coordinate = command.coordinate;
  const NodeEntry* node = state.FindNode(coordinate.node);
  if (node == nullptr) {
    return NotFound("Missing node registration: there is no node \"" + coordinate.node + "\"");
  }
  coordinate.node = node->node->name;
  Transaction out;
  const CoordinateSet* set = state.FindCoordinates(coordinate.node);
  const Coordinate* before = set == nullptr ? nullptr : set->Find(coordinate.segment);
  if (before != nullptr) {
    if (SameContent(coordinate, *before)) return out;
    coordinate.create_index = before->create_index;
  } else if (set != nullptr && set->coordinates.size() >= kMaxSegments) {
    return InvalidArgument("Too many network segments of one node: at most " +
                           std::to_string(kMaxSegments));
  }
  out.push_back(PutOf<model::PutCoordinate>(std::move(coordinate)));
  return out;
}

Result<Transaction> ResolveCommand(const model::ChangeAcl& command, const Snapshot& state) {
  if (state.acl_index() != command.as_of) {
    return Conflict("access control has been changed meanwhile; try again");
  }
  Transaction out;
  std::set<std::pair<model::AclKind, std::string>> named;
  const auto is_again = [&named](model::AclKind kind, std::string_view id) {
    return !named.emplace(kind, AsciiLower(id)).second;
  };
  for (const auto& [kind, id] : command.remove) {
    if (is_again(kind, id)) return InvalidArgument("the change names " + id + " twice");
    const model::AclObject* before = state.FindAcl(kind, id);
    if (before != nullptr) out.push_back(model::RemoveAcl{kind, before->id});
  }
  for (const model::AclObject& wanted : command.put) {
    if (is_again(wanted.kind, wanted.id)) {
      return InvalidArgument("the change names " + wanted.id + " twice");
    }
    const model::AclObject* before = state.FindAcl(wanted.kind, wanted.id);
    if (before != nullptr && SameContent(wanted, *before)) continue;
    model::AclObject object = wanted;
    object.create_index = before == nullptr ? Index() : before->create_index;
    out.push_back(PutOf<model::PutAcl>(std::move(object)));
  }
  return out;
}

}  // namespace

Result<Transaction> Resolve(const model::Command& command, const Snapshot& state) {
  return std::visit([&state](const auto& c) { return ResolveCommand(c, state); }, command);
}

Transaction RemovalOf(const NodeEntry& node, const Snapshot& state) {
  Transaction out;
  RemoveNodeWithAll(node, state, &out);
  return out;
}

Transaction ResolveExpired(const Deadline& deadline, Clock::TimePoint now, const Snapshot& state) {
  Transaction out;
  const CheckEntry* entry = state.FindCheck(deadline.node(), deadline.check_id());
  if (entry == nullptr || deadline.due() > now) return out;
  if (deadline.kind() == Deadline::Kind::kTtl && entry->ttl.get() == &deadline) {
    if (entry->check->status == CheckStatus::kCritical &&
        entry->check->output == Upkeep::kTtlExpired) {
      return out;
    }
    Check check = *entry->check;
    check.status = CheckStatus::kCritical;
    check.output = Upkeep::kTtlExpired;
    out.push_back(PutOf<model::PutCheck>(std::move(check)));
  } else if (deadline.kind() == Deadline::Kind::kReap && entry->reap.get() == &deadline) {
    const NodeEntry* node = state.FindNode(deadline.node());
    if (entry->check->service_id.empty()) {
      RemoveNodeWithAll(*node, state, &out);
    } else if (const InstanceEntry* instance = node->instances.Find(entry->check->service_id)) {
      RemoveInstanceWithChecks(*instance, &out);
    }
  }
  return out;
}

}  // namespace rollcall::catalog
