#include "registry/catalog/persistent_map.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/base/ascii.h"
#include "registry/base/counted.h"

namespace rollcall::catalog {
namespace {

struct Item : RefCounter<Item> {
  Item(int k, int v) : key(k), value(v) {}
  const int key;
  const int value;
};

struct ItemTraits {
  using Key = int;
  static Key KeyOf(const Item& item) { return item.key; }
  static int Compare(Key a, Key b) { return a < b ? -1 : a > b ? 1 : 0; }
  static void Write(Key key, SortKey* to) {
    const uint32_t ordered = static_cast<uint32_t>(key) ^ uint32_t { 1 } << 31;
    for (const int shift : {24, 16, 8, 0}) {
      to->AddBytes({{static_cast<uint8_t>(ordered >> shift)}});
    }
  }
};

using Map = PersistentMap<Item, ItemTraits>;
using Model = std::map<int, int>;

void Put(Map* map, EditId edit, int key, int value) {
  map->Ensure(edit, Ref<Item>(new Item(key, value)));
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
    std::vector<Ref<Item>> entries;
    for (int i = 0; i < size; ++i) {
      model[2 * i] = i;
      entries.emplace_back(new Item(2 * i, i));
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

// Keys of two names, as the instances of a service have.
struct Pair : RefCounter<Pair> {
  Pair(std::string_view a, std::string_view b) : first(a), second(b) {}
  const std::string first;
  const std::string second;
};

struct PairTraits {
  using Key = std::pair<std::string_view, std::string_view>;
  static Key KeyOf(const Pair& pair) { return {pair.first, pair.second}; }
  static int Compare(const Key& a, const Key& b) {
    const int by_first = CompareIgnoreCase(a.first, b.first);
    return by_first != 0 ? by_first : CompareIgnoreCase(a.second, b.second);
  }
  static void Write(const Key& key, SortKey* to) {
    to->AddNameBefore(key.first);
    to->AddName(key.second);
  }
};
using PairMap = PersistentMap<Pair, PairTraits>;

struct PairLess {
  bool operator()(const PairTraits::Key& a, const PairTraits::Key& b) const {
    return PairTraits::Compare(a, b) < 0;
  }
};

// A name of few different characters, so that many names begin alike, end inside of one another,
// and are equal but for their case; among them those that the bytes of a key have a meaning for.
std::string RandomName(std::mt19937* random, const std::string& prefix) {
  constexpr std::string_view kLetters("aAb\x00\x01\xff", 6);
  std::string name = (*random)() % 2 == 0 ? prefix : std::string();
  for (size_t length = (*random)() % 12; length > 0; --length) {
    name += kLetters[(*random)() % ((*random)() % 4 == 0 ? kLetters.size() : 2)];
  }
  return name;
}

class PersistentMapNamesTest : public testing::TestWithParam<size_t> {};

// Nodes count up to 255 common bytes, and keep 8 after them.
INSTANTIATE_TEST_SUITE_P(PrefixLengths, PersistentMapNamesTest, testing::Values(3, 60, 300));

TEST_P(PersistentMapNamesTest, FindsItsWayAmongNamesThatBeginAlike) {
  std::mt19937 random(7);
  const std::string prefix(GetParam(), 'p');
  PairMap map;
  std::map<PairTraits::Key, Ref<Pair>, PairLess> model;
  for (int step = 0; step < 25000; ++step) {
    const EditId edit = EditId::Next();
    const Ref<Pair> pair(new Pair(RandomName(&random, prefix), RandomName(&random, prefix)));
    const auto key = PairTraits::KeyOf(*pair);
    const auto expected = model.lower_bound(key);
    const auto found = map.LowerBound(key);
    ASSERT_EQ(found == map.end(), expected == model.end());
    if (expected != model.end()) {
      ASSERT_EQ(&*found, expected->second.get());
    }
    const bool is_there = expected != model.end() && PairTraits::Compare(expected->first, key) == 0;
    ASSERT_EQ(map.Find(key), is_there ? expected->second.get() : nullptr);
    const bool grow = (step / 5000) % 2 == 0;
    if (random() % 10 < (grow ? 8U : 2U)) {
      map.Ensure(edit, pair);
      model.erase(key);  // the key of the model points into the entry
      model.emplace(key, pair);
    } else if (expected != model.end()) {
      const Ref<Pair> gone = expected->second;
      ASSERT_TRUE(map.Erase(edit, PairTraits::KeyOf(*gone)));
      model.erase(PairTraits::KeyOf(*gone));
    }
    ASSERT_EQ(map.size(), model.size());
  }
  ASSERT_GT(model.size(), 1000U);
  auto expected = model.begin();
  for (const Pair& pair : map) ASSERT_EQ(&pair, (expected++)->second.get());
}

TEST(PersistentMapTest, CopiesShareEntriesAndTheLastOneFreesThem) {
  struct Probe : RefCounter<Probe> {
    Probe(int k, int* l) : key(k), live(l) { ++*live; }
    ~Probe() { --*live; }
    const int key;
    int* const live;
  };
  struct Traits : ItemTraits {
    static Key KeyOf(const Probe& probe) { return probe.key; }
  };
  int live = 0;
  {
    PersistentMap<Probe, Traits> map;
    for (int key = 0; key < 1000; ++key)
      map.Ensure(EditId::Next(), Ref<Probe>(new Probe(key, &live)));
    PersistentMap<Probe, Traits> copy = map;
    for (int key = 0; key < 1000; key += 2) {
      map.Ensure(EditId::Next(), Ref<Probe>(new Probe(key, &live)));
    }
    EXPECT_EQ(live, 1500);
    copy = {};
    EXPECT_EQ(live, 1000);
    const EditId edit = EditId::Next();
    for (int key = 1; key < 1000; key += 2) EXPECT_TRUE(map.Erase(edit, key));
    EXPECT_EQ(live, 500);
  }
  EXPECT_EQ(live, 0);
}

}  // namespace
}  // namespace rollcall::catalog
