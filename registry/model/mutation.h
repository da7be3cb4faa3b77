// Mutation: one record written or removed. Transaction: the mutations that take effect together, at
// one index. The store makes transactions durable in order, and the catalog is built from nothing
// but them.
//
// Inside a transaction the records' indexes are not final: the one who learns the transaction's
// index stamps them (Stamp below), the store on disk and the catalog in memory alike.
#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "registry/base/text.h"
#include "registry/model/records.h"

namespace rollcall::model {

struct PutNode {
  std::shared_ptr<const Node> node;
};
struct PutInstance {
  std::shared_ptr<const Instance> instance;
};
struct PutCheck {
  std::shared_ptr<const Check> check;
};
struct PutCoordinate {
  std::shared_ptr<const Coordinate> coordinate;
};
struct PutAcl {
  std::shared_ptr<const AclObject> object;
};
// Removing what is not there changes nothing. A node is removed after all that it holds.
struct RemoveNode {
  Text node;
};
struct RemoveInstance {
  Text node;
  Text id;
};
struct RemoveCheck {
  Text node;
  Text check_id;
};
struct RemoveCoordinate {
  Text node;
  Text segment;
};

struct RemoveAcl {
  AclKind kind = AclKind::kToken;
  Text id;
};

using Mutation = std::variant<PutNode, PutInstance, PutCheck, PutCoordinate, PutAcl, RemoveNode,
                              RemoveInstance, RemoveCheck, RemoveCoordinate, RemoveAcl>;
using Transaction = std::vector<Mutation>;

// A record as it is once committed at `index`: modified there, and created there unless it already
// carried the index of its creation.
template <typename Record>
Record Stamp(Record record, Index index) {
  record.modify_index = index;
  if (!record.create_index.is_set()) record.create_index = index;
  return record;
}

}  // namespace rollcall::model
