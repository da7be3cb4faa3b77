#include "registry/acl/objects/objects.h"

#include "registry/acl/identities.h"
#include "registry/acl/objects/secrets.h"
#include "registry/acl/rule_writer.h"

namespace rollcall::acl {

Token AnonymousToken(UtcTime create_time) {
  Token token;
  token.accessor_id = kAnonymousTokenId;
  token.secret_hash = HashSecret(kAnonymousSecret);
  token.description = "Anonymous Token";
  token.create_time = create_time;
  return token;
}

Policy GlobalManagementPolicy() {
  Policy policy;
  policy.id = kGlobalManagementId;
  policy.name = "global-management";
  policy.description = "Built-in policy that grants everything";
  policy.rules = WriteRules(GlobalManagementRules());
  return policy;
}

}  // namespace rollcall::acl
