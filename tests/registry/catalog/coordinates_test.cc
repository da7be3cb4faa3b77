// Nodes' coordinates in the catalog: what updates them, what takes them away, whom that wakes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "registry/catalog/catalog.h"
#include "tests/registry/catalog/catalog_fixture.h"
#include "tests/registry/catalog/fake_clock.h"
#include "tests/registry/catalog/memory_store.h"

namespace rollcall::catalog {
namespace {

using model::CheckStatus;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

model::UpdateCoordinate At(std::string node, double x, std::string segment = "") {
  model::UpdateCoordinate command;
  command.coordinate.node = std::move(node);
  command.coordinate.segment = std::move(segment);
  command.coordinate.vec[0] = x;
  return command;
}

// "node/segment x", in the order of the snapshot.
std::vector<std::string> All(const Snapshot& snapshot) {
  std::vector<std::string> lines;
  for (const CoordinateSet& set : snapshot.coordinates()) {
    for (const auto& c : set.coordinates) {
      lines.push_back(c->node + "/" + c->segment + " " +
                      std::to_string(static_cast<int>(c->vec[0])));
    }
  }
  return lines;
}

TEST(CoordinatesTest, AreListedByNodeThenSegmentAndFoundWithoutRegardToCase) {
  PlainCatalog catalog;
  catalog.Do(RegisterNode("b"));
  catalog.Do(RegisterNode("A"));
  catalog.Do(At("b", 1));
  catalog.Do(At("a", 2, "Beta"));
  catalog.Do(At("A", 3, "alpha"));
  EXPECT_THAT(All(catalog.now()), ElementsAre("A/alpha 3", "A/Beta 2", "b/ 1"));
  const CoordinateSet* set = catalog.now().FindCoordinates("a");
  ASSERT_NE(set, nullptr);
  ASSERT_NE(set->Find("BETA"), nullptr);
  EXPECT_EQ(set->Find("BETA")->vec[0], 2);
  EXPECT_EQ(set->Find(""), nullptr);
  EXPECT_EQ(catalog.now().FindCoordinates("c"), nullptr);
}

TEST(CoordinatesTest, OfANodeThatIsNotThereAreRefused) {
  PlainCatalog catalog;
  EXPECT_FALSE(catalog.Do(At("ghost", 1)).is_set());
  EXPECT_EQ(catalog.last_error().code, ErrorCode::kNotFound);
  EXPECT_THAT(catalog.last_error().message, HasSubstr("\"ghost\""));
  EXPECT_TRUE(catalog.now().coordinates().empty());
}

TEST(CoordinatesTest, AnUpdateThatChangesNothingWritesNothing) {
  PlainCatalog catalog;
  catalog.Do(RegisterNode("n"));
  const Index made = catalog.Do(At("n", 1));
  EXPECT_TRUE(made.is_set());
  EXPECT_FALSE(catalog.Do(At("N", 1)).is_set());
  const Index moved = catalog.Do(At("n", 2));
  const model::Coordinate& c = *catalog.now().FindCoordinates("n")->Find("");
  EXPECT_EQ(c.create_index, made);
  EXPECT_EQ(c.modify_index, moved);
}

TEST(CoordinatesTest, ANodeIsInALimitedNumberOfSegments) {
  PlainCatalog catalog;
  catalog.Do(RegisterNode("n"));
  for (size_t i = 0; i < kMaxSegments; ++i) {
    ASSERT_TRUE(catalog.Do(At("n", 1, "s" + std::to_string(i))).is_set());
  }
  EXPECT_FALSE(catalog.Do(At("n", 1, "one more")).is_set());
  EXPECT_EQ(catalog.last_error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(catalog.Do(At("n", 2, "S3")).is_set());
}

TEST(CoordinatesTest, AnUpdateTouchesNothingButItsOwnResults) {
  PlainCatalog catalog;
  model::Register web = RegisterService("n", "web");
  web.checks = {CheckOf("c", "web", CheckStatus::kPassing)};
  catalog.Do(web);
  catalog.Do(At("n", 1));
  const auto before = catalog.snapshot();
  const Index at = catalog.Do(At("n", 2));
  EXPECT_THAT(catalog.changed(),
              UnorderedElementsAre(WatchKey::AllCoordinates(), WatchKey::Coordinates("n")));
  const Snapshot& after = catalog.now();
  EXPECT_EQ(after.coordinates_index(), at);
  EXPECT_EQ(after.FindCoordinates("n")->index, at);
  EXPECT_EQ(after.nodes_index(), before->nodes_index());
  EXPECT_EQ(after.services_index(), before->services_index());
  EXPECT_EQ(after.checks_index(), before->checks_index());
  // The very same entries: what was prepared from them is still there.
  EXPECT_EQ(after.FindNode("n"), before->FindNode("n"));
  EXPECT_EQ(after.FindService("web"), before->FindService("web"));
}

TEST(CoordinatesTest, OfOtherNodesKeepTheirIndexAndSleep) {
  PlainCatalog catalog;
  catalog.Do(RegisterNode("a"));
  catalog.Do(RegisterNode("b"));
  const Index of_a = catalog.Do(At("a", 1));
  catalog.Do(At("b", 1));
  EXPECT_EQ(catalog.now().FindCoordinates("a")->index, of_a);
  EXPECT_THAT(catalog.changed(), testing::Not(testing::Contains(WatchKey::Coordinates("a"))));
}

TEST(CoordinatesTest, GoWithTheirNodeAndTheirIndexNeverGoesBack) {
  PlainCatalog catalog;
  catalog.Do(RegisterNode("n"));
  catalog.Do(At("n", 1));
  const Index there = catalog.Do(At("n", 1, "s"));
  const Index gone = catalog.Do(model::Deregister{"n", "", ""});
  EXPECT_THAT(catalog.changed(),
              testing::IsSupersetOf({WatchKey::AllCoordinates(), WatchKey::Coordinates("n")}));
  EXPECT_GT(gone, there);
  EXPECT_EQ(catalog.now().FindCoordinates("n"), nullptr);
  EXPECT_EQ(catalog.now().IndexOfAbsentCoordinates("n"), gone);
  EXPECT_EQ(catalog.now().coordinates_index(), gone);
  catalog.Do(RegisterNode("n"));
  EXPECT_EQ(catalog.now().FindCoordinates("n"), nullptr);
  EXPECT_EQ(catalog.now().IndexOfAbsentCoordinates("n"), gone);
  EXPECT_GT(catalog.Do(At("n", 1)), gone);
}

TEST(CoordinatesTest, GoWithANodeWhosePlaceAnotherTakes) {
  PlainCatalog catalog;
  model::Register node = RegisterNode("old");
  node.node.id = "aaaaaaaa-0000-4000-8000-000000000000";
  catalog.Do(node);
  catalog.Do(At("old", 1));
  node.node.name = "new";
  catalog.Do(node);
  EXPECT_TRUE(catalog.now().coordinates().empty());
}

TEST(CoordinatesTest, OneSegmentsRemovalLeavesTheOthers) {
  PlainCatalog catalog;
  catalog.Do(RegisterNode("n"));
  catalog.Do(At("n", 1));
  catalog.Do(At("n", 2, "s"));
  SnapshotBuilder builder(catalog.now());
  builder.Apply({model::RemoveCoordinate{"N", "S"}, model::RemoveCoordinate{"n", "nosuch"},
                 model::RemoveCoordinate{"nosuch", ""}},
                Index(100));
  const auto after = builder.Finish();
  EXPECT_THAT(All(*after), ElementsAre("n/ 1"));
  EXPECT_EQ(after->FindCoordinates("n")->index, Index(100));
}

// The catalog is built from the store alone, so what it shows after a restart is what was kept.
TEST(CoordinatesTest, OutliveARestartUnderIndexesThatDoNotGoBack) {
  const auto disk = std::make_shared<MemoryStore::Disk>();
  FakeClock clock;
  Index last;
  {
    auto catalog = Catalog::Open(std::make_unique<MemoryStore>(disk), clock, {});
    ASSERT_TRUE(catalog);
    ASSERT_TRUE((*catalog)->SubmitAndWait(RegisterNode("n")));
    ASSERT_TRUE((*catalog)->SubmitAndWait(RegisterNode("gone")));
    ASSERT_TRUE((*catalog)->SubmitAndWait(At("n", 1)));
    ASSERT_TRUE((*catalog)->SubmitAndWait(At("n", 7, "s")));
    ASSERT_TRUE((*catalog)->SubmitAndWait(At("gone", 1)));
    const auto removed = (*catalog)->SubmitAndWait(model::Deregister{"gone", "", ""});
    ASSERT_TRUE(removed);
    last = removed->index;
  }
  auto catalog = Catalog::Open(std::make_unique<MemoryStore>(disk), clock, {});
  ASSERT_TRUE(catalog);
  const auto snapshot = (*catalog)->snapshots().Get();
  EXPECT_THAT(All(*snapshot), ElementsAre("n/ 1", "n/s 7"));
  EXPECT_GE(snapshot->coordinates_index(), last);
  EXPECT_GE(snapshot->FindCoordinates("n")->index, last);
  EXPECT_GE(snapshot->IndexOfAbsentCoordinates("gone"), last);
  EXPECT_EQ(disk->records.size(), 3u);
}

}  // namespace
}  // namespace rollcall::catalog
