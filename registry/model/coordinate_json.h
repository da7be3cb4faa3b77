// Network coordinates as Consul's HTTP API shows them and as its clients send them. Any thread.
// Source: Consul's HTTP API documentation (coordinate).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "registry/base/result.h"
#include "registry/model/command.h"
#include "registry/model/records.h"

namespace rollcall::model {

// An element of coordinate/nodes and coordinate/node/:name.
nlohmann::ordered_json CoordinateJson(const Coordinate& coordinate);

// The body of PUT /v1/coordinate/update. Errors are kInvalidArgument: "incompatible coordinate" for
// a vector of other than Coordinate::kDimensions numbers (JSON has no number that is not finite),
// "No path to datacenter". As in Consul, any finite number may stand for an error or a height.
Result<UpdateCoordinate> ParseUpdateCoordinate(std::string_view body, std::string_view datacenter);

}  // namespace rollcall::model
