#include "registry/model/command_json.h"

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "registry/model/json.h"

namespace rollcall::model {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

Register Registration(std::string_view body) {
  Result<Register> command = ParseRegister(body, "dc1");
  EXPECT_TRUE(command.has_value()) << body << ": " << command.error().message;
  return command ? *command : Register{};
}

// The definition and the upkeep of a registration's only check, whose Definition is `definition`.
Check CheckWith(const std::string& definition) {
  const Register command = Registration(
      R"({"Node":"n","Address":"a","Check":{"Name":"c","Definition":)" + definition + "}}");
  EXPECT_EQ(command.checks.size(), 1U);
  return command.checks.empty() ? Check{} : command.checks[0];
}

struct Refusal {
  std::string body;
  ErrorCode code;
  std::string message;
};

std::string Decode(const std::string& what) { return "Request decode failed: " + what; }

TEST(RegisterCommandTest, RefusesWhatConsulRefusesInItsWords) {
  const Refusal table[] = {
      {"{}", ErrorCode::kInvalidArgument, "Must provide node"},
      {R"({"Node": "x"})", ErrorCode::kInvalidArgument,
       "Must provide address if SkipNodeUpdate is not set"},
      {R"({"Address": "1.2.3.4"})", ErrorCode::kInvalidArgument, "Must provide node"},
      {R"({"Node": "x", "Address": "1.2.3.4", "Service": {"ID": "a", "Port": 1}})",
       ErrorCode::kInvalidArgument, "Must provide service name with ID"},
      {R"({"Node": "x", "Address": "1.2.3.4", "Service": {}})", ErrorCode::kInvalidArgument,
       "Must provide service name"},
      {R"({"Node": "x", "Address": "1.2.3.4", "Check": {}})", ErrorCode::kInvalidArgument,
       "Must provide check ID or name"},
      {R"({"Node": "x", "Address": "1.2.3.4", "Datacenter": "nope"})", ErrorCode::kInvalidArgument,
       "No path to datacenter"},
      {R"({"Node": "x", "Address": "1.2.3.4", "Datacenter": "DC1"})", ErrorCode::kInvalidArgument,
       "No path to datacenter"},
      {R"({"ID": "not-a-uuid", "Node": "x", "Address": "1.2.3.4"})", ErrorCode::kInvalidArgument,
       "Bad node ID: uuid string is wrong length"},
      {R"({"ID": "40e4a748-2192-161a-0510-9bf59fe950bg", "Node": "x", "Address": "1.2.3.4"})",
       ErrorCode::kInvalidArgument, "Bad node ID: uuid is improperly formatted"},
      {R"({"ID": "40e4a748221921161a005109bf59fe950b50", "Node": "x", "Address": "1.2.3.4"})",
       ErrorCode::kInvalidArgument, "Bad node ID: uuid is improperly formatted"},
  };
  for (const Refusal& each : table) {
    const Result<Register> command = ParseRegister(each.body, "dc1");
    ASSERT_FALSE(command.has_value()) << each.body;
    EXPECT_EQ(command.error().code, each.code) << each.body;
    EXPECT_EQ(command.error().message, each.message) << each.body;
  }
}

TEST(RegisterCommandTest, SaysWhatItCouldNotDecodeAndWhere) {
  const std::string node = R"({"Node": "x", "Address": "1.2.3.4", )";
  const Refusal table[] = {
      {R"({"Node":)", ErrorCode::kInvalidArgument, "unexpected end of JSON at byte 8"},
      {"", ErrorCode::kInvalidArgument, "unexpected end of JSON at byte 0"},
      {"[]", ErrorCode::kInvalidArgument, "expected an object, found an array"},
      {"null", ErrorCode::kInvalidArgument, "expected an object, found null"},
      {"{} {}", ErrorCode::kInvalidArgument, "invalid JSON at byte 4"},
      {R"({"Node": 5, "Address": "1.2.3.4"})", ErrorCode::kInvalidArgument,
       "Node: expected a string, found a number"},
      {node + R"("Service": {"Service": "a", "Port": "eighty"}})", ErrorCode::kInvalidArgument,
       "Service.Port: expected a whole number, found a string"},
      {node + R"("Service": {"Service": "a", "Port": 2147483648}})", ErrorCode::kInvalidArgument,
       "Service.Port: expected a whole number of 32 bits, found 2147483648"},
      {node + R"("Service": {"Service": "a", "TaggedAddresses": {"lan": {"Port": []}}}})",
       ErrorCode::kInvalidArgument,
       "Service.TaggedAddresses.lan.Port: expected a whole number, found an array"},
      {node + R"("Service": "a"})", ErrorCode::kInvalidArgument,
       "Service: expected an object, found a string"},
      {node + R"("Unknown": true})", ErrorCode::kInvalidArgument, "unknown field \"Unknown\""},
      {node + R"("Service": {"Service": "a", "Nonsense": 1}})", ErrorCode::kInvalidArgument,
       "unknown field \"Service.Nonsense\""},
      {node + R"("Checks": {}})", ErrorCode::kInvalidArgument, "Checks: expected an array"},
      {node + R"("Checks": [{"Name": "a"}, {"Name": 1}]})", ErrorCode::kInvalidArgument,
       "Checks[1].Name: expected a string, found a number"},
      {node + R"("NodeMeta": {"a": 1}})", ErrorCode::kInvalidArgument,
       "NodeMeta.a: expected a string, found a number"},
      {node + R"("SkipNodeUpdate": 1})", ErrorCode::kInvalidArgument,
       "SkipNodeUpdate: expected true or false, found a number"},
      {node + R"("Check": {"Name": "c", "Definition": {"TTL": "soon"}}})",
       ErrorCode::kInvalidArgument, "time: invalid duration \"soon\""},
      {node + R"("Check": {"Name": "c", "Definition": {"TTL": "-1s"}}})",
       ErrorCode::kInvalidArgument, "Check.Definition: durations must not be negative"},
  };
  for (const Refusal& each : table) {
    const Result<Register> command = ParseRegister(each.body, "dc1");
    ASSERT_FALSE(command.has_value()) << each.body;
    EXPECT_EQ(command.error().code, each.code) << each.body;
    EXPECT_EQ(command.error().message, Decode(each.message)) << each.body;
  }
}

TEST(RegisterCommandTest, TakesEachFieldOfANode) {
  const Register command = Registration(R"({
      "ID": "40E4A748-2192-161A-0510-9BF59FE950B5", "Node": "foo", "Address": "192.168.10.10",
      "Datacenter": "dc1", "TaggedAddresses": {"wan": "10.0.10.10", "lan": "192.168.10.10"},
      "NodeMeta": {"rack": "r1", "env": "prod"}, "SkipNodeUpdate": true})");
  EXPECT_EQ(command.node.id, "40e4a748-2192-161a-0510-9bf59fe950b5");
  EXPECT_EQ(command.node.name, "foo");
  EXPECT_EQ(command.node.address, "192.168.10.10");
  EXPECT_EQ(command.node.tagged_addresses,
            (StringMap{{"lan", "192.168.10.10"}, {"wan", "10.0.10.10"}}));
  EXPECT_EQ(command.node.meta, (StringMap{{"env", "prod"}, {"rack", "r1"}}));
  EXPECT_TRUE(command.skip_node_update);
  EXPECT_FALSE(command.instance.has_value());
  EXPECT_TRUE(command.checks.empty());
}

