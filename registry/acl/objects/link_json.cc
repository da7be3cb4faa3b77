#include "registry/acl/objects/link_json.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace rollcall::acl {

nlohmann::ordered_json ServiceIdentitiesJson(const std::vector<ServiceIdentity>& identities) {
  auto list = nlohmann::ordered_json::array();
  for (const ServiceIdentity& identity : identities) {
    nlohmann::ordered_json element = {{"ServiceName", identity.service_name}};
    if (!identity.datacenters.empty()) element["Datacenters"] = identity.datacenters;
    list.push_back(std::move(element));
  }
  return list;
}

nlohmann::ordered_json NodeIdentitiesJson(const std::vector<NodeIdentity>& identities) {
  auto list = nlohmann::ordered_json::array();
  for (const NodeIdentity& identity : identities) {
    list.push_back({{"NodeName", identity.node_name}, {"Datacenter", identity.datacenter}});
  }
  return list;
}

Result<void> ForEachElement(
    const nlohmann::json& list, const std::string& path,
    const std::function<Result<void>(const nlohmann::json&, const std::string&)>& read) {
  if (!list.is_array()) return InvalidArgument(path + ": expected an array");
  if (list.size() > kMaxLinks) {
    return InvalidArgument(path + " has " + std::to_string(list.size()) +
                           " elements: there may be " + std::to_string(kMaxLinks));
  }
  for (size_t i = 0; i < list.size(); ++i) {
    if (Result<void> ok = read(list[i], path + '[' + std::to_string(i) + ']'); !ok) return ok;
  }
  return {};
}

void ReadIdentities(model::FieldReader* reader, std::vector<ServiceIdentity>* services,
                    std::vector<NodeIdentity>* nodes) {
  reader->ReadNested("ServiceIdentities", [&](const nlohmann::json& list, const std::string& path) {
    return ForEachElement(list, path, [&](const nlohmann::json& element, const std::string& at) {
      ServiceIdentity identity;
      model::FieldReader fields(element, at);
      fields.RefuseRepeats()
          .Read("ServiceName", &identity.service_name)
          .Read("Datacenters", &identity.datacenters);
      services->push_back(std::move(identity));
      return fields.Finish();
    });
  });
  reader->ReadNested("NodeIdentities", [&](const nlohmann::json& list, const std::string& path) {
    return ForEachElement(list, path, [&](const nlohmann::json& element, const std::string& at) {
      NodeIdentity identity;
      model::FieldReader fields(element, at);
      fields.RefuseRepeats()
          .Read("NodeName", &identity.node_name)
          .Read("Datacenter", &identity.datacenter);
      nodes->push_back(std::move(identity));
      return fields.Finish();
    });
  });
}

}  // namespace rollcall::acl
