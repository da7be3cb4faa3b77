// GET /v1/internal/acl/rules: what the presented token grants, in the rule language, for an agent
// that judges by itself who may do what on its host.
//   {"AccessorID": "...", "ExpirationTime": "2026-11-26T20:15:34Z", "DefaultPolicy": "deny",
//    "Rules": ["service \"web\" {\n  policy = \"write\"\n}\n"]}
// ExpirationTime is left out of a token that stays. Of each policy and each identity that counts in
// this datacenter there is one text (acl::WriteRules; it may have kMaxWrittenSize bytes), and
// nothing of their names: whoever may use a token can find out what it grants by trying.
// Read from this server's catalog as it is now. 401 "ACL support disabled" where access is not
// controlled, 403 "ACL not found" for a token that is not there or has expired; 500 when what it
// is linked with is damaged. The server's default token stands in for who presents none.
// Worker's thread.
#pragma once

#include "api/access/guard.h"
#include "api/api_worker.h"

namespace rollcall::api {

AccessHandler AccessRulesHandler(ApiWorker& worker);

}  // namespace rollcall::api
