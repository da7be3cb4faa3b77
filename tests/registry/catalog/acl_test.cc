// The objects of access control in the catalog: what changes them, what that touches, what is left
// of them after a restart.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "registry/catalog/catalog.h"
#include "registry/catalog/everything_changed.h"
#include "tests/registry/catalog/catalog_fixture.h"
#include "tests/registry/catalog/fake_clock.h"
#include "tests/registry/catalog/memory_store.h"
#include "tests/registry/catalog/same_content.h"
#include "tests/registry/catalog/sharing_server.h"

namespace rollcall::catalog {
namespace {

using model::AclKind;
using testing::ElementsAre;
using testing::IsEmpty;

model::AclObject Object(AclKind kind, const char* id, const char* content) {
  model::AclObject object;
  object.kind = kind;
  object.id = id;
  object.content = content;
  return object;
}

// "policy/p1 text", in the order of the snapshot.
std::vector<std::string> All(const Snapshot& snapshot) {
  std::vector<std::string> lines;
  for (const auto& object : snapshot.acl()) {
    lines.push_back(std::string(ToString(object.kind)) + "/" + object.id.str() + " " +
                    object.content.str());
  }
  return lines;
}

// To be carried out on what is there now.
model::ChangeAcl Change(const Snapshot& state, std::vector<model::AclObject> put,
                        std::vector<std::pair<AclKind, Text>> remove = {}) {
  return {state.acl_index(), std::move(put), std::move(remove)};
}

TEST(AclTest, ObjectsAreFoundByKindAndIdWithoutRegardToCase) {
  PlainCatalog catalog;
  const Index at =
      catalog.Do(Change(catalog.now(), {Object(AclKind::kPolicy, "B", "rules"),
                                        Object(AclKind::kToken, "b", "of somebody"),
                                        Object(AclKind::kPolicy, "a", "other rules")}));
  ASSERT_TRUE(at.is_set());
  EXPECT_THAT(All(catalog.now()),
              ElementsAre("token/b of somebody", "policy/a other rules", "policy/B rules"));
  const model::AclObject* found = catalog.now().FindAcl(AclKind::kPolicy, "b");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->content, "rules");
  EXPECT_EQ(found->create_index, at);
  EXPECT_EQ(found->modify_index, at);
  EXPECT_EQ(catalog.now().FindAcl(AclKind::kRole, "b"), nullptr);
  EXPECT_EQ(catalog.now().acl_index(), at);
}

TEST(AclTest, ChangeOfWhatHasChangedMeanwhileIsRefused) {
  PlainCatalog catalog;
  const model::ChangeAcl late = Change(catalog.now(), {Object(AclKind::kToken, "t", "1")});
  catalog.Do(Change(catalog.now(), {Object(AclKind::kPolicy, "p", "1")}));
  EXPECT_FALSE(catalog.Do(late).is_set());
  EXPECT_EQ(catalog.last_error().code, ErrorCode::kConflict);
  EXPECT_THAT(All(catalog.now()), ElementsAre("policy/p 1"));
  // What is not of access control does not count.
  const model::ChangeAcl again = Change(catalog.now(), {Object(AclKind::kToken, "t", "1")});
  catalog.Do(RegisterNode("n"));
  EXPECT_TRUE(catalog.Do(again).is_set());
}

TEST(AclTest, WhatIsThereAlreadyIsNotWrittenAgain) {
  PlainCatalog catalog;
  const Index first = catalog.Do(Change(
      catalog.now(), {Object(AclKind::kToken, "t", "1"), Object(AclKind::kToken, "u", "1")}));
  catalog.Do(Change(catalog.now(), {Object(AclKind::kToken, "T", "1")}));
  EXPECT_EQ(catalog.now().acl_index(), first);
  const Index second = catalog.Do(Change(catalog.now(), {Object(AclKind::kToken, "T", "2")}));
  EXPECT_EQ(catalog.now().acl_index(), second);
  const model::AclObject* changed = catalog.now().FindAcl(AclKind::kToken, "t");
  EXPECT_EQ(changed->create_index, first);
  EXPECT_EQ(changed->modify_index, second);
}

TEST(AclTest, RemovalAndReplacementAreOneChange) {
  PlainCatalog catalog;
  catalog.Do(Change(catalog.now(),
                    {Object(AclKind::kPolicy, "p", "1"), Object(AclKind::kPolicy, "q", "1")}));
  const Index at = catalog.Do(Change(catalog.now(), {Object(AclKind::kPolicy, "r", "1")},
                                     {{AclKind::kPolicy, "P"}, {AclKind::kPolicy, "never there"}}));
  EXPECT_THAT(All(catalog.now()), ElementsAre("policy/q 1", "policy/r 1"));
  EXPECT_EQ(catalog.now().acl_index(), at);
}

TEST(AclTest, ChangeThatNamesAnObjectTwiceIsRefused) {
  PlainCatalog catalog;
  catalog.Do(Change(catalog.now(), {Object(AclKind::kToken, "t", "1")}));
  for (const model::ChangeAcl& bad :
       {Change(catalog.now(), {Object(AclKind::kToken, "T", "1")}, {{AclKind::kToken, "t"}}),
        Change(catalog.now(),
               {Object(AclKind::kToken, "t", "2"), Object(AclKind::kToken, "t", "1")}),
        Change(catalog.now(), {}, {{AclKind::kToken, "t"}, {AclKind::kToken, "T"}})}) {
    EXPECT_FALSE(catalog.Do(bad).is_set());
    EXPECT_EQ(catalog.last_error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_THAT(All(catalog.now()), ElementsAre("token/t 1"));
}

TEST(AclTest, ChangesWakeNobodyElseAndTouchNoOtherResult) {
  SnapshotBuilder before(Snapshot{});
  before.Apply({model::PutNode{std::make_shared<model::Node>(RegisterNode("n").node)}}, Index(5));
  const auto base = before.Finish();
  SnapshotBuilder builder(*base);
  builder.Apply(
      {model::PutAcl{std::make_shared<const model::AclObject>(Object(AclKind::kToken, "t", "1"))}},
      Index(6));
  EXPECT_THAT(builder.TakeChangedKeys(), ElementsAre(WatchKey::Acl()));
  const auto now = builder.Finish();
  EXPECT_EQ(now->nodes_index(), base->nodes_index());
  EXPECT_EQ(now->services_index(), base->services_index());
  EXPECT_EQ(now->acl_index(), Index(6));
  // Removing what is not there changes nothing.
  SnapshotBuilder nothing(*now);
  nothing.Apply({model::RemoveAcl{AclKind::kToken, "u"}}, Index(7));
  EXPECT_THAT(nothing.TakeChangedKeys(), IsEmpty());
  const auto same = nothing.Finish();
  EXPECT_EQ(same->acl_index(), Index(6));
  EXPECT_EQ(same->acl_edition(), now->acl_edition());
  EXPECT_NE(now->acl_edition(), base->acl_edition());
}

TEST(AclTest, ObjectsOutliveARestartUnderAnIndexThatDoesNotGoBack) {
  const auto disk = std::make_shared<MemoryStore::Disk>();
  FakeClock clock;
  Index last;
  {
    auto catalog = Catalog::Open(std::make_unique<MemoryStore>(disk), clock, {});
    ASSERT_TRUE(catalog);
    const auto state = [&catalog] { return (*catalog)->snapshots().Get(); };
    ASSERT_TRUE((*catalog)->SubmitAndWait(RegisterNode("n")));
    ASSERT_TRUE((*catalog)->SubmitAndWait(Change(
        *state(), {Object(AclKind::kRole, "r", "1"), Object(AclKind::kToken, "t", "1"),
                   Object(AclKind::kAuthMethod, "m", "1"), Object(AclKind::kBindingRule, "b", "1"),
                   Object(AclKind::kBootstrap, "", "done")})));
    const auto removed = (*catalog)->SubmitAndWait(Change(*state(), {}, {{AclKind::kToken, "t"}}));
    ASSERT_TRUE(removed);
    last = removed->index;
  }
  auto catalog = Catalog::Open(std::make_unique<MemoryStore>(disk), clock, {});
  ASSERT_TRUE(catalog);
  const auto snapshot = (*catalog)->snapshots().Get();
  EXPECT_THAT(All(*snapshot),
              ElementsAre("role/r 1", "auth-method/m 1", "binding-rule/b 1", "bootstrap/ done"));
  EXPECT_GE(snapshot->acl_index(), last);
  EXPECT_NE(snapshot->FindNode("n"), nullptr);
}

// Of several servers on one log.
using SharedAclTest = SharedWriterTest;

TEST_F(SharedAclTest, AllServersHaveTheSame) {
  ASSERT_TRUE(a_.Do(
      Change(*a_.Now(), {Object(AclKind::kPolicy, "P", "1"), Object(AclKind::kToken, "t", "1")})));
  ASSERT_TRUE(b_.CatchUp());
  EXPECT_EQ(ContentOf(*b_.Now()), ContentOf(*a_.Now()));
  EXPECT_EQ(b_.Now()->acl_index(), a_.Now()->acl_index());
  ASSERT_TRUE(
      b_.Do(Change(*b_.Now(), {Object(AclKind::kPolicy, "p", "2")}, {{AclKind::kToken, "T"}})));
  ASSERT_TRUE(a_.CatchUp());
  EXPECT_THAT(All(*a_.Now()), ElementsAre("policy/p 2"));
  EXPECT_EQ(ContentOf(*b_.Now()), ContentOf(*a_.Now()));
  // And one that loads them.
  SharingServer c(disk_, clock_);
  EXPECT_EQ(ContentOf(*c.Now()), ContentOf(*a_.Now()));
  EXPECT_THAT(a_.warnings, IsEmpty());
}

// Servers that know of none must not go on.
TEST_F(SharedAclTest, ALogThatHoldsSuchObjectsHasAFormatOfItsOwn) {
  ASSERT_TRUE(a_.Do(RegisterNode("n")));
  EXPECT_EQ(disk_->format, store::kFirstLogFormat);
  ASSERT_TRUE(a_.Do(Change(*a_.Now(), {Object(AclKind::kToken, "t", "1")})));
  EXPECT_EQ(disk_->format, store::kAclLogFormat);
}

TEST_F(SharedAclTest, OfTwoChangesAtTheSameTimeOneIsRefused) {
  const model::ChangeAcl at_a = Change(*a_.Now(), {Object(AclKind::kBootstrap, "", "by a")});
  const model::ChangeAcl at_b = Change(*b_.Now(), {Object(AclKind::kBootstrap, "", "by b")});
  b_.log->Hold();
  ASSERT_TRUE(a_.Do(at_a));
  auto second = b_.Start(at_b);
  EXPECT_TRUE(IsPending(second));
  b_.log->Release();
  const auto refused = second.get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  ASSERT_TRUE(b_.CatchUp());
  EXPECT_THAT(All(*b_.Now()), ElementsAre("bootstrap/ by a"));
}

TEST_F(SharedAclTest, ChangesGetInNoOtherWritesWay) {
  std::vector<std::future<Result<Written>>> written;
  for (int i = 0; i < 20; ++i) {
    written.push_back(a_.Start(RegisterNode("n" + std::to_string(i))));
    ASSERT_TRUE(a_.Do(Change(*a_.Now(), {Object(AclKind::kToken, std::to_string(i).c_str(), "")})));
  }
  for (auto& each : written) EXPECT_TRUE(each.get());
  ASSERT_TRUE(b_.CatchUp());
  EXPECT_EQ(ContentOf(*b_.Now()), ContentOf(*a_.Now()));
  EXPECT_EQ(b_.Now()->acl().size(), 20u);
}

}  // namespace
}  // namespace rollcall::catalog
