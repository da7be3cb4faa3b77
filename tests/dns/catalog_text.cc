#include "tests/dns/catalog_text.h"

#include <utility>

#include "registry/catalog/snapshot_builder.h"

namespace rollcall::dns {

CatalogText& CatalogText::Node(std::string name, std::string address) {
  model::Node node;
  node.name = std::move(name);
  node.address = std::move(address);
  return Node(std::move(node));
}

CatalogText& CatalogText::Node(model::Node node) {
  records_.push_back(model::PutNode{std::make_shared<const model::Node>(std::move(node))});
  return *this;
}

CatalogText& CatalogText::Instance(Service service) {
  model::Instance instance;
  instance.node = std::move(service.node);
  instance.id = service.id.empty() ? service.name : std::move(service.id);
  instance.service = std::move(service.name);
  instance.port = service.port;
  instance.address = std::move(service.address);
  instance.tags = std::move(service.tags);
  instance.weights = service.weights;
  instance.meta = std::move(service.meta);
  instance.tagged_addresses = std::move(service.tagged_addresses);
  records_.push_back(
      model::PutInstance{std::make_shared<const model::Instance>(std::move(instance))});
  return *this;
}

CatalogText& CatalogText::Check(std::string node, std::string service_id,
                                model::CheckStatus status) {
  model::Check check;
  check.node = std::move(node);
  check.check_id = "check-of-" + service_id;
  check.name = check.check_id;
  check.service_id = std::move(service_id);
  check.status = status;
  records_.push_back(model::PutCheck{std::make_shared<const model::Check>(std::move(check))});
  return *this;
}

CatalogText& CatalogText::Acl(model::AclObject object) {
  records_.push_back(model::PutAcl{std::make_shared<const model::AclObject>(std::move(object))});
  return *this;
}

std::shared_ptr<const catalog::Snapshot> CatalogText::Build(Index index) const {
  catalog::SnapshotBuilder builder{catalog::Snapshot()};
  builder.Apply(records_, index);
  return builder.Finish();
}

}  // namespace rollcall::dns
