// A catalog through a snapshot into another catalog: whatever is in it, nothing of it is lost.
#include "api/snapshot_walk.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "registry/base/ascii.h"
#include "registry/catalog/catalog.h"
#include "registry/store/snapshot_reader.h"
#include "registry/store/snapshot_writer.h"
#include "registry/store/volatile_store.h"
#include "tests/registry/store/random_records.h"

namespace rollcall::api {
namespace {

using catalog::NodeEntry;
using catalog::Snapshot;

// A catalog without a server.
class Registry {
 public:
  Registry() {
    auto opened = catalog::Catalog::Open(std::make_unique<store::VolatileStore>(), clock_, {});
    catalog_ = std::move(*opened);
  }

  Result<catalog::Written> Submit(model::Command command) {
    return catalog_->SubmitAndWait(std::move(command));
  }
  std::shared_ptr<const Snapshot> snapshot() { return catalog_->snapshots().Get(); }

 private:
  SteadyClock clock_;
  std::unique_ptr<catalog::Catalog> catalog_;
};

struct File {
  std::string bytes;
  size_t blocks = 0;
};

File FileOf(Registry& registry, size_t block_bytes) {
  SnapshotWalk walk(registry.snapshot(), block_bytes);
  store::SnapshotWriter writer;
  File file;
  file.bytes = writer.Begin({.version = "test", .datacenter = "dc1", .expected = walk.Expected()});
  store::SnapshotBlock block;
  while (walk.Next(&block)) {
    file.bytes += writer.Block(block);
    ++file.blocks;
  }
  EXPECT_TRUE(block.empty());
  file.bytes += writer.End();
  return file;
}

// How many commands changed something.
int Import(const std::string& bytes, Registry& registry) {
  int changed = 0;
  store::SnapshotReader reader([&](const store::SnapshotReader::Block& block) -> Result<void> {
    model::ValuePool pool;
    auto commands = store::CommandsOf(block.content, block.offset, &pool);
    if (!commands) return commands.error();
    for (model::Command& command : *commands) {
      const Result<catalog::Written> written = registry.Submit(std::move(command));
      if (!written) return written.error();
      changed += written->changed ? 1 : 0;
    }
    return {};
  });
  const Result<void> fed = reader.Feed(bytes);
  EXPECT_TRUE(fed) << fed.error().message;
  const auto counts = reader.Finish();
  EXPECT_TRUE(counts) << counts.error().message;
  return changed;
}

void ExpectSameNode(const NodeEntry& a, const NodeEntry& b) {
  EXPECT_TRUE(SameContent(*a.node, *b.node));
  ASSERT_EQ(a.instances.size(), b.instances.size());
  for (auto i = a.instances.begin(), j = b.instances.begin(); i != a.instances.end(); ++i, ++j) {
    EXPECT_TRUE(SameContent(*i->instance, *j->instance));
    EXPECT_EQ(i->checks.size(), j->checks.size());
  }
  ASSERT_EQ(a.checks.size(), b.checks.size());
  for (auto i = a.checks.begin(), j = b.checks.begin(); i != a.checks.end(); ++i, ++j) {
    EXPECT_TRUE(SameContent(*i->check, *j->check));
    EXPECT_EQ(i->ttl == nullptr, j->ttl == nullptr);
    EXPECT_EQ(i->reap == nullptr, j->reap == nullptr);
  }
}

void ExpectSame(const Snapshot& a, const Snapshot& b) {
  ASSERT_EQ(a.nodes().size(), b.nodes().size());
  for (auto i = a.nodes().begin(), j = b.nodes().begin(); i != a.nodes().end(); ++i, ++j) {
    ExpectSameNode(*i, *j);
  }
  EXPECT_EQ(a.instance_count(), b.instance_count());
  EXPECT_EQ(a.services().size(), b.services().size());
  ASSERT_EQ(a.coordinates().size(), b.coordinates().size());
  for (auto i = a.coordinates().begin(), j = b.coordinates().begin(); i != a.coordinates().end();
       ++i, ++j) {
    ASSERT_EQ(i->coordinates.size(), j->coordinates.size());
    for (size_t k = 0; k < i->coordinates.size(); ++k) {
      EXPECT_TRUE(SameContent(*i->coordinates[k], *j->coordinates[k]));
    }
  }
}

// Registrations of any content that a catalog takes. Identities differ by more than case, so that
// each is spelled in one way.
class RandomRegistrations {
 public:
  explicit RandomRegistrations(uint64_t seed) : random_(seed) {}

  void Fill(Registry& registry) {
    for (int64_t left = random_.Number(1, 12); left > 0; --left) FillNode(registry);
  }

 private:
  std::string Name(std::set<std::string>* taken) {
    while (true) {
      std::string name = random_.Text();
      if (!name.empty() && taken->insert(AsciiLower(name)).second) return name;
    }
  }

