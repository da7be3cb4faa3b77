// Sight: what a bearer sees of the records that an answer would show, and whether anything was kept
// from him. It is asked before the client's own conditions (?filter, ?tag, ?node-meta) are: whether
// they hold of what he may not see, he must not learn by was_narrowed() either.
// For one answer, on the worker's thread.
// Source: Consul 1.8, agent/consul/acl.go (aclFilter).
#pragma once

#include <string_view>

#include "api/http/response.h"
#include "registry/acl/authorizer.h"
#include "registry/model/records.h"

namespace rollcall::api {

class Sight {
 public:
  // Outlives it.
  explicit Sight(const acl::Authorizer& may)
      : may_(may),
        all_nodes_(may.ReadsAll(acl::Resource::kNode)),
        all_services_(may.ReadsAll(acl::Resource::kService)) {}

  // Whether it sees all there is, so that an answer for everybody does.
  bool SeesAllNodes() const { return all_nodes_; }
  bool SeesAllServices() const { return all_services_; }
  bool SeesAll() const { return all_nodes_ && all_services_; }
  // All instances and checks of one service, on whatever node.
  bool SeesAllOf(std::string_view service) const { return all_nodes_ && MaySee(service); }

  bool SeesNoNode() const { return may_.ReadsNone(acl::Resource::kNode); }
  bool SeesNoService() const { return may_.ReadsNone(acl::Resource::kService); }
  // Without noting it.
  bool MaySee(std::string_view service) const {
    return all_services_ || may_.MayRead(acl::Resource::kService, service);
  }

  bool Node(std::string_view name) {
    return Noted(all_nodes_ || may_.MayRead(acl::Resource::kNode, name));
  }
  bool Service(std::string_view name) {
    return Noted(all_services_ || may_.MayRead(acl::Resource::kService, name));
  }
  // An instance of `service`, as the catalog calls the service: one instance may be registered as
  // "Web" and another one as "web", and all are of one service.
  bool Instance(std::string_view service, const model::Instance& instance) {
    return Service(service) && Node(instance.node);
  }
  // A check of a node alone belongs to no service.
  bool Check(const model::Check& check) {
    return Node(check.node) && (check.service_name.empty() || Service(check.service_name));
  }
  // Tokens, policies and roles, all of them.
  bool Acl() const { return may_.MayRead(acl::Scalar::kAcl); }
  bool Event(std::string_view name) { return Noted(may_.MayRead(acl::Resource::kEvent, name)); }

  // Whether any of the above was answered with no.
  bool was_narrowed() const { return narrowed_; }

 private:
  bool Noted(bool sees) {
    narrowed_ = narrowed_ || !sees;
    return sees;
  }

  const acl::Authorizer& may_;
  const bool all_nodes_;
  const bool all_services_;
  bool narrowed_ = false;
};

// Says of an answer that something was kept from who gets it, if so: clients tell by it an empty
// list from one that they may not see.
inline void AddNarrowed(bool narrowed, http::Response* response) {
  if (narrowed) response->AddHeader("X-Consul-Results-Filtered-By-ACLs", "true");
}

}  // namespace rollcall::api
