// A real Prometheus that only discovers: what it finds is seen in its list of targets. It tries to
// scrape them too, once in an hour, so what is registered for it has addresses of loopback.
// Only the test's main thread may start and stop it (see Process).
#pragma once

#include <map>
#include <memory>
#include <string>

#include "tests/e2e/harness/files.h"
#include "tests/e2e/harness/http.h"
#include "tests/e2e/harness/port.h"
#include "tests/e2e/harness/process.h"

namespace rollcall::e2e {

// One target's labels before any relabelling: "__address__" and the "__meta_"s of its discovery.
using Labels = std::map<std::string, std::string>;

class Prometheus {
 public:
  // Each job's name and how it finds its targets: {{"all", {{"http_sd_configs", {...}}}}}.
  explicit Prometheus(const std::map<std::string, Json>& jobs);
  // A whole prometheus.yml.
  explicit Prometheus(const std::string& config);

  // False, with a test failure, when it does not start.
  bool Start();

  // The targets of one job, by the value of the label `key`.
  std::map<std::string, Labels> Targets(const std::string& job, const std::string& key);
  Process& process() { return *process_; }

 private:
  const TempDir dir_;
  const Port port_;
  std::unique_ptr<Process> process_;
};

}  // namespace rollcall::e2e
