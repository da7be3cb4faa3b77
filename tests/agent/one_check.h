// OneCheck: runs one check after the other on the test's own loop.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "agent/probe/prober.h"
#include "tests/agent/little_server.h"

namespace rollcall::test {

class OneCheck {
 public:
  boost::asio::io_context& loop() { return loop_; }

  // What the first attempt says.
  probe::ProbeResult Result(const model::CheckRun& run) {
    return Await(run, [](const probe::ProbeResult&) { return true; });
  }

  // Asks again and again until the target, which may be about to start, is healthy; what the last
  // attempt says.
  probe::ProbeResult ResultOncePassing(const model::CheckRun& run) {
    return Await(run, [](const probe::ProbeResult& result) {
      return result.status == model::CheckStatus::kPassing;
    });
  }

  static model::CheckRun H2Ping(const std::string& target) {
    model::CheckRun run = Often(model::CheckKind::kH2Ping);
    run.h2ping = target;
    return run;
  }

  static model::CheckRun Grpc(const std::string& target) {
    model::CheckRun run = Often(model::CheckKind::kGrpc);
    run.grpc = target;
    return run;
  }

 private:
  static model::CheckRun Often(model::CheckKind kind) {
    model::CheckRun run;
    run.kind = kind;
    run.interval = std::chrono::milliseconds(20);
    run.timeout = std::chrono::seconds(15);
    return run;
  }

  template <typename Enough>
  probe::ProbeResult Await(const model::CheckRun& run, Enough enough) {
    probe::ProbeResult last;
    bool done = false;
    probe::Prober prober(
        loop_,
        [&](const std::string&, const probe::ProbeResult& result) {
          if (done) return;
          last = result;
          done = enough(result);
        },
        [] { return 0.0; });
    prober.Ensure("check", run);
    EXPECT_TRUE(RunUntil(loop_, [&] { return done; })) << last.output;
    return last;
  }

  boost::asio::io_context loop_;
};

}  // namespace rollcall::test
