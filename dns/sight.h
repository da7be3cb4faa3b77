// Sight: which nodes and services an answer may tell of: those that the token for DNS may read.
// Immutable, and valid as long as the Authorizer that it was made of: any thread.
//
// Names are asked for as their records have them, whatever the case of the question. What is not
// there is asked for by the question's name: so nobody learns from an answer whether what he may
// not see is there. An instance is seen by who may read its service and its node.
// Source: Consul 1.8, agent/consul/acl.go (aclFilter).
#pragma once

#include <string_view>

#include "registry/acl/authorizer.h"
#include "registry/catalog/snapshot.h"

namespace rollcall::dns {

class Sight {
 public:
  // Of everything there is.
  Sight() = default;
  explicit Sight(const acl::Authorizer& may)
      : may_(&may),
        all_nodes_(may.ReadsAll(acl::Resource::kNode)),
        all_services_(may.ReadsAll(acl::Resource::kService)) {}

  // Whether it sees all there is, so that nothing need be left out of an answer.
  bool is_whole() const { return all_nodes_ && all_services_; }
  bool SeesAllNodes() const { return all_nodes_; }

  bool Node(std::string_view name) const {
    return all_nodes_ || may_->MayRead(acl::Resource::kNode, name);
  }
  bool Service(std::string_view name) const {
    return all_services_ || may_->MayRead(acl::Resource::kService, name);
  }
  // Of a service that it sees.
  bool Instance(const catalog::InstanceEntry& entry) const { return Node(entry.node->name); }

 private:
  const acl::Authorizer* may_ = nullptr;  // null: everything
  bool all_nodes_ = true;
  bool all_services_ = true;
};

}  // namespace rollcall::dns
