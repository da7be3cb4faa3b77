// What an HTTP answer is made of where nothing is prepared: an instance as JSON, a filter tested on
// one.
#include <benchmark/benchmark.h>

#include <nlohmann/json.hpp>

#include "api/filter/filter.h"
#include "registry/model/json.h"
#include "registry/model/records.h"

namespace rollcall::api {
namespace {

model::Node Node() {
  model::Node node;
  node.id = "8c6a2c4e-0000-4000-8000-0123456789ab";
  node.name = "node-0001";
  node.address = "10.0.0.1";
  node.meta = {{"rack", "r12"}, {"zone", "eu-west-1b"}};
  return node;
}

model::Instance Instance() {
  model::Instance instance;
  instance.node = "node-0001";
  instance.id = "web-1";
  instance.service = "web";
  instance.port = 8080;
  instance.tags = {"primary", "v1.14.2", "rack-7"};
  instance.meta = {{"owner", "team-7"}, {"version", "1.14.2"}, {"zone", "eu-west-1b"}};
  return instance;
}

void BM_RenderInstance(benchmark::State& state) {
  const model::Node node = Node();
  const model::Instance instance = Instance();
  for (auto _ : state) {
    benchmark::DoNotOptimize(model::Dump(model::CatalogServiceJson(node, instance, "dc1")));
  }
}
BENCHMARK(BM_RenderInstance);

void BM_Filter(benchmark::State& state, const char* text) {
  const model::Node node = Node();
  const model::Instance instance = Instance();
  const auto filter = filter::Filter<filter::CatalogServiceRecord>::Parse(text);
  if (!filter) return state.SkipWithError(filter.error().message.c_str());
  const filter::CatalogServiceRecord record{node, instance, "dc1"};
  for (auto _ : state) benchmark::DoNotOptimize(filter->Matches(record));
}
BENCHMARK_CAPTURE(BM_Filter, one_test, "ServicePort == 8080");
BENCHMARK_CAPTURE(BM_Filter, several,
                  "ServiceMeta.version == \"1.14.2\" and \"primary\" in ServiceTags "
                  "and NodeMeta.zone != \"us-east-1a\"");
BENCHMARK_CAPTURE(BM_Filter, regular_expression, "ServiceMeta.zone matches \"^eu-.*b$\"");

}  // namespace
}  // namespace rollcall::api

BENCHMARK_MAIN();
