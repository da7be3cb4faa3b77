#include "registry/base/go_duration.h"

#include <gtest/gtest.h>

#include <chrono>

namespace rollcall {
namespace {

using namespace std::chrono_literals;

TEST(GoDurationTest, ReadsWhatGoWrites) {
  const struct {
    const char* text;
    std::chrono::nanoseconds value;
  } cases[] = {
      {"0", 0ns},
      {"0s", 0ns},
      {"5s", 5s},
      {"30s", 30s},
      {"-5s", -5s},
      {"+5s", 5s},
      {"5.0s", 5s},
      {"5.6s", 5600ms},
      {"5.s", 5s},
      {".5s", 500ms},
      {"9.5s", 9500ms},
      {"200ms", 200ms},
      {"10ns", 10ns},
      {"11us", 11us},
      {"12\u00b5s", 12us},
      {"12\u03bcs", 12us},
      {"3h30m", 210min},
      {"10.5s4m", 250500ms},
      {"1h2m3s4ms", 3723004ms},
      {"0.3333333333333333333h", 20min},
      {"9223372036854775807ns", 9223372036854775807ns},
  };
  for (const auto& c : cases) {
    const auto parsed = ParseGoDuration(c.text);
    ASSERT_TRUE(parsed) << c.text << ": " << parsed.error().message;
    EXPECT_EQ(*parsed, c.value) << c.text;
  }
}

TEST(GoDurationTest, RefusesEverythingElseInGosWords) {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"abc", "time: invalid duration \"abc\""},
      {"", "time: invalid duration \"\""},
      {"-", "time: invalid duration \"-\""},
      {"s", "time: invalid duration \"s\""},
      {".", "time: invalid duration \".\""},
      {".s", "time: invalid duration \".s\""},
      {"10", "time: missing unit in duration \"10\""},
      {"1x", "time: unknown unit \"x\" in duration \"1x\""},
      {"9223372036854775808ns", "time: invalid duration \"9223372036854775808ns\""},
      {"3000000h", "time: invalid duration \"3000000h\""},
      {"99999999999999999999s", "time: invalid duration \"99999999999999999999s\""},
  };
  for (const auto& c : cases) {
    const auto parsed = ParseGoDuration(c.text);
    ASSERT_FALSE(parsed) << c.text;
    EXPECT_EQ(parsed.error().message, c.message);
  }
}

TEST(GoDurationTest, WritesWhatItReads) {
  const struct {
    std::chrono::nanoseconds value;
    const char* text;
  } cases[] = {{0ns, "0s"},
               {1ns, "1ns"},
               {1100ns, "1.1\u00b5s"},
               {2200us, "2.2ms"},
               {3300ms, "3.3s"},
               {90s, "1m30s"},
               {5min, "5m0s"},
               {90min, "1h30m0s"},
               {-15s, "-15s"},
               {3600001ms, "1h0m0.001s"}};
  for (const auto& c : cases) {
    EXPECT_EQ(FormatGoDuration(c.value), c.text);
    EXPECT_EQ(*ParseGoDuration(c.text), c.value);
  }
}

}  // namespace
}  // namespace rollcall
