#include "agent/threshold.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace rollcall::agent {
namespace {

using model::CheckStatus;

// What becomes of a check whose results come one after the other: p, w, c for passing, warning,
// critical; '.' where the status stays as it is.
std::string After(const model::CheckRun& run, const std::string& results) {
  Threshold threshold(run);
  std::string statuses;
  for (const char result : results) {
    const auto status = threshold.Next(result == 'p'   ? CheckStatus::kPassing
                                       : result == 'w' ? CheckStatus::kWarning
                                                       : CheckStatus::kCritical);
    statuses += !status                            ? '.'
                : *status == CheckStatus::kPassing ? 'p'
                : *status == CheckStatus::kWarning ? 'w'
                                                   : 'c';
  }
  return statuses;
}

TEST(ThresholdTest, EachResultCountsWhereNothingIsSaid) {
  EXPECT_EQ(After({}, "cpwcpp"), "cpwcpp");
  model::CheckRun ones;
  ones.success_before_passing = ones.failures_before_critical = 1;
  EXPECT_EQ(After(ones, "cpwcpp"), "cpwcpp");
}

TEST(ThresholdTest, CountsResultsInARow) {
  model::CheckRun run;
  run.success_before_passing = 3;
  run.failures_before_critical = 2;
  EXPECT_EQ(After(run, "ppppp"), "..ppp");
  EXPECT_EQ(After(run, "ppcpppcpcc"), ".....p...c");
  EXPECT_EQ(After(run, "cccppc"), ".cc...");
  EXPECT_EQ(After(run, "wpw"), "..w");  // a warning is a success
}

TEST(ThresholdTest, IsWarningOnTheWayToCritical) {
  model::CheckRun run;
  run.failures_before_warning = 2;
  run.failures_before_critical = 4;
  EXPECT_EQ(After(run, "cccccp"), ".wwccp");
  EXPECT_EQ(After(run, "ccpccc"), ".wp.ww");
}

}  // namespace
}  // namespace rollcall::agent
