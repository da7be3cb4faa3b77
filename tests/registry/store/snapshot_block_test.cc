// Blocks of snapshot files: records become the commands that register them, and what no catalog
// could hold is refused.
#include "registry/store/snapshot_block.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "registry/store/bytes.h"
#include "registry/store/record_codec.h"
#include "tests/registry/store/random_records.h"
#include "tests/registry/store/snapshot_bytes.h"

namespace rollcall::store {
namespace {

using std::string_literals::operator""s;  // NOLINT(misc-unused-using-decls): "..."s
using ::testing::HasSubstr;

Result<std::vector<model::Command>> Commands(const std::string& content) {
  model::ValuePool pool;
  return CommandsOf(content, 100, &pool);
}

std::string ErrorOf(const std::string& content) {
  const auto commands = Commands(content);
  EXPECT_FALSE(commands);
  if (commands) return "";
  EXPECT_EQ(commands.error().code, ErrorCode::kCorruption);
  return commands.error().message;
}

const model::Register& RegisterOf(const model::Command& command) {
  return std::get<model::Register>(command);
}

std::string Record(char kind, const std::string& value) {
  std::string record(1, kind);
  AppendString(&record, value);
  return record;
}
std::string NodeA() { return Record(1, EncodeNode(SomeNode("a"))); }

TEST(SnapshotBlockTest, RecordsBecomeRegistrationsThatStandForThemselves) {
  SnapshotBlock block;
  block.Add(SomeNode("a"), Occurrence::kFirst);
  block.Add(SomeCheck("alive"));
  block.Add(SomeInstance("web-1"), Occurrence::kFirst);
  block.Add(SomeCheck("http", "WEB-1"));
  block.Add(SomeCheck("tcp", "web-1"));
  block.Add(SomeInstance("web-2"), Occurrence::kAgain);
  block.Add(model::Coordinate());
  EXPECT_EQ(block.counts(),
            (RecordCounts{.nodes = 1, .instances = 1, .checks = 3, .coordinates = 1}));
  EXPECT_EQ(*CountRecords(block.content(), 0), block.counts());
  const auto commands = Commands(block.content());
  ASSERT_TRUE(commands) << commands.error().message;
  ASSERT_EQ(commands->size(), 4u);
  EXPECT_FALSE(RegisterOf((*commands)[0]).instance);
  EXPECT_EQ(RegisterOf((*commands)[0]).checks.size(), 1u);
  EXPECT_EQ(RegisterOf((*commands)[1]).node.name, "a");
  EXPECT_EQ(RegisterOf((*commands)[1]).instance->id, "web-1");
  EXPECT_EQ(RegisterOf((*commands)[1]).checks.size(), 2u);
  EXPECT_EQ(RegisterOf((*commands)[2]).instance->id, "web-2");
  EXPECT_EQ(std::get<model::UpdateCoordinate>((*commands)[3]).coordinate.node, "a");
}

TEST(SnapshotBlockTest, RecordsKeepAllButWhatTheTargetSaysItself) {
  RandomRecords random(3);
  for (int i = 0; i < 2000; ++i) {
    model::Node node = random.Node();
    node.id = "";
    if (node.name.empty()) node.name = "n";
    model::Instance instance = random.Instance();
    if (instance.id.empty()) instance.id = "i";
    if (instance.service.empty()) instance.service = "s";
    model::Check check = random.Check();
    if (check.check_id.empty()) check.check_id = "c";
    check.service_id = instance.id;
    const auto sane = [](SharedValue<model::CheckDefinition>* definition) {
      if (*definition == nullptr) return;
      model::CheckDefinition changed = **definition;
      changed.ttl = std::max(changed.ttl, std::chrono::nanoseconds(0));
      changed.deregister_critical_service_after =
          std::max(changed.deregister_critical_service_after, std::chrono::nanoseconds(0));
      *definition = changed;
    };
    sane(&check.definition);
    sane(&check.upkeep);
    model::Coordinate coordinate = random.Coordinate();
    SnapshotBlock block;
    block.Add(node, Occurrence::kFirst);
    block.Add(instance, Occurrence::kFirst);
    block.Add(check);
    block.Add(coordinate);

    const auto commands = Commands(block.content());
    ASSERT_TRUE(commands) << commands.error().message;
    ASSERT_EQ(commands->size(), 3u);
    const model::Register& registration = RegisterOf((*commands)[1]);
    EXPECT_TRUE(SameContent(registration.node, node));
    EXPECT_FALSE(registration.node.create_index.is_set());
    instance.node = "";
    EXPECT_TRUE(SameContent(*registration.instance, instance));
    check.node = check.service_name = "";
    check.service_tags = TextList();
    EXPECT_TRUE(SameContent(registration.checks[0], check));
    coordinate.node = node.name;
    EXPECT_TRUE(
        SameContent(std::get<model::UpdateCoordinate>((*commands)[2]).coordinate, coordinate));
  }
}

TEST(SnapshotBlockTest, ManyChecksOfOneInstanceAreSeveralSteps) {
  SnapshotBlock block;
  block.Add(SomeNode("a"), Occurrence::kFirst);
  block.Add(SomeInstance("web"), Occurrence::kFirst);
  for (int i = 10000; i < 11200; ++i) block.Add(SomeCheck(std::to_string(i), "web"));
  const auto commands = Commands(block.content());
  ASSERT_TRUE(commands);
  ASSERT_EQ(commands->size(), 4u);
  size_t checks = 0;
  for (const model::Command& command : *commands) checks += RegisterOf(command).checks.size();
  EXPECT_EQ(checks, 1200u);
  EXPECT_EQ(RegisterOf(commands->back()).instance->id, "web");
}

TEST(SnapshotBlockTest, BytesThatAreNoRecordsAreRefusedWithTheirPlace) {
  const std::string next = std::to_string(100 + NodeA().size());
  EXPECT_EQ(ErrorOf(NodeA() + Record(5, "")),
            "the record at byte " + next + " is damaged: it is of no kind that is known");
  EXPECT_THAT(ErrorOf(Record(0, "")), HasSubstr("byte 100 is damaged: it is of no kind"));
  EXPECT_THAT(ErrorOf(Record('\x83', "")), HasSubstr("it is of no kind that is known"));
  EXPECT_THAT(ErrorOf(NodeA() + "\x02\x7fxx"),
              HasSubstr("byte " + next + " is damaged: it is cut"));
  EXPECT_FALSE(CountRecords(NodeA() + "\x02", 0));
  EXPECT_THAT(ErrorOf(Record(1, "")), HasSubstr("it is empty"));
  EXPECT_THAT(ErrorOf(Record(1, "\x09")), HasSubstr("it is of version 9"));
  EXPECT_THAT(ErrorOf(Record(1, "\x01\x05\x01x\x03\x01y")), HasSubstr("out of order"));
}

TEST(SnapshotBlockTest, RecordsOutOfTheirPlaceAreRefused) {
  const std::string instance = Record(2, EncodeInstance(SomeInstance("web")));
  const std::string coordinate = Record(4, EncodeCoordinate({}));
  const auto check = [](const std::string& id, const std::string& service_id) {
    return Record(3, EncodeCheck(SomeCheck(id, service_id)));
  };
  EXPECT_THAT(ErrorOf(instance), HasSubstr("it is of no node"));
  EXPECT_THAT(ErrorOf(check("c", "")), HasSubstr("it is of no node"));
  EXPECT_THAT(ErrorOf(coordinate), HasSubstr("it is of no node"));
  EXPECT_THAT(ErrorOf(NodeA() + coordinate + instance), HasSubstr("it is out of its place"));
  EXPECT_THAT(ErrorOf(NodeA() + coordinate + check("c", "")), HasSubstr("out of its place"));
  EXPECT_THAT(ErrorOf(NodeA() + check("c", "web")), HasSubstr("not of the instance before it"));
  EXPECT_THAT(ErrorOf(NodeA() + instance + check("c", "")), HasSubstr("not of the instance"));
  EXPECT_THAT(ErrorOf(NodeA() + check("c", "") + check("C", "")), HasSubstr("out of their order"));
  EXPECT_THAT(ErrorOf(NodeA() + check("d", "") + check("c", "")), HasSubstr("out of their order"));
}

TEST(SnapshotBlockTest, RecordsThatNobodyCouldHaveRegisteredAreRefused) {
  model::Node node = SomeNode("");
  EXPECT_THAT(ErrorOf(Record(1, EncodeNode(node))), HasSubstr("a node has no name"));
  for (const char* id : {"x", "ADF4238A-882b-9ddc-4a9d-5b6758e4159e"}) {
    node = SomeNode("a");
    node.id = id;
    EXPECT_THAT(ErrorOf(Record(1, EncodeNode(node))), HasSubstr("no UUID in lower case"));
  }
  node = SomeNode("a");
  node.meta = model::StringMap{{"b", "1"}, {"a", "1"}};
  EXPECT_THAT(ErrorOf(Record(1, EncodeNode(node))), HasSubstr("a map is not in order"));
  node.meta = model::StringMap{{"a", "1"}, {"a", "2"}};
  EXPECT_THAT(ErrorOf(Record(1, EncodeNode(node))), HasSubstr("a map is not in order"));
  EXPECT_THAT(ErrorOf(NodeA() + Record(2, EncodeInstance(SomeInstance("")))),
              HasSubstr("an instance has no ID"));
  model::Instance instance = SomeInstance("web");
  instance.service = "";
  EXPECT_THAT(ErrorOf(NodeA() + Record(2, EncodeInstance(instance))),
              HasSubstr("an instance has no service"));
  EXPECT_THAT(ErrorOf(NodeA() + Record(3, EncodeCheck(SomeCheck("")))),
              HasSubstr("a check has no ID"));
  model::Check check = SomeCheck("c");
  model::CheckDefinition definition;
  definition.ttl = std::chrono::nanoseconds(-1);
  check.upkeep = definition;
  EXPECT_THAT(ErrorOf(NodeA() + Record(3, EncodeCheck(check))),
              HasSubstr("a duration is negative"));
}

TEST(SnapshotBlockTest, MembersOfALaterMinorVersionAreSkipped) {
  std::string value = EncodeNode(SomeNode("a"));
  AppendVarint(&value, 60U << 1 | 1);
  AppendString(&value, "news");
  const auto commands = Commands(Record(1, value));
  ASSERT_TRUE(commands) << commands.error().message;
  EXPECT_TRUE(SameContent(RegisterOf((*commands)[0]).node, SomeNode("a")));
}

}  // namespace
}  // namespace rollcall::store