TEST(RegisterCommandTest, NeedsNoAddressWhenTheNodeIsNotUpdated) {
  EXPECT_EQ(Registration(R"({"Node": "x", "SkipNodeUpdate": true})").node.name, "x");
}

TEST(RegisterCommandTest, NullAndAbsentAreTheSame) {
  const Register command = Registration(R"({
      "Node": "x", "Address": "1.2.3.4", "ID": null, "Datacenter": null, "TaggedAddresses": null,
      "NodeMeta": null, "SkipNodeUpdate": null, "Check": null, "Checks": null,
      "Service": {"Service": "a", "ID": null, "Tags": null, "Meta": null, "Port": null,
                  "Weights": null, "TaggedAddresses": null, "EnableTagOverride": null}})");
  EXPECT_TRUE(command.checks.empty());
  ASSERT_TRUE(command.instance.has_value());
  EXPECT_EQ(command.instance->id, "a");
  EXPECT_TRUE(command.instance->tags.empty());
  EXPECT_EQ(command.instance->port, 0);
  EXPECT_EQ(command.instance->weights, Weights{});
  EXPECT_FALSE(Registration(R"({"Node":"x","Address":"a","Service":null})").instance.has_value());
}

TEST(RegisterCommandTest, NamesOfFieldsCompareWithoutCase) {
  const Register command =
      Registration(R"({"NODE": "x", "address": "a", "sErViCe": {"service": "s", "PORT": 7}})");
  EXPECT_EQ(command.node.name, "x");
  ASSERT_TRUE(command.instance.has_value());
  EXPECT_EQ(command.instance->port, 7);
  EXPECT_FALSE(ParseRegister(R"({"Node": "x", "Address": "a", "node_meta": {}})", "dc1"));
}