  SharedValue<model::CheckDefinition> Definition() {
    const auto definition = random_.Definition();
    if (definition == nullptr) return nullptr;
    model::CheckDefinition sane = *definition;
    // Long enough that nothing happens to it in a test.
    const auto hours = [this] { return std::chrono::hours(random_.Coin() ? 0 : 1000); };
    sane.ttl = hours();
    sane.deregister_critical_service_after = hours();
    return sane;
  }

  model::Check Check(std::set<std::string>* ids, const Text& service_id) {
    model::Check check = random_.Check();
    check.check_id = Name(ids);
    check.service_id = service_id;
    check.service_name = "";  // the catalog's to say
    check.service_tags = {};
    check.definition = Definition();
    check.upkeep = Definition();
    check.create_index = check.modify_index = Index();
    return check;
  }

  void FillNode(Registry& registry) {
    model::Node node = random_.Node();
    node.name = Name(&nodes_);
    node.id = random_.Coin() ? "" : Uuid();
    node.create_index = node.modify_index = Index();
    std::set<std::string> check_ids, instance_ids;
    model::Register alone;
    alone.node = node;
    Submit(registry, alone);
    for (int64_t left = random_.Number(0, 4); left > 0; --left) {
      model::Register command;
      command.node = node;
      command.instance = random_.Instance();
      command.instance->id = Name(&instance_ids);
      if (command.instance->service.empty()) command.instance->service = "web";
      command.instance->create_index = command.instance->modify_index = Index();
      for (int64_t checks = random_.Number(0, 3); checks > 0; --checks) {
        command.checks.push_back(Check(&check_ids, command.instance->id));
      }
      if (random_.Coin()) command.checks.push_back(Check(&check_ids, ""));
      Submit(registry, std::move(command));
    }
    for (int64_t left = random_.Number(0, 2); left > 0; --left) {
      model::Coordinate coordinate = random_.Coordinate();
      coordinate.node = node.name;
      coordinate.create_index = coordinate.modify_index = Index();
      ASSERT_TRUE(registry.Submit(model::UpdateCoordinate{coordinate}));
    }
  }

  void Submit(Registry& registry, model::Register command) {
    const auto written = registry.Submit(std::move(command));
    ASSERT_TRUE(written) << written.error().message;
  }

  std::string Uuid() {
    std::string uuid = "00000000-0000-0000-0000-000000000000";
    for (char& c : uuid) {
      if (c != '-') c = "0123456789abcdef"[random_.Number(0, 15)];
    }
    return uuid;
  }

  store::RandomRecords random_;
  std::set<std::string> nodes_;
};

model::Register ServerNode(const std::string& name) {
  model::Register command;
  command.node.name = name;
  command.node.address = "10.0.0.1";
  command.instance.emplace().id = "consul";
  command.instance->service = "consul";
  command.checks.emplace_back().check_id = "serfHealth";
  command.checks.back().status = model::CheckStatus::kPassing;
  return command;
}

TEST(SnapshotWalkTest, EveryFieldOfEveryRecordComesThrough) {
  Registry from, to;
  model::Register command;
  model::Node& node = command.node;
  node.id = "adf4238a-882b-9ddc-4a9d-5b6758e4159e";
  node.name = "Web-1";
  node.address = "10.0.0.1";
  node.tagged_addresses = {{"lan", "10.0.0.1"}, {"wan", "1.2.3.4"}};
  node.meta = {{"rack", "a"}, {"row", "7"}};
  model::Instance& instance = command.instance.emplace();
  instance.id = "Api-1";
  instance.service = "Api";
  instance.kind = "gateway";
  instance.tags = {"v1", "", "eu"};
  instance.address = "10.0.0.9";
  instance.socket_path = "/run/api";
  instance.tagged_addresses = {{"lan", {"10.0.0.9", 81}}};
  instance.meta = {{"version", "2"}};
  instance.port = 8080;
  instance.weights = {7, 0};
  instance.enable_tag_override = true;
  const model::CheckDefinition definition{
      .http = "https://x/y",
      .header = {{"Accept", {"a", "b"}}},
      .method = "PUT",
      .body = "\xff not UTF-8",
      .tls_skip_verify = true,
      .tcp = "x:1",
      .interval = std::chrono::milliseconds(1500),
      .timeout = std::chrono::nanoseconds(1),
      .ttl = std::chrono::hours(24),
      .deregister_critical_service_after = std::chrono::hours(48)};
  model::CheckDefinition upkeep = definition;
  upkeep.ttl = std::chrono::hours(25);
  model::Check shown;
  shown.check_id = "C";
  shown.name = "the check";
  shown.notes = "notes";
  shown.output = "\x01\xfe";
  shown.service_id = "api-1";
  shown.type = "http";
  shown.definition = definition;
  shown.upkeep = upkeep;
  shown.status = model::CheckStatus::kWarning;
  command.checks.push_back(shown);
  // As agents register: nothing is shown, and still there is something to do.
  model::Check bare;
  bare.check_id = bare.name = "D";
  bare.upkeep = upkeep;
  command.checks.push_back(bare);
  ASSERT_TRUE(from.Submit(command));
  model::Coordinate coordinate;
  coordinate.node = "web-1";
  coordinate.segment = "alpha";
  coordinate.vec = {1, -2, 3e-9, 4, 5};
  coordinate.error = 1.5;
  coordinate.adjustment = -0.25;
  coordinate.height = 1e-5;
  ASSERT_TRUE(from.Submit(model::UpdateCoordinate{coordinate}));

  EXPECT_EQ(Import(FileOf(from, SnapshotWalk::kBlockBytes).bytes, to), 3);
  ExpectSame(*from.snapshot(), *to.snapshot());
  const catalog::CheckEntry* check = to.snapshot()->FindCheck("web-1", "c");
  ASSERT_NE(check, nullptr);
  EXPECT_EQ(*check->check->upkeep, upkeep);
  EXPECT_EQ(*check->check->definition, definition);
  EXPECT_EQ(check->check->service_id, "api-1");
  EXPECT_EQ(check->check->service_tags, (TextList{"v1", "", "eu"}));
  EXPECT_NE(check->ttl, nullptr);
}

TEST(SnapshotWalkTest, RandomCatalogsComeThroughWhateverTheBlocks) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, "seed " + std::to_string(seed));
    Registry from, to;
    RandomRegistrations(seed).Fill(from);
    const size_t block_bytes = seed % 3 == 0 ? 1 : seed % 3 == 1 ? 500 : SnapshotWalk::kBlockBytes;
    const File file = FileOf(from, block_bytes);
    Import(file.bytes, to);
    ExpectSame(*from.snapshot(), *to.snapshot());
    EXPECT_EQ(Import(file.bytes, to), 0) << "the second time changes nothing";
    EXPECT_EQ(FileOf(to, block_bytes).blocks, file.blocks);
    if (HasFailure()) return;
  }
}

