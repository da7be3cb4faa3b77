// Handlers of what else Consul has below /v1/acl and its clients ask for. Worker's thread.
// Source: Consul 1.8, agent/acl_endpoint.go (ACLReplicationStatus, ACLRulesTranslate).
#pragma once

#include "api/http/router.h"

namespace rollcall::api {

// GET acl/replication: there is none, for all servers of a store have the same objects.
http::Handler AclReplicationHandler();

// POST acl/rules/translate: rules as they were before Consul 1.4, where all names were prefixes,
// written as rules of today.
http::Handler TranslateRulesHandler();

}  // namespace rollcall::api
