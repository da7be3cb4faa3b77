// What is written is what was read: for each kind of check and each option.
#include "registry/model/definition_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "registry/model/json.h"

namespace rollcall::model {
namespace {

using nlohmann::json;

const CheckRules kAll{.all_kinds = true, .scripts = ScriptChecks::kRun};

// As a file would keep it.
json Written(const nlohmann::ordered_json& object) { return json::parse(Dump(object)); }

class CheckDefinitionJsonTest : public ::testing::TestWithParam<const char*> {};

TEST_P(CheckDefinitionJsonTest, IsReadAsItWas) {
  const AgentCheck check = ParseAgentCheck(json::parse(GetParam()), kAll).value();
  const Result<AgentCheck> again = ParseAgentCheck(Written(CheckDefinitionJson(check)), kAll);
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(again->check_id, check.check_id);
  EXPECT_EQ(again->name, check.name);
  EXPECT_EQ(again->notes, check.notes);
  EXPECT_EQ(again->service_id, check.service_id);
  EXPECT_EQ(again->status, check.status);
  EXPECT_EQ(again->run, check.run);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, CheckDefinitionJsonTest,
    ::testing::Values(
        R"({"Name": "a", "TTL": "1m30s"})",
        R"({"Name": "a", "CheckID": "b", "Notes": "n\u00e9\n", "ServiceID": "web", "TTL": "10s",
            "Status": "warning", "DeregisterCriticalServiceAfter": "90m"})",
        R"({"Name": "a", "HTTP": "https://h/x?y=1", "Method": "POST", "Body": "{\"a\":1}",
            "Header": {"X-A": ["1", "2"], "Host": ["other"]}, "TLSSkipVerify": true,
            "TLSServerName": "h.example", "DisableRedirects": true, "Interval": "1.5s",
            "Timeout": "300ms", "SuccessBeforePassing": 3, "FailuresBeforeWarning": 1,
            "FailuresBeforeCritical": 2, "OutputMaxSize": 100})",
        R"({"Name": "a", "TCP": "[::1]:80", "Interval": "10s", "Status": "passing"})",
        R"({"Name": "a", "UDP": "127.0.0.1:53", "Interval": "10s"})",
        R"({"Name": "a", "GRPC": "127.0.0.1:1/svc", "GRPCUseTLS": true, "Interval": "10s"})",
        R"({"Name": "a", "GRPC": "127.0.0.1:1", "Interval": "10s"})",
        R"({"Name": "a", "H2PING": "127.0.0.1:1", "Interval": "10s"})",
        R"({"Name": "a", "H2PING": "127.0.0.1:1", "H2PingUseTLS": false, "Interval": "10s"})",
        R"({"Name": "a", "Args": ["sh", "-c", "exit 1"], "Interval": "10s", "Timeout": "1s"})",
        R"({"Name": "a", "AliasService": "web", "AliasNode": "n2"})"));

TEST(ServiceDefinitionJsonTest, IsReadAsItWas) {
  const Instance instance =
      ParseAgentService(json::parse(R"({"ID": "web/1", "Name": "web", "Tags": ["a", "b"],
          "Address": "192.0.2.1", "Port": 80, "Meta": {"k": "v"}, "Kind": "connect-proxy",
          "Weights": {"Passing": 10, "Warning": 1}, "EnableTagOverride": true,
          "SocketPath": "/run/web.sock",
          "TaggedAddresses": {"lan_ipv6": {"Address": "2001:db8::1", "Port": 81}}})"),
                        kAll)
          .value()
          .instance;
  const Result<AgentService> again =
      ParseAgentService(Written(ServiceDefinitionJson(instance)), kAll);
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_TRUE(SameContent(again->instance, instance));
  EXPECT_TRUE(again->checks.empty());
}

TEST(ServiceDefinitionJsonTest, LeavesOutTheNode) {
  Instance instance = ParseAgentService(json::parse(R"({"Name": "web"})"), kAll).value().instance;
  instance.node = "n1";
  EXPECT_FALSE(Written(ServiceDefinitionJson(instance)).contains("Node"));
}

}  // namespace
}  // namespace rollcall::model
