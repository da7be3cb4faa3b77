// Whether an answer says what Consul's did. The only leniency:
//   - object keys in any order, and any number in CreateIndex, ModifyIndex, LockIndex and Index;
//   - any UUID for a UUID;
//   - null, {} and [] are equal as a value of Meta, NodeMeta, ServiceMeta, Tags, ServiceTags and
//     TaggedAddresses;
//   - `consul-network-segment` in a node's meta is Consul's own;
//   - the tags in /v1/catalog/services, and the checks in /v1/agent/health, come in any order;
//   - any text for a ContentHash, but not none;
//   - what every server registers of itself (its node in the list of nodes, its `consul` service,
//     its `serfHealth` check) is not in the record.
// Pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace rollcall::conformance {

using Json = nlohmann::json;

// `answer` to GET `path`, as the record writes answers: "$index", "$uuid", without the server's own
// entries.
Json Normalised(const std::string& path, Json answer);

// Where and how the two differ first; empty when they do not. Both are normalised.
std::string Difference(const std::string& path, const Json& expected, const Json& answer);

}  // namespace rollcall::conformance
