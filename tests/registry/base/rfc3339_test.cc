#include "registry/base/rfc3339.h"

#include <gtest/gtest.h>

#include <string>

namespace rollcall {
namespace {

using std::chrono::nanoseconds;

TEST(Rfc3339Test, ReadsWhatGoWritesAndWritesItInUtc) {
  struct Case {
    std::string text;
    std::string utc;
    int64_t nanoseconds;
  };
  const Case cases[] = {
      {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", 0},
      {"1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z", -500'000'000},
      {"2001-09-09T01:46:40Z", "2001-09-09T01:46:40Z", 1'000'000'000'000'000'000},
      {"2018-10-24T12:25:06.921933-04:00", "2018-10-24T16:25:06.921933Z",
       1'540'398'306'921'933'000},
      {"1970-01-01T05:30:00+05:30", "1970-01-01T00:00:00Z", 0},
      {"2000-02-29T00:00:00.000000001Z", "2000-02-29T00:00:00.000000001Z", 951'782'400'000'000'001},
      {"1970-01-01T00:00:00.1234567899Z", "1970-01-01T00:00:00.123456789Z", 123'456'789},
  };
  for (const Case& c : cases) {
    const auto time = ParseRfc3339(c.text);
    ASSERT_TRUE(time) << c.text << ": " << time.error().message;
    EXPECT_EQ(time->time_since_epoch().count(), c.nanoseconds) << c.text;
    EXPECT_EQ(FormatRfc3339(*time), c.utc);
  }
}

TEST(Rfc3339Test, TheFirstAndTheLastYearFit) {
  for (const std::string& text :
       {"1678-01-01T00:00:00+23:59", "2261-12-31T23:59:59.999999999-23:59", "1678-01-01T00:00:00Z",
        "2261-12-31T23:59:59Z"}) {
    const auto time = ParseRfc3339(text);
    ASSERT_TRUE(time) << text;
    const auto again = ParseRfc3339(FormatRfc3339(*time));
    if (text.ends_with("Z")) {
      ASSERT_TRUE(again) << text;
      EXPECT_EQ(*again, *time);
    }
  }
  EXPECT_LT(ParseRfc3339("1678-01-01T00:00:00+23:59").value(), UtcTime());
  EXPECT_GT(ParseRfc3339("2261-12-31T23:59:59.999999999-23:59").value(), UtcTime());
}

TEST(Rfc3339Test, WritesWhatIsTooEarlyOrTooLateToBeRead) {
  EXPECT_EQ(FormatRfc3339(UtcTime::min()), "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(FormatRfc3339(UtcTime::max()), "2262-04-11T23:47:16.854775807Z");
}

TEST(Rfc3339Test, RefusesAllElse) {
  for (const std::string& text : {std::string(),
                                  std::string("2026"),
                                  std::string("2026-11-26"),
                                  std::string("2026-11-26 20:15:34Z"),
                                  std::string("2026-11-26t20:15:34z"),
                                  std::string("2026-11-26T20:15:34"),
                                  std::string("2026-11-26T20:15:34.Z"),
                                  std::string("2026-11-26T20:15:34Z "),
                                  std::string("2026-11-26T20:15:34+0100"),
                                  std::string("2026-11-26T20:15:34+24:00"),
                                  std::string("2026-11-26T20:15:34+01:60"),
                                  std::string("2026-13-01T00:00:00Z"),
                                  std::string("2026-02-29T00:00:00Z"),
                                  std::string("2026-00-01T00:00:00Z"),
                                  std::string("2026-01-00T00:00:00Z"),
                                  std::string("2026-01-01T24:00:00Z"),
                                  std::string("2026-01-01T00:60:00Z"),
                                  std::string("2026-01-01T00:00:60Z"),
                                  std::string("-026-01-01T00:00:00Z"),
                                  std::string("1677-12-31T23:59:59Z"),
                                  std::string("2262-01-01T00:00:00Z"),
                                  std::string("0001-01-01T00:00:00Z"),
                                  std::string("2026-11-26T20:15:34Z\0", 21),
                                  std::string(100'000, '9')}) {
    const auto time = ParseRfc3339(text);
    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().code, ErrorCode::kInvalidArgument);
    EXPECT_LT(time.error().message.size(), 200U);
  }
}

}  // namespace
}  // namespace rollcall
