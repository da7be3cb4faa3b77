// Where this server differs from the record on purpose; every other step is answered as recorded.
// Pure functions over a constant table.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/conformance/recorded_steps.h"

namespace rollcall::conformance {

// An answer that is deliberately another one than Consul's.
struct DeliberateDifference {
  std::string scenario;
  int number;
  std::string request;  // "GET /v1/...", to see that the number still means this step
  int status;
  std::optional<std::string> text;  // nullopt: as recorded
  std::string reason;
  // A header (lower case) with another value; the rest is as recorded. Empty: none.
  std::string header = {};
  std::string header_value = {};
};

const std::vector<DeliberateDifference>& DeliberateDifferences();

// Null when the step is to be answered as recorded.
const DeliberateDifference* FindDifference(const RecordedStep& step);

}  // namespace rollcall::conformance
