// Filter itself: parsed once, copied freely, used by several threads.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/api/filter/samples.h"

namespace rollcall::api::filter {
namespace {

TEST(FilterTest, MatchesEverythingWithoutAnExpression) {
  const auto empty = Filter<model::Instance>::Parse("");
  ASSERT_TRUE(empty.has_value());
  EXPECT_TRUE(empty->matches_everything());
  EXPECT_TRUE(empty->Matches(model::Instance()));
  EXPECT_TRUE(Filter<model::Check>().Matches(model::Check()));

  const auto some = Filter<model::Instance>::Parse("Port != 0");
  ASSERT_TRUE(some.has_value());
  EXPECT_FALSE(some->matches_everything());
  EXPECT_FALSE(some->Matches(model::Instance()));
}

TEST(FilterTest, OutlivesItsText) {
  Filter<model::Instance> kept;
  {
    std::string text = "Meta.version == \"2.1\" and Service matches \"^a\" and Tags contains eu";
    auto filter = Filter<model::Instance>::Parse(text);
    ASSERT_TRUE(filter.has_value());
    kept = *filter;
    text.assign(text.size(), '?');
  }
  EXPECT_TRUE(kept.Matches(SampleInstance()));
  EXPECT_FALSE(kept.Matches(model::Instance()));
}

TEST(FilterTest, StopsAtTheFirstErrorInTheOrderOfTheText) {
  EXPECT_EQ(Ask("Port == x and bogus == 1", model::Instance()),
            "Failed to coerce value \"x\" for selector \"Port\": strconv.ParseInt: parsing \"x\": "
            "invalid syntax");
  EXPECT_EQ(Ask("(not first == 1) or second == 1", model::Instance()),
            "Selector \"first\" is not valid");
  // What is wrong with the text comes before what is wrong with its fields.
  EXPECT_EQ(Ask("bogus == 1 and 3x", model::Instance()),
            "1:17 (16): rule \"number\": Invalid number literal");
}

// Worth its while under ThreadSanitizer: patterns build their automaton while they match.
TEST(FilterTest, IsSharedBetweenThreads) {
  const auto filter = Filter<model::Instance>::Parse(
      "Service matches \"^(api|db|web)[a-z]*$\" and Meta.version not matches `^\\d$`");
  ASSERT_TRUE(filter.has_value());
  const model::Instance instance = SampleInstance();
  std::vector<int> matched(4);
  std::vector<std::thread> threads;
  threads.reserve(matched.size());
  for (int& count : matched) {
    threads.emplace_back([&count, &instance, copy = *filter] {
      for (int i = 0; i < 1000; ++i) count += copy.Matches(instance) ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int count : matched) EXPECT_EQ(count, 1000);
}

}  // namespace
}  // namespace rollcall::api::filter
