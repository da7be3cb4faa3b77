#include "api/filter/go_text.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace rollcall::api::filter {
namespace {

TEST(GoTextTest, TakesOneWellFormedCharacter) {
  using namespace std::string_view_literals;
  struct Case {
    std::string_view text;
    size_t size;  // 0: not well-formed
    char32_t code;
  };
  constexpr Case kCases[] = {
      {"", 0, 0},
      {"a", 1, 'a'},
      {"\0"sv, 1, 0},
      {"\xC2\x80", 2, 0x80},
      {"\xC3\xA9x", 2, 0xE9},
      {"\xE2\x82\xAC", 3, 0x20AC},
      {"\xF0\x9F\x98\x80", 4, 0x1F600},
      {"\xF4\x8F\xBF\xBF", 4, 0x10FFFF},
      {"\x80", 0, 0},              // a tail without its head
      {"\xC3", 0, 0},              // a head without its tail
      {"\xC3(", 0, 0},             // likewise
      {"\xC0\x80", 0, 0},          // two bytes for what takes one
      {"\xE0\x80\x80", 0, 0},      // three bytes for what takes one
      {"\xF0\x80\x80\x80", 0, 0},  // four bytes for what takes one
      {"\xED\xA0\x80", 0, 0},      // a surrogate
      {"\xF4\x90\x80\x80", 0, 0},  // past the last
      {"\xF8\x88\x80\x80\x80", 0, 0},
      {"\xFF", 0, 0},
  };
  for (const Case& c : kCases) {
    const auto rune = FirstRune(c.text);
    EXPECT_EQ(rune.has_value(), c.size > 0) << Quote(c.text);
    if (!rune) continue;
    EXPECT_EQ(rune->size, c.size) << Quote(c.text);
    EXPECT_EQ(rune->code, c.code) << Quote(c.text);
  }
}

TEST(GoTextTest, QuotesOnOneLine) {
  using namespace std::string_view_literals;
  EXPECT_EQ(Quote("plain"), R"("plain")");
  EXPECT_EQ(Quote(""), R"("")");
  EXPECT_EQ(Quote("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(Quote("\a\b\f\n\r\t\v"), R"("\a\b\f\n\r\t\v")");
  EXPECT_EQ(Quote("\0\x1B\x7F"sv), R"("\x00\x1b\x7f")");
  EXPECT_EQ(Quote("é€😀"), R"("é€😀")");
  EXPECT_EQ(Quote("\xC2\x85\xE2\x80\xA8"), R"("\u0085\u2028")");  // two more ends of a line
  EXPECT_EQ(Quote("a\xFFz"), R"("a\xffz")");
}

TEST(GoTextTest, CutsOffWhatIsTooLongToRepeat) {
  EXPECT_EQ(Quote(std::string(200, 'x')), '"' + std::string(200, 'x') + '"');
  EXPECT_EQ(Quote(std::string(201, 'x')), '"' + std::string(200, 'x') + "\"...");
}

TEST(GoTextTest, Unquotes) {
  struct Case {
    std::string_view literal;
    std::optional<std::string> text;
  };
  const Case cases[] = {
      {R"("")", ""},
      {R"("a b")", "a b"},
      {R"("\a\b\f\n\r\t\v\\")", "\a\b\f\n\r\t\v\\"},
      {R"("\x41\101\u0041\U00000041")", "AAAA"},
      {R"("\xff\377")", "\xFF\xFF"},
      {R"("\u00e9\u20AC\U0001f600")", "é€😀"},
      {R"("it's")", "it's"},
      {"`a\\n\"b`", "a\\n\"b"},
      {"`two\r\nlines`", "two\nlines"},
      {R"("\q")", std::nullopt},
      {R"("\")", std::nullopt},
      {R"("\'")", std::nullopt},
      {R"("\x4")", std::nullopt},
      {R"("\x-4")", std::nullopt},
      {R"("\400")", std::nullopt},
      {R"("\18")", std::nullopt},
      {R"("\u12")", std::nullopt},
      {R"("\ud800")", std::nullopt},
      {R"("\U00110000")", std::nullopt},
      {R"("\UFFFFFFFF")", std::nullopt},
      {"\"two\nlines\"", std::nullopt},
      {"\"", std::nullopt},
      {"", std::nullopt},
  };
  for (const Case& c : cases) {
    const auto text = Unquote(c.literal);
    EXPECT_EQ(text, c.text) << c.literal;
  }
}

std::string IntText(std::string_view text) {
  const auto value = ParseGoInt(text);
  return value ? std::to_string(*value) : value.error().message;
}

TEST(GoTextTest, ReadsIntegersInAnyBase) {
  EXPECT_EQ(IntText("0"), "0");
  EXPECT_EQ(IntText("8080"), "8080");
  EXPECT_EQ(IntText("-1"), "-1");
  EXPECT_EQ(IntText("+7"), "7");
  EXPECT_EQ(IntText("0x1F"), "31");
  EXPECT_EQ(IntText("0b101"), "5");
  EXPECT_EQ(IntText("0o17"), "15");
  EXPECT_EQ(IntText("017"), "15");
  EXPECT_EQ(IntText("0x_1F"), "31");
  EXPECT_EQ(IntText("0_7"), "7");
  EXPECT_EQ(IntText("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(IntText("-9223372036854775808"), "-9223372036854775808");
}

TEST(GoTextTest, SaysWhyATextIsNoInteger) {
  for (const char* text : {"", "-", "abc", "1.5", "1e3", "08", "0x", "0xG", "1_000", "0x__1",
                           "0x1_", "0_", "--1", "1 ", " 1", "0b2"}) {
    EXPECT_EQ(IntText(text), "strconv.ParseInt: parsing " + Quote(text) + ": invalid syntax");
  }
  for (const char* text : {"9223372036854775808", "-9223372036854775809", "18446744073709551616",
                           "99999999999999999999999", "0xFFFFFFFFFFFFFFFF"}) {
    EXPECT_EQ(IntText(text), "strconv.ParseInt: parsing " + Quote(text) + ": value out of range");
  }
}

TEST(GoTextTest, ReadsBooleansAsGoSpellsThem) {
  for (const char* text : {"1", "t", "T", "TRUE", "true", "True"}) {
    const auto value = ParseGoBool(text);
    EXPECT_TRUE(value.has_value() && *value) << text;
  }
  for (const char* text : {"0", "f", "F", "FALSE", "false", "False"}) {
    const auto value = ParseGoBool(text);
    EXPECT_TRUE(value.has_value() && !*value) << text;
  }
  for (const char* text : {"", "yes", "tRUE", "2"}) {
    const auto value = ParseGoBool(text);
    ASSERT_FALSE(value.has_value()) << text;
    EXPECT_EQ(value.error().message,
              "strconv.ParseBool: parsing " + Quote(text) + ": invalid syntax");
  }
}

}  // namespace
}  // namespace rollcall::api::filter
