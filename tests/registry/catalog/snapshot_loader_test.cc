#include "registry/catalog/snapshot_loader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "tests/registry/catalog/catalog_fixture.h"
#include "tests/registry/store/record_chunks.h"

namespace rollcall::catalog {
namespace {

using model::CheckStatus;

TEST(SnapshotLoaderTest, AfterLoadingNoResultHasALowerIndexThanAClientMayHaveSeen) {
  // What was removed, or left a state, moved indexes and is in no record any more.
  std::vector<model::Mutation> records;
  model::Node node;
  node.name = "n";
  node.create_index = node.modify_index = Index(3);
  model::Instance instance;
  instance.node = "n";
  instance.id = instance.service = "web";
  instance.create_index = instance.modify_index = Index(5);
  records.push_back(model::PutNode{std::make_shared<const model::Node>(node)});
  records.push_back(model::PutInstance{std::make_shared<const model::Instance>(instance)});
  const auto loaded = LoadOf(records, Index(200));
  ASSERT_NE(loaded, nullptr);
  const ServiceEntry& web = *loaded->FindService("web");
  for (const Index index :
       {loaded->nodes_index(), loaded->services_index(), loaded->checks_index(),
        loaded->checks_index(CheckStatus::kPassing), web.catalog_index, web.health_index,
        web.checks_index, loaded->FindNode("n")->catalog_index, loaded->FindNode("n")->checks_index,
        loaded->instances_index(), loaded->coordinates_index(),
        loaded->IndexOfAbsentService("gone")}) {
    EXPECT_EQ(index, Index(200));
  }
  EXPECT_EQ(web.instances.begin()->instance->modify_index, Index(5));
}

// A snapshot built by many small changes says the same as one loaded from its records: nothing
// derived depends on the way that led there.
TEST(SnapshotLoaderTest, LoadingTheRecordsGivesTheSameCatalogAsTheChangesThatMadeThem) {
  std::mt19937 random(3);
  PlainCatalog catalog;
  // In either case: N3 is n3.
  const auto pick = [&random](std::string prefix, int n) {
    if (random() % 4 == 0) prefix[0] = static_cast<char>(prefix[0] - 'a' + 'A');
    return prefix + std::to_string(random() % static_cast<unsigned>(n));
  };
  for (int i = 0; i < 5000; ++i) {
    const std::string node = pick("n", 6);
    switch (random() % 8) {
      case 0:
        catalog.Do(model::Deregister{node, "", ""});
        break;
      case 1:
        catalog.Do(model::Deregister{node, pick("i", 4), ""});
        break;
      case 2:
        catalog.Do(model::Deregister{node, "", pick("c", 5)});
        break;
      case 3:
      case 4:
        catalog.Do(RegisterService(node, pick("s", 4), pick("i", 4), {pick("t", 3), pick("t", 3)}));
        break;
      default:
        catalog.Do(RegisterCheck(node, CheckOf(pick("c", 5), random() % 3 == 0 ? "" : pick("i", 4),
                                               static_cast<CheckStatus>(random() % 3))));
    }
  }
  const Snapshot& made = catalog.now();
  std::vector<model::Mutation> records;
  for (const NodeEntry& node : made.nodes()) {
    records.push_back(model::PutNode{std::make_shared<const model::Node>(*node.node)});
    for (const auto& entry : node.instances) {
      records.push_back(
          model::PutInstance{std::make_shared<const model::Instance>(*entry.instance)});
    }
    for (const auto& entry : node.checks) {
      records.push_back(model::PutCheck{std::make_shared<const model::Check>(*entry.check)});
    }
  }
  std::shuffle(records.begin(), records.end(), random);
  const auto loaded = LoadOf(records, made.index());
  ASSERT_NE(loaded, nullptr);

  EXPECT_EQ(loaded->instance_count(), made.instance_count());
  for (const auto status : {CheckStatus::kPassing, CheckStatus::kWarning, CheckStatus::kCritical}) {
    EXPECT_EQ(loaded->check_count(status), made.check_count(status));
  }
  ASSERT_EQ(loaded->nodes().size(), made.nodes().size());
  auto their_node = loaded->nodes().begin();
  for (const NodeEntry& node : made.nodes()) {
    EXPECT_TRUE(SameContent(*node.node, *their_node->node));
    EXPECT_EQ(node.instances.size(), their_node->instances.size());
    EXPECT_EQ(CheckIdsOf(node.node_checks), CheckIdsOf(their_node->node_checks));
    EXPECT_TRUE(std::equal(node.checks.begin(), node.checks.end(), their_node->checks.begin(),
                           their_node->checks.end(), [](const CheckEntry& a, const CheckEntry& b) {
                             return SameContent(*a.check, *b.check);
                           }));
    ++their_node;
  }
  const auto addresses_of = [](const Snapshot& snapshot) {
    std::vector<std::tuple<IpAddress, std::string, size_t>> addresses;
    for (const AddressIndex::Entry& entry : snapshot.addresses().entries()) {
      addresses.emplace_back(entry.address, AsciiLower(std::string_view(entry.name)), entry.count);
    }
    return addresses;
  };
  EXPECT_EQ(addresses_of(*loaded), addresses_of(made));
  ASSERT_EQ(loaded->services().size(), made.services().size());
  auto other = loaded->services().begin();
  for (const ServiceEntry& service : made.services()) {
    EXPECT_EQ(IdsOf(service), IdsOf(*other));
    const auto tags_of = [](const ServiceEntry& entry) {
      std::map<std::string, size_t> tags;
      for (const TagCount& tag : entry.tags) tags[tag.tag.str()] = tag.count;
      return tags;
    };
    EXPECT_EQ(tags_of(service), tags_of(*other));
    auto theirs = other->instances.begin();
    for (const InstanceEntry& entry : service.instances) {
      EXPECT_EQ(entry.status, theirs->status);
      EXPECT_EQ(CheckIdsOf(entry.checks), CheckIdsOf(theirs->checks));
      EXPECT_EQ(CheckIdsOf(entry.node_checks), CheckIdsOf(theirs->node_checks));
      EXPECT_EQ(entry.node->name, theirs->node->name);
      for (const auto& check : entry.checks) {
        EXPECT_EQ(check->check->service_name, entry.instance->service);
        EXPECT_EQ(check->check->service_tags, entry.instance->tags);
      }
      ++theirs;
    }
    EXPECT_GE(other->health_index, service.health_index);
    ++other;
  }
}

std::shared_ptr<const model::Node> NodeAt(const char* name, const char* address,
                                          const char* id = "") {
  model::Node node;
  node.name = name;
  node.address = address;
  node.id = id;
  return std::make_shared<const model::Node>(model::Stamp(node, Index(1)));
}

std::shared_ptr<const model::Instance> InstanceOn(const char* node, const char* id,
                                                  const char* service, const char* address = "") {
  model::Instance instance;
  instance.node = node;
  instance.id = id;
  instance.service = service;
  instance.address = address;
  return std::make_shared<const model::Instance>(model::Stamp(instance, Index(1)));
}

std::shared_ptr<const model::Check> CheckOn(const char* node, const char* check_id,
                                            const char* service_id) {
  model::Check check = CheckOf(check_id, service_id, CheckStatus::kCritical);
  check.node = node;
  return std::make_shared<const model::Check>(model::Stamp(check, Index(1)));
}

std::shared_ptr<const model::Coordinate> CoordinateOf(const char* node, const char* segment) {
  model::Coordinate coordinate;
  coordinate.node = node;
  coordinate.segment = segment;
  return std::make_shared<const model::Coordinate>(model::Stamp(coordinate, Index(1)));
}

TEST(SnapshotLoaderTest, NothingGivesAnEmptyCatalogAtItsIndex) {
  const auto loaded = LoadOf({}, Index(7));
  EXPECT_EQ(loaded->index(), Index(7));
  EXPECT_TRUE(loaded->nodes().empty());
  EXPECT_TRUE(loaded->services().empty());
  EXPECT_EQ(loaded->IndexOfAbsentNode("n"), Index(7));
}

TEST(SnapshotLoaderTest, EverythingIsFoundByAllItsKeys) {
  std::vector<model::Mutation> records;
  records.push_back(model::PutCoordinate{CoordinateOf("N1", "b")});
  records.push_back(model::PutInstance{InstanceOn("N1", "w2", "WEB", "10.0.0.9")});
  records.push_back(model::PutInstance{InstanceOn("n1", "W1", "web", "10.0.0.9")});
  records.push_back(model::PutNode{NodeAt("n2", "host.example.com")});
  records.push_back(
      model::PutNode{NodeAt("n1", "10.0.0.1", "8c6a2c4e-0000-4000-8000-0123456789ab")});
  records.push_back(model::PutCoordinate{CoordinateOf("n1", "")});
  const auto loaded = LoadOf(records, Index(9));
  ASSERT_NE(loaded, nullptr);
  EXPECT_EQ(IdsOf(*loaded->FindService("Web")), (std::vector<std::string>{"n1/W1", "N1/w2"}));
  EXPECT_EQ(loaded->FindService("web")->name, "web");
  EXPECT_EQ(loaded->FindNode("N1")->instances.size(), 2u);
  EXPECT_EQ(loaded->FindNodeById("8C6A2C4E-0000-4000-8000-0123456789AB")->node->name, "n1");
  const CoordinateSet* coordinates = loaded->FindCoordinates("n1");
  ASSERT_NE(coordinates, nullptr);
  EXPECT_EQ(coordinates->coordinates.size(), 2u);
  EXPECT_NE(coordinates->Find("b"), nullptr);
  EXPECT_EQ(coordinates->index, Index(9));
  std::vector<std::string> addresses;
  for (const AddressIndex::Entry& entry : loaded->addresses().entries()) {
    addresses.push_back(entry.name + " " + std::to_string(entry.count));
  }
  EXPECT_EQ(addresses, (std::vector<std::string>{"n1 1", "web 2"}));
}

TEST(SnapshotLoaderTest, NodesAreFoundByIdsInAnyOrder) {
  std::vector<model::Mutation> records;
  for (int i = 0; i < 100; ++i) {
    const std::string name = "n" + std::to_string(i);
    const std::string id = "id-" + std::to_string(i * 37 % 100);
    records.push_back(model::PutNode{NodeAt(name.c_str(), "10.0.0.1", id.c_str())});
  }
  // A store that is not whole: the last of those that share one counts.
  records.push_back(model::PutNode{NodeAt("z", "10.0.0.1", "ID-5")});
  const auto loaded = LoadOf(records, Index(9));
  ASSERT_NE(loaded, nullptr);
  for (int i = 0; i < 100; ++i) {
    const std::string id = "id-" + std::to_string(i * 37 % 100);
    const std::string expected = id == "id-5" ? "z" : "n" + std::to_string(i);
    ASSERT_NE(loaded->FindNodeById(id), nullptr) << id;
    EXPECT_EQ(loaded->FindNodeById(id)->node->name, expected);
  }
}

TEST(SnapshotLoaderTest, ARecordThatIsWrongEndsTheLoading) {
  for (const size_t helpers : {0U, 3U}) {
    model::ValuePool pool;
    SnapshotLoader loader(&pool, helpers);
    size_t taken = 0;
    for (int i = 0; i < 2000; ++i) {
      const std::string name = "n" + std::to_string(i);
      store::RecordChunk chunk("the store", Index(5));
      model::Node node = *NodeAt(name.c_str(), "10.0.0.1");
      if (i >= 10) node.modify_index = Index(6);  // later than the store's last
      chunk.Add({store::RecordKind::kNode, store::KeyOf(node), store::EncodeNode(node)});
      if (!loader.Add(std::move(chunk))) break;
      ++taken;
    }
    EXPECT_LT(taken, 2000u) << helpers;
    const auto loaded = loader.Finish(Index(5));
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::kCorruption);
    EXPECT_EQ(loaded.error().message,
              "the store: node \"n10\" has the indexes 1 and 6, the store's last is 5");
  }
}

TEST(SnapshotLoaderTest, RecordsOfWhatIsNotThereAreLeftOut) {
  std::vector<model::Mutation> records;
  for (const char* gone : {"a", "m", "z"}) {
    records.push_back(model::PutInstance{InstanceOn(gone, "i", "gone")});
    records.push_back(model::PutCheck{CheckOn(gone, "c", "")});
    records.push_back(model::PutCoordinate{CoordinateOf(gone, "")});
  }
  for (const char* node : {"n", "b"}) records.push_back(model::PutNode{NodeAt(node, "10.0.0.1")});
  records.push_back(model::PutInstance{InstanceOn("n", "i", "web")});
  records.push_back(model::PutCheck{CheckOn("n", "of-web", "I")});
  records.push_back(model::PutCheck{CheckOn("n", "of-nobody", "j")});
  const auto loaded = LoadOf(records, Index(9));
  ASSERT_NE(loaded, nullptr);
  EXPECT_EQ(loaded->nodes().size(), 2u);
  EXPECT_EQ(loaded->services().size(), 1u);
  EXPECT_TRUE(loaded->coordinates().empty());
  EXPECT_EQ(loaded->check_count(CheckStatus::kCritical), 1u);
  EXPECT_NE(loaded->FindCheck("n", "of-web"), nullptr);
  EXPECT_EQ(loaded->FindCheck("n", "of-nobody"), nullptr);
  EXPECT_EQ(loaded->FindService("web")->instances.begin()->status, CheckStatus::kCritical);
}

// What was loaded is changed like anything else, and what was read of it stays as it was.
TEST(SnapshotLoaderTest, ALoadedCatalogIsChangedLikeAnyOther) {
  std::vector<model::Mutation> records;
  for (int i = 0; i < 500; ++i) {
    const std::string name = "n" + std::to_string(i);
    records.push_back(model::PutNode{NodeAt(name.c_str(), "10.0.0.1")});
    records.push_back(model::PutInstance{InstanceOn(name.c_str(), "web", "web")});
  }
  const auto loaded = LoadOf(records, Index(600));
  ASSERT_NE(loaded, nullptr);
  SnapshotBuilder builder(*loaded);
  builder.Apply(*Resolve(model::Deregister{"n77", "", ""}, *loaded), Index(601));
  builder.Apply(*Resolve(RegisterService("n500", "web"), builder.view()), Index(602));
  const auto changed = builder.Finish();
  EXPECT_EQ(changed->FindService("web")->instances.size(), 500u);
  EXPECT_EQ(changed->FindNode("n77"), nullptr);
  EXPECT_NE(changed->FindNode("n500"), nullptr);
  EXPECT_NE(loaded->FindNode("n77"), nullptr);
  EXPECT_EQ(loaded->FindNode("n500"), nullptr);
}

}  // namespace
}  // namespace rollcall::catalog
