#include "registry/base/ascii.h"

#include <gtest/gtest.h>

namespace rollcall {
namespace {

TEST(AsciiTest, ComparesAsTheLowerCasedTextsDo) {
  const char* texts[] = {"", "a", "A", "b", "aB", "Ab", "a_", "a-", "\xc3\x84", "\xc3\xa4", "zz"};
  for (const std::string a : texts) {
    for (const std::string b : texts) {
      const int expected = AsciiLower(a).compare(AsciiLower(b));
      const int actual = CompareIgnoreCase(a, b);
      EXPECT_EQ(actual < 0, expected < 0) << a << " " << b;
      EXPECT_EQ(actual == 0, expected == 0) << a << " " << b;
      EXPECT_EQ(EqualsIgnoreCase(a, b), expected == 0) << a << " " << b;
    }
  }
}

TEST(AsciiTest, FoldsNoLetterBeyondAscii) {
  EXPECT_FALSE(EqualsIgnoreCase("\xc3\x84", "\xc3\xa4"));  // A-umlaut, a-umlaut
}

}  // namespace
}  // namespace rollcall
