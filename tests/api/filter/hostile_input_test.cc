// Whatever a client sends is answered: with a result or one line that says what is wrong.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "api/filter/expression.h"
#include "tests/api/filter/samples.h"

namespace rollcall::api::filter {
namespace {

std::string Repeat(std::string_view text, size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(FilterHostileInputTest, BoundsTheSize) {
  const std::string fits = "Port == 8080" + std::string(kMaxExpressionSize - 12, ' ');
  EXPECT_EQ(Ask(fits, SampleInstance()), "yes");
  EXPECT_EQ(Ask(fits + " ", SampleInstance()), "1:65537 (65536): longer than 65536 bytes");
  EXPECT_EQ(Ask(Repeat("(", 10'000'000), SampleInstance()),
            "1:65537 (65536): longer than 65536 bytes");
}

TEST(FilterHostileInputTest, BoundsTheNesting) {
  const std::string open = Repeat("(", kMaxNesting);
  const std::string close = Repeat(")", kMaxNesting);
  EXPECT_EQ(Ask(open + "Port == 8080" + close, SampleInstance()), "yes");
  EXPECT_EQ(Ask("(" + open + "Port == 8080" + close + ")", SampleInstance()),
            "1:102 (101): nested deeper than 100 levels");
  EXPECT_EQ(Ask(Repeat("not ", kMaxNesting) + "Port == 8080", SampleInstance()), "yes");
  EXPECT_EQ(Ask(Repeat("not ", kMaxNesting + 1) + "Port == 8080", SampleInstance()),
            "1:405 (404): nested deeper than 100 levels");
  EXPECT_EQ(Ask(Repeat("(", 60'000), SampleInstance()),
            "1:102 (101): nested deeper than 100 levels");
  EXPECT_EQ(Ask(Repeat("not ", 16'000), SampleInstance()),
            "1:405 (404): nested deeper than 100 levels");
  EXPECT_EQ(Ask(Repeat("not (", 10'000), SampleInstance()),
            "1:255 (254): nested deeper than 100 levels");
}

TEST(FilterHostileInputTest, BoundsTheNumberOfComparisons) {
  const std::string fits = Repeat("Port == 1 or ", kMaxMatches - 1) + "Port == 8080";
  EXPECT_EQ(Ask(fits, SampleInstance()), "yes");
  EXPECT_EQ(Ask(fits + " or Port == 2", SampleInstance()),
            "1:13004 (13003): more than 1000 comparisons");
}

TEST(FilterHostileInputTest, BoundsTheNumberOfPatterns) {
  const std::string fits = Repeat("ID matches x or ", 31) + "ID matches api";
  EXPECT_EQ(Ask(fits, SampleInstance()), "yes");
  EXPECT_EQ(Ask(fits + " or Service not matches z", SampleInstance()),
            "Selector \"Service\" is matched: more than 32 regular expressions");
}

// Linear, whatever the nesting: a parser that tried each group again would not come back.
TEST(FilterHostileInputTest, ReadsDeepGroupsOnce) {
  const std::string open = Repeat("(", kMaxNesting - 1);
  EXPECT_EQ(Ask(open + "Port == 1 and", SampleInstance()),
            "1:110 (109): rule \"grouping\": Unmatched parentheses");
  std::string alternating = "Port == 8080";
  for (int i = 0; i < 49; ++i) alternating = "not (Port == 1 or " + alternating + ")";
  EXPECT_EQ(Ask(alternating, SampleInstance()), "no");
}

TEST(FilterHostileInputTest, RefusesWhatIsNotText) {
  EXPECT_EQ(Ask("\xFF", SampleInstance()), "1:1 (0): invalid encoding");
  EXPECT_EQ(Ask("Service == \"a\xC3\"", SampleInstance()), "1:14 (13): invalid encoding");
  EXPECT_EQ(Ask("Service == \"é\xED\xA0\x80\"", SampleInstance()), "1:14 (14): invalid encoding");
}

TEST(FilterHostileInputTest, TakesNulForACharacter) {
  using namespace std::string_view_literals;
  EXPECT_EQ(Ask("Service == \"a\0b\""sv, SampleInstance()), "no");
  EXPECT_EQ(Ask("Service == api\0"sv, SampleInstance()),
            "1:15 (14): no match found, expected: \".\", \"[\", [ \\t\\r\\n], "
            "[a-zA-Z0-9_] or EOF");
  model::Instance instance;
  instance.service = std::string("a\0b", 3);
  EXPECT_EQ(Ask("Service == \"a\0b\""sv, instance), "yes");
  EXPECT_EQ(Ask("Service == \"a\\x00b\"", instance), "yes");
  EXPECT_EQ(Ask("Service contains b", instance), "yes");
  EXPECT_EQ(Ask("Service matches \"^a.b$\"", instance), "yes");
}

// Exponential in an engine that backtracks.
TEST(FilterHostileInputTest, MatchesInLinearTime) {
  model::Instance instance;
  instance.service = std::string(10'000, 'a') + "!";
  EXPECT_EQ(Ask("Service matches \"^(a+)+$\"", instance), "no");
  EXPECT_EQ(Ask("Service matches \"^(a|a)*$\"", instance), "no");
  EXPECT_EQ(Ask("Service matches \"(a*)*(a*)*b\"", instance), "no");
  EXPECT_EQ(Ask("Service matches \"" + Repeat("a?", 200) + Repeat("a", 200) + "$\"", instance),
            "no");
}

TEST(FilterHostileInputTest, BoundsThePatternsMemory) {
  // Each is small to write and big to compile.
  EXPECT_EQ(Ask("Service matches `((a{100}){100}){100}`", SampleInstance()),
            "Failed to compile regular expression \"((a{100}){100}){100}\" for selector "
            "\"Service\": error parsing regexp: invalid repeat count: `{100}`");
  EXPECT_EQ(Ask("Service matches `(\\pL{1000}|\\pN{900})`", SampleInstance()),
            "Failed to compile regular expression \"(\\\\pL{1000}|\\\\pN{900})\" for selector "
            "\"Service\": error parsing regexp: expression too large: "
            "`(\\pL{1000}|\\pN{900})`");
  EXPECT_EQ(Ask("Service matches `a{2000}`", SampleInstance()),
            "Failed to compile regular expression \"a{2000}\" for selector \"Service\": error "
            "parsing regexp: invalid repeat count: `{2000}`");
  // States of its automaton double with each dot; it forgets them rather than grow.
  model::Instance instance;
  instance.service = Repeat("aab", 20'000);
  EXPECT_EQ(Ask("Service matches \"a[ab]{30}c\"", instance), "no");
}

TEST(FilterHostileInputTest, ComparesWithRecordsThatAreNotText) {
  model::Instance instance;
  instance.service = "caf\xE9";  // Latin-1
  EXPECT_EQ(Ask("Service contains caf", instance), "yes");
  EXPECT_EQ(Ask("Service == \"caf\\xe9\"", instance), "yes");
  EXPECT_EQ(Ask("Service matches \"^caf\"", instance), "yes");
  EXPECT_EQ(
      Ask("Service matches \"\\xe9\"", instance),
      "Failed to compile regular expression \"\\xe9\" for selector \"Service\": error parsing "
      "regexp: invalid UTF-8: \"\\xe9\"");
}

TEST(FilterHostileInputTest, AnswersOnOneLine) {
  for (const std::string_view text :
       {"`a\nb` in bogus", "Service matches `[\n`", "Port == `\r\n`", "bogus[\"\n\"] == 1",
        "Meta[\"a\\nb\"] is empty", "\"\n\" in Tags", "\n\n!"}) {
    EXPECT_EQ(Ask(text, SampleInstance()).find_first_of("\r\n"), std::string::npos) << text;
  }
}

TEST(FilterHostileInputTest, RepeatsNoMoreThanItMust) {
  const std::string huge(60'000, 'x');
  EXPECT_LT(Ask(huge + " == 1", SampleInstance()).size(), 300U);
  EXPECT_LT(Ask("Port == " + huge, SampleInstance()).size(), 600U);
  EXPECT_LT(Ask("ID matches `" + huge + "(`", SampleInstance()).size(), 800U);
}

}  // namespace
}  // namespace rollcall::api::filter
