// Bearer: who asks, as far as access control is concerned: a token that was good when it was looked
// up, and what it grants. Immutable: any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "registry/access/grounds.h"
#include "registry/acl/authorizer.h"
#include "registry/acl/objects/secrets.h"
#include "registry/base/rfc3339.h"

namespace rollcall::acl {

struct Bearer {
  SecretDigest digest{};
  std::string accessor_id;         // empty where access is not controlled
  std::optional<UtcTime> expires;  // none: never
  Authorizer authorizer;
  std::shared_ptr<const Grounds> grounds;  // of all of this; null where access is not controlled

  // As in Consul it is still good at the very time at which it expires.
  bool HasExpired(UtcTime now) const { return expires && *expires < now; }
};

using BearerPtr = std::shared_ptr<const Bearer>;

}  // namespace rollcall::acl
