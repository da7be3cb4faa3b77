// RemoteAliases: alias checks of other nodes, and of services there. Follows what the registry says
// of those nodes, once for each node however many checks stand for it. While no server answers,
// what was last said stays.
//
// On the agent's loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "agent/desired_state.h"
#include "agent/front/kept_read.h"
#include "registry/model/definition.h"
#include "registry/model/records.h"

namespace rollcall::watch {

class RemoteAliases {
 public:
  // Never from within a call of this object.
  using OnVerdict = std::function<void(const std::string& check_id, model::CheckStatus status,
                                       const std::string& output)>;

  // `tools` outlive it.
  RemoteAliases(const front::KeptRead::Tools& tools, OnVerdict on_verdict);
  ~RemoteAliases();
  RemoteAliases(const RemoteAliases&) = delete;
  RemoteAliases& operator=(const RemoteAliases&) = delete;

  // The check stands for `alias_service` of `alias_node` from now on; with an empty service for the
  // node itself.
  void Ensure(const std::string& check_id, const model::CheckRun& run);
  void Remove(const std::string& check_id);
  // The token that is asked with is another one now.
  void OnOtherToken();

  bool empty() const { return nodes_.empty(); }

 private:
  class Node;

  const front::KeptRead::Tools& tools_;
  const OnVerdict on_verdict_;
  agent::IdMap<std::shared_ptr<Node>> nodes_;   // by name
  std::map<std::string, std::string> node_of_;  // of each check
};

}  // namespace rollcall::watch
