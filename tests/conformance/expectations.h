// What of the record this server is to answer, what it does not serve yet, and where it differs on
// purpose. A step is in exactly one of the three. Pure functions over constant tables.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/conformance/recorded_steps.h"

namespace rollcall::conformance {

// Why a step cannot be replayed yet; nullopt when it can. Throws for a path that no table knows.
std::optional<std::string> NotServedYet(const RecordedStep& step);

// An answer that is deliberately another one than Consul's.
struct DeliberateDifference {
  std::string scenario;
  int number;
  std::string request;  // "GET /v1/...", to see that the number still means this step
  int status;
  std::optional<std::string> text;  // nullopt: as recorded
  std::string reason;
};

const std::vector<DeliberateDifference>& DeliberateDifferences();

// Null when the step is to be answered as recorded.
const DeliberateDifference* FindDifference(const RecordedStep& step);

}  // namespace rollcall::conformance
