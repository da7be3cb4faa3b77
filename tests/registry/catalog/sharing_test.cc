// That records of a catalog share what they have in common: those that are loaded, and those that
// are registered.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/registry/catalog/catalog_fixture.h"

namespace rollcall::catalog {
namespace {

using model::CheckStatus;

constexpr int kNodes = 3;
constexpr int kInstances = 5;  // of each node

std::string NodeName(int n) { return "Node" + std::to_string(n); }
std::string InstanceId(int i) { return "web-" + std::to_string(i); }

std::string NodeAddress(int n) { return "10.0.0." + std::to_string(n); }

// Each record has all of its texts for itself.
model::Node NodeRecord(int n) {
  model::Node node;
  node.name = NodeName(n);
  node.address = NodeAddress(n);
  node.tagged_addresses = {{"lan", NodeAddress(n)}, {"wan", "192.0.2.1"}};
  node.meta = {{"rack", "7"}};
  node.create_index = node.modify_index = Index(1);
  return node;
}
model::Instance InstanceRecord(int n, int i) {
  const std::string node_address = NodeAddress(n);
  model::Instance instance;
  instance.node = NodeName(n);
  instance.id = InstanceId(i);
  instance.service = "web";
  instance.kind = "typical";
  instance.tags = {"a", "b"};
  instance.meta = {{"owner", "us"}, {"zone", "b"}};
  instance.address = node_address;
  instance.tagged_addresses = {{"lan", {node_address, 80}}, {"wan", {"192.0.2.1", 80}}};
  instance.create_index = instance.modify_index = Index(1);
  return instance;
}
model::Check CheckRecord(int n, int i) {
  model::Check check = CheckOf("check-" + std::to_string(i), InstanceId(i), CheckStatus::kPassing);
  check.node = NodeName(n);
  check.service_name = "web";
  check.service_tags = {"a", "b"};
  check.name = "Is it there?";
  check.notes = "Looks every now and then.";
  check.output = "OK";
  check.type = "ttl";
  model::CheckDefinition definition;
  definition.ttl = std::chrono::hours(1);
  check.definition = std::move(definition);
  check.upkeep = check.definition;
  check.create_index = check.modify_index = Index(1);
  return check;
}

// As a store hands them out.
std::vector<model::Mutation> Records() {
  std::vector<model::Mutation> records;
  for (int n = 0; n < kNodes; ++n) {
    records.push_back(model::PutNode{std::make_shared<const model::Node>(NodeRecord(n))});
  }
  for (int n = 0; n < kNodes; ++n) {
    for (int i = 0; i < kInstances; ++i) {
      records.push_back(
          model::PutInstance{std::make_shared<const model::Instance>(InstanceRecord(n, i))});
    }
  }
  for (int n = 0; n < kNodes; ++n) {
    for (int i = 0; i < kInstances; ++i) {
      records.push_back(model::PutCheck{std::make_shared<const model::Check>(CheckRecord(n, i))});
    }
  }
  return records;
}

void ExpectAllIsThere(const Snapshot& snapshot) {
  for (int n = 0; n < kNodes; ++n) {
    const NodeEntry* node = snapshot.FindNode(NodeName(n));
    ASSERT_NE(node, nullptr);
    EXPECT_TRUE(SameContent(*node->node, NodeRecord(n)));
    for (int i = 0; i < kInstances; ++i) {
      const InstanceEntry* entry = snapshot.FindInstance(NodeName(n), InstanceId(i));
      ASSERT_NE(entry, nullptr);
      EXPECT_TRUE(SameContent(*entry->instance, InstanceRecord(n, i)));
      ASSERT_EQ(entry->checks.size(), 1U);
      EXPECT_TRUE(SameContent(*entry->checks.front()->check, CheckRecord(n, i)));
    }
  }
}

void ExpectAllIsShared(const Snapshot& snapshot) {
  const model::Instance& first = *snapshot.FindInstance(NodeName(0), InstanceId(0))->instance;
  const model::Check& first_check =
      *snapshot.FindInstance(NodeName(0), InstanceId(0))->checks.front()->check;
  const model::Node& first_node = *snapshot.FindNode(NodeName(0))->node;
  for (const NodeEntry& node : snapshot.nodes()) {
    EXPECT_TRUE(node.node->meta.SharesWith(first_node.meta));
    EXPECT_TRUE(
        node.node->tagged_addresses[0].first.SharesWith(first_node.tagged_addresses[0].first));
    EXPECT_TRUE(node.node->tagged_addresses[0].second.SharesWith(node.node->address));
    for (const InstanceEntry& entry : node.instances) {
      const model::Instance& instance = *entry.instance;
      EXPECT_TRUE(instance.node.SharesWith(node.node->name));
      EXPECT_TRUE(instance.service.SharesWith(first.service));
      EXPECT_TRUE(instance.kind.SharesWith(first.kind));
      EXPECT_TRUE(instance.tags.SharesWith(first.tags));
      EXPECT_TRUE(instance.meta.SharesWith(first.meta));
      EXPECT_TRUE(instance.address.SharesWith(node.node->address));
      for (size_t at = 0; at < 2; ++at) {
        EXPECT_TRUE(
            instance.tagged_addresses[at].first.SharesWith(first.tagged_addresses[at].first));
      }
      EXPECT_TRUE(instance.tagged_addresses[0].second.address.SharesWith(node.node->address));
      const model::Check& check = *entry.checks.front()->check;
      EXPECT_TRUE(check.node.SharesWith(node.node->name));
      EXPECT_TRUE(check.service_id.SharesWith(instance.id));
      EXPECT_TRUE(check.service_name.SharesWith(first.service));
      EXPECT_TRUE(check.service_tags.SharesWith(first.tags));
      EXPECT_TRUE(check.name.SharesWith(first_check.name));
      EXPECT_TRUE(check.notes.SharesWith(first_check.notes));
      EXPECT_TRUE(check.output.SharesWith(first_check.output));
      EXPECT_TRUE(check.type.SharesWith(first_check.type));
      EXPECT_TRUE(check.definition.SharesWith(first_check.definition));
      EXPECT_TRUE(check.upkeep.SharesWith(first_check.definition));
    }
  }
}

TEST(SharingTest, RecordsOfAStoreShareWhatTheyHaveInCommon) {
  model::ValuePool pool;
  const auto snapshot = LoadOf(Records(), Index(1), &pool);
  ASSERT_NE(snapshot, nullptr);
  ExpectAllIsThere(*snapshot);
  ExpectAllIsShared(*snapshot);
}

// The ID of an instance is mostly the name of its service. One is its own, the other is
// everybody's.
TEST(SharingTest, AServicesNameIsSharedAlsoWhereItIsTheInstancesId) {
  std::vector<model::Mutation> records;
  for (int n = 0; n < 3; ++n) {
    model::Instance instance = InstanceRecord(n, 0);
    instance.id = "web";
    model::Check check = CheckRecord(n, 0);
    check.service_id = "web";
    records.push_back(model::PutNode{std::make_shared<const model::Node>(NodeRecord(n))});
    records.push_back(model::PutInstance{std::make_shared<const model::Instance>(instance)});
    records.push_back(model::PutCheck{std::make_shared<const model::Check>(check)});
  }
  const auto snapshot = LoadOf(records, Index(1));
  ASSERT_NE(snapshot, nullptr);
  const Text& name = snapshot->FindService("web")->name;
  for (int n = 0; n < 3; ++n) {
    const InstanceEntry& entry = *snapshot->FindInstance(NodeName(n), "web");
    const model::Check& check = *entry.checks.front()->check;
    EXPECT_TRUE(entry.instance->service.SharesWith(name));
    EXPECT_TRUE(check.service_name.SharesWith(name));
    EXPECT_TRUE(check.service_id.SharesWith(entry.instance->id));
  }
}

TEST(SharingTest, ChangesShareWithWhatIsThere) {
  model::ValuePool pool;
  auto snapshot = LoadOf(Records(), Index(1), &pool);
  ASSERT_NE(snapshot, nullptr);
  // The same again, with other texts of the same content.
  for (const model::Mutation& record : Records()) {
    SnapshotBuilder builder(*snapshot, nullptr, &pool);
    builder.Apply({record}, snapshot->index().Next());
    snapshot = builder.Finish();
  }
  ExpectAllIsThere(*snapshot);
  ExpectAllIsShared(*snapshot);
}

TEST(SharingTest, RegistrationsShareWhatTheyHaveInCommon) {
  model::ValuePool pool;
  auto snapshot = std::make_shared<const Snapshot>();
  for (int n = 0; n < kNodes; ++n) {
    for (int i = 0; i < kInstances; ++i) {
      model::Register command;
      command.node = NodeRecord(n);
      command.instance = InstanceRecord(n, i);
      command.checks.push_back(CheckRecord(n, i));
      const auto transaction = Resolve(command, *snapshot);
      ASSERT_TRUE(transaction);
      SnapshotBuilder builder(*snapshot, nullptr, &pool);
      builder.Apply(*transaction, snapshot->index().Next());
      snapshot = builder.Finish();
    }
  }
  ExpectAllIsThere(*snapshot);
  ExpectAllIsShared(*snapshot);
}

}  // namespace
}  // namespace rollcall::catalog
