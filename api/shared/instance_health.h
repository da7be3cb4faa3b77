// What /v1/agent/health says of instances, for load balancers that understand a status code: 200
// passing, 429 warning, 503 critical or in maintenance, 404 unknown. A text with ?format=text or
// Accept: text/plain, else JSON. Any thread.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "api/http/request.h"
#include "api/http/response.h"
#include "registry/model/records.h"

namespace rollcall::api {

// In the order of severity.
enum class Verdict { kPassing, kWarning, kCritical, kMaintenance };

struct InstanceHealth {
  Verdict verdict = Verdict::kPassing;
  nlohmann::ordered_json json;
};

// `checks`: those of the instance and those of its node.
InstanceHealth HealthOf(const model::Instance& instance,
                        const std::vector<const model::Check*>& checks);

// GET agent/health/service/id/:id. `health` null: there is no such instance.
http::Response HealthByIdAnswer(const http::Request& request, const InstanceHealth* health);

// GET agent/health/service/name/:name, of all instances; the status is the worst of theirs.
http::Response HealthByNameAnswer(const http::Request& request, std::vector<InstanceHealth> all);

}  // namespace rollcall::api
