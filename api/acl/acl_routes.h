// The part of the route table that access control is made of: /v1/acl. As api/routes.h.
#pragma once

#include <vector>

#include "api/api_worker.h"
#include "api/route_row.h"

namespace rollcall::api {

std::vector<Row> AclRows(ApiWorker& worker);

}  // namespace rollcall::api
