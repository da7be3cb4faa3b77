#include "agent/dns_cache.h"

#include <gtest/gtest.h>

namespace rollcall::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class DnsCacheTest : public ::testing::Test {
 protected:
  static KeptDnsAnswer Answer(seconds ttl, size_t size = 50) {
    return {.octets = DnsOctets(size), .extended_errors = {}, .ttl = ttl};
  }
  // "fresh 3", "stale 31", "none"
  static std::string Find(DnsCache& cache, const std::string& key, Clock::TimePoint now) {
    const auto found = cache.Find(key, now);
    if (!found) return "none";
    return (found->age.stale ? "stale " : "fresh ") + std::to_string(found->age.age.count());
  }

  const Clock::TimePoint start_ = Clock::TimePoint() + std::chrono::hours(1);
};

TEST_F(DnsCacheTest, AnswersAreFreshThenStaleThenGone) {
  DnsCache cache({.max_stale = seconds(100)});
  EXPECT_EQ(Find(cache, "a", start_), "none");
  cache.Put("a", Answer(seconds(10)), start_);
  EXPECT_EQ(Find(cache, "a", start_), "fresh 0");
  EXPECT_EQ(Find(cache, "a", start_ + milliseconds(9999)), "fresh 9");
  EXPECT_EQ(Find(cache, "a", start_ + seconds(10)), "stale 10");
  EXPECT_EQ(Find(cache, "a", start_ + seconds(110)), "stale 110");
  EXPECT_EQ(Find(cache, "a", start_ + seconds(111)), "none");
  EXPECT_EQ(cache.answers(), 0u);
  EXPECT_EQ(cache.octets(), 0u);
}

TEST_F(DnsCacheTest, TtlOfZeroIsNeverFresh) {
  DnsCache cache({.max_stale = seconds(100)});
  cache.Put("a", Answer(seconds(0)), start_);
  EXPECT_EQ(Find(cache, "a", start_), "stale 0");
}

TEST_F(DnsCacheTest, NothingStaleIsKeptWhenThatIsOff) {
  DnsCache cache({.max_stale = seconds(0)});
  cache.Put("a", Answer(seconds(10)), start_);
  EXPECT_EQ(Find(cache, "a", start_ + seconds(9)), "fresh 9");
  EXPECT_EQ(Find(cache, "a", start_ + seconds(10)), "none");
  cache.Put("b", Answer(seconds(0)), start_);
  EXPECT_EQ(cache.answers(), 0u);
}

TEST_F(DnsCacheTest, NewAnswerTakesThePlaceOfTheOld) {
  DnsCache cache({.max_stale = seconds(100)});
  cache.Put("a", Answer(seconds(10), 500), start_);
  const size_t octets = cache.octets();
  cache.Put("a", Answer(seconds(10), 50), start_ + seconds(20));
  EXPECT_EQ(Find(cache, "a", start_ + seconds(21)), "fresh 1");
  EXPECT_EQ(cache.octets(), octets - 450);
  cache.Remove("a");
  EXPECT_EQ(Find(cache, "a", start_ + seconds(21)), "none");
  EXPECT_EQ(cache.octets(), 0u);
}

TEST_F(DnsCacheTest, LeastRecentlyUsedGoesFirst) {
  DnsCache cache({.answers = 3, .max_stale = seconds(100)});
  for (const char* key : {"a", "b", "c"}) cache.Put(key, Answer(seconds(10)), start_);
  EXPECT_EQ(Find(cache, "a", start_), "fresh 0");
  cache.Put("d", Answer(seconds(10)), start_);
  EXPECT_EQ(cache.answers(), 3u);
  EXPECT_EQ(Find(cache, "b", start_), "none");
  EXPECT_EQ(Find(cache, "a", start_), "fresh 0");
}

TEST_F(DnsCacheTest, OctetsAreBounded) {
  DnsCache cache({.octets = 10'000, .max_stale = seconds(100)});
  for (int i = 0; i < 100; ++i) {
    cache.Put("key " + std::to_string(i), Answer(seconds(10), 1000), start_);
    EXPECT_LE(cache.octets(), 10'000u);
  }
  EXPECT_GE(cache.answers(), 5u);
  EXPECT_EQ(Find(cache, "key 99", start_), "fresh 0");
  // What is larger than all that is kept does not stay.
  cache.Put("large", Answer(seconds(10), 20'000), start_);
  EXPECT_EQ(Find(cache, "large", start_), "none");
  EXPECT_EQ(cache.octets(), 0u);
}

}  // namespace
}  // namespace rollcall::agent
