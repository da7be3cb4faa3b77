#include "registry/acl/objects/body.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

namespace rollcall::acl {

Result<void> ReadBody(std::string_view body, std::string_view what,
                      const std::function<void(model::FieldReader*)>& read) {
  const auto fail = [what](const Error& cause) {
    return InvalidArgument(std::string(what) + " decoding failed: " + cause.message);
  };
  const Result<nlohmann::json> json = model::ParseJson(body, model::Repeats::kRefused);
  if (!json) return fail(json.error());
  model::FieldReader reader(*json, "");
  reader.RefuseRepeats();
  read(&reader);
  reader.Ignore("Hash").Ignore("CreateIndex").Ignore("ModifyIndex");
  if (const Result<void> ok = reader.Finish(); !ok) return fail(ok.error());
  return {};
}

Result<void> CheckName(std::string_view name, std::string_view what, size_t max_size) {
  const std::string subject = "Invalid " + std::string(what) + ": ";
  if (name.empty()) return InvalidArgument(subject + "no Name is set");
  const bool is_plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
  if (is_plain && name.size() <= max_size) return {};
  return InvalidArgument(subject + "invalid Name. It takes up to " + std::to_string(max_size) +
                         " of A-Z, a-z, 0-9, '-' and '_'");
}

}  // namespace rollcall::acl
