// Word for word what Consul says of a text that is no filter: its clients show it to people.
#include <gtest/gtest.h>

#include <string_view>

#include "tests/api/filter/samples.h"

namespace rollcall::api::filter {
namespace {

struct Case {
  std::string_view text;
  std::string_view error;
};

void ExpectErrors(std::initializer_list<Case> cases) {
  for (const Case& c : cases) EXPECT_EQ(Ask(c.text, model::Instance()), c.error) << c.text;
}

TEST(FilterSyntaxErrorTest, SaysWhatWasExpectedAtTheFurthestPosition) {
  ExpectErrors({
      {"((",
       "1:3 (2): no match found, expected: \"(\", \"-\", \"0\", \"\\\"\", \"`\", \"not\", "
       "[ \\t\\r\\n], [1-9] or [a-zA-Z]"},
      {" ",
       "1:2 (1): no match found, expected: \"(\", \"-\", \"0\", \"\\\"\", \"`\", \"not\", "
       "[ \\t\\r\\n], [1-9] or [a-zA-Z]"},
      {"Port > 1",
       "1:6 (5): no match found, expected: \"!=\", \"==\", \"contains\", \"in\", \"is\", "
       "\"matches\", \"not\" or [ \\t\\r\\n]"},
      {"32 == 32", "1:4 (3): no match found, expected: \"in\", \"not\" or [ \\t\\r\\n]"},
      {"32 is empty", "1:4 (3): no match found, expected: \"in\", \"not\" or [ \\t\\r\\n]"},
      {"x in foo abc", "1:10 (9): no match found, expected: \"and\", \"or\", [ \\t\\r\\n] or EOF"},
      {"x in foo and ",
       "1:14 (13): no match found, expected: \"(\", \"-\", \"0\", \"\\\"\", \"`\", \"not\", "
       "[ \\t\\r\\n], [1-9] or [a-zA-Z]"},
      {"x in foo or ",
       "1:13 (12): no match found, expected: \"(\", \"-\", \"0\", \"\\\"\", \"`\", \"not\", "
       "[ \\t\\r\\n], [1-9] or [a-zA-Z]"},
      {"x in foo or not ",
       "1:17 (16): no match found, expected: \"!=\", \"(\", \"-\", \"0\", \"==\", \"\\\"\", \"`\", "
       "\"contains\", \"in\", \"is\", \"matches\", \"not\", [ \\t\\r\\n], [1-9] or [a-zA-Z]"},
      {"x in foo order", "1:12 (11): no match found, expected: [ \\t\\r\\n]"},
      {"foo is full", "1:8 (7): no match found, expected: \"empty\", \"not\" or [ \\t\\r\\n]"},
      {"foo is not full", "1:12 (11): no match found, expected: \"empty\" or [ \\t\\r\\n]"},
      {"foo == -", "1:9 (8): no match found, expected: \"0\" or [1-9]"},
      {"foo =! 3",
       "1:5 (4): no match found, expected: \"!=\", \"==\", \"contains\", \"in\", \"is\", "
       "\"matches\", \"not\" or [ \\t\\r\\n]"},
      {"\"abc\" == x", "1:7 (6): no match found, expected: \"in\", \"not\" or [ \\t\\r\\n]"},
      {"foo.", "1:5 (4): no match found, expected: [0-9] or [a-zA-Z]"},
  });
}

TEST(FilterSyntaxErrorTest, NamesTheMistakesThatItKnows) {
  ExpectErrors({
      {"foo == \"12x", "1:12 (11): rule \"string\": Unterminated string literal"},
      {"foo == `12x", "1:12 (11): rule \"string\": Unterminated string literal"},
      {"foo == \"a\\qb\"", "1:8 (7): rule \"string\": invalid syntax"},
      {"foo == 3x", "1:9 (8): rule \"number\": Invalid number literal"},
      {"foo == 007", "1:9 (8): rule \"number\": Invalid number literal"},
      {"foo == 1.", "1:9 (8): rule \"number\": Invalid number literal"},
      {"foo[3] == abc", "1:5 (4): rule \"index\": Invalid index"},
      {"foo[] == abc", "1:5 (4): rule \"index\": Invalid index"},
      {"x in foo[\"abc\"", "1:15 (14): rule \"index\": Unclosed index expression"},
      {"foo[\"abc\" == 3", "1:11 (10): rule \"index\": Unclosed index expression"},
      {"x in 32", "1:6 (5): rule \"match\": Invalid selector"},
      {"x in \"a b\"", "1:6 (5): rule \"match\": Invalid selector"},
      {"x in \"/\"", "1:6 (5): rule \"match\": Invalid selector"},
      {"x in \"/a", "1:6 (5): rule \"match\": Invalid selector"},
      {"(foo == 4", "1:10 (9): rule \"grouping\": Unmatched parentheses"},
      {"((foo == 4)", "1:12 (11): rule \"grouping\": Unmatched parentheses"},
  });
}

TEST(FilterSyntaxErrorTest, CountsLinesAndCharacters) {
  ExpectErrors({
      {"foo == 1\n  and bar ! 2",
       "2:11 (19): no match found, expected: \"!=\", \"==\", \"contains\", \"in\", \"is\", "
       "\"matches\", \"not\" or [ \\t\\r\\n]"},
      {"foo == \"é€😀\" x",
       "1:14 (19): no match found, expected: \"and\", \"or\", [ \\t\\r\\n] or EOF"},
      {"foo == 3x\nand", "1:9 (8): rule \"number\": Invalid number literal"},
      {"foo == `a\nb\nc` x",
       "3:4 (15): no match found, expected: \"and\", \"or\", [ \\t\\r\\n] or EOF"},
      {"x in\n", "2:1 (5): rule \"match\": Invalid selector"},
  });
}

}  // namespace
}  // namespace rollcall::api::filter
