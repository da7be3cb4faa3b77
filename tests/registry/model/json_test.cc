#include "registry/model/json.h"

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

namespace rollcall::model {
namespace {

using nlohmann::ordered_json;

// Keys in their order: what a client sees.
TEST(RecordJsonTest, NodeHasNullForEmptyMaps) {
  Node node;
  node.name = "foo";
  node.address = "1.2.3.4";
  node.create_index = Index(7);
  node.modify_index = Index(9);
  EXPECT_EQ(Dump(NodeJson(node, "dc1")),
            R"({"ID":"","Node":"foo","Address":"1.2.3.4","Datacenter":"dc1",)"
            R"("TaggedAddresses":null,"Meta":null,"CreateIndex":7,"ModifyIndex":9})");
  node.meta = {{"env", "prod"}};
  EXPECT_EQ(NodeJson(node, "dc1")["Meta"], (ordered_json{{"env", "prod"}}));
}

TEST(RecordJsonTest, InstanceInEachOfItsThreeShapes) {
  Node node;
  node.name = "foo";
  node.address = "1.2.3.4";
  Instance instance;
  instance.id = "web-1";
  instance.service = "web";
  instance.port = 80;
  instance.create_index = Index(3);
  instance.modify_index = Index(4);
  EXPECT_EQ(Dump(NodeServiceJson(instance)),
            R"({"ID":"web-1","Service":"web","Tags":[],"Address":"","Meta":null,"Port":80,)"
            R"("Weights":{"Passing":1,"Warning":1},"EnableTagOverride":false,)"
            R"("Proxy":{"MeshGateway":{},"Expose":{}},"Connect":{},)"
            R"("CreateIndex":3,"ModifyIndex":4})");
  EXPECT_EQ(Dump(AgentServiceJson(instance)),
            R"({"ID":"web-1","Service":"web","Tags":[],"Meta":{},"Port":80,"Address":"",)"
            R"("Weights":{"Passing":1,"Warning":1},"EnableTagOverride":false})");
  EXPECT_EQ(Dump(CatalogServiceJson(node, instance, "dc1")),
            R"({"ID":"","Node":"foo","Address":"1.2.3.4","Datacenter":"dc1",)"
            R"("TaggedAddresses":null,"NodeMeta":null,"ServiceKind":"","ServiceID":"web-1",)"
            R"("ServiceName":"web","ServiceTags":[],"ServiceAddress":"",)"
            R"("ServiceWeights":{"Passing":1,"Warning":1},"ServiceMeta":{},"ServicePort":80,)"
            R"("ServiceEnableTagOverride":false,)"
            R"("ServiceProxy":{"MeshGateway":{},"Expose":{}},"ServiceConnect":{},)"
            R"("CreateIndex":3,"ModifyIndex":4})");
}

TEST(RecordJsonTest, CheckShowsOnlyWhatItsDefinitionSets) {
  Check check;
  check.node = "foo";
  check.check_id = "c";
  check.name = "n";
  check.status = CheckStatus::kPassing;
  EXPECT_EQ(Dump(CheckJson(check)),
            R"({"Node":"foo","CheckID":"c","Name":"n","Status":"passing","Notes":"","Output":"",)"
            R"("ServiceID":"","ServiceName":"","ServiceTags":[],"Type":"","Definition":{},)"
            R"("CreateIndex":0,"ModifyIndex":0})");
  CheckDefinition definition;
  definition.ttl = std::chrono::seconds(90);
  definition.header = {{"X", {"1", "2"}}};
  check.definition = definition;
  EXPECT_EQ(Dump(CheckJson(check)["Definition"]), R"({"TTL":"1m30s","Header":{"X":["1","2"]}})");
  EXPECT_EQ(Dump(CheckDefinitionJson(nullptr)), "{}");
}

TEST(RegistrationJsonTest, LeavesOutWhatTheRegistryFillsIn) {
  Register command;
  command.node.name = "foo";
  command.node.address = "1.2.3.4";
  command.instance.emplace().service = "web";
  command.checks.emplace_back().check_id = "c";
  const ordered_json body = RegisterJson(command);
  EXPECT_FALSE(body.contains("ID"));
  EXPECT_FALSE(body["Service"].contains("CreateIndex"));
  EXPECT_FALSE(body["Service"].contains("Proxy"));
  EXPECT_FALSE(body["Checks"][0].contains("ServiceName"));
  EXPECT_FALSE(body["Checks"][0].contains("ModifyIndex"));
}

// What a check's program printed may be any bytes; an answer must be UTF-8 (RFC 8259 section 8.1).
TEST(DumpTest, ReplacesBytesThatAreNotUtf8) {
  const struct {
    std::string bytes;
    std::string text;
  } table[] = {
      {"caf\xc3\xa9", "\"caf\xc3\xa9\""},
      {"a\xff"
       "b",
       "\"a\xef\xbf\xbd"
       "b\""},
      {"\xc3", "\"\xef\xbf\xbd\""},
      {std::string("a\0b", 3), R"("a\u0000b")"},
      {"a\nb\"", R"("a\nb\"")"},
  };
  for (const auto& each : table) EXPECT_EQ(Dump(ordered_json(each.bytes)), each.text);
}

}  // namespace
}  // namespace rollcall::model
