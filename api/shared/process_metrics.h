// The metrics that any of our programs has. Any thread.
#pragma once

#include "api/shared/metric_list.h"

namespace rollcall::api {

void AddProcess(MetricList& list);

}  // namespace rollcall::api
