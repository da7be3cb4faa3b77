// What a store promises while nothing goes wrong.
#include "registry/store/rocksdb_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/registry/store/random_records.h"
#include "tests/registry/store/store_fixture.h"

namespace rollcall::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RocksdbStoreTest : public ::testing::Test {
 protected:
  RocksdbStoreTest() { Reopen(); }

  void Reopen() {
    store_.reset();
    auto opened = RocksdbStore::Open(directory_.path());
    if (!opened) throw std::runtime_error(opened.error().message);
    store_ = std::move(*opened);
  }

  std::vector<uint64_t> Commit(std::vector<model::Transaction> batch) {
    const auto indexes = store_->Commit(batch);
    EXPECT_TRUE(indexes) << indexes.error().message;
    std::vector<uint64_t> numbers;
    if (indexes) {
      for (const Index index : *indexes) numbers.push_back(index.value());
    }
    return numbers;
  }

  // Everything in the store, in the order of Load: "node n1 10.0.0.1 @1/2" (created/modified).
  std::vector<std::string> Load() {
    std::vector<std::string> lines;
    const auto at = [](const auto& record) {
      return " @" + std::to_string(record.create_index.value()) + "/" +
             std::to_string(record.modify_index.value());
    };
    const auto last = LoadRecords(*store_, [&](const model::Mutation& mutation) {
      if (const auto* node = std::get_if<model::PutNode>(&mutation)) {
        lines.push_back("node " + node->node->name + " " + node->node->address + at(*node->node));
      } else if (const auto* instance = std::get_if<model::PutInstance>(&mutation)) {
        const model::Instance& i = *instance->instance;
        lines.push_back("instance " + i.node + " " + i.id + " " + i.service + at(i));
      } else if (const auto* check = std::get_if<model::PutCheck>(&mutation)) {
        const model::Check& c = *check->check;
        lines.push_back("check " + c.node + " " + c.check_id + " " + c.output + at(c));
      } else if (const auto* put = std::get_if<model::PutCoordinate>(&mutation)) {
        const model::Coordinate& c = *put->coordinate;
        lines.push_back("coordinate " + c.node + " " + c.segment + " " + std::to_string(c.height) +
                        at(c));
      } else if (const auto* acl = std::get_if<model::PutAcl>(&mutation)) {
        const model::AclObject& o = *acl->object;
        lines.push_back("acl " + std::string(ToString(o.kind)) + " " + o.id + " " + o.content +
                        at(o));
      } else {
        ADD_FAILURE() << "Load handed out something else than a record";
      }
    });
    EXPECT_TRUE(last) << last.error().message;
    if (last) last_index_ = last->value();
    return lines;
  }

  TempDirectory directory_;
  std::unique_ptr<Store> store_;
  uint64_t last_index_ = 12345;  // of the last Load
};

TEST_F(RocksdbStoreTest, IsEmptyWhenNew) {
  EXPECT_THAT(Load(), IsEmpty());
  EXPECT_EQ(last_index_, 0u);
  Reopen();
  EXPECT_THAT(Load(), IsEmpty());
  EXPECT_EQ(last_index_, 0u);
}

TEST_F(RocksdbStoreTest, LoadsWhatWasCommittedNodeByNode) {
  EXPECT_THAT(Commit({{PutCoordinate("b", "s", 0.25), PutCheck("b", "c1", "ok"),
                       PutInstance("b", "i2", "web")},
                      {PutNode("b", "10.0.0.2"), PutNode("A", "10.0.0.1")},
                      {PutInstance("B", "I1", "web"), PutCoordinate("a", "", 0.5)}}),
              ElementsAre(1, 2, 3));
  for (int opened = 0; opened < 2; ++opened) {
    EXPECT_THAT(Load(), ElementsAre("node A 10.0.0.1 @2/2", "coordinate a  0.500000 @3/3",
                                    "node b 10.0.0.2 @2/2", "instance B I1 web @3/3",
                                    "instance b i2 web @1/1", "check b c1 ok @1/1",
                                    "coordinate b s 0.250000 @1/1"));
    EXPECT_EQ(last_index_, 3u);
    Reopen();
  }
}

TEST_F(RocksdbStoreTest, LoadsTheObjectsOfAccessControlBeforeTheNodes) {
  using enum model::AclKind;
  EXPECT_THAT(Commit({{PutNode("a", "10.0.0.1"), PutAcl(kToken, "T", "1"), PutAcl(kRole, "r", "1")},
                      {PutAcl(kToken, "t", "2"), model::RemoveAcl{kRole, "R"}},
                      {PutAcl(kPolicy, "a\n", "x"), model::RemoveAcl{kPolicy, "none"}}}),
              ElementsAre(1, 2, 3));
  for (int opened = 0; opened < 2; ++opened) {
    EXPECT_THAT(Load(),
                ElementsAre("acl policy a\n x @3/3", "acl token t 2 @2/2", "node a 10.0.0.1 @1/1"));
    Reopen();
  }
}

