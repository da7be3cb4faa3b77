#include "api/event_log.h"

#include <gtest/gtest.h>

#include <boost/uuid/string_generator.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "api/name_filter.h"

namespace rollcall::api {
namespace {

UserEvent Named(std::string name) {
  UserEvent event;
  event.name = std::move(name);
  return event;
}

// The value of Consul's own test.
TEST(EventLogTest, AnEventsIndexIsMadeFromItsIdAsClientsMakeIt) {
  const auto id = boost::uuids::string_generator()("cb9a81ad-fff6-52ac-92a7-5f70687805ec");
  EXPECT_EQ(EventIndex(id), Index(6430540886266763072));
}

TEST(EventLogTest, EveryEventHasAnIdANumberAndAnIndexOfItsOwn) {
  EventLog log;
  std::set<std::string> ids;
  std::set<Index> indexes;
  for (uint64_t i = 1; i <= 100; ++i) {
    const UserEventPtr event = log.Add(Named("e"));
    EXPECT_EQ(event->ltime, i);
    EXPECT_EQ(event->index, EventIndex(boost::uuids::string_generator()(event->id)));
    EXPECT_GT(event->index, Index(1));
    ids.insert(event->id);
    indexes.insert(event->index);
  }
  EXPECT_EQ(ids.size(), 100u);
  EXPECT_EQ(indexes.size(), 100u);
}

TEST(EventLogTest, KeepsTheLastOnes) {
  EventLog log;
  EXPECT_TRUE(log.Events()->empty());
  const auto before = log.Events();
  for (size_t i = 0; i < EventLog::kMaxEvents + 3; ++i) log.Add(Named(std::to_string(i)));
  const auto events = log.Events();
  ASSERT_EQ(events->size(), EventLog::kMaxEvents);
  EXPECT_EQ(events->front()->name, "3");
  EXPECT_EQ(events->back()->name, std::to_string(EventLog::kMaxEvents + 2));
  EXPECT_TRUE(before->empty());
}

TEST(EventLogTest, TakesEventsFromManyThreads) {
  EventLog log;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&log] {
      for (int i = 0; i < 200; ++i) {
        log.Add(Named("e"));
        log.Events();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto events = log.Events();
  ASSERT_EQ(events->size(), EventLog::kMaxEvents);
  for (size_t i = 0; i < events->size(); ++i) EXPECT_EQ((*events)[i]->ltime, 800 - 255 + i);
}

TEST(NameFilterTest, MatchesAnywhereInANameAndAnEmptyOneEveryName) {
  const auto matches = [](const char* expression, const char* name) {
    const auto filter = NameFilter::Compile(expression);
    EXPECT_TRUE(filter) << expression;
    return filter && filter->Matches(name);
  };
  EXPECT_TRUE(matches("", "web-1"));
  EXPECT_TRUE(matches("eb", "web-1"));
  EXPECT_TRUE(matches("^web-\\d+$", "web-1"));
  EXPECT_FALSE(matches("^web-\\d+$", "web-x"));
  EXPECT_FALSE(matches("Web", "web-1"));
  EXPECT_TRUE(matches("(?i)Web", "web-1"));
}

TEST(NameFilterTest, RefusesWhatIsNoExpressionOrTooLargeAOne) {
  for (const char* bad : {"(", "a**", "[z-a]", "\\", "(?P<n", "(?=x)", "\xff"}) {
    const auto filter = NameFilter::Compile(bad);
    ASSERT_FALSE(filter) << bad;
    EXPECT_EQ(filter.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(filter.error().message, "");
  }
  EXPECT_FALSE(NameFilter::Compile("((a{100}){100}){100}"));
  EXPECT_FALSE(NameFilter::Compile(std::string(100'000, '(') + std::string(100'000, ')')));
}

TEST(NameFilterTest, TakesTimeLinearInTheNameWhateverTheExpressionIs) {
  const auto filter = NameFilter::Compile("^(a+)+(b|a)*(a|aa)+$");
  ASSERT_TRUE(filter);
  EXPECT_FALSE(filter->Matches(std::string(100'000, 'a') + "!"));
}

}  // namespace
}  // namespace rollcall::api
