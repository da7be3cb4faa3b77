// The metrics that any of our programs has. Any thread.
#pragma once

#include <cstddef>
#include <span>

#include "api/http/counters.h"
#include "api/shared/metric_list.h"

namespace rollcall::api {

void AddProcess(MetricList& list);

// `parts`: the counters of each HTTP server of the program. `connections`: of all of them.
void AddHttp(MetricList& list, std::span<const http::Counters* const> parts, size_t connections);

}  // namespace rollcall::api
