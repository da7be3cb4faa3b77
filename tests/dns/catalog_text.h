// A catalog for tests, written down in short. Single-threaded.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "registry/base/index.h"
#include "registry/catalog/snapshot.h"
#include "registry/model/mutation.h"
#include "registry/model/records.h"

namespace rollcall::dns {

class CatalogText {
 public:
  CatalogText& Node(std::string name, std::string address);
  CatalogText& Node(model::Node node);
  // "web", on a node that was given before; its ID is the service's name unless `id` says else.
  struct Service {
    std::string node;
    std::string name;
    int port = 80;
    std::string address = {};
    std::vector<std::string> tags = {};
    model::Weights weights = {};
    model::FlatMap<model::ServiceAddress> tagged_addresses = {};
    std::string id = {};
    model::StringMap meta = {};
  };
  CatalogText& Instance(Service service);
  // A check of an instance, or with no ID of the whole node.
  CatalogText& Check(std::string node, std::string service_id, model::CheckStatus status);

  // An object of access control.
  CatalogText& Acl(model::AclObject object);

  std::shared_ptr<const catalog::Snapshot> Build(Index index = Index(7)) const;

 private:
  model::Transaction records_;
};

}  // namespace rollcall::dns
