// The links of tokens and roles, as far as there is what they mean. Pure functions: any thread.
#pragma once

#include "registry/access/directory.h"
#include "registry/acl/objects/drafts.h"

namespace rollcall::api {

// Valid as long as the directory stays at its snapshot.
acl::FindLink PolicyFinder(const acl::Directory& directory);
acl::LinkFinders LinkFindersIn(const acl::Directory& directory);

}  // namespace rollcall::api
