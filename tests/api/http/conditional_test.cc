#include "api/http/conditional.h"

#include <gtest/gtest.h>

#include "tests/api/http/reading.h"

namespace rollcall::http {
namespace {

bool Matches(const std::string& fields, std::string_view etag) {
  const Reading reading("GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n");
  EXPECT_TRUE(reading.complete()) << fields;
  return MatchesIfNoneMatch(reading.request, etag);
}

TEST(ConditionalTest, ListMatchesWeakly) {
  const std::string name = "If-None-Match: ";
  for (const char* value : {
           "W/\"7\"",
           "\"7\"",
           "*",
           "\"6\", \"7\"",
           "\"6\",W/\"7\" , \"8\"",
           ",, \"7\"",
           "\"a,b\", \"7\"",
           "\"7\" junk",
           "\"\", \"7\"",
       }) {
    EXPECT_TRUE(Matches(name + value + "\r\n", "W/\"7\"")) << value;
    EXPECT_TRUE(Matches(name + value + "\r\n", "\"7\"")) << value;
  }
  for (const char* value : {
           "",
           "7",
           "\"6\"",
           "\"77\"",
           "W/7",
           "w/\"7\"",
           "\"7",
           "7\"",
           "\"x, \\\"7\"",
           "**",
           "junk, \"7\"",
           "\"6, W/\"7\"",
       }) {
    EXPECT_FALSE(Matches(name + value + "\r\n", "W/\"7\"")) << value;
  }
}

TEST(ConditionalTest, AbsentFieldMatchesNothingAndRepeatedOnesAreOneList) {
  EXPECT_FALSE(Matches("", "\"7\""));
  EXPECT_FALSE(Matches("If-Match: \"7\"\r\n", "\"7\""));
  EXPECT_TRUE(Matches("If-None-Match: \"1\"\r\nif-none-match: \"7\"\r\n", "\"7\""));
}

TEST(ConditionalTest, NotModifiedCarriesTheTagAndNoContent) {
  const Response response = NotModified(WeakETag("7"));
  EXPECT_EQ(response.status, 304);
  EXPECT_EQ(response.header_block, "ETag: W/\"7\"\r\n");
  EXPECT_EQ(response.body.view(), "");
}

}  // namespace
}  // namespace rollcall::http
