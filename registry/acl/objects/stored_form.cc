#include "registry/acl/objects/stored_form.h"

#include <utility>

#include "registry/model/json.h"

namespace rollcall::acl {

void PutText(std::string_view name, const std::string& text, nlohmann::ordered_json* to) {
  if (!text.empty()) (*to)[std::string(name)] = text;
}

void PutList(std::string_view name, nlohmann::ordered_json list, nlohmann::ordered_json* to) {
  if (!list.empty()) (*to)[std::string(name)] = std::move(list);
}

model::AclObject StoredObject(model::AclKind kind, std::string_view id,
                              const nlohmann::ordered_json& content) {
  model::AclObject object;
  object.kind = kind;
  object.id = id;
  object.content = model::Dump(content);
  return object;
}

Error Damaged(const model::AclObject& object, std::string_view reason) {
  return Corruption("the stored " + std::string(model::ToString(object.kind)) + ' ' +
                    model::Quoted(object.id) + " cannot be read: " + std::string(reason));
}

Result<nlohmann::json> ParseStored(const model::AclObject& object) {
  Result<nlohmann::json> json = model::ParseJson(object.content);
  if (!json) return Damaged(object, json.error().message);
  model::FieldReader reader(*json, "");
  int version = 0;
  reader.Read("V", &version);
  if (json->is_object() && version != kStoredVersion) {
    return Damaged(object, "it is of version " + std::to_string(version) + ", and version " +
                               std::to_string(kStoredVersion) + " is known");
  }
  return json;
}

}  // namespace rollcall::acl
