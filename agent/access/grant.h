// Grant: what the bearer of a token may do on this host, as the registry has said it. Immutable:
// any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "registry/acl/authorizer.h"
#include "registry/base/rfc3339.h"

namespace rollcall::access {

struct Grant {
  std::string accessor_id;         // empty where access is not controlled
  std::optional<UtcTime> expires;  // none: never
  acl::Authorizer authorizer;

  // As in Consul it is still good at the very time at which it expires.
  bool HasExpired(UtcTime now) const { return expires && *expires < now; }
};

using GrantPtr = std::shared_ptr<const Grant>;

// Where access is not controlled. Lives as long as the program.
const GrantPtr& Everything();

}  // namespace rollcall::access