TEST(RegisterCommandTest, TakesOddWeightsAsConsulDoes) {
  const Register command = Registration(
      R"({"Node":"x","Address":"a","Service":{"Service":"w","Weights":{"Passing":-1}}})");
  ASSERT_TRUE(command.instance.has_value());
  EXPECT_EQ(command.instance->weights, (Weights{-1, 1}));
}

TEST(RegisterCommandTest, ACheckIsCriticalUnlessItSaysOtherwise) {
  const Register command = Registration(R"({"Node": "x", "Address": "a",
      "Check": {"Name": "one"},
      "Checks": [{"CheckID": "two", "Status": "sideways"}, {"Name": "three", "Status": "passing"},
                 {"Name": "four", "CheckID": "4", "Status": "warning", "ServiceID": "s"}]})");
  ASSERT_EQ(command.checks.size(), 4U);
  EXPECT_EQ(command.checks[0].check_id, "one");
  EXPECT_EQ(command.checks[0].status, CheckStatus::kCritical);
  EXPECT_EQ(command.checks[1].name, "two");
  EXPECT_EQ(command.checks[1].status, CheckStatus::kCritical);
  EXPECT_EQ(command.checks[2].status, CheckStatus::kPassing);
  EXPECT_EQ(command.checks[3].check_id, "4");
  EXPECT_EQ(command.checks[3].status, CheckStatus::kWarning);
  EXPECT_EQ(command.checks[3].service_id, "s");
}

TEST(CheckDefinitionTest, TtlIsUpkeepOfTheRegistry) {
  const Check check = CheckWith(R"({"TTL": "1.5s"})");
  ASSERT_NE(check.upkeep, nullptr);
  EXPECT_EQ(check.upkeep->ttl, milliseconds(1500));
  ASSERT_NE(check.definition, nullptr);
  EXPECT_EQ(check.definition->ttl, milliseconds(1500));
}

TEST(CheckDefinitionTest, DeregistrationOfTheCriticalIsUpkeepFromOneSecondUp) {
  const struct {
    const char* definition;
    nanoseconds after;
  } table[] = {
      {R"({"DeregisterCriticalServiceAfter": "90m"})", std::chrono::minutes(90)},
      {R"({"DeregisterCriticalServiceAfter": "1s"})", seconds(1)},
      {R"({"DeregisterCriticalServiceAfter": "999ms"})", seconds(1)},
      {R"({"DeregisterCriticalServiceAfter": 1})", seconds(1)},
      {R"({"DeregisterCriticalServiceAfterDuration": 30000000000})", seconds(30)},
  };
  for (const auto& each : table) {
    const Check check = CheckWith(each.definition);
    ASSERT_NE(check.upkeep, nullptr) << each.definition;
    EXPECT_EQ(check.upkeep->deregister_critical_service_after, each.after) << each.definition;
  }
}

TEST(CheckDefinitionTest, IsKeptWithoutUpkeepWhenItGivesTheRegistryNothingToDo) {
  const Check check = CheckWith(
      R"({"HTTP": "http://h/", "Header": {"X-A": ["1", "2"]}, "Interval": "5s", "Timeout": "1s",
          "DeregisterCriticalServiceAfter": "0s"})");
  EXPECT_EQ(check.upkeep, nullptr);
  ASSERT_NE(check.definition, nullptr);
  EXPECT_EQ(check.definition->http, "http://h/");
  EXPECT_EQ(check.definition->interval, seconds(5));
  const FlatMap<TextList> header = {{"X-A", {"1", "2"}}};
  EXPECT_EQ(check.definition->header, header);
}

TEST(CheckDefinitionTest, EmptyIsNone) {
  EXPECT_EQ(CheckWith("{}").definition, nullptr);
  EXPECT_EQ(CheckWith("null").definition, nullptr);
  EXPECT_EQ(CheckWith(R"({"HTTP": "", "Interval": "0s"})").definition, nullptr);
}

