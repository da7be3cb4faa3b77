#include "registry/catalog/persistent_map.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

namespace rollcall::catalog {
namespace {

struct Item {
  int key;
  int value;
};

struct ItemTraits {
  using Key = int;
  static Key KeyOf(const Item& item) { return item.key; }
  static int Compare(Key a, Key b) { return a < b ? -1 : a > b ? 1 : 0; }
};

using Map = PersistentMap<Item, ItemTraits>;
using Model = std::map<int, int>;

void Put(Map* map, EditId edit, int key, int value) {
  map->Ensure(edit, std::make_shared<const Item>(Item{key, value}));
}

void ExpectSame(const Map& map, const Model& model) {
  ASSERT_EQ(map.size(), model.size());
  auto expected = model.begin();
  for (const Item& item : map) {
    ASSERT_NE(expected, model.end());
    ASSERT_EQ(item.key, expected->first);
    ASSERT_EQ(item.value, expected->second);
    ++expected;
  }
  ASSERT_EQ(expected, model.end());
}

TEST(PersistentMapTest, AnEmptyMapHoldsNothing) {
  Map map;
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map.Find(1), nullptr);
  EXPECT_EQ(map.begin(), map.end());
  EXPECT_FALSE(map.Erase(EditId::Next(), 1));
}

// All sizes around those at which the tree gets a level more.
TEST(PersistentMapTest, AMapMadeOfSortedEntriesIsLikeAnyOther) {
  std::mt19937 random(5);
  for (const int size : {0, 1, 2, 31, 32, 33, 63, 64, 65, 1023, 1024, 1025, 33000}) {
    Model model;
    std::vector<std::shared_ptr<const Item>> entries;
    for (int i = 0; i < size; ++i) {
      model[2 * i] = i;
      entries.push_back(std::make_shared<const Item>(Item{2 * i, i}));
    }
    const Map made = Map::FromSorted(EditId::Next(), entries);
    ExpectSame(made, model);
    Map map = made;
    Model changed = model;
    const EditId edit = EditId::Next();
    for (int step = 0; step < 200; ++step) {
      const int key = static_cast<int>(random() % static_cast<unsigned>(2 * size + 2));
      EXPECT_EQ(map.Find(key) != nullptr, changed.contains(key)) << key << " of " << size;
      if (random() % 2 == 0) {
        Put(&map, edit, key, step);
        changed[key] = step;
      } else {
        EXPECT_EQ(map.Erase(edit, key), changed.erase(key) == 1);
      }
    }
    ExpectSame(map, changed);
    ExpectSame(made, model);
  }
}

// The property that the catalog rests on: whatever happens to a map, every copy of it, old or new,
// says exactly what std::map says.
TEST(PersistentMapTest, AgreesWithStdMapAndLeavesCopiesAlone) {
  std::mt19937 random(20240611);  // fixed: a failure can be repeated
  for (const int range : {8, 100, 5000}) {
    Map map;
    Model model;
    std::vector<std::pair<Map, Model>> copies;
    EditId edit = EditId::Next();
    for (int step = 0; step < 20000; ++step) {
      const int key = std::uniform_int_distribution(0, range)(random);
      // Phases of mostly growing and of mostly shrinking, so that nodes split and merge.
      const bool grow = (step / 2000) % 2 == 0;
      if (std::uniform_int_distribution(0, 9)(random) < (grow ? 7 : 3)) {
        Put(&map, edit, key, step);
        model[key] = step;
      } else {
        ASSERT_EQ(map.Erase(edit, key), model.erase(key) > 0);
      }
      if (step % 97 == 0) {
        edit = EditId::Next();  // as the catalog does: what was handed out is not changed again
        copies.emplace_back(map, model);
      }
      const int probe = std::uniform_int_distribution(0, range)(random);
      const Item* found = map.Find(probe);
      ASSERT_EQ(found != nullptr, model.contains(probe));
      if (found != nullptr) {
        ASSERT_EQ(found->value, model[probe]);
      }
    }
    ExpectSame(map, model);
    for (const auto& [copy, expected] : copies) ExpectSame(copy, expected);
  }
}

TEST(PersistentMapTest, LowerBoundStartsAtTheFirstEntryNotLess) {
  Map map;
  const EditId edit = EditId::Next();
  for (int key = 0; key < 1000; key += 10) Put(&map, edit, key, key);
  for (int key = -5; key < 1005; ++key) {
    const int expected = key <= 0 ? 0 : (key + 9) / 10 * 10;
    const auto it = map.LowerBound(key);
    if (expected >= 1000) {
      EXPECT_EQ(it, map.end()) << key;
    } else {
      ASSERT_NE(it, map.end()) << key;
      EXPECT_EQ(it->key, expected);
    }
  }
}

TEST(PersistentMapTest, ErasingEverythingInAnyOrderLeavesAnEmptyMap) {
  for (const bool ascending : {true, false}) {
    Map map;
    EditId edit = EditId::Next();
    for (int key = 0; key < 3000; ++key) Put(&map, edit, key, key);
    for (int i = 0; i < 3000; ++i) {
      edit = EditId::Next();
      ASSERT_TRUE(map.Erase(edit, ascending ? i : 2999 - i));
      ASSERT_EQ(map.size(), static_cast<size_t>(2999 - i));
    }
    EXPECT_EQ(map.begin(), map.end());
  }
}

TEST(PersistentMapTest, AReplacedEntryIsFoundThroughEveryLevel) {
  // The leftmost entry is what inner nodes find their way by: replace it and drop the old one.
  Map map;
  for (int key = 0; key < 2000; ++key) Put(&map, EditId::Next(), key, 0);
  for (int key = 0; key < 2000; ++key) Put(&map, EditId::Next(), key, 1);
  for (int key = 0; key < 2000; ++key) {
    ASSERT_NE(map.Find(key), nullptr);
    EXPECT_EQ(map.Find(key)->value, 1);
  }
}

}  // namespace
}  // namespace rollcall::catalog
