// Command: what a client asks of the catalog, parsed and validated, before it is known what it will
// change. The catalog's writer turns each into a Transaction against the state that it finds.
// Plain values.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "registry/model/records.h"

namespace rollcall::model {

// PUT /v1/catalog/register: ensures a node and, on it, an instance and checks.
// Records' `node` fields and a check's service_name and service_tags are filled in by the catalog.
struct Register {
  Node node;
  // The node's own record stays as it is when it exists (Consul's SkipNodeUpdate).
  bool skip_node_update = false;
  std::optional<Instance> instance;
  std::vector<Check> checks;
  // Existing checks of the instance that `checks` does not name are removed
  // (agent/service/register?replace-existing-checks).
  bool replace_existing_checks = false;
  // A check that is there already keeps its status and output: a program that registers itself
  // again after a restart does not make its healthy instance critical (Consul's agent).
  bool keep_check_status = false;
};

// PUT /v1/catalog/deregister: one check (check_id set), one instance with its checks (service_id
// set), or the node with all that it holds. What is not there is no error.
struct Deregister {
  std::string node;
  std::string service_id;
  std::string check_id;
};

// PUT /v1/agent/force-leave: the node with all that it holds, if its node-alive check
// ("serfHealth") is critical; a node that is alive stays. kNotFound when no agent registered such a
// node.
struct RemoveFailedNode {
  std::string node;
};

// A check's new status and output, its definition left as it is. kNotFound when it is not there.
struct UpdateCheck {
  std::string node;
  std::string check_id;
  CheckStatus status = CheckStatus::kCritical;
  std::string output;
};

// PUT /v1/coordinate/update: ensures the coordinate of a node in one network segment. kNotFound
// when the node is not there.
struct UpdateCoordinate {
  Coordinate coordinate;  // its `node` is how the client spells the name
};

// Changes objects of access control, all of them or none: whoever asks for it has looked at all the
// objects there are (Snapshot::acl), and the change is right only as long as none of them is
// another one. kConflict when one has changed after `as_of`: look again.
struct ChangeAcl {
  Index as_of;  // Snapshot::acl_index
  std::vector<AclObject> put;
  // By kind and ID; those that are not there are no error.
  std::vector<std::pair<AclKind, Text>> remove;
};

using Command =
    std::variant<Register, Deregister, RemoveFailedNode, UpdateCheck, UpdateCoordinate, ChangeAcl>;

}  // namespace rollcall::model
