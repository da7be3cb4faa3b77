#include "registry/catalog/watch_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace rollcall::catalog {
namespace {

// Does what it is told when it is woken.
struct Told final : Waiter {
  explicit Told(std::function<void()> what) : on_wake(std::move(what)) {}
  std::function<void()> on_wake;
};

class WatchTableTest : public testing::Test {
 protected:
  std::unique_ptr<Told> Park(WatchKey key, std::function<void()> on_wake) {
    auto waiter = std::make_unique<Told>(std::move(on_wake));
    table_.Park(key, *waiter);
    return waiter;
  }

  void Wake(std::vector<WatchKey> keys) {
    std::sort(keys.begin(), keys.end());
    table_.Wake({nullptr, std::move(keys)}, [](Waiter& waiter) {
      // It may be destroyed by what it does.
      const std::function<void()> on_wake = static_cast<Told&>(waiter).on_wake;
      on_wake();
    });
  }

  static WatchKey Numbered(size_t number) { return WatchKey::Service(std::to_string(number)); }

  WatchTable table_;
};

TEST_F(WatchTableTest, WakesTheWaitersOfTheChangedKeyAndNobodyElse) {
  int a = 0;
  int b = 0;
  const auto of_a = Park(WatchKey::Service("a"), [&] { ++a; });
  const auto of_b = Park(WatchKey::Service("b"), [&] { ++b; });
  Wake({WatchKey::Service("a"), WatchKey::Service("c")});
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 0);
  Wake({WatchKey::Service("a")});
  EXPECT_EQ(a, 2);
}

TEST_F(WatchTableTest, ManyChangedKeysAndFewWaitersIsTheSame) {
  int woken = 0;
  int others = 0;
  const auto waiter = Park(Numbered(500), [&] { ++woken; });
  const auto other = Park(WatchKey::Node("n"), [&] { ++others; });
  std::vector<WatchKey> keys;
  keys.reserve(1000);
  for (size_t i = 0; i < 1000; ++i) keys.push_back(Numbered(i));
  Wake(keys);
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(others, 0);
}

TEST_F(WatchTableTest, AWaiterThatLeftIsNotCalled) {
  int woken = 0;
  {
    const auto waiter = Park(WatchKey::Node("n"), [&] { ++woken; });
    EXPECT_TRUE(waiter->is_parked());
    EXPECT_EQ(table_.size(), 1u);
  }
  EXPECT_EQ(table_.size(), 0u);
  Wake({WatchKey::Node("n")});
  EXPECT_EQ(woken, 0);
}

TEST_F(WatchTableTest, AWaiterMayLeaveTwiceAndParkAgainElsewhere) {
  int woken = 0;
  const auto waiter = Park(Numbered(1), [&] { ++woken; });
  waiter->Leave();
  waiter->Leave();
  EXPECT_FALSE(waiter->is_parked());
  table_.Park(Numbered(2), *waiter);
  Wake({Numbered(1)});
  EXPECT_EQ(woken, 0);
  Wake({Numbered(2)});
  EXPECT_EQ(woken, 1);
}

TEST_F(WatchTableTest, WaitersMayLeaveAndParkFromWithinTheirCall) {
  const WatchKey key = WatchKey::Service("s");
  std::vector<std::unique_ptr<Told>> waiters(10);
  std::vector<std::unique_ptr<Told>> later;
  int calls = 0;
  for (size_t i = 0; i < waiters.size(); ++i) {
    waiters[i] = Park(key, [&, i] {
      ++calls;
      waiters[i]->Leave();                                  // itself
      if (i + 1 < waiters.size()) waiters[i + 1]->Leave();  // the next to be called
      for (size_t n = 0; n < 100; ++n) {  // enough other keys for the table to grow
        later.push_back(Park(Numbered(i * 100 + n), [] {}));
      }
      later.push_back(Park(key, [&] { calls += 1000; }));
    });
  }
  Wake({key});
  EXPECT_EQ(calls, 5);  // every second one; the new ones not by this wake
  Wake({key});
  EXPECT_EQ(calls, 5 + 5 * 1000);
  later.clear();
  EXPECT_EQ(table_.size(), 0u);
}

