#include "registry/base/counting_iterator.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace rollcall {
namespace {

TEST(CountingIteratorTest, TellsHowFarTheTextHasBeenRead) {
  const std::string_view text = "abc";
  const char* read_to = text.data();
  CountingIterator at(text.data(), &read_to);
  const CountingIterator end(text.data() + text.size(), &read_to);
  EXPECT_EQ(*at, 'a');
  EXPECT_EQ(read_to, text.data()) << "looked at is not read";
  EXPECT_EQ(*at++, 'a');
  EXPECT_EQ(read_to, text.data() + 1);
  CountingIterator copy = at;
  EXPECT_EQ(*++copy, 'c');
  EXPECT_EQ(read_to, text.data() + 2) << "by whichever copy";
  EXPECT_FALSE(copy == end);
  EXPECT_TRUE(++copy == end);
}

TEST(CountingIteratorTest, GivesTheWholeText) {
  const std::string_view text = std::string_view("a\0b\n", 4);
  const char* read_to = text.data();
  const std::string copy(CountingIterator(text.data(), &read_to),
                         CountingIterator(text.data() + text.size(), &read_to));
  EXPECT_EQ(copy, text);
  EXPECT_EQ(read_to, text.data() + text.size());
}

}  // namespace
}  // namespace rollcall