TEST(SnapshotWalkTest, EmptyCatalogHasNoBlocks) {
  Registry from;
  EXPECT_EQ(FileOf(from, 1).blocks, 0u);
}

TEST(SnapshotWalkTest, EachBlockIsRegisteredWithoutTheOthers) {
  Registry from;
  model::Register command = ServerNode("n");
  command.instance->id = command.instance->service = "web";
  command.checks.clear();
  for (const char* id : {"a", "b", "c"}) {
    command.checks.emplace_back().check_id = id;
    command.checks.back().service_id = "web";
  }
  ASSERT_TRUE(from.Submit(command));
  SnapshotWalk walk(from.snapshot(), 1);
  store::SnapshotBlock block;
  std::vector<std::string> contents;
  while (walk.Next(&block)) contents.push_back(block.content());
  EXPECT_EQ(contents.size(), 5u);  // node, instance, three checks
  Registry to;
  for (size_t i = contents.size(); i-- > 0;) {
    model::ValuePool pool;
    auto commands = store::CommandsOf(contents[i], 0, &pool);
    ASSERT_TRUE(commands);
    for (model::Command& each : *commands) ASSERT_TRUE(to.Submit(std::move(each)));
  }
  ExpectSame(*from.snapshot(), *to.snapshot());
}

TEST(SnapshotWalkTest, WhatServersSayOfThemselvesIsLeftOut) {
  Registry from, to;
  ASSERT_TRUE(from.Submit(ServerNode("server-1")));
  ASSERT_TRUE(from.Submit(ServerNode("Server-2")));
  model::Register web = ServerNode("server-2");
  web.instance->id = web.instance->service = "web";
  web.checks.clear();
  web.checks.emplace_back().check_id = "web";
  web.checks.back().service_id = "web";
  web.skip_node_update = true;
  ASSERT_TRUE(from.Submit(web));
  // An agent's node, which has the same check, and a program that is only called like the server.
  model::Register agent = ServerNode("agent");
  agent.instance->service = "hashi-consul";
  ASSERT_TRUE(from.Submit(agent));
  Import(FileOf(from, SnapshotWalk::kBlockBytes).bytes, to);

  const auto snapshot = to.snapshot();
  EXPECT_EQ(snapshot->nodes().size(), 2u);
  EXPECT_EQ(snapshot->FindNode("server-1"), nullptr);
  EXPECT_EQ(snapshot->FindService("consul"), nullptr);
  EXPECT_EQ(snapshot->FindCheck("server-2", "serfHealth"), nullptr);
  EXPECT_NE(snapshot->FindCheck("server-2", "web"), nullptr);
  EXPECT_NE(snapshot->FindInstance("server-2", "web"), nullptr);
  EXPECT_NE(snapshot->FindCheck("agent", "serfHealth"), nullptr);
  EXPECT_NE(snapshot->FindInstance("agent", "consul"), nullptr);
}

}  // namespace
}  // namespace rollcall::api
