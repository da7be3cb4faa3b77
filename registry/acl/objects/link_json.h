// The JSON of what tokens and roles have in common: their identities, and lists of objects. The
// API and the stored form have the same. Without state: any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "registry/acl/objects/objects.h"
#include "registry/base/result.h"
#include "registry/model/json_fields.h"

namespace rollcall::acl {

// Elements of one list. Consul has no limit but that of a body.
inline constexpr size_t kMaxLinks = 4096;

// [{"ServiceName": ..., "Datacenters": [...]}], without Datacenters when there are none;
// [{"NodeName": ..., "Datacenter": ...}].
nlohmann::ordered_json ServiceIdentitiesJson(const std::vector<ServiceIdentity>& identities);
nlohmann::ordered_json NodeIdentitiesJson(const std::vector<NodeIdentity>& identities);

// The same back, as members "ServiceIdentities" and "NodeIdentities" of what `reader` reads.
// Whether the names are valid is not looked at.
void ReadIdentities(model::FieldReader* reader, std::vector<ServiceIdentity>* services,
                    std::vector<NodeIdentity>* nodes);

// Hands each element of a list to `read`, with its path ("Policies[2]"), up to the first error.
// kInvalidArgument when `list` is none, or has more than kMaxLinks.
Result<void> ForEachElement(const nlohmann::json& list, const std::string& path,
                            const std::function<Result<void>(const nlohmann::json& element,
                                                             const std::string& path)>& read);

}  // namespace rollcall::acl
