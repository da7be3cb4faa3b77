#include "registry/acl/methods/login_request.h"

#include <nlohmann/json.hpp>

#include "registry/model/json_fields.h"

namespace rollcall::acl {
namespace {

Result<void> ReadLoginMeta(const nlohmann::json& value, const std::string& path,
                           std::map<std::string, std::string>* out) {
  if (!value.is_object()) return InvalidArgument(path + ": expected an object");
  if (value.size() > kMaxLoginMeta) {
    return InvalidArgument(path + " has " + std::to_string(value.size()) + " pairs: there may be " +
                           std::to_string(kMaxLoginMeta));
  }
  size_t bytes = 0;
  for (const auto& [key, text] : value.items()) {
    if (!text.is_string()) return InvalidArgument(path + ": expected strings");
    const auto& meta = text.get_ref<const std::string&>();
    if (key.size() > kMaxLoginMetaKey || meta.size() > kMaxLoginMetaValue) {
      return InvalidArgument(path + ": keys have up to " + std::to_string(kMaxLoginMetaKey) +
                             " bytes, and values up to " + std::to_string(kMaxLoginMetaValue));
    }
    bytes += key.size() + meta.size();
    (*out)[key] = meta;
  }
  if (bytes <= kMaxLoginMetaBytes) return {};
  return InvalidArgument(path + " has " + std::to_string(bytes) +
                         " bytes of keys and values: there may be " +
                         std::to_string(kMaxLoginMetaBytes));
}

}  // namespace

Result<LoginRequest> ParseLoginRequest(std::string_view body) {
  const auto fail = [](const Error& cause) {
    return InvalidArgument("Failed to decode request body: " + cause.message);
  };
  const auto json = model::ParseJson(body, model::Repeats::kRefused);
  if (!json) return fail(json.error());
  LoginRequest request;
  model::FieldReader reader(*json, "");
  reader.RefuseRepeats()
      .Read("AuthMethod", &request.auth_method)
      .Read("BearerToken", &request.bearer_token)
      .ReadNested("Meta", [&request](const nlohmann::json& value, const std::string& path) {
        return ReadLoginMeta(value, path, &request.meta);
      });
  if (const Result<void> ok = reader.Finish(); !ok) return fail(ok.error());
  if (request.auth_method.empty()) {
    return InvalidArgument("Invalid Login request: AuthMethod is missing");
  }
  if (request.bearer_token.empty()) {
    return InvalidArgument("Invalid Login request: BearerToken is missing");
  }
  return request;
}

std::string LoginDescription(const LoginRequest& request) {
  std::string description = "token created via login";
  if (request.meta.empty()) return description;
  return description + ": " + nlohmann::json(request.meta).dump();
}

}  // namespace rollcall::acl
