// Handlers that make, change and remove auth methods. They run on their worker's thread; the route
// table has asked for acl:write.
// Source: Consul 1.8, agent/consul/acl_endpoint.go (AuthMethodSet, AuthMethodDelete) and
// agent/consul/state/acl.go (aclAuthMethodDeleteTxn).
#pragma once

#include <cstddef>

#include "api/access/guard.h"
#include "api/api_worker.h"

namespace rollcall::api {

// PUT acl/auth-method. A method of that name is changed: what is not said goes, but for its type.
// Tokens of earlier logins stay.
AccessHandler CreateAuthMethodHandler(ApiWorker& worker);
// PUT acl/auth-method/:name. The same; the body need not repeat the name.
AccessHandler UpdateAuthMethodHandler(ApiWorker& worker);

// As many objects are removed with one change when an auth method is: a shared log takes not many
// more (catalog::SharedWriterOptions).
inline constexpr size_t kMaxRemovedAtOnce = 100;

// DELETE acl/auth-method/:name. Its binding rules go with it, and the tokens of all logins with it.
// What is not there is no error.
//
// With one change where these are kMaxRemovedAtOnce or fewer. Where they are more the tokens go
// first, then the rules, so many at a time, and the method with the last of them: a removal that
// comes to nothing half way, as when the server stops, leaves a method that can be removed once
// more, and never a token or a rule without its method. Whoever logs in meanwhile is in time for
// the last change, and his token goes with it.
AccessHandler DeleteAuthMethodHandler(ApiWorker& worker);

}  // namespace rollcall::api
