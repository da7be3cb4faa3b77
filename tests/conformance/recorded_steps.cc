#include "tests/conformance/recorded_steps.h"

#include <cmath>
#include <fstream>

namespace rollcall::conformance {
namespace {

// A body that is an object goes as JSON; one that is a string goes as it is (malformed ones).
std::string BodyOf(const Json& step) {
  if (!step.contains("body")) return "";
  const Json& body = step["body"];
  return body.is_string() ? body.get<std::string>() : body.dump();
}

}  // namespace

std::vector<RecordedStep> LoadRecordedSteps(const std::string& file) {
  std::ifstream in(file);
  std::vector<RecordedStep> steps;
  for (const Json& scenario : Json::parse(in)) {
    int number = 0;
    for (const Json& each : scenario.at("steps")) {
      RecordedStep step;
      step.scenario = scenario.at("scenario");
      step.number = number++;
      step.method = each.at("method");
      step.path = each.at("path");
      step.body = BodyOf(each);
      step.pause = std::chrono::milliseconds(std::lround(1000 * each.value("sleep", 0.0)));
      const Json saved = each.value("save", Json::object());
      for (const auto& [name, what] : saved.items()) {
        if (what == "index") step.save_index_as = name;
      }
      step.expect = each.at("expect");
      steps.push_back(std::move(step));
    }
  }
  return steps;
}

}  // namespace rollcall::conformance
