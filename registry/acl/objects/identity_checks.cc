#include "registry/acl/objects/identity_checks.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "registry/acl/identities.h"
#include "registry/acl/syntax.h"

namespace rollcall::acl {
namespace {

void SortAndDropRepeats(std::vector<std::string>* list) {
  std::sort(list->begin(), list->end());
  list->erase(std::unique(list->begin(), list->end()), list->end());
}

void AddDatacenters(const ServiceIdentity& more, ServiceIdentity* to) {
  if (more.datacenters.empty() || to->datacenters.empty()) {
    to->datacenters.clear();
  } else {
    to->datacenters.insert(to->datacenters.end(), more.datacenters.begin(), more.datacenters.end());
  }
}

}  // namespace

Result<void> CheckIdentities(const std::vector<ServiceIdentity>& services,
                             const std::vector<NodeIdentity>& nodes, std::string_view owner) {
  const std::string place = " (on this " + std::string(owner) + ')';
  for (const ServiceIdentity& identity : services) {
    if (const auto rules = ServiceIdentityRules(identity.service_name); !rules) {
      return InvalidArgument(rules.error().message + place);
    }
  }
  for (const NodeIdentity& identity : nodes) {
    if (const auto rules = NodeIdentityRules(identity.node_name); !rules) {
      return InvalidArgument(rules.error().message + place);
    }
    if (identity.datacenter.empty()) {
      return InvalidArgument("the node identity " + Quoted(identity.node_name) +
                             " is missing its Datacenter" + place);
    }
  }
  return {};
}

void Normalize(std::vector<ServiceIdentity>* services) {
  std::stable_sort(services->begin(), services->end(),
                   [](const ServiceIdentity& a, const ServiceIdentity& b) {
                     return a.service_name < b.service_name;
                   });
  std::vector<ServiceIdentity> merged;
  for (ServiceIdentity& identity : *services) {
    if (!merged.empty() && merged.back().service_name == identity.service_name) {
      AddDatacenters(identity, &merged.back());
    } else {
      merged.push_back(std::move(identity));
    }
  }
  for (ServiceIdentity& identity : merged) SortAndDropRepeats(&identity.datacenters);
  *services = std::move(merged);
}

void Normalize(std::vector<NodeIdentity>* nodes) {
  std::sort(nodes->begin(), nodes->end(), [](const NodeIdentity& a, const NodeIdentity& b) {
    return std::tie(a.node_name, a.datacenter) < std::tie(b.node_name, b.datacenter);
  });
  nodes->erase(std::unique(nodes->begin(), nodes->end()), nodes->end());
}

}  // namespace rollcall::acl
