#include "tests/e2e/harness/prometheus.h"

#include <gtest/gtest.h>

#include "tests/e2e/harness/eventually.h"

namespace rollcall::e2e {

namespace {

// JSON is YAML, too.
std::string ConfigOf(const std::map<std::string, Json>& jobs) {
  Json scrapes = Json::array();
  for (const auto& [name, discovery] : jobs) {
    Json scrape = discovery;
    scrape["job_name"] = name;
    scrapes.push_back(std::move(scrape));
  }
  return Json{{"global", {{"scrape_interval", "1h"}}}, {"scrape_configs", scrapes}}.dump();
}

}  // namespace

Prometheus::Prometheus(const std::map<std::string, Json>& jobs) : Prometheus(ConfigOf(jobs)) {}

Prometheus::Prometheus(const std::string& config) { dir_.Write("prometheus.yml", config); }

bool Prometheus::Start() {
  process_ = std::make_unique<Process>(
      ProcessOptions{.argv = {"prometheus", "--config.file=" + dir_.File("prometheus.yml"),
                              "--storage.tsdb.path=" + dir_.File("data"),
                              "--web.listen-address=" + port_.address()},
                     .output_path = dir_.File("prometheus.log")});
  const bool ready = Eventually(
      [this] { return !process_->Running() || Http(port_.number()).Get("/-/ready").ok(); },
      std::chrono::seconds(30));
  const bool running = ready && process_->Running();
  EXPECT_TRUE(running) << "Prometheus did not start";
  return running;
}

std::map<std::string, Labels> Prometheus::Targets(const std::string& job, const std::string& key) {
  std::map<std::string, Labels> targets;
  const Json answer = Http(port_.number()).Get("/api/v1/targets").json();
  if (!answer.is_object()) return targets;
  for (const Json& target : answer.at("data").at("activeTargets")) {
    if (target.at("scrapePool") != job) continue;
    Labels labels;
    for (const auto& [name, value] : target.at("discoveredLabels").items()) {
      if (name == "__address__" || name.starts_with("__meta_")) labels[name] = value;
    }
    targets[labels[key]] = labels;
  }
  return targets;
}

}  // namespace rollcall::e2e