TEST(RegisterCommandTest, ReadsBackWhatRegisterJsonWrote) {
  const Register command = Registration(R"({
      "ID": "40e4a748-2192-161a-0510-9bf59fe950b5", "Node": "foo", "Address": "192.168.10.10",
      "TaggedAddresses": {"lan": "192.168.10.10"}, "NodeMeta": {"env": "prod"},
      "SkipNodeUpdate": true,
      "Service": {"ID": "web-1", "Service": "web", "Kind": "k", "Tags": ["b", "a"],
                  "Meta": {"v": "1"}, "Address": "10.1.1.2", "Port": 80, "SocketPath": "/run/s",
                  "TaggedAddresses": {"wan": {"Address": "198.18.0.1", "Port": 8080}},
                  "Weights": {"Passing": 5, "Warning": 2}, "EnableTagOverride": true},
      "Checks": [{"CheckID": "c1", "Name": "one", "Status": "warning", "Notes": "n",
                  "Output": "o", "ServiceID": "web-1", "Type": "ttl",
                  "Definition": {"TTL": "30s", "DeregisterCriticalServiceAfter": "90m"}},
                 {"CheckID": "c2", "Status": "passing",
                  "Definition": {"HTTP": "http://h/", "Header": {"X": ["1"]}, "Method": "PUT",
                                 "Body": "b", "TLSSkipVerify": true, "Interval": "5s",
                                 "Timeout": "250ms"}},
                 {"CheckID": "c3", "Definition": {"TCP": "h:1", "Interval": "1m"}}]})");
  const Register again = Registration(Dump(RegisterJson(command)));
  EXPECT_EQ(again.node.id, command.node.id);
  EXPECT_TRUE(SameContent(again.node, command.node));
  EXPECT_EQ(again.skip_node_update, command.skip_node_update);
  ASSERT_TRUE(again.instance.has_value());
  EXPECT_TRUE(SameContent(*again.instance, *command.instance));
  ASSERT_EQ(again.checks.size(), 3U);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(SameContent(again.checks[i], command.checks[i])) << i;
    ASSERT_NE(again.checks[i].definition, nullptr) << i;
    EXPECT_EQ(*again.checks[i].definition, *command.checks[i].definition) << i;
  }
  EXPECT_EQ(*again.checks[0].upkeep, *command.checks[0].upkeep);
  EXPECT_EQ(again.checks[1].upkeep, nullptr);
}

TEST(DeregisterCommandTest, TakesACheckAnInstanceOrANode) {
  const Result<Deregister> check =
      ParseDeregister(R"({"Node": "x", "CheckID": "c", "Address": "1.2.3.4"})", "dc1");
  ASSERT_TRUE(check.has_value()) << check.error().message;
  EXPECT_EQ(check.value().node, "x");
  EXPECT_EQ(check.value().check_id, "c");
  EXPECT_EQ(check.value().service_id, "");
  const Result<Deregister> instance =
      ParseDeregister(R"({"Datacenter": "dc1", "Node": "x", "ServiceID": "s"})", "dc1");
  ASSERT_TRUE(instance.has_value()) << instance.error().message;
  EXPECT_EQ(instance.value().service_id, "s");
  const Result<Deregister> node = ParseDeregister(R"({"node": "x", "CheckID": null})", "dc1");
  ASSERT_TRUE(node.has_value()) << node.error().message;
  EXPECT_EQ(node.value().check_id, "");
}

TEST(DeregisterCommandTest, RefusesWhatConsulRefuses) {
  const Refusal table[] = {
      {"{}", ErrorCode::kInvalidArgument, "Must provide node"},
      {R"({"Node": "x", "Datacenter": "nope"})", ErrorCode::kInvalidArgument,
       "No path to datacenter"},
      {"{", ErrorCode::kInvalidArgument, Decode("unexpected end of JSON at byte 1")},
      {"[]", ErrorCode::kInvalidArgument, Decode("expected an object, found an array")},
      {R"({"Node": []})", ErrorCode::kInvalidArgument,
       Decode("Node: expected a string, found an array")},
      {R"({"Node": "x", "Service": "s"})", ErrorCode::kInvalidArgument,
       Decode("unknown field \"Service\"")},
  };
  for (const Refusal& each : table) {
    const Result<Deregister> command = ParseDeregister(each.body, "dc1");
    ASSERT_FALSE(command.has_value()) << each.body;
    EXPECT_EQ(command.error().code, each.code) << each.body;
    EXPECT_EQ(command.error().message, each.message) << each.body;
  }
}

}  // namespace
}  // namespace rollcall::model
