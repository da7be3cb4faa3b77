// RegistryView: what the registry holds of this agent's, as far as the agent knows, and which
// writes make it hold what it should. No I/O, no clock; used on the sync thread only.
//
// Whatever this agent ever registered is its own for life: where the registry still shows such an
// instance or check, and it is no longer desired, it is removed. What others put on the same node
// is never touched.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "agent/desired_state.h"
#include "agent/held_outputs.h"
#include "registry/base/result.h"
#include "registry/model/command.h"

namespace rollcall::agent {

using RegistryWrite = std::variant<model::Register, model::Deregister>;

class RegistryView {
 public:
  // `own`: what an agent of this node has registered before this one.
  explicit RegistryView(OwnIds own = {}) : own_(std::move(own)) {}

  // The writes that are missing, in the order in which they must happen: the node with its own
  // checks, each instance together with its checks, then removals. A check that has changed in
  // nothing but its output may be kept back by `held`; null: none is. A node with an ID comes
  // alone, because it may be refused; the rest is planned once it has been taken.
  std::vector<RegistryWrite> Plan(const DesiredState& desired, HeldOutputs* held = nullptr) const;

  // The registry has taken the write.
  void Confirm(const RegistryWrite& write, const DesiredState& desired);
  // The registry has refused the write: it is not planned again until the record changes, or
  // Compare or Forget opens the question anew.
  void Refuse(const RegistryWrite& write, const DesiredState& desired);

  // Takes over what the registry says: the answers of catalog/node/:name and health/node/:name.
  // kInvalidArgument when they are not what these endpoints answer.
  Result<void> Compare(const DesiredState& desired, const std::string& node_answer,
                       const std::string& checks_answer);
  // The registry has nothing of ours any more.
  void Forget();

  // Whether the node is the registry's own, as far as the name goes. If so and this agent has an
  // ID, its own record of the node and its heartbeat are not planned: the registry would refuse
  // them.
  void SetNodeIsRegistrys(bool is) { node_is_registrys_ = is; }

  bool knows_node() const { return node_ != nullptr; }

 private:
  // By service; "": those of the node.
  IdMap<std::vector<model::Check>> MissingChecks(const DesiredState& desired,
                                                 HeldOutputs* held) const;
  void PlanRegistration(const DesiredState& desired, model::Register write,
                        std::vector<model::Check> checks, std::vector<RegistryWrite>* writes) const;
  void PlanRemovals(const DesiredState& desired, std::vector<RegistryWrite>* writes) const;
  void CompareInstances(const DesiredState& desired, const nlohmann::json& services);
  void CompareChecks(const DesiredState& desired, const nlohmann::json& checks);
  void Own(const model::Register& write);

  std::shared_ptr<const model::Node> node_;  // null: not known to be there
  InstanceRecords instances_;
  CheckRecords checks_;
  bool node_refused_ = false;
  bool node_is_registrys_ = false;
  InstanceRecords refused_instances_;
  CheckRecords refused_checks_;
  OwnIds own_;
};

}  // namespace rollcall::agent
