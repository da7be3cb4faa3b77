#include "registry/acl/methods/requests.h"

#include <nlohmann/json.hpp>

#include "registry/acl/objects/body.h"
#include "registry/base/ascii.h"
#include "registry/model/json_fields.h"
#include "registry/model/records.h"

namespace rollcall::acl {

using model::FieldReader;

Result<AuthMethod> ParseAuthMethodRequest(std::string_view body, std::string_view path_name) {
  AuthMethod method;
  const auto read = [&method](FieldReader* reader) {
    reader->Read("Name", &method.name)
        .Read("Type", &method.type)
        .Read("DisplayName", &method.display_name)
        .Read("Description", &method.description)
        .Read("MaxTokenTTL", &method.max_token_ttl)
        .Read("TokenLocality", &method.token_locality)
        .ReadNested("Config", [&method](const nlohmann::json& value, const std::string& path) {
          if (!value.is_object()) {
            return Result<void>(InvalidArgument(path + ": expected an object"));
          }
          method.config = value.dump();
          return Result<void>();
        });
  };
  if (const Result<void> ok = ReadBody(body, "AuthMethod", read); !ok) return ok.error();
  if (method.name.empty()) method.name = path_name;
  if (!path_name.empty() && !EqualsIgnoreCase(method.name, path_name)) {
    return InvalidArgument("AuthMethod name in URL and payload do not match");
  }
  if (const Result<void> ok = CheckName(method.name, "Auth Method", kMaxAuthMethodName); !ok) {
    return ok.error();
  }
  return method;
}

Result<BindingRuleRequest> ParseBindingRuleRequest(std::string_view body) {
  BindingRuleRequest rule;
  const auto read = [&rule](FieldReader* reader) {
    reader->Read("ID", &rule.id)
        .Read("Description", &rule.description)
        .Read("AuthMethod", &rule.auth_method)
        .Read("Selector", &rule.selector)
        .Read("BindType", &rule.bind_type)
        .Read("BindName", &rule.bind_name);
  };
  if (const Result<void> ok = ReadBody(body, "BindingRule", read); !ok) return ok.error();
  if (!rule.id.empty() && !model::IsUuid(rule.id)) {
    return InvalidArgument("Binding Rule ID invalid UUID");
  }
  rule.id = AsciiLower(rule.id);
  return rule;
}

}  // namespace rollcall::acl
