// What expressions mean: the matches that they are made of. Where the matches lead is
// precedence_test.cc, what is no expression is syntax_errors_test.cc.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "api/filter/expression.h"
#include "api/filter/go_text.h"

namespace rollcall::api::filter {
namespace {

// Every match as `selector Operator "value"`, separated by "; ", or the error.
std::string MatchesOf(std::string_view text) {
  const auto expression = ParseExpression(text);
  if (!expression) return expression.error().message;
  std::string out;
  for (const Clause& clause : expression->clauses) {
    if (!out.empty()) out += "; ";
    for (const std::string& step : clause.match.selector.path) out += "<" + step + ">";
    out += " " + std::string(NameOf(clause.match.op));
    const bool has_value =
        clause.match.op != Operator::kIsEmpty && clause.match.op != Operator::kIsNotEmpty;
    if (has_value) out += " " + Quote(clause.match.value);
  }
  return out;
}

struct Case {
  std::string_view text;
  std::string_view matches;
};

TEST(FilterParserTest, KnowsEveryOperator) {
  constexpr Case kCases[] = {
      {"foo == 3", R"(<foo> Equal "3")"},
      {"foo==3", R"(<foo> Equal "3")"},
      {"foo != xyz", R"(<foo> Not Equal "xyz")"},
      {"list is empty", "<list> Is Empty"},
      {"list is not empty", "<list> Is Not Empty"},
      {"foo in bar", R"(<bar> In "foo")"},
      {"foo not in bar", R"(<bar> Not In "foo")"},
      {"bar contains foo", R"(<bar> In "foo")"},
      {"bar not contains foo", R"(<bar> Not In "foo")"},
      {"foo matches bar", R"(<foo> Matches "bar")"},
      {"foo not matches bar", R"(<foo> Not Matches "bar")"},
      {"\t\r\n foo \t\r\n not \n matches \t`b a r`\t\r\n", R"(<foo> Not Matches "b a r")"},
  };
  for (const Case& c : kCases) EXPECT_EQ(MatchesOf(c.text), c.matches) << c.text;
}

TEST(FilterParserTest, KnowsEveryKindOfValue) {
  constexpr Case kCases[] = {
      {"foo == bar", R"(<foo> Equal "bar")"},
      {"foo == bar.baz", R"(<foo> Equal "bar.baz")"},
      {"foo == bar[\"b z\"]", R"(<foo> Equal "bar.b z")"},
      {"foo == \"bar\"", R"(<foo> Equal "bar")"},
      {"foo == `bar`", R"(<foo> Equal "bar")"},
      {"foo == \"\"", R"(<foo> Equal "")"},
      {R"(foo == "a\tb\u00e9")", R"(<foo> Equal "a\tbé")"},
      {R"(foo == `a\tb`)", R"(<foo> Equal "a\\tb")"},
      {"foo == \"/not/a/selector\"", R"(<foo> Equal "/not/a/selector")"},
      {"foo == 0", R"(<foo> Equal "0")"},
      {"foo == 120", R"(<foo> Equal "120")"},
      {"foo == -5", R"(<foo> Equal "-5")"},
      {"foo == 0.2", R"(<foo> Equal "0.2")"},
      {"foo == -11.011", R"(<foo> Equal "-11.011")"},
      {"(foo == 1)", R"(<foo> Equal "1")"},
      {"1 in foo", R"(<foo> In "1")"},
      {"`a b` not in foo", R"(<foo> Not In "a b")"},
      {"\"/x\" in foo", R"(<foo> In "/x")"},
  };
  for (const Case& c : kCases) EXPECT_EQ(MatchesOf(c.text), c.matches) << c.text;
}

TEST(FilterParserTest, KnowsEveryFormOfSelector) {
  constexpr Case kCases[] = {
      {"a.b.c is empty", "<a><b><c> Is Empty"},
      {"a[\"b\"][`c`] is empty", "<a><b><c> Is Empty"},
      {"`env` in foo.bar[\"meta\"].tags[\t`ENV` ]", R"(<foo><bar><meta><tags><ENV> In "env")"},
      {"x in foo[\"abc-def ghi åß∂ƒ\"]", R"(<foo><abc-def ghi åß∂ƒ> In "x")"},
      {R"(x in foo["a\"])", "1:10 (9): rule \"string\": invalid syntax"},
      {R"(x in foo["a\tb"])", "<foo><a\tb> In \"x\""},
      {"Checks.0.Status == passing", R"(<Checks><0><Status> Equal "passing")"},
      {"Checks[\"0\"].Status == passing", R"(<Checks><0><Status> Equal "passing")"},
      {"A_1.b_2 == x", R"(<A_1><b_2> Equal "x")"},
  };
  for (const Case& c : kCases) EXPECT_EQ(MatchesOf(c.text), c.matches) << c.text;
}

TEST(FilterParserTest, KnowsJsonPointers) {
  constexpr Case kCases[] = {
      {R"("/Meta/os" == linux)", R"(<Meta><os> Equal "linux")"},
      {R"("/Meta" is not empty)", "<Meta> Is Not Empty"},
      {R"("/Meta/a~1b~0c~2" matches x)", R"(<Meta><a/b~c~2> Matches "x")"},
      {R"("/Meta/a.b-c_d:e|f" == x)", R"(<Meta><a.b-c_d:e|f> Equal "x")"},
      {R"("/Meta/größe" == x)", R"(<Meta><größe> Equal "x")"},
      {R"("eu" in "/Tags")", R"(<Tags> In "eu")"},
      {R"("/eu" in "/Tags")", R"(<Tags> In "/eu")"},
      {R"("/Tags/0" != "/x")", R"(<Tags><0> Not Equal "/x")"},
  };
  for (const Case& c : kCases) EXPECT_EQ(MatchesOf(c.text), c.matches) << c.text;
}

TEST(FilterParserTest, ReservesNoWord) {
  constexpr Case kCases[] = {
      {"not == 3", R"(<not> Equal "3")"},
      {"not in in", R"(<in> In "not")"},
      {"not not in not", R"(<not> In "not")"},
      {"not.not is empty", "<not><not> Is Empty"},
      {"nothing is empty", "<nothing> Is Empty"},
      {"or == and and and == or", R"(<or> Equal "and"; <and> Equal "or")"},
      {"is is empty", "<is> Is Empty"},
      {"empty == empty", R"(<empty> Equal "empty")"},
      {"contains contains contains", R"(<contains> In "contains")"},
      {"matches matches matches", R"(<matches> Matches "matches")"},
  };
  for (const Case& c : kCases) EXPECT_EQ(MatchesOf(c.text), c.matches) << c.text;
}

TEST(FilterParserTest, ListsTheMatchesOfAWholeExpression) {
  EXPECT_EQ(MatchesOf("x in foo and not str == something or list is empty"),
            R"(<foo> In "x"; <str> Equal "something"; <list> Is Empty)");
  EXPECT_EQ(MatchesOf("(((foo == 3) and (not ((bar in baz) and (not (one != two))))) or (((next is "
                      "empty) and (not (foo is not empty))) and (bar not in foo)))"),
            R"(<foo> Equal "3"; <baz> In "bar"; <one> Not Equal "two"; <next> Is Empty; )"
            R"(<foo> Is Not Empty; <foo> Not In "bar")");
}

}  // namespace
}  // namespace rollcall::api::filter