// Also when names hold the bytes that keys are made of, and records of a node are without it.
TEST_F(RocksdbStoreTest, LoadsTheRecordsOfANodeInOneChunk) {
  using namespace std::string_literals;
  const std::vector<std::string> names = {"a",     "a\0"s,      "a\0\x01"s, "A\0b"s, "a\0\xff"s,
                                          "a\x01", "a\x01\x01", "ab",       "b"};
  const std::string filler(20000, 'x');
  model::Transaction transaction;
  for (const std::string& name : names) {
    if (name != "ab") transaction.push_back(PutNode(name, filler));
    for (const char* id : {"1", "\x01", "2"}) {
      transaction.push_back(PutInstance(name, id, filler));
      transaction.push_back(PutCheck(name, id, filler));
    }
    transaction.push_back(PutCoordinate(name, "", 1));
  }
  Commit({transaction});
  std::vector<std::string> nodes;
  size_t chunks = 0;
  size_t records = 0;
  const auto last = store_->Load([&](const RecordChunk& chunk) {
    ++chunks;
    const auto found = RecordsOf(chunk);
    EXPECT_TRUE(found) << found.error().message;
    std::string node = "before the first";
    for (const model::Mutation& record : *found) {
      const Text its_node = std::visit(
          [](const auto& put) -> Text {
            if constexpr (requires { put.node->name; }) return put.node->name;
            if constexpr (requires { put.instance; }) return put.instance->node;
            if constexpr (requires { put.check; }) return put.check->node;
            if constexpr (requires { put.coordinate; }) return put.coordinate->node;
            return Text();
          },
          record);
      if (its_node != node) nodes.push_back(its_node.str());
      node = its_node.str();
      ++records;
    }
    return true;
  });
  ASSERT_TRUE(last) << last.error().message;
  EXPECT_EQ(nodes, names);  // each once, and in order
  EXPECT_EQ(records, transaction.size());
  EXPECT_GT(chunks, 1u);
}

TEST_F(RocksdbStoreTest, HandsOutNoMoreThanIsWanted) {
  model::Transaction transaction;
  for (char name = 'a'; name <= 'z'; ++name) {
    transaction.push_back(PutNode(std::string(1, name), std::string(30000, 'x')));
  }
  Commit({transaction});
  size_t chunks = 0;
  const auto last = store_->Load([&](const RecordChunk&) { return ++chunks < 2; });
  ASSERT_TRUE(last);
  EXPECT_EQ(last->value(), 1u);
  EXPECT_EQ(chunks, 2u);
}

TEST_F(RocksdbStoreTest, GivesEachTransactionTheNextIndexAlsoAfterReopening) {
  EXPECT_THAT(Commit({{PutNode("a", "1")}}), ElementsAre(1));
  EXPECT_THAT(Commit({{PutNode("b", "1")}, {PutNode("c", "1")}}), ElementsAre(2, 3));
  Reopen();
  EXPECT_THAT(Commit({{PutNode("d", "1")}}), ElementsAre(4));
  Reopen();
  EXPECT_THAT(Commit({{model::RemoveNode{"d"}}}), ElementsAre(5));
  Reopen();
  EXPECT_THAT(Commit({{PutNode("e", "1")}}), ElementsAre(6));
}

TEST_F(RocksdbStoreTest, NamesOfAnotherCaseAreTheSameRecord) {
  Commit({{PutNode("Web", "1"), PutInstance("Web", "I", "s"), PutCheck("Web", "C", "o"),
           PutCoordinate("Web", "Seg", 1)}});
  Commit({{PutNode("wEB", "2"), PutInstance("wEB", "i", "t"), PutCheck("wEB", "c", "p"),
           PutCoordinate("wEB", "sEG", 2)}});
  EXPECT_THAT(Load(), ElementsAre("node wEB 2 @2/2", "instance wEB i t @2/2", "check wEB c p @2/2",
                                  "coordinate wEB sEG 2.000000 @2/2"));
  Commit({{model::RemoveCheck{"WEB", "C"}, model::RemoveInstance{"WEB", "I"},
           model::RemoveCoordinate{"WEB", "SEG"}, model::RemoveNode{"WEB"}}});
  EXPECT_THAT(Load(), IsEmpty());
}

