#include "registry/base/go_bool.h"

#include <gtest/gtest.h>

namespace rollcall {
namespace {

TEST(GoBoolTest, ReadsWhatGoReadsAndNothingElse) {
  for (const char* text : {"1", "t", "T", "true", "TRUE", "True"}) {
    EXPECT_EQ(ParseGoBool(text), true) << text;
  }
  for (const char* text : {"0", "f", "F", "false", "FALSE", "False"}) {
    EXPECT_EQ(ParseGoBool(text), false) << text;
  }
  for (const char* text : {"", "yes", "tRUE", "2", " true", "true "}) {
    EXPECT_EQ(ParseGoBool(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace rollcall
