// Tokens, policies and roles as records of the catalog. Without state: any thread.
//
//   id      = a token's secret hash (secrets.h); a policy's or role's ID
//   content = a JSON object: "V": 1, and what the object says, in the names of Consul's API; what
//             is empty is left out, times are nanoseconds since 1970, members are in one order
//             (stored.cc) and there are no blanks
// One object has one content. Reading takes nothing else: what was written by a later version, or
// has been damaged or edited, is an error and never half a token.
#pragma once

#include <string>

#include "registry/acl/objects/objects.h"
#include "registry/base/result.h"
#include "registry/model/records.h"

namespace rollcall::acl {

// Without indexes.
model::AclObject WriteToken(const Token& token);
model::AclObject WritePolicy(const Policy& policy);
model::AclObject WriteRole(const Role& role);

// kCorruption, with the record's kind and ID, for all that the functions above do not write.
// Precondition: the record is of that kind.
Result<Token> ReadToken(const model::AclObject& object);
Result<Policy> ReadPolicy(const model::AclObject& object);
Result<Role> ReadRole(const model::AclObject& object);

// `Hash` of the API: the same as long as the object says the same. 32 bytes in Base64, as Consul
// shows it; SHA-256 of the content above where Consul takes BLAKE2b of its own.
std::string ContentHash(const model::AclObject& object);

}  // namespace rollcall::acl