TEST_F(RocksdbStoreTest, KeepsTheIndexAtWhichARecordWasCreated) {
  Commit({{PutNode("a", "1")}, {PutNode("b", "1")}});
  model::Node changed;
  changed.name = "a";
  changed.address = "2";
  changed.create_index = Index(1);
  Commit({{model::PutNode{std::make_shared<model::Node>(changed)}}});
  EXPECT_THAT(Load(), ElementsAre("node a 2 @1/3", "node b 1 @2/2"));
}

TEST_F(RocksdbStoreTest, RemovingWhatIsNotThereChangesNothingElse) {
  Commit({{PutNode("a", "1"), PutInstance("a", "i", "s"), PutCoordinate("a", "s", 1)}});
  Commit({{model::RemoveNode{"aa"}, model::RemoveInstance{"a", "j"}, model::RemoveCheck{"a", "i"},
           model::RemoveCoordinate{"a", "t"}}});
  EXPECT_THAT(Load(),
              ElementsAre("node a 1 @1/1", "instance a i s @1/1", "coordinate a s 1.000000 @1/1"));
  EXPECT_EQ(last_index_, 2u);
}

TEST_F(RocksdbStoreTest, TheLastMutationOfARecordInABatchCounts) {
  Commit({{PutNode("a", "1"), model::RemoveNode{"a"}, PutNode("a", "2")},
          {PutNode("b", "1")},
          {model::RemoveNode{"b"}}});
  EXPECT_THAT(Load(), ElementsAre("node a 2 @1/1"));
}

TEST_F(RocksdbStoreTest, AnEmptyBatchCommitsNothing) {
  EXPECT_THAT(Commit({}), IsEmpty());
  EXPECT_THAT(Commit({{PutNode("a", "1")}}), ElementsAre(1));
}

TEST_F(RocksdbStoreTest, AnEmptyTransactionHasItsIndex) {
  EXPECT_THAT(Commit({{}, {PutNode("a", "1")}}), ElementsAre(1, 2));
  Reopen();
  EXPECT_THAT(Load(), ElementsAre("node a 1 @2/2"));
}

TEST_F(RocksdbStoreTest, KeepsEveryMemberOfEveryRecordThroughTablesAndLogs) {
  RandomRecords random(11);
  Content expected;
  for (int opened = 0; opened < 4; ++opened) {
    for (int i = 0; i < 25; ++i) {
      std::vector<model::Transaction> batch(static_cast<size_t>(random.Number(1, 3)));
      for (model::Transaction& transaction : batch) {
        // Indexes of creation are the caller's; here all are new.
        auto node = random.Node();
        auto instance = random.Instance();
        auto check = random.Check();
        auto coordinate = random.Coordinate();
        auto object = random.Acl();
        node.create_index = instance.create_index = Index();
        check.create_index = coordinate.create_index = object.create_index = Index();
        transaction = {
            model::PutNode{std::make_shared<model::Node>(std::move(node))},
            model::PutInstance{std::make_shared<model::Instance>(std::move(instance))},
            model::PutCheck{std::make_shared<model::Check>(std::move(check))},
            model::PutCoordinate{std::make_shared<model::Coordinate>(std::move(coordinate))},
            model::PutAcl{std::make_shared<model::AclObject>(std::move(object))}};
      }
      const auto indexes = store_->Commit(batch);
      ASSERT_TRUE(indexes) << indexes.error().message;
      for (size_t t = 0; t < batch.size(); ++t) expected.Apply(batch[t], (*indexes)[t]);
    }
    Reopen();
    Content loaded;
    const auto last =
        LoadRecords(*store_, [&](const model::Mutation& mutation) { loaded.Add(mutation); });
    ASSERT_TRUE(last) << last.error().message;
    ASSERT_THAT(expected.Differences(loaded), IsEmpty());
  }
  EXPECT_GT(expected.size(), 100u);
}

TEST(RocksdbStoreDirectoryTest, IsCreatedWithItsParents) {
  TempDirectory directory;
  for (const std::string& path : {directory / "a/b/c", directory / "d/"}) {
    const auto store = RocksdbStore::Open(path);
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_TRUE(std::filesystem::exists(path + "/CURRENT"));
  }
}

TEST(RocksdbStoreDirectoryTest, MayBeNamedRelatively) {
  TempDirectory directory;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(directory.path());
  const auto store = RocksdbStore::Open("data");
  std::filesystem::current_path(before);
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_TRUE(std::filesystem::exists(directory / "data/CURRENT"));
}

}  // namespace
}  // namespace rollcall::store
