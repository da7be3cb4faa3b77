// The form in which all objects of access control are kept (stored.h), for what writes and reads
// one kind of them. Without state: any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "registry/base/result.h"
#include "registry/model/json_fields.h"
#include "registry/model/records.h"

namespace rollcall::acl {

inline constexpr int kStoredVersion = 1;

// Of what is not empty.
void PutText(std::string_view name, const std::string& text, nlohmann::ordered_json* to);
void PutList(std::string_view name, nlohmann::ordered_json list, nlohmann::ordered_json* to);

model::AclObject StoredObject(model::AclKind kind, std::string_view id,
                              const nlohmann::ordered_json& content);

// kCorruption: "the stored <kind> <ID> cannot be read: <reason>".
Error Damaged(const model::AclObject& object, std::string_view reason);

// The content, if it is JSON of this version, or none at all, which its reader will say.
Result<nlohmann::json> ParseStored(const model::AclObject& object);

// What `read` takes out of the content, if `write` makes the same record of it again: this refuses,
// too, what JSON can say in more than one way and what ought to be there and is not.
template <typename T, typename Read, typename Write>
Result<T> ReadStored(const model::AclObject& object, const Read& read, const Write& write) {
  const Result<nlohmann::json> json = ParseStored(object);
  if (!json) return json.error();
  model::FieldReader reader(*json, "");
  reader.Ignore("V");
  T value;
  read(&reader, &value);
  if (const Result<void> ok = reader.Finish(); !ok) return Damaged(object, ok.error().message);
  const model::AclObject again = write(value);
  if (again.id != object.id) return Damaged(object, "its ID is not one of its kind");
  if (again.content != object.content) return Damaged(object, "it is not as it was written");
  return value;
}

}  // namespace rollcall::acl
