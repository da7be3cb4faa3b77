#include "registry/acl/methods/stored.h"

#include <nlohmann/json.hpp>

#include "registry/acl/objects/stored_form.h"

namespace rollcall::acl {

using model::FieldReader;
using nlohmann::ordered_json;

model::AclObject WriteAuthMethod(const AuthMethod& method) {
  ordered_json json = {{"V", kStoredVersion}, {"Name", method.name}, {"Type", method.type}};
  PutText("DisplayName", method.display_name, &json);
  PutText("Description", method.description, &json);
  if (method.max_token_ttl.count() != 0) json["MaxTokenTTL"] = method.max_token_ttl.count();
  PutText("TokenLocality", method.token_locality, &json);
  // Null for what is no JSON, so that it is not read back as anything.
  const ordered_json config = ordered_json::parse(method.config, nullptr, false);
  json["Config"] = config.is_object() ? config : ordered_json();
  return StoredObject(model::AclKind::kAuthMethod, method.name, json);
}

model::AclObject WriteBindingRule(const BindingRule& rule) {
  ordered_json json = {{"V", kStoredVersion}, {"ID", rule.id}};
  PutText("Description", rule.description, &json);
  json["AuthMethod"] = rule.auth_method;
  PutText("Selector", rule.selector, &json);
  json["BindType"] = ToString(rule.bind_type);
  json["BindName"] = rule.bind_name;
  return StoredObject(model::AclKind::kBindingRule, rule.id, json);
}

Result<AuthMethod> ReadAuthMethod(const model::AclObject& object) {
  const auto read = [](FieldReader* reader, AuthMethod* method) {
    reader->Read("Name", &method->name)
        .Read("Type", &method->type)
        .Read("DisplayName", &method->display_name)
        .Read("Description", &method->description)
        .Read("MaxTokenTTL", &method->max_token_ttl)
        .Read("TokenLocality", &method->token_locality)
        .ReadNested("Config", [method](const nlohmann::json& value, const std::string& path) {
          if (!value.is_object()) return Result<void>(InvalidArgument(path + ": not an object"));
          method->config = value.dump();
          return Result<void>();
        });
  };
  return ReadStored<AuthMethod>(object, read, WriteAuthMethod);
}

Result<BindingRule> ReadBindingRule(const model::AclObject& object) {
  const auto read = [](FieldReader* reader, BindingRule* rule) {
    reader->Read("ID", &rule->id)
        .Read("Description", &rule->description)
        .Read("AuthMethod", &rule->auth_method)
        .Read("Selector", &rule->selector)
        .ReadNested("BindType",
                    [rule](const nlohmann::json& value, const std::string& path) {
                      const bool is_type =
                          value.is_string() &&
                          ParseBindType(value.get_ref<const std::string&>(), &rule->bind_type);
                      return is_type ? Result<void>() : InvalidArgument(path + ": no such type");
                    })
        .Read("BindName", &rule->bind_name);
  };
  return ReadStored<BindingRule>(object, read, WriteBindingRule);
}

}  // namespace rollcall::acl
