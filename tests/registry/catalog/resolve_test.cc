#include "registry/catalog/resolve.h"

#include <gtest/gtest.h>

#include "tests/registry/catalog/catalog_fixture.h"

namespace rollcall::catalog {
namespace {

using model::CheckStatus;

constexpr char kIdA[] = "aaaaaaaa-0000-4000-8000-000000000000";
constexpr char kIdB[] = "bbbbbbbb-0000-4000-8000-000000000000";

model::Register WithId(model::Register command, const char* id) {
  command.node.id = id;
  return command;
}

TEST(ResolveTest, IdenticalReregistrationChangesNothing) {
  PlainCatalog catalog;
  model::Register all = RegisterService("n", "web", "", {"a", "b"});
  all.node.meta = {{"os", "linux"}};
  all.checks = {CheckOf("c", "web", CheckStatus::kPassing),
                CheckOf("d", "", CheckStatus::kWarning)};
  EXPECT_TRUE(catalog.Do(all).is_set());
  EXPECT_FALSE(catalog.Do(all).is_set());
}

TEST(ResolveTest, ReregistrationKeepsTheCreateIndexAndMovesTheModifyIndex) {
  PlainCatalog catalog;
  const Index made = catalog.Do(RegisterService("n", "web"));
  model::Register changed = RegisterService("n", "web");
  changed.instance->port = 81;
  const Index modified = catalog.Do(changed);
  const model::Instance& instance = *catalog.now().FindInstance("n", "web")->instance;
  EXPECT_EQ(instance.create_index, made);
  EXPECT_EQ(instance.modify_index, modified);
  EXPECT_EQ(catalog.now().FindNode("n")->node->modify_index, made);
}

TEST(ResolveTest, SkipNodeUpdateLeavesAnExistingNodeAlone) {
  PlainCatalog catalog;
  catalog.Do(RegisterNode("n", "10.0.0.1"));
  model::Register other = RegisterService("N", "web");
  other.node.address = "10.0.0.2";
  other.skip_node_update = true;
  catalog.Do(other);
  EXPECT_EQ(catalog.now().FindNode("n")->node->address, "10.0.0.1");
  EXPECT_EQ(catalog.now().FindInstance("n", "web")->instance->node, "n");
}

TEST(ResolveTest, ACheckOfAnUnknownInstanceIsRefusedAndNothingIsWritten) {
  PlainCatalog catalog;
  model::Register command = RegisterNode("x");
  command.checks = {CheckOf("c", "ghost", CheckStatus::kPassing)};
  EXPECT_FALSE(catalog.Do(command).is_set());
  EXPECT_EQ(catalog.last_error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(catalog.last_error().message,
            "failed inserting check: Missing service registration on node \"x\"");
  EXPECT_EQ(catalog.now().FindNode("x"), nullptr);
}

TEST(ResolveTest, AChecksNameAndTagsFollowItsInstance) {
  PlainCatalog catalog;
  catalog.Do(RegisterService("n", "web", "1", {"old"}));
  catalog.Do(RegisterCheck("n", CheckOf("c", "1", CheckStatus::kPassing)));
  catalog.Do(RegisterService("n", "web", "1", {"new"}));
  EXPECT_EQ(catalog.now().FindCheck("n", "c")->check->service_tags,
            std::vector<std::string>{"new"});
}

TEST(ResolveTest, ReplaceExistingChecksDropsTheOnesNotNamed) {
  PlainCatalog catalog;
  model::Register command = RegisterService("n", "web", "1", {"a"});
  command.checks = {CheckOf("x", "1", CheckStatus::kPassing),
                    CheckOf("y", "1", CheckStatus::kPassing),
                    CheckOf("node", "", CheckStatus::kPassing)};
  catalog.Do(command);
  command.checks = {CheckOf("y", "1", CheckStatus::kPassing)};
  command.instance->tags = {"b"};
  command.replace_existing_checks = true;
  catalog.Do(command);
  EXPECT_EQ(catalog.now().FindCheck("n", "x"), nullptr);
  EXPECT_NE(catalog.now().FindCheck("n", "y"), nullptr);
  EXPECT_NE(catalog.now().FindCheck("n", "node"), nullptr);
}

TEST(ResolveTest, DeregisterIsNeverAnError) {
  PlainCatalog catalog;
  EXPECT_FALSE(catalog.Do(model::Deregister{"nosuch", "", ""}).is_set());
  catalog.Do(RegisterService("n", "web"));
  EXPECT_FALSE(catalog.Do(model::Deregister{"n", "nosuch", ""}).is_set());
  EXPECT_FALSE(catalog.Do(model::Deregister{"n", "", "nosuch"}).is_set());
  EXPECT_TRUE(catalog.Do(model::Deregister{"N", "WEB", ""}).is_set());
  EXPECT_NE(catalog.now().FindNode("n"), nullptr);
  EXPECT_TRUE(catalog.Do(model::Deregister{"N", "", ""}).is_set());
  EXPECT_EQ(catalog.now().nodes().size(), 0u);
}

TEST(ResolveTest, DeregisteringANodeTakesAllThatItHolds) {
  PlainCatalog catalog;
  catalog.Do(RegisterService("n", "web"));
  catalog.Do(RegisterCheck("n", CheckOf("c", "web", CheckStatus::kPassing)));
  catalog.Do(RegisterCheck("n", CheckOf("d", "", CheckStatus::kPassing)));
  catalog.Do(RegisterService("m", "web"));
  catalog.Do(model::Deregister{"n", "", ""});
  EXPECT_EQ(catalog.now().FindService("web")->instances.size(), 1u);
  EXPECT_EQ(catalog.now().FindCheck("n", "c"), nullptr);
}

TEST(ResolveTest, OnlyAFailedNodeIsRemovedAsFailed) {
  PlainCatalog catalog;
  const model::RemoveFailedNode remove{"N"};
  EXPECT_FALSE(catalog.Do(remove).is_set());
  EXPECT_EQ(catalog.last_error().code, ErrorCode::kNotFound);
  EXPECT_EQ(catalog.last_error().message, "agent: No node found with name 'N'");
  // No agent keeps this one alive, so nobody knows whether it has failed.
  catalog.Do(RegisterService("n", "web"));
  catalog.Do(RegisterCheck("n", CheckOf("c", "", CheckStatus::kCritical)));
  EXPECT_FALSE(catalog.Do(remove).is_set());
  EXPECT_NE(catalog.now().FindNode("n"), nullptr);
  for (const CheckStatus alive : {CheckStatus::kPassing, CheckStatus::kWarning}) {
    catalog.Do(RegisterCheck("n", CheckOf("serfHealth", "", alive)));
    EXPECT_FALSE(catalog.Do(remove).is_set());
  }
  EXPECT_NE(catalog.now().FindNode("n"), nullptr);
  catalog.Do(RegisterCheck("n", CheckOf("serfHealth", "", CheckStatus::kCritical)));
  EXPECT_TRUE(catalog.Do(remove).is_set());
  EXPECT_EQ(catalog.now().FindNode("n"), nullptr);
  EXPECT_EQ(catalog.now().FindService("web"), nullptr);
  EXPECT_FALSE(catalog.Do(remove).is_set());
  EXPECT_EQ(catalog.last_error().code, ErrorCode::kNotFound);
}

TEST(ResolveTest, ANodeWithTheIdOfAnotherTakesItsPlace) {
  PlainCatalog catalog;
  catalog.Do(WithId(RegisterService("old-name", "web"), kIdA));
  catalog.Do(WithId(RegisterService("new-name", "web"), kIdA));
  EXPECT_EQ(catalog.now().FindNode("old-name"), nullptr);
  EXPECT_EQ(catalog.now().FindService("web")->instances.size(), 1u);
}

TEST(ResolveTest, TheNameOfALivingNodeIsReservedAndThatOfADeadOneIsNot) {
  PlainCatalog catalog;
  catalog.Do(WithId(RegisterNode("n"), kIdA));
  catalog.Do(RegisterCheck("n", CheckOf("serfHealth", "", CheckStatus::kPassing)));
  EXPECT_FALSE(catalog.Do(WithId(RegisterNode("n", "10.0.0.2"), kIdB)).is_set());
  EXPECT_EQ(catalog.last_error().code, ErrorCode::kConflict);
  catalog.Do(RegisterCheck("n", CheckOf("serfHealth", "", CheckStatus::kCritical)));
  EXPECT_TRUE(catalog.Do(WithId(RegisterNode("n", "10.0.0.2"), kIdB)).is_set());
  EXPECT_EQ(catalog.now().FindNode("n")->node->id, kIdB);
}

TEST(ResolveTest, ARegistrationWithoutAnIdKeepsTheNodes) {
  PlainCatalog catalog;
  catalog.Do(WithId(RegisterNode("n"), kIdA));
  catalog.Do(RegisterNode("n", "10.0.0.9"));
  EXPECT_EQ(catalog.now().FindNode("n")->node->id, kIdA);
}

TEST(ResolveTest, UpdateCheckKeepsTheDefinitionAndKnowsWhatItDoesNotKnow) {
  PlainCatalog catalog;
  catalog.Do(RegisterNode("n"));
  model::Check check = CheckOf("c", "", CheckStatus::kCritical);
  check.notes = "what it is for";
  catalog.Do(RegisterCheck("n", check));
  EXPECT_TRUE(catalog.Do(model::UpdateCheck{"n", "c", CheckStatus::kPassing, "ok"}).is_set());
  EXPECT_EQ(catalog.now().FindCheck("n", "c")->check->notes, "what it is for");
  EXPECT_EQ(catalog.now().FindCheck("n", "c")->check->output, "ok");
  EXPECT_FALSE(catalog.Do(model::UpdateCheck{"n", "c", CheckStatus::kPassing, "ok"}).is_set());
  EXPECT_FALSE(catalog.Do(model::UpdateCheck{"n", "no", CheckStatus::kPassing, ""}).is_set());
  EXPECT_EQ(catalog.last_error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace rollcall::catalog