TEST_F(WatchTableTest, AWaiterMayBeDestroyedByItsCall) {
  int calls = 0;
  std::vector<std::unique_ptr<Told>> waiters(3);
  for (size_t i = 0; i < waiters.size(); ++i) {
    waiters[i] = Park(Numbered(1), [&, i] {
      ++calls;
      waiters[i].reset();
    });
  }
  Wake({Numbered(1)});
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(table_.size(), 0u);
}

TEST_F(WatchTableTest, WhoParksDuringAWakeIsNotCalledByItUnderAnyKey) {
  std::vector<std::unique_ptr<Told>> later;
  int early = 0;
  int calls = 0;
  const std::vector<WatchKey> keys = {Numbered(1), Numbered(2), Numbered(3)};
  std::vector<std::unique_ptr<Told>> waiters;
  for (const WatchKey key : keys) {
    waiters.push_back(Park(key, [&] {
      ++calls;
      if (calls > 1) return;
      for (const WatchKey other : keys) later.push_back(Park(other, [&] { ++early; }));
      later.front()->Leave();  // gone before it has arrived
      EXPECT_EQ(table_.size(), 3u + 2u);
    }));
  }
  Wake(keys);
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(early, 0);
  Wake(keys);
  EXPECT_EQ(calls, 6);
  EXPECT_EQ(early, 2);
}

TEST_F(WatchTableTest, AWakeThatFailsLeavesTheTableSound) {
  const WatchKey key = Numbered(1);
  int calls = 0;
  std::unique_ptr<Told> other = Park(key, [&] { ++calls; });
  std::unique_ptr<Told> later;
  std::unique_ptr<Told> failing = Park(key, [&] {
    failing->Leave();
    later = Park(key, [&] { calls += 10; });
    throw std::runtime_error("no memory");
  });
  EXPECT_THROW(Wake({key}), std::runtime_error);
  calls = 0;
  Wake({key});
  EXPECT_EQ(calls, 11);
  EXPECT_EQ(table_.size(), 2u);
}

// Parking, leaving and waking at random, with as many keys as make the table grow, reuse the slots
// of keys that nobody waits for any more, and drop them; against a plain list of who waits for
// what.
TEST_F(WatchTableTest, WakesWhoWaitsAfterAnyHistory) {
  constexpr size_t kKeys = 300;
  std::mt19937 random(7);
  std::multiset<std::pair<size_t, const Told*>> waiting;
  std::multiset<std::pair<size_t, const Told*>> woken;
  std::vector<std::pair<size_t, std::unique_ptr<Told>>> waiters;
  for (int step = 0; step < 20'000; ++step) {
    // Now many come, now many go; other keys all the time.
    const bool is_filling = step / 2000 % 2 == 0;
    const size_t key = random() % kKeys + static_cast<size_t>(step / 1000) * kKeys / 2;
    if (waiters.empty() || random() % 10 < (is_filling ? 7u : 3u)) {
      auto waiter = std::make_unique<Told>([] {});
      waiter->on_wake = [&, key, self = waiter.get()] { woken.emplace(key, self); };
      table_.Park(Numbered(key), *waiter);
      waiting.emplace(key, waiter.get());
      waiters.emplace_back(key, std::move(waiter));
    } else {
      std::swap(waiters[random() % waiters.size()], waiters.back());
      waiting.erase(waiting.find({waiters.back().first, waiters.back().second.get()}));
      waiters.pop_back();
    }
    ASSERT_EQ(table_.size(), waiting.size());
    if (step % 500 != 0) continue;
    std::set<size_t> all;
    for (const auto& [number, waiter] : waiters) all.insert(number);
    std::vector<WatchKey> keys = {WatchKey::AllNodes()};
    for (const size_t number : all) keys.push_back(Numbered(number));
    woken.clear();
    Wake(keys);
    ASSERT_EQ(woken, waiting);
  }
}

}  // namespace
}  // namespace rollcall::catalog
