#include "registry/catalog/watch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace rollcall::catalog {
namespace {

ChangeSet Changes(std::vector<WatchKey> keys) {
  std::sort(keys.begin(), keys.end());
  return {nullptr, std::move(keys)};
}

TEST(WatchKeyTest, IgnoresCaseAndTellsKindsApart) {
  EXPECT_EQ(WatchKey::Service("Web"), WatchKey::Service("wEB"));
  EXPECT_NE(WatchKey::Service("web"), WatchKey::Service("web2"));
  EXPECT_NE(WatchKey::Service("web"), WatchKey::Node("web"));
  EXPECT_NE(WatchKey::AllServices(), WatchKey::AllNodes());
}

TEST(WatchTableTest, WakesTheWaitersOfTheChangedKeyAndNobodyElse) {
  WatchTable table;
  int a = 0;
  int b = 0;
  const auto of_a = table.Park(WatchKey::Service("a"), [&] { ++a; });
  const auto of_b = table.Park(WatchKey::Service("b"), [&] { ++b; });
  table.Wake(Changes({WatchKey::Service("a"), WatchKey::Service("c")}));
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 0);
  table.Wake(Changes({WatchKey::Service("a")}));
  EXPECT_EQ(a, 2);
}

TEST(WatchTableTest, ManyChangedKeysAndFewWaitersIsTheSame) {
  WatchTable table;
  int woken = 0;
  const auto ticket = table.Park(WatchKey::Service("s500"), [&] { ++woken; });
  std::vector<WatchKey> keys;
  keys.reserve(1000);
  for (int i = 0; i < 1000; ++i) keys.push_back(WatchKey::Service("s" + std::to_string(i)));
  table.Wake(Changes(keys));
  EXPECT_EQ(woken, 1);
}

TEST(WatchTableTest, AWaiterThatLeftIsNotCalled) {
  WatchTable table;
  int woken = 0;
  {
    const auto ticket = table.Park(WatchKey::Node("n"), [&] { ++woken; });
    EXPECT_EQ(table.size(), 1u);
  }
  EXPECT_EQ(table.size(), 0u);
  table.Wake(Changes({WatchKey::Node("n")}));
  EXPECT_EQ(woken, 0);
}

TEST(WatchTableTest, WaitersMayLeaveAndParkFromWithinTheirCall) {
  WatchTable table;
  const WatchKey key = WatchKey::Service("s");
  std::vector<WatchTable::Ticket> tickets(10);
  std::vector<WatchTable::Ticket> later;
  int calls = 0;
  for (size_t i = 0; i < tickets.size(); ++i) {
    tickets[i] = table.Park(key, [&, i] {
      ++calls;
      tickets[i].Leave();                                  // itself
      if (i + 1 < tickets.size()) tickets[i + 1].Leave();  // the next to be called
      for (size_t n = 0; n < 100; ++n) {  // enough other keys for the table to grow
        later.push_back(table.Park(WatchKey::Service(std::to_string(i * 100 + n)), [] {}));
      }
      later.push_back(table.Park(key, [&] { calls += 1000; }));
    });
  }
  table.Wake(Changes({key}));
  EXPECT_EQ(calls, 5);  // every second one; the new ones not by this wake
  table.Wake(Changes({key}));
  EXPECT_EQ(calls, 5 + 5 * 1000);
  later.clear();
  EXPECT_EQ(table.size(), 0u);
}

TEST(WatchTableTest, AMovedTicketKeepsItsPlace) {
  WatchTable table;
  int woken = 0;
  WatchTable::Ticket outer;
  {
    WatchTable::Ticket inner = table.Park(WatchKey::AllNodes(), [&] { ++woken; });
    outer = std::move(inner);
  }
  table.Wake(Changes({WatchKey::AllNodes()}));
  EXPECT_EQ(woken, 1);
  outer = {};
  EXPECT_EQ(table.size(), 0u);
}

}  // namespace
}  // namespace rollcall::catalog
