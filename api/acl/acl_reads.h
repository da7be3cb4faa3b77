// The reads of /v1/acl: all objects of access control as they are, for who may read them. All of
// them can block; their index is that of access control as a whole, and who waits is woken when
// what he has asked for is another one. Handlers run on their worker's thread. Source: Consul 1.8,
// agent/acl_endpoint.go.
#pragma once

#include "api/access/guard.h"
#include "api/api_worker.h"
#include "api/http/request.h"
#include "api/read.h"

namespace rollcall::api {

// `make` builds the read from the request, or says what that lacks.
using MakeAclRead = Result<Read> (*)(ApiWorker& worker, const http::Request& request,
                                     const acl::Bearer& bearer);
AccessHandler AclReadHandler(ApiWorker& worker, MakeAclRead make);

// acl/tokens, with ?policy= and ?role= (IDs) or ?authmethod= (a name), one of them.
Result<Read> AclTokensRead(ApiWorker&, const http::Request&, const acl::Bearer&);
// acl/token/:accessor, without the secret.
Result<Read> AclTokenRead(ApiWorker&, const http::Request&, const acl::Bearer&);
// acl/token/self: the token that was presented, with its secret, whatever it may.
Result<Read> AclOwnTokenRead(ApiWorker&, const http::Request&, const acl::Bearer&);

// acl/policies, acl/policy/:id, acl/policy/name/:name.
Result<Read> AclPoliciesRead(ApiWorker&, const http::Request&, const acl::Bearer&);
Result<Read> AclPolicyRead(ApiWorker&, const http::Request&, const acl::Bearer&);
Result<Read> AclPolicyByNameRead(ApiWorker&, const http::Request&, const acl::Bearer&);

// acl/roles, with ?policy= (an ID); acl/role/:id, acl/role/name/:name.
Result<Read> AclRolesRead(ApiWorker&, const http::Request&, const acl::Bearer&);
Result<Read> AclRoleRead(ApiWorker&, const http::Request&, const acl::Bearer&);
Result<Read> AclRoleByNameRead(ApiWorker&, const http::Request&, const acl::Bearer&);

// acl/auth-methods, acl/auth-method/:name.
Result<Read> AclAuthMethodsRead(ApiWorker&, const http::Request&, const acl::Bearer&);
Result<Read> AclAuthMethodRead(ApiWorker&, const http::Request&, const acl::Bearer&);

// acl/binding-rules, with ?authmethod= (a name); acl/binding-rule/:id.
Result<Read> AclBindingRulesRead(ApiWorker&, const http::Request&, const acl::Bearer&);
Result<Read> AclBindingRuleRead(ApiWorker&, const http::Request&, const acl::Bearer&);

}  // namespace rollcall::api
