#include "registry/base/shared_array.h"

#include <gtest/gtest.h>

#include <functional>
#include <list>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "registry/base/shared_value.h"

namespace rollcall {
namespace {

static_assert(sizeof(SharedArray<std::string>) == sizeof(void*));

std::vector<int> ListOf(const SharedArray<int>& array) { return {array.begin(), array.end()}; }

TEST(SharedArrayTest, IsMadeFromListsRangesAndVectors) {
  const std::vector<int> wanted = {1, 2, 3};
  const std::list<int> list = {1, 2, 3};
  EXPECT_EQ(ListOf({1, 2, 3}), wanted);
  EXPECT_EQ(ListOf(wanted), wanted);
  EXPECT_EQ(ListOf(SharedArray<int>(list.begin(), list.end())), wanted);
  const SharedArray<std::string> converted = std::vector<const char*>{"a", "b"};
  EXPECT_EQ(converted, (SharedArray<std::string>{"a", "b"}));
}

TEST(SharedArrayTest, TakesTheElementsOfAVectorThatIsGivenAway) {
  std::vector<std::unique_ptr<int>> elements;
  elements.push_back(std::make_unique<int>(7));
  const int* const element = elements.front().get();
  const SharedArray<std::unique_ptr<int>> array = std::move(elements);
  EXPECT_EQ(array.front().get(), element);
}

TEST(SharedArrayTest, GivesItsElements) {
  const SharedArray<std::string> array = {"a", "b", "c"};
  EXPECT_EQ(array.size(), 3U);
  EXPECT_FALSE(array.empty());
  EXPECT_EQ(array.front(), "a");
  EXPECT_EQ(array[1], "b");
  EXPECT_EQ(array.back(), "c");
}

TEST(SharedArrayTest, EmptyOnesShareNothingAndAreEqual) {
  const SharedArray<int> none;
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.begin(), none.end());
  EXPECT_EQ(none.data(), nullptr);
  EXPECT_EQ(none, SharedArray<int>(std::vector<int>()));
  EXPECT_NE(none, SharedArray<int>{1});
}

TEST(SharedArrayTest, ComparesByItsElements) {
  const SharedArray<int> array = {1, 2};
  const SharedArray<int> copy = array;
  EXPECT_TRUE(copy.SharesWith(array));
  EXPECT_EQ(copy, array);
  EXPECT_FALSE((SharedArray<int>{1, 2}.SharesWith(array)));
  EXPECT_EQ((SharedArray<int>{1, 2}), array);
  EXPECT_NE((SharedArray<int>{1, 3}), array);
  EXPECT_NE((SharedArray<int>{1, 2, 3}), array);
}

TEST(SharedArrayTest, LastReferenceDropsTheElements) {
  const auto element = std::make_shared<int>(7);
  SharedArray<std::shared_ptr<int>> array = {element, element};
  EXPECT_EQ(element.use_count(), 3);
  SharedArray<std::shared_ptr<int>> copy = array;
  EXPECT_EQ(element.use_count(), 3);
  array = {};
  EXPECT_EQ(element.use_count(), 3);
  EXPECT_TRUE(copy.IsOnlyReference());
  copy = {};
  EXPECT_EQ(element.use_count(), 1);
}

// Cannot be copied while there are three of it.
struct Scarce {
  Scarce() = default;
  Scarce(const Scarce& other) : held(other.held) {
    if (held.use_count() > 3) throw std::runtime_error("no more");
  }
  std::shared_ptr<int> held = std::make_shared<int>(7);
};

TEST(SharedArrayTest, LeavesNothingBehindWhenAnElementCannotBeMade) {
  const Scarce original;
  const std::list<std::reference_wrapper<const Scarce>> three(3, original);
  EXPECT_THROW(SharedArray<Scarce>(three.begin(), three.end()), std::runtime_error);
  EXPECT_EQ(original.held.use_count(), 1);
}

TEST(SharedArrayTest, ThreadsMayCopyAndDropOneArray) {
  for (int round = 0; round < 50; ++round) {
    const auto element = std::make_shared<int>(7);
    std::vector<std::thread> threads;
    {
      const SharedArray<std::shared_ptr<int>> shared = {element};
      for (int i = 0; i < 4; ++i) {
        threads.emplace_back([array = shared]() mutable {
          for (int j = 0; j < 100; ++j) {
            const SharedArray<std::shared_ptr<int>> copy = array;
            EXPECT_EQ(*copy.front(), 7);
          }
          array = {};
        });
      }
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(element.use_count(), 1);
  }
}

TEST(SharedValueTest, IsNothingOrAValueThatCopiesShare) {
  const SharedValue<std::string> none;
  EXPECT_EQ(none, nullptr);
  EXPECT_EQ(none.get(), nullptr);
  const SharedValue<std::string> value = std::string("web");
  EXPECT_NE(value, nullptr);
  EXPECT_EQ(*value, "web");
  EXPECT_EQ(value->size(), 3U);
  EXPECT_TRUE(value.IsOnlyReference());
  const SharedValue<std::string> copy = value;
  EXPECT_EQ(copy.get(), value.get());
  EXPECT_FALSE(value.IsOnlyReference());
}

TEST(SharedValueTest, ComparesAsTheValuesDo) {
  const SharedValue<std::string> web = std::string("web");
  EXPECT_EQ(web, SharedValue<std::string>(std::string("web")));
  EXPECT_NE(web, SharedValue<std::string>(std::string("db")));
  EXPECT_NE(web, SharedValue<std::string>());
  EXPECT_NE(SharedValue<std::string>(std::string()), SharedValue<std::string>());
}

}  // namespace
}  // namespace rollcall
