#include "registry/catalog/snapshot_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/registry/catalog/catalog_fixture.h"

namespace rollcall::catalog {
namespace {

using model::CheckStatus;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

TEST(SnapshotBuilderTest, InstancesOfAServiceAreOrderedByNodeThenId) {
  PlainCatalog catalog;
  catalog.Do(RegisterService("n2", "web", "b"));
  catalog.Do(RegisterService("n1", "web", "z"));
  catalog.Do(RegisterService("N1", "WEB", "A"));
  EXPECT_THAT(IdsOf(*catalog.now().FindService("wEb")), ElementsAre("N1/A", "n1/z", "n2/b"));
}

TEST(SnapshotBuilderTest, AnInstanceCarriesItsNodesChecksAndItsOwn) {
  PlainCatalog catalog;
  catalog.Do(RegisterService("n", "web"));
  catalog.Do(RegisterService("n", "db"));
  catalog.Do(RegisterCheck("n", CheckOf("disk", "", CheckStatus::kPassing)));
  catalog.Do(RegisterCheck("n", CheckOf("b", "web", CheckStatus::kWarning)));
  catalog.Do(RegisterCheck("n", CheckOf("a", "web", CheckStatus::kPassing)));
  const InstanceEntry* web = catalog.now().FindInstance("n", "web");
  EXPECT_THAT(CheckIdsOf(web->node_checks), ElementsAre("disk"));
  EXPECT_THAT(CheckIdsOf(web->checks), ElementsAre("a", "b"));
  EXPECT_EQ(web->status, CheckStatus::kWarning);
  EXPECT_EQ(catalog.now().FindInstance("n", "db")->status, CheckStatus::kPassing);
}

TEST(SnapshotBuilderTest, ACriticalNodeCheckTakesAllOfTheNodesInstancesWithIt) {
  PlainCatalog catalog;
  catalog.Do(RegisterService("n", "web"));
  catalog.Do(RegisterService("n", "db"));
  catalog.Do(RegisterService("other", "web"));
  catalog.Do(RegisterCheck("n", CheckOf("alive", "", CheckStatus::kCritical)));
  EXPECT_EQ(catalog.now().FindInstance("n", "web")->status, CheckStatus::kCritical);
  EXPECT_EQ(catalog.now().FindInstance("n", "db")->status, CheckStatus::kCritical);
  EXPECT_EQ(catalog.now().FindInstance("other", "web")->status, CheckStatus::kPassing);
  // The entry seen through the service is the same.
  EXPECT_EQ(catalog.now().FindService("db")->instances.begin()->status, CheckStatus::kCritical);

  catalog.Do(model::Deregister{"n", "", "alive"});
  EXPECT_EQ(catalog.now().FindInstance("n", "web")->status, CheckStatus::kPassing);
}

TEST(SnapshotBuilderTest, EachResultHasItsOwnIndex) {
  PlainCatalog catalog;
  catalog.Do(RegisterService("n", "web", "", {"v1"}));
  const Index web = catalog.index();
  const Index db = catalog.Do(RegisterService("m", "db"));
  const Snapshot& before = catalog.now();
  EXPECT_EQ(before.FindService("web")->health_index, web);
  EXPECT_EQ(before.services_index(), db);

  const Index check = catalog.Do(RegisterCheck("n", CheckOf("c", "web", CheckStatus::kPassing)));
  EXPECT_EQ(catalog.now().FindService("web")->health_index, check);
  EXPECT_EQ(catalog.now().FindService("web")->checks_index, check);
  EXPECT_EQ(catalog.now().FindService("web")->catalog_index, web);
  EXPECT_EQ(catalog.now().FindService("db")->health_index, db);
  EXPECT_EQ(catalog.now().services_index(), db);
  EXPECT_EQ(catalog.now().nodes_index(), db);
  EXPECT_EQ(catalog.now().FindNode("n")->checks_index, check);
  EXPECT_EQ(catalog.now().FindNode("n")->catalog_index, web);

  const Index node_check = catalog.Do(RegisterCheck("n", CheckOf("up", "", CheckStatus::kPassing)));
  EXPECT_EQ(catalog.now().FindService("web")->health_index, node_check);
  EXPECT_EQ(catalog.now().FindService("web")->checks_index, check);

  const Index address = catalog.Do(RegisterNode("n", "10.9.9.9"));
  EXPECT_EQ(catalog.now().FindService("web")->catalog_index, address);
  EXPECT_EQ(catalog.now().FindService("web")->health_index, address);
  EXPECT_EQ(catalog.now().nodes_index(), address);
  EXPECT_EQ(catalog.now().FindService("db")->health_index, db);
}

TEST(SnapshotBuilderTest, TheServicesIndexMovesWithNamesAndTagsOnly) {
  PlainCatalog catalog;
  const Index first = catalog.Do(RegisterService("n", "web", "1", {"v1"}));
  catalog.Do(RegisterService("m", "web", "1", {"v1"}));
  EXPECT_EQ(catalog.now().services_index(), first);
  const Index tag = catalog.Do(RegisterService("m", "web", "1", {"v1", "v2"}));
  EXPECT_EQ(catalog.now().services_index(), tag);
  catalog.Do(model::Deregister{"n", "1", ""});
  EXPECT_EQ(catalog.now().services_index(), tag);
  const Index gone = catalog.Do(model::Deregister{"m", "1", ""});
  EXPECT_EQ(catalog.now().services_index(), gone);
}

TEST(SnapshotBuilderTest, TheInstancesIndexMovesWithInstancesAndTheirNodesOnly) {
  PlainCatalog catalog;
  catalog.Do(RegisterService("n", "web"));
  const Index db = catalog.Do(RegisterService("m", "db"));
  EXPECT_EQ(catalog.now().instances_index(), db);
  catalog.Do(RegisterCheck("n", CheckOf("c", "web", CheckStatus::kCritical)));
  catalog.Do(RegisterCheck("n", CheckOf("up", "", CheckStatus::kPassing)));
  catalog.Do(RegisterNode("empty", "10.0.0.9"));
  EXPECT_EQ(catalog.now().instances_index(), db);
  const Index address = catalog.Do(RegisterNode("n", "10.9.9.9"));
  EXPECT_EQ(catalog.now().instances_index(), address);
  const Index tag = catalog.Do(RegisterService("m", "db", "", {"primary"}));
  EXPECT_EQ(catalog.now().instances_index(), tag);
  const Index gone = catalog.Do(model::Deregister{"m", "db", ""});
  EXPECT_EQ(catalog.now().instances_index(), gone);
  const Index node = catalog.Do(model::Deregister{"n", "", ""});
  EXPECT_EQ(catalog.now().instances_index(), node);
}

TEST(SnapshotBuilderTest, TheTagsOfAServiceAreThoseOfItsInstances) {
  PlainCatalog catalog;
  catalog.Do(RegisterService("n", "web", "1", {"a", "b", "a"}));
  catalog.Do(RegisterService("n", "web", "2", {"b", "c"}));
  const auto tags = [&] {
    std::vector<std::string> names;
    for (const TagCount& of : catalog.now().FindService("web")->tags) names.push_back(of.tag.str());
    return names;
  };
  EXPECT_THAT(tags(), UnorderedElementsAre("a", "b", "c"));
  catalog.Do(model::Deregister{"n", "1", ""});
  EXPECT_THAT(tags(), UnorderedElementsAre("b", "c"));
  catalog.Do(RegisterService("n", "web", "2", {"d"}));
  EXPECT_THAT(tags(), UnorderedElementsAre("d"));
}

TEST(SnapshotBuilderTest, StatusIndexesMoveForTheStateLeftAndTheStateEntered) {
  PlainCatalog catalog;
  catalog.Do(RegisterNode("n"));
  const Index made = catalog.Do(RegisterCheck("n", CheckOf("c", "", CheckStatus::kPassing)));
  const Index failed = catalog.Do(RegisterCheck("n", CheckOf("c", "", CheckStatus::kCritical)));
  EXPECT_EQ(catalog.now().checks_index(CheckStatus::kPassing), failed);
  EXPECT_EQ(catalog.now().checks_index(CheckStatus::kCritical), failed);
  EXPECT_LT(catalog.now().checks_index(CheckStatus::kWarning), made);
  EXPECT_EQ(catalog.now().checks_index(), failed);
}

TEST(SnapshotBuilderTest, WhatIsGoneStillHasAnIndexThatOnlyGrows) {
  PlainCatalog catalog;
  EXPECT_TRUE(catalog.now().IndexOfAbsentService("web").is_set());
  catalog.Do(RegisterService("n", "web"));
  catalog.Do(RegisterService("n", "db"));
  const Index gone = catalog.Do(model::Deregister{"n", "web", ""});
  EXPECT_EQ(catalog.now().FindService("web"), nullptr);
  EXPECT_EQ(catalog.now().IndexOfAbsentService("WEB"), gone);
  const Index node_gone = catalog.Do(model::Deregister{"n", "", ""});
  EXPECT_EQ(catalog.now().IndexOfAbsentNode("n"), node_gone);
  EXPECT_EQ(catalog.now().IndexOfAbsentService("db"), node_gone);
  EXPECT_EQ(catalog.now().IndexOfAbsentService("web"), gone);
}

TEST(SnapshotBuilderTest, ManyRemovalsRaiseTheFloorRatherThanLoseAnIndex) {
  PlainCatalog catalog;
  catalog.Do(RegisterNode("n"));
  Index first_gone;
  for (int i = 0; i < 17000; ++i) {
    catalog.Do(RegisterService("n", "s" + std::to_string(i)));
    const Index gone = catalog.Do(model::Deregister{"n", "s" + std::to_string(i), ""});
    if (i == 0) first_gone = gone;
    ASSERT_EQ(catalog.now().IndexOfAbsentService("s" + std::to_string(i)), gone);
  }
  EXPECT_GT(catalog.now().IndexOfAbsentService("s0"), first_gone);
}

TEST(SnapshotBuilderTest, AChangeNamesTheKeysItCanBeSeenUnder) {
  PlainCatalog catalog;
  catalog.Do(RegisterService("n", "web"));
  catalog.Do(RegisterService("n", "db"));
  catalog.Do(RegisterService("m", "other"));
  catalog.Do(RegisterCheck("n", CheckOf("c", "web", CheckStatus::kPassing)));
  EXPECT_THAT(catalog.changed(), UnorderedElementsAre(WatchKey::Service("web"), WatchKey::Node("n"),
                                                      WatchKey::AllChecks()));
  catalog.Do(RegisterCheck("n", CheckOf("up", "", CheckStatus::kPassing)));
  EXPECT_THAT(catalog.changed(),
              UnorderedElementsAre(WatchKey::Service("web"), WatchKey::Service("db"),
                                   WatchKey::Node("n"), WatchKey::AllChecks()));
}

TEST(SnapshotBuilderTest, AnInstanceThatChangesItsServiceMoves) {
  PlainCatalog catalog;
  catalog.Do(RegisterService("n", "web", "1", {"t"}));
  catalog.Do(RegisterCheck("n", CheckOf("c", "1", CheckStatus::kWarning)));
  const Index moved = catalog.Do(RegisterService("n", "api", "1", {"t"}));
  EXPECT_EQ(catalog.now().FindService("web"), nullptr);
  EXPECT_EQ(catalog.now().IndexOfAbsentService("web"), moved);
  const InstanceEntry& entry = *catalog.now().FindService("api")->instances.begin();
  EXPECT_EQ(entry.status, CheckStatus::kWarning);
  EXPECT_EQ(entry.checks[0]->check->service_name, "api");
}

// The lists of all are handed on from snapshot to snapshot until they change.
TEST(SnapshotBuilderTest, WhatIsPreparedOfAListLivesUntilTheListChanges) {
  const auto next = [](const Snapshot& base, const model::Command& command, uint64_t index) {
    SnapshotBuilder builder(base);
    builder.Apply(*Resolve(command, base), Index(index));
    return builder.Finish();
  };
  // From the very first transaction of an empty store on.
  const auto empty = std::make_shared<const Snapshot>();
  const auto first = next(*empty, RegisterService("n", "web", "w", {"a"}), 1);
  EXPECT_NE(&first->prepared_services(), &empty->prepared_services());
  EXPECT_NE(&first->prepared_nodes(), &empty->prepared_nodes());

  model::Register moved = RegisterService("n", "web", "w", {"a"});
  moved.instance->port = 81;
  const auto second = next(*first, moved, 2);
  EXPECT_EQ(&second->prepared_services(), &first->prepared_services());
  EXPECT_EQ(&second->prepared_nodes(), &first->prepared_nodes());

  const auto third = next(*second, RegisterService("n", "web", "w", {"b"}), 3);
  EXPECT_NE(&third->prepared_services(), &second->prepared_services());
  EXPECT_EQ(&third->prepared_nodes(), &second->prepared_nodes());

  const auto fourth = next(*third, RegisterNode("n", "10.0.0.7"), 4);
  EXPECT_EQ(&fourth->prepared_services(), &third->prepared_services());
  EXPECT_NE(&fourth->prepared_nodes(), &third->prepared_nodes());

  const auto fifth = next(*fourth, model::Deregister{"n", "w", ""}, 5);
  EXPECT_NE(&fifth->prepared_services(), &fourth->prepared_services());
}

TEST(SnapshotBuilderTest, NodesAreFoundByTheirId) {
  PlainCatalog catalog;
  model::Register node = RegisterNode("n");
  node.node.id = "8c6a2c4e-0000-4000-8000-0123456789ab";
  catalog.Do(node);
  ASSERT_NE(catalog.now().FindNodeById("8C6A2C4E-0000-4000-8000-0123456789AB"), nullptr);
  EXPECT_EQ(catalog.now().FindNodeById(node.node.id)->node->name, "n");
  catalog.Do(model::Deregister{"n", "", ""});
  EXPECT_EQ(catalog.now().FindNodeById(node.node.id), nullptr);
}

}  // namespace
}  // namespace rollcall::catalog
