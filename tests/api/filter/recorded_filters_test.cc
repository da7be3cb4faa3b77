// The filters in the record of a real Consul: each is accepted, or refused in the same words.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "api/filter/filter.h"
#include "tests/conformance/recorded_steps.h"

namespace rollcall::api::filter {
namespace {

using conformance::RecordedStep;

// The filter of a request's target, decoded; nothing when it has none. The record sends it last.
std::optional<std::string> FilterOf(std::string_view path) {
  constexpr std::string_view kName = "filter=";
  const size_t start = path.find(kName);
  if (start == std::string_view::npos) return std::nullopt;
  std::string out;
  for (size_t i = start + kName.size(); i < path.size() && path[i] != '&'; ++i) {
    if (path[i] == '%') {
      out.push_back(static_cast<char>(std::stoi(std::string(path.substr(i + 1, 2)), nullptr, 16)));
      i += 2;
    } else {
      out.push_back(path[i] == '+' ? ' ' : path[i]);
    }
  }
  return out;
}

template <typename Record>
std::string ErrorOf(std::string_view text) {
  const auto filter = Filter<Record>::Parse(text);
  return filter ? "" : filter.error().message;
}

// What the endpoint's own filter says of `text`: its error, or nothing.
std::string ErrorAt(std::string_view path, std::string_view text) {
  struct Endpoint {
    std::string_view prefix;
    std::string (*error_of)(std::string_view);
  };
  constexpr Endpoint kEndpoints[] = {
      {"/v1/catalog/nodes", ErrorOf<NodeRecord>},
      {"/v1/catalog/node/", ErrorOf<model::Instance>},
      {"/v1/catalog/service/", ErrorOf<CatalogServiceRecord>},
      {"/v1/health/service/", ErrorOf<HealthRecord>},
      {"/v1/health/checks/", ErrorOf<model::Check>},
      {"/v1/health/node/", ErrorOf<model::Check>},
      {"/v1/health/state/", ErrorOf<model::Check>},
      {"/v1/agent/services", ErrorOf<model::Instance>},
      {"/v1/agent/checks", ErrorOf<model::Check>},
  };
  for (const Endpoint& endpoint : kEndpoints) {
    if (path.starts_with(endpoint.prefix)) return endpoint.error_of(text);
  }
  return "no endpoint of these tests: " + std::string(path);
}

TEST(RecordedFilterTest, IsAnsweredInTheSameWords) {
  int accepted = 0;
  int refused = 0;
  for (const RecordedStep& step : conformance::LoadRecordedSteps(ROLLCALL_RECORDED_HTTP)) {
    const auto text = FilterOf(step.path);
    if (!text) continue;
    const bool accepts = step.expect.at("status") == 200;
    EXPECT_EQ(ErrorAt(step.path, *text), accepts ? "" : step.expect.at("text").get<std::string>())
        << step.Request();
    ++(accepts ? accepted : refused);
  }
  EXPECT_GT(accepted, 20);
  EXPECT_EQ(refused, 4);
}

}  // namespace
}  // namespace rollcall::api::filter
