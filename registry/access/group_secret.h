// The secret by which servers of one store know each other where access is controlled. The first of
// them draws it and keeps it among the objects of access control, where the others find it: who can
// read the store is a server. It is never shown, and leaves a server only on its way to another
// one. Any thread, on any snapshot.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "registry/base/result.h"
#include "registry/catalog/snapshot.h"
#include "registry/model/command.h"

namespace rollcall::acl {

// Empty: there is none yet.
std::string GroupSecretIn(const catalog::Snapshot& snapshot);

// Compared in constant time; false as long as there is none.
bool IsGroupSecret(std::string_view presented, const catalog::Snapshot& snapshot);

// What draws one; nothing when there is one already.
Result<std::optional<model::ChangeAcl>> DrawGroupSecret(const catalog::Snapshot& snapshot);

}  // namespace rollcall::acl
