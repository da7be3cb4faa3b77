// ProberFixture: a Prober on the test's own loop, and what it has reported.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "agent/probe/prober.h"
#include "registry/model/definition.h"
#include "tests/agent/little_server.h"

namespace rollcall::probe {

class ProberFixture : public ::testing::Test {
 protected:
  // A check that asks often and waits long.
  static model::CheckRun RunOf(model::CheckKind kind) {
    model::CheckRun run;
    run.kind = kind;
    run.interval = std::chrono::milliseconds(20);
    run.timeout = std::chrono::seconds(15);
    return run;
  }

  size_t CountOf(const std::string& key) { return results_[key].size(); }

  // The first result of a check, which is not run any more then.
  ProbeResult FirstResult(const model::CheckRun& run) {
    results_.erase("check");
    prober_.Ensure("check", run);
    EXPECT_TRUE(test::RunUntil(loop_, [this] { return CountOf("check") > 0; }));
    prober_.Remove("check");
    return results_["check"].empty() ? ProbeResult{} : results_["check"].front();
  }

  boost::asio::io_context loop_;
  double random_ = 0;
  int random_calls_ = 0;
  std::map<std::string, std::vector<ProbeResult>> results_;
  Prober prober_{loop_,
                 [this](const std::string& key, const ProbeResult& result) {
                   results_[key].push_back(result);
                 },
                 [this] {
                   ++random_calls_;
                   return random_;
                 }};
};

}  // namespace rollcall::probe
