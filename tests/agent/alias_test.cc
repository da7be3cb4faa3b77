#include "agent/alias.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace rollcall::agent {
namespace {

using model::CheckStatus;
using Checks = std::vector<std::shared_ptr<const model::Check>>;

std::shared_ptr<const model::Check> StateOf(const char* service_id, CheckStatus status,
                                            const char* name) {
  model::Check check;
  check.service_id = service_id;
  check.status = status;
  check.name = name;
  check.output = std::string("output of ") + name;
  return std::make_shared<const model::Check>(check);
}

TEST(AliasTest, IsTheWorstOfItsServiceAndItsNode) {
  Checks checks = {StateOf("web", CheckStatus::kPassing, "a"),
                   StateOf("other", CheckStatus::kCritical, "b")};
  EXPECT_EQ(JudgeAlias("web", true, "n", checks).status, CheckStatus::kPassing);
  checks.push_back(StateOf("WEB", CheckStatus::kWarning, "c"));
  AliasVerdict verdict = JudgeAlias("web", true, "n", checks);
  EXPECT_EQ(verdict.status, CheckStatus::kWarning);
  EXPECT_EQ(verdict.output, "Aliased check \"c\" failing: output of c");
  checks.push_back(StateOf("", CheckStatus::kCritical, "d"));
  verdict = JudgeAlias("web", true, "n", checks);
  EXPECT_EQ(verdict.status, CheckStatus::kCritical);
  EXPECT_EQ(verdict.output, "Aliased check \"d\" failing: output of d");
}

TEST(AliasTest, OfTheNodeLooksAtItsOwnChecksAlone) {
  Checks checks = {StateOf("web", CheckStatus::kCritical, "a")};
  EXPECT_EQ(JudgeAlias("", false, "n", checks).output, "No checks found.");
  checks.push_back(StateOf("", CheckStatus::kWarning, "b"));
  EXPECT_EQ(JudgeAlias("", false, "n", checks).status, CheckStatus::kWarning);
}

TEST(AliasTest, WithoutChecksItIsPassingAndWithoutAServiceCritical) {
  EXPECT_EQ(JudgeAlias("web", true, "n", {}).status, CheckStatus::kPassing);
  EXPECT_EQ(JudgeAlias("web", false, "n", {}).status, CheckStatus::kCritical);
}

}  // namespace
}  // namespace rollcall::agent
