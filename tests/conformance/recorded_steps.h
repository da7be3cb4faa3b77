// The steps of http.json: requests in scenarios, each with the answer that Consul 1.8.7 gave.
// Plain values.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace rollcall::conformance {

using Json = nlohmann::json;

struct RecordedStep {
  std::string scenario;
  int number = 0;  // within its scenario, from 0
  std::string method;
  std::string path;  // as sent, with its query; "${name}" stands for a value saved before
  std::string body;
  std::chrono::milliseconds pause{0};  // before the request
  std::string save_index_as;           // the name for this answer's X-Consul-Index; empty: none
  Json expect;                         // status, headers, has_index, json or text, blocked_ms

  std::string Request() const { return method + " " + path; }
};

// Throws when the file is not what it should be: then there is nothing to test.
std::vector<RecordedStep> LoadRecordedSteps(const std::string& file);

}  // namespace rollcall::conformance
