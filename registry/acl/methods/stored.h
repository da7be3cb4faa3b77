// Auth methods and binding rules as records of the catalog, in the form of registry/acl/objects/
// stored.h: JSON with "V": 1, one content for one object, and nothing else is read.
//
//   id = a method's name; a rule's ID
// Without state: any thread.
#pragma once

#include "registry/acl/methods/methods.h"
#include "registry/base/result.h"
#include "registry/model/records.h"

namespace rollcall::acl {

// Without indexes.
model::AclObject WriteAuthMethod(const AuthMethod& method);
model::AclObject WriteBindingRule(const BindingRule& rule);

// kCorruption, with the record's kind and ID, for all that the functions above do not write.
// Precondition: the record is of that kind.
Result<AuthMethod> ReadAuthMethod(const model::AclObject& object);
Result<BindingRule> ReadBindingRule(const model::AclObject& object);

}  // namespace rollcall::acl
