#include "agent/json_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace rollcall::agent {
namespace {

using testing::StartsWith;

TEST(JsonLinesTest, KnowsWhereObjectsAndArraysBegin) {
  const auto parsed = JsonLines::Parse(R"(
{"a": 1, "b": [
   {"c": {}},
   [1, 2,
    {}],

   {"d":
     {"e": [ {}, {
      } ] } }
]}
)");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->value()["b"][2]["d"]["e"].size(), 2u);
  const struct {
    const char* path;
    size_t line;
  } table[] = {{"", 2},
               {"b", 2},
               {"b[0]", 3},
               {"b[0].c", 3},
               {"b[1]", 4},
               {"b[1][2]", 5},
               {"b[2]", 7},
               {"b[2].d", 8},
               {"b[2].d.e", 8},
               {"b[2].d.e[0]", 8},
               {"b[2].d.e[1]", 8},
               // What begins no object or array is where the one around it is.
               {"a", 2},
               {"b[1][0]", 4},
               {"b[2].nosuch.path", 7},
               {"nosuch", 2}};
  for (const auto& [path, line] : table) EXPECT_EQ(parsed->LineOf(path), line) << path;
}

TEST(JsonLinesTest, NumbersAndTextsAreValuesToo) {
  const auto parsed = JsonLines::Parse("[1,\n\"x\",\ntrue,\nnull,\n-1.5e3,\n{}\n]");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->LineOf("[5]"), 6u);
}

TEST(JsonLinesTest, SaysOnWhichLineItCannotBeRead) {
  const auto broken = JsonLines::Parse("{\n\"a\": 1,\n\"b\" 2}");
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message, StartsWith("3: "));
  const auto empty = JsonLines::Parse("");
  ASSERT_FALSE(empty);
  EXPECT_THAT(empty.error().message, StartsWith("1: "));
  const auto number = JsonLines::Parse("7");
  ASSERT_TRUE(number);
  EXPECT_EQ(number->LineOf(""), 1u);
}

}  // namespace
}  // namespace rollcall::agent
