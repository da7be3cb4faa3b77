#include "registry/base/ascii.h"

#include <gtest/gtest.h>

#include <string>

namespace rollcall {
namespace {

using namespace std::string_literals;

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

// Longer texts are taken in eight characters at a time.
TEST(AsciiTest, FoldsEveryCharacterAtEveryPlace) {
  for (int value = 0; value < 256; ++value) {
    const char c = static_cast<char>(value);
    for (size_t at = 0; at < 20; ++at) {
      std::string text = "0123456789ABCDEFGHij";
      std::string expected = "0123456789abcdefghij";
      text[at] = c;
      expected[at] = AsciiLower(c);
      EXPECT_EQ(AsciiLower(std::string_view(text)), expected) << value << " at " << at;
      EXPECT_EQ(CompareIgnoreCase(text, expected), 0) << value << " at " << at;
      EXPECT_TRUE(EqualsIgnoreCase(text, expected)) << value << " at " << at;
    }
  }
}

TEST(AsciiTest, ComparesLongTextsAsTheLowerCasedTextsDo) {
  const std::string text = "Service-Of-Some-Length-7";
  for (size_t at = 0; at < text.size(); ++at) {
    for (const char c : {'\x01', '0', 'A', 'Z', '[', '_', 'a', 'z', '\x7f', '\x80', '\xff'}) {
      std::string other = text;
      other[at] = c;
      const int expected =
          AsciiLower(std::string_view(text)).compare(AsciiLower(std::string_view(other)));
      const int actual = CompareIgnoreCase(text, other);
      EXPECT_EQ(actual < 0, expected < 0) << at << " " << c;
      EXPECT_EQ(actual > 0, expected > 0) << at << " " << c;
    }
    EXPECT_GT(CompareIgnoreCase(text, text.substr(0, at)), 0);
    EXPECT_LT(CompareIgnoreCase(text.substr(0, at), text), 0);
  }
}

TEST(AsciiTest, FindsCapitalsAtEveryPlace) {
  EXPECT_FALSE(HasAsciiUpper(""));
  for (size_t size = 1; size < 30; ++size) {
    for (size_t at = 0; at < size; ++at) {
      for (int value = 0; value < 256; ++value) {
        std::string text(size, 'a');
        text[at] = static_cast<char>(value);
        ASSERT_EQ(HasAsciiUpper(text), AsciiLower(std::string_view(text)) != text)
            << value << " at " << at << " of " << size;
      }
    }
  }
}

TEST(AsciiTest, FoldsNoLetterBeyondAscii) {
  EXPECT_FALSE(EqualsIgnoreCase("\xc3\x84", "\xc3\xa4"));  // A-umlaut, a-umlaut
}

TEST(AsciiTest, IsAsciiLowerOfLooksAtEveryCharacter) {
  const std::string text = "Web-01.Example.\xc3\x84\0@[`{Z"s;
  const std::string lower = AsciiLower(text);
  EXPECT_TRUE(IsAsciiLowerOf(lower, text));
  EXPECT_TRUE(IsAsciiLowerOf(lower, lower));
  EXPECT_FALSE(IsAsciiLowerOf(text, text));  // what is not lower case is nobody's
  EXPECT_TRUE(IsAsciiLowerOf("", ""));
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_TRUE(IsAsciiLowerOf(lower.substr(0, size), text.substr(0, size)));
    EXPECT_FALSE(IsAsciiLowerOf(lower.substr(0, size), text));
    EXPECT_FALSE(IsAsciiLowerOf(lower, text.substr(0, size)));
    std::string other = lower;
    other[size] = static_cast<char>(other[size] ^ 1);
    EXPECT_FALSE(IsAsciiLowerOf(other, text)) << size;
  }
}

}  // namespace
}  // namespace rollcall
