#include "registry/model/value_pool.h"

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace rollcall::model {
namespace {

TEST(ValuePoolTest, EqualTextsBecomeOne) {
  ValuePool pool;
  const Text first = pool.Share(Text("web"));
  EXPECT_TRUE(pool.Share(Text("web")).SharesWith(first));
  EXPECT_TRUE(pool.Share(Text("web")).SharesWith(first));
  EXPECT_FALSE(pool.Share(Text("Web")).SharesWith(first));
  EXPECT_EQ(pool.Share(Text("Web")), "Web");
  EXPECT_EQ(pool.size(), 2U);
}

TEST(ValuePoolTest, FirstOfEqualTextsIsKeptAsItIs) {
  ValuePool pool;
  const Text given = "web";
  EXPECT_TRUE(pool.Share(given).SharesWith(given));
}

TEST(ValuePoolTest, EqualListsAndMapsBecomeOne) {
  ValuePool pool;
  const TextList list = pool.Share(TextList{"a", "b"});
  EXPECT_EQ(list, (TextList{"a", "b"}));
  EXPECT_TRUE(pool.Share(TextList{"a", "b"}).SharesWith(list));
  EXPECT_TRUE(pool.Share(list).SharesWith(list));
  EXPECT_EQ(pool.Share(TextList{"b", "a"}), (TextList{"b", "a"}));
  const StringMap map = pool.Share(StringMap{{"a", "1"}, {"b", "2"}});
  EXPECT_EQ(map, (StringMap{{"a", "1"}, {"b", "2"}}));
  EXPECT_TRUE(pool.Share(StringMap{{"a", "1"}, {"b", "2"}}).SharesWith(map));
  EXPECT_EQ(pool.Share(StringMap{{"a", "2"}, {"b", "1"}}), (StringMap{{"a", "2"}, {"b", "1"}}));
}

TEST(ValuePoolTest, ElementsOfDifferentListsAreShared) {
  ValuePool pool;
  const TextList one = pool.Share(TextList{"a", "b"});
  const TextList other = pool.Share(TextList{"b", "c"});
  EXPECT_TRUE(one[1].SharesWith(other[0]));
  const StringMap map = pool.Share(StringMap{{"c", "a"}});
  EXPECT_TRUE(map.front().first.SharesWith(other[1]));
  EXPECT_TRUE(map.front().second.SharesWith(one[0]));
}

TEST(ValuePoolTest, CharactersGiveTheTextsAndArraysThatAreKnown) {
  ValuePool pool;
  const Text text = pool.Share(Text("a"));
  const TextList list = pool.Share(TextList{"a", "b"});
  const StringMap map = pool.Share(StringMap{{"a", "1"}, {"b", "2"}});
  EXPECT_TRUE(pool.Share(std::string_view("a")).SharesWith(text));
  using Pair = std::pair<std::string_view, std::string_view>;
  const std::vector<std::string_view> same_list{"a", "b"};
  const std::vector<Pair> same_map{{"a", "1"}, {"b", "2"}};
  EXPECT_TRUE(pool.Share(std::span(same_list)).SharesWith(list));
  EXPECT_TRUE(pool.Share(std::span(same_map)).SharesWith(map));
  const std::vector<std::string_view> other_way{"b", "a"};
  const TextList other = pool.Share(std::span(other_way));
  EXPECT_EQ(other, (TextList{"b", "a"}));
  EXPECT_TRUE(other[1].SharesWith(text));
  const std::vector<Pair> other_pair{{"a", "2"}};
  const StringMap other_map = pool.Share(std::span(other_pair));
  EXPECT_EQ(other_map, (StringMap{{"a", "2"}}));
  EXPECT_TRUE(other_map.front().first.SharesWith(text));
}

TEST(ValuePoolTest, LongOutputsAreNotKept) {
  ValuePool pool;
  const std::string is_long(33, 'x');
  EXPECT_EQ(pool.ShareOutput(is_long), is_long);
  EXPECT_EQ(pool.size(), 0U);
  EXPECT_TRUE(pool.ShareOutput("OK").SharesWith(pool.ShareOutput("OK")));
}

// Each in front of the one behind, as the threads that load a store have them.
TEST(ValuePoolTest, PoolsInFrontOfOneHandOutTheSameValues) {
  ValuePool behind;
  std::mutex mutex;
  CheckDefinition definition;
  definition.ttl = std::chrono::seconds(30);
  std::vector<Text> texts(4);
  std::vector<TextList> lists(4);
  std::vector<StringMap> maps(4);
  std::vector<SharedValue<CheckDefinition>> definitions(4);
  {
    std::vector<std::thread> threads;
    for (size_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        ValuePool front(&behind, &mutex);
        for (int i = 0; i < 5000; ++i) {  // enough for the one behind to be swept
          front.Share(Text(std::to_string(i)));
          front.Share(TextList{std::to_string(i), "b"});
        }
        texts[t] = front.Share(std::string_view("web"));
        lists[t] = front.Share(TextList{"7", "b"});
        maps[t] = front.Share(StringMap{{"a", "7"}});
        definitions[t] = front.Share(SharedValue(definition));
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  for (size_t t = 0; t < 4; ++t) {
    EXPECT_TRUE(texts[t].SharesWith(texts[0]));
    EXPECT_TRUE(lists[t].SharesWith(lists[0]));
    EXPECT_TRUE(maps[t].SharesWith(maps[0]));
    EXPECT_TRUE(definitions[t].SharesWith(definitions[0]));
  }
  EXPECT_TRUE(behind.Share(std::string_view("web")).SharesWith(texts[0]));
  EXPECT_TRUE(lists[0].front().SharesWith(maps[0].front().second));
}

TEST(ValuePoolTest, EmptyValuesTakeNoPlace) {
  ValuePool pool;
  EXPECT_TRUE(pool.Share(Text()).empty());
  EXPECT_TRUE(pool.Share(TextList()).empty());
  EXPECT_TRUE(pool.Share(StringMap()).empty());
  EXPECT_EQ(pool.Share(SharedValue<CheckDefinition>()), nullptr);
  EXPECT_EQ(pool.size(), 0U);
}

TEST(ValuePoolTest, EqualDefinitionsBecomeOne) {
  ValuePool pool;
  CheckDefinition definition;
  definition.ttl = std::chrono::seconds(10);
  definition.header = {{"X-A", {"1"}}};
  const auto first = pool.Share(SharedValue<CheckDefinition>(definition));
  EXPECT_EQ(*first, definition);
  EXPECT_TRUE(pool.Share(SharedValue<CheckDefinition>(definition)).SharesWith(first));
  definition.header = {{"X-A", {"2"}}};  // which is not a part of its hash
  EXPECT_EQ(*pool.Share(SharedValue<CheckDefinition>(definition)), definition);
}

TEST(ValuePoolTest, SweepForgetsWhatNobodyRefersTo) {
  ValuePool pool;
  const Text kept = pool.Share(Text("kept"));
  TextList list = pool.Share(TextList{"a", "b"});
  pool.Share(TextList{"a", "c"});
  pool.Share(StringMap{{"k", "v"}});
  pool.Share(SharedValue<CheckDefinition>(CheckDefinition()));
  pool.Sweep();
  EXPECT_EQ(pool.size(), 4U);  // kept, a, b and their list
  EXPECT_TRUE(pool.Share(Text("kept")).SharesWith(kept));
  EXPECT_TRUE(pool.Share(TextList{"a", "b"}).SharesWith(list));
  list = {};
  pool.Sweep();
  EXPECT_EQ(pool.size(), 1U);
}

TEST(ValuePoolTest, DoesNotGrowByWhatComesAndGoes) {
  ValuePool pool;
  for (int i = 0; i < 20000; ++i) {
    pool.Share(TextList{"version", std::to_string(i)});
    ASSERT_LE(pool.size(), 10000U);
  }
}

TEST(ValuePoolTest, KeepsALargeNumberOfValues) {
  ValuePool pool;
  std::vector<Text> held;
  for (size_t i = 0; i < 20000; ++i) held.push_back(pool.Share(Text(std::to_string(i))));
  for (size_t i = 0; i < held.size(); ++i) {
    EXPECT_TRUE(pool.Share(Text(std::to_string(i))).SharesWith(held[i]));
  }
}

Node NodeNamed(std::string_view name) {
  Node node;
  node.id = "6b1b3b8e-1f0a-4a3e-9c6e-000000000001";
  node.name = name;
  node.address = "10.0.0.1";
  node.tagged_addresses = {{"lan", "10.0.0.1"}, {"wan", "192.0.2.1"}};
  node.meta = {{"rack", "r1"}};
  return node;
}

Instance InstanceOn(std::string_view node) {
  Instance instance;
  instance.node = node;
  instance.id = "web-1";
  instance.service = "web";
  instance.kind = "typical";
  instance.tags = {"a", "b"};
  instance.address = "10.0.0.1";
  instance.tagged_addresses = {{"lan", {"10.0.0.1", 80}}};
  instance.meta = {{"version", "1"}};
  return instance;
}

Check CheckOfInstance(std::string_view node) {
  Check check;
  check.node = node;
  check.check_id = "service:web-1";
  check.name = "Service 'web' check";
  check.notes = "none";
  check.output = "OK";
  check.service_id = "web-1";
  check.service_name = "web";
  check.service_tags = {"a", "b"};
  check.type = "ttl";
  CheckDefinition definition;
  definition.ttl = std::chrono::seconds(10);
  check.definition = definition;
  check.upkeep = definition;
  return check;
}

TEST(ValuePoolTest, RecordsSayTheSameAfterwards) {
  ValuePool pool;
  Node node = NodeNamed("n");
  pool.Share(&node, nullptr);
  EXPECT_TRUE(SameContent(node, NodeNamed("n")));
  Instance instance = InstanceOn("n");
  pool.Share(&instance, node, nullptr);
  EXPECT_TRUE(SameContent(instance, InstanceOn("n")));
  Check check = CheckOfInstance("n");
  pool.Share(&check, node, &instance, nullptr);
  EXPECT_TRUE(SameContent(check, CheckOfInstance("n")));
}

TEST(ValuePoolTest, RecordsOfANodeShareItsNameAndAddress) {
  ValuePool pool;
  Node node = NodeNamed("n");
  pool.Share(&node, nullptr);
  EXPECT_TRUE(FindInMap(node.tagged_addresses, "lan")->SharesWith(node.address));
  Instance instance = InstanceOn("n");
  pool.Share(&instance, node, nullptr);
  EXPECT_TRUE(instance.node.SharesWith(node.name));
  EXPECT_TRUE(instance.address.SharesWith(node.address));
  EXPECT_TRUE(instance.tagged_addresses.front().second.address.SharesWith(node.address));
  Check check = CheckOfInstance("n");
  pool.Share(&check, node, &instance, nullptr);
  EXPECT_TRUE(check.node.SharesWith(node.name));
  EXPECT_TRUE(check.service_id.SharesWith(instance.id));
  EXPECT_TRUE(check.service_name.SharesWith(instance.service));
  EXPECT_TRUE(check.service_tags.SharesWith(instance.tags));
  EXPECT_TRUE(check.upkeep.SharesWith(check.definition));
  // The name of a node in another case is another text.
  Instance elsewhere = InstanceOn("N");
  pool.Share(&elsewhere, node, nullptr);
  EXPECT_EQ(elsewhere.node, "N");
}

TEST(ValuePoolTest, RecordsOfDifferentNodesShareWhatTheySay) {
  ValuePool pool;
  Node nodes[] = {NodeNamed("n1"), NodeNamed("n2")};
  Instance instances[] = {InstanceOn("n1"), InstanceOn("n2")};
  Check checks[] = {CheckOfInstance("n1"), CheckOfInstance("n2")};
  for (const size_t i : {0U, 1U}) {
    pool.Share(&nodes[i], nullptr);
    pool.Share(&instances[i], nodes[i], nullptr);
    pool.Share(&checks[i], nodes[i], &instances[i], nullptr);
  }
  EXPECT_TRUE(nodes[0].meta.SharesWith(nodes[1].meta));
  EXPECT_TRUE(instances[0].service.SharesWith(instances[1].service));
  EXPECT_TRUE(instances[0].kind.SharesWith(instances[1].kind));
  EXPECT_TRUE(instances[0].tags.SharesWith(instances[1].tags));
  EXPECT_TRUE(instances[0].meta.SharesWith(instances[1].meta));
  EXPECT_TRUE(checks[0].name.SharesWith(checks[1].name));
  EXPECT_TRUE(checks[0].notes.SharesWith(checks[1].notes));
  EXPECT_TRUE(checks[0].output.SharesWith(checks[1].output));
  EXPECT_TRUE(checks[0].type.SharesWith(checks[1].type));
  EXPECT_TRUE(checks[0].definition.SharesWith(checks[1].definition));
}

TEST(ValuePoolTest, RecordKeepsTheIdentityOfTheOneThatItReplaces) {
  ValuePool pool;
  const Node node = NodeNamed("n");
  Node again = NodeNamed("n");
  pool.Share(&again, &node);
  EXPECT_TRUE(again.name.SharesWith(node.name));
  EXPECT_TRUE(again.id.SharesWith(node.id));
  const Instance instance = InstanceOn("n");
  Instance instance_again = InstanceOn("n");
  pool.Share(&instance_again, node, &instance);
  EXPECT_TRUE(instance_again.id.SharesWith(instance.id));
  const Check check = CheckOfInstance("n");
  Check check_again = CheckOfInstance("n");
  pool.Share(&check_again, node, &instance, &check);
  EXPECT_TRUE(check_again.check_id.SharesWith(check.check_id));
}

TEST(ValuePoolTest, ThreadsMayDropValuesWhileItSweeps) {
  ValuePool pool;
  std::vector<std::thread> threads;
  for (int i = 0; i < 20; ++i) {
    TextList list = pool.Share(TextList{"a", std::to_string(i)});
    threads.emplace_back([held = std::move(list), i]() mutable {
      EXPECT_EQ(held[1], std::to_string(i));
      held = {};
    });
    pool.Sweep();
    EXPECT_EQ(pool.Share(TextList{"a", std::to_string(i)}), (TextList{"a", std::to_string(i)}));
  }
  for (std::thread& thread : threads) thread.join();
  pool.Sweep();
  EXPECT_EQ(pool.size(), 0U);
}

// Checks behind one proxy differ in nothing but a header: were they all alike to the pool's tables,
// each would be compared with all before it, and this would take minutes.
TEST(ValuePoolTest, TellsManyDefinitionsApartThatDifferInAHeaderAlone) {
  ValuePool pool;
  std::vector<SharedValue<CheckDefinition>> kept;
  constexpr size_t kCount = 50000;
  for (size_t i = 0; i < kCount; ++i) {
    CheckDefinition definition;
    definition.http = "http://127.0.0.1:8080/health";
    definition.header = {{"Host", TextList{Text("service-" + std::to_string(i))}}};
    definition.interval = std::chrono::seconds(10);
    kept.push_back(pool.Share(SharedValue<CheckDefinition>(std::move(definition))));
  }
  EXPECT_EQ(pool.size(), kCount);
}

}  // namespace
}  // namespace rollcall::model
