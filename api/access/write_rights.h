// Who may change what in the catalog. Pure functions: any thread, on any snapshot.
//
// What a client writes is judged by its names and by those of the records that it would replace or
// remove: whoever may write one service must not take an instance away from another by its ID.
// Source: Consul 1.8, agent/consul/acl.go (vetRegisterWithACL, vetDeregisterWithACL),
// agent/acl.go (vetServiceRegister and the others), agent/consul/coordinate_endpoint.go.
#pragma once

#include "registry/acl/authorizer.h"
#include "registry/base/result.h"
#include "registry/catalog/snapshot.h"
#include "registry/model/command.h"

namespace rollcall::api {

// kPermissionDenied, "Permission denied", unless `may` allows the command against what is in
// `snapshot`.
//   Register: node:write when the node is not there or its record would be another one, and for
//     checks of the node; service:write for the instance and for checks of it.
//   Deregister: node:write, or for an instance or a check of one service:write.
//   RemoveFailedNode: operator:write. UpdateCoordinate: node:write.
//   UpdateCheck: node:write for a check of the node, else service:write.
//   ChangeAcl: acl:write.
Result<void> CheckWrite(const acl::Authorizer& may, const catalog::Snapshot& snapshot,
                        const model::Command& command);

// The same of a command that CheckWrite has allowed on an earlier state. What has gone since then
// needs no right: removing it is no error, and updating it says that it is not there.
bool MayStillWrite(const acl::Authorizer& may, const catalog::Snapshot& state,
                   const model::Command& command);

// The right to say how a check does: that of UpdateCheck.
bool MayUpdate(const acl::Authorizer& may, const model::Check& check);

}  // namespace rollcall::api
