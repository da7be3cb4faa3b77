#include "registry/model/definition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace rollcall::model {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;

AgentService Service(const char* json) {
  Result<AgentService> service = ParseAgentService(nlohmann::json::parse(json));
  EXPECT_TRUE(service.has_value()) << service.error().message;
  return service ? *service : AgentService{};
}

AgentCheck CheckOf(const char* json) {
  Result<AgentCheck> check = ParseAgentCheck(nlohmann::json::parse(json));
  EXPECT_TRUE(check.has_value()) << check.error().message;
  return check ? *check : AgentCheck{};
}

struct Refusal {
  const char* json;
  const char* message;
};

TEST(AgentServiceDefinitionTest, RefusesWithConsulsWords) {
  const Refusal table[] = {
      {R"({})", "Missing service name"},
      {R"({"Port": 1})", "Missing service name"},
      {R"({"Name": ""})", "Missing service name"},
      {R"({"Name": "bad", "Check": {"TTL": "abc"}})",
       "Request decode failed: time: invalid duration \"abc\""},
      {R"({"Name": "bad", "Check": {"HTTP": "http://localhost", "TTL": "1s"}})",
       "Invalid check: Interval must be > 0 for Script, HTTP, or TCP checks"},
      {R"({"Name": "bad", "Check": {"HTTP": "http://localhost"}})",
       "Invalid check: Interval must be > 0 for Script, HTTP, or TCP checks"},
      {R"({"Name": "bad", "Check": {"TCP": "a:1", "Interval": "1s", "TTL": "1s"}})",
       "Invalid check: Interval and TTL cannot both be specified"},
      {R"({"Name": "bad", "Checks": [{}]})", "Invalid check: TTL must be > 0 for TTL checks"},
      {R"({"Name": "bad", "Check": {"TTL": "10s", "Status": "fluffy"}})",
       "Status for checks must 'passing', 'warning', 'critical'"},
      {R"({"Name": "bad", "Weights": {"Passing": -1}})",
       "Invalid Weights: Passing must be greater than 0"},
      {R"({"Name": "bad", "Weights": {"Warning": 1}})",
       "Invalid Weights: Passing must be greater than 0"},
      {R"({"Name": "bad", "Weights": {"Passing": 1, "Warning": -1}})",
       "Invalid Weights: Warning must be greater or equal than 0"},
      {R"({"Name": "bad", "Weights": {"Passing": 65536}})",
       "Invalid Weights: DNS Weight must be between 0 and 65535"},
      {R"({"Name": "bad", "Address": "0.0.0.0"})", "Invalid service address"},
      {R"({"Name": "bad", "Address": "::"})", "Invalid service address"},
      {R"({"Name": "bad", "Port": 65536})", "Invalid service port: 65536"},
      {R"({"Name": "bad", "Meta": {"bad key!": "v"}})",
       "Invalid Service Meta: Couldn't load metadata pair ('bad key!', 'v'): "
       "Key contains invalid characters"},
      {R"({"Name": "bad", "Meta": {"": "v"}})",
       "Invalid Service Meta: Couldn't load metadata pair ('', 'v'): Key cannot be blank"},
      {R"({"Name": "bad", "Meta": {"consul-x": "v"}})",
       "Invalid Service Meta: Couldn't load metadata pair ('consul-x', 'v'): "
       "Key prefix 'consul-' is reserved for internal use"},
      {R"({"Name": "bad", "Check": {"Args": ["true"], "Interval": "10s"}})",
       "Scripts are disabled on this agent from remote calls; to enable, configure "
       "'enable_script_checks' to true"},
      {R"({"Name": "bad", "Check": {"GRPC": "a:1", "Interval": "10s"}})",
       "Invalid check: GRPC is not supported here: rollcall-agent runs such checks"},
      {R"({"Name": "bad", "Check": {"alias_service": "web"}})",
       "Invalid check: AliasService is not supported here: rollcall-agent runs such checks"},
      {R"({"Name": "bad", "Check": {"TTL": "10s", "failures_before_critical": 3}})",
       "Invalid check: FailuresBeforeCritical is not supported here: rollcall-agent runs such "
       "checks"},
      {R"({"Name": "bad", "Connect": {"Native": true}})", "Connect is not supported"},
      {R"({"Name": "bad", "Checks": [{"TTL": "1s", "CheckID": "a"}, {"TTL": "1s", "ID": "a"}]})",
       "Invalid check: the ID \"a\" is used twice"},
  };
  for (const Refusal& row : table) {
    Result<AgentService> service = ParseAgentService(nlohmann::json::parse(row.json));
    ASSERT_FALSE(service.has_value()) << row.json;
    EXPECT_EQ(service.error().message, row.message) << row.json;
    EXPECT_EQ(service.error().code, ErrorCode::kInvalidArgument) << row.json;
  }
}

TEST(AgentServiceDefinitionTest, NamesTheFieldThatItCannotDecode) {
  const Refusal table[] = {
      {R"({"Name": "bad", "Port": "x"})", "Port"},
      {R"({"Name": "bad", "Nonsense": 1})", "Nonsense"},
      {R"({"Name": "bad", "Check": {"TTL": "1s", "Nonsense": 1}})", "Check.Nonsense"},
      {R"({"Name": "bad", "Checks": [{"TTL": "1s"}, {"TTL": true}]})", "Checks[1].TTL"},
      {R"({"Name": "bad", "TaggedAddresses": {"lan": {"Address": 1}}})",
       "TaggedAddresses.lan.Address"},
      {R"({"Name": "bad", "TaggedAddresses": []})", "TaggedAddresses"},
      {R"([])", "object"},
  };
  for (const Refusal& row : table) {
    Result<AgentService> service = ParseAgentService(nlohmann::json::parse(row.json));
    ASSERT_FALSE(service.has_value()) << row.json;
    const std::string& message = service.error().message;
    EXPECT_TRUE(message.starts_with("Request decode failed: ")) << message;
    EXPECT_EQ(message.rfind("Request decode failed: "), 0u) << message;
    EXPECT_NE(message.find(row.message), std::string::npos) << message;
  }
}

TEST(AgentServiceDefinitionTest, IdDefaultsToTheName) {
  const AgentService service = Service(R"({"Name": "web", "Port": 80})");
  EXPECT_EQ(service.instance.id, "web");
  EXPECT_EQ(service.instance.service, "web");
  EXPECT_EQ(service.instance.port, 80);
  EXPECT_EQ(service.instance.weights, (Weights{1, 1}));
  EXPECT_TRUE(service.checks.empty());
  EXPECT_TRUE(service.instance.tagged_addresses.empty());
}

TEST(AgentServiceDefinitionTest, EmptyCheckIsDropped) {
  EXPECT_TRUE(Service(R"({"Name": "a", "Check": {}})").checks.empty());
  EXPECT_TRUE(Service(R"({"Name": "a", "Check": {"TTL": null}})").checks.empty());
}

TEST(AgentServiceDefinitionTest, AddressIsAlsoTaggedByItsFamily) {
  const AgentService v4 = Service(R"({"ID": "db-1", "Name": "db", "Address": "10.4.0.1",
      "Port": 5432, "TaggedAddresses": {"wan": {"Address": "198.18.1.1", "Port": 5433}}})");
  const FlatMap<ServiceAddress> expected = {{"lan_ipv4", {"10.4.0.1", 5432}},
                                            {"wan", {"198.18.1.1", 5433}},
                                            {"wan_ipv4", {"10.4.0.1", 5432}}};
  EXPECT_EQ(v4.instance.tagged_addresses, expected);
  const AgentService v6 = Service(R"({"Name": "db", "Address": "fd00::1", "Port": 1,
      "TaggedAddresses": {"wan_ipv6": {"Address": "2001:db8::1", "Port": 2}}})");
  const FlatMap<ServiceAddress> expected6 = {{"lan_ipv6", {"fd00::1", 1}},
                                             {"wan_ipv6", {"2001:db8::1", 2}}};
  EXPECT_EQ(v6.instance.tagged_addresses, expected6);
  EXPECT_TRUE(
      Service(R"({"Name": "db", "Address": "db.example"})").instance.tagged_addresses.empty());
}

TEST(AgentServiceDefinitionTest, ReadsSnakeCase) {
  const AgentService service = Service(R"({"ID": "snake", "name": "snake", "port": 81,
      "enable_tag_override": true, "tagged_addresses": {"lan": {"address": "10.4.0.9", "port": 82}},
      "check": {"ttl": "15s", "deregister_critical_service_after": "90m"}})");
  EXPECT_TRUE(service.instance.enable_tag_override);
  const FlatMap<ServiceAddress> expected = {{"lan", {"10.4.0.9", 82}}};
  EXPECT_EQ(service.instance.tagged_addresses, expected);
  ASSERT_EQ(service.checks.size(), 1u);
  EXPECT_EQ(service.checks[0].run.ttl, seconds(15));
  EXPECT_EQ(service.checks[0].run.deregister_critical_service_after, minutes(90));
}

TEST(AgentServiceDefinitionTest, SingleCheckIsNamedAfterTheService) {
  const AgentService service = Service(R"({"ID": "db-1", "Name": "db", "Check":
      {"TTL": "30s", "Status": "passing", "Notes": "n"}})");
  ASSERT_EQ(service.checks.size(), 1u);
  const AgentCheck& check = service.checks[0];
  EXPECT_EQ(check.check_id, "service:db-1");
  EXPECT_EQ(check.name, "Service 'db' check");
  EXPECT_EQ(check.service_id, "db-1");
  EXPECT_EQ(check.status, CheckStatus::kPassing);
  EXPECT_EQ(check.notes, "n");
}

TEST(AgentServiceDefinitionTest, SeveralChecksAreNumberedUnlessNamed) {
  const AgentService service = Service(R"({"Name": "two", "Checks": [{"TTL": "10s"},
      {"Name": "named", "CheckID": "my-check", "TTL": "20s", "Status": "warning"}]})");
  ASSERT_EQ(service.checks.size(), 2u);
  EXPECT_EQ(service.checks[0].check_id, "service:two:1");
  EXPECT_EQ(service.checks[0].status, CheckStatus::kCritical);
  EXPECT_EQ(service.checks[1].check_id, "my-check");
  EXPECT_EQ(service.checks[1].name, "named");
  EXPECT_EQ(service.checks[1].status, CheckStatus::kWarning);
}

TEST(AgentServiceDefinitionTest, CheckAndChecksAddUp) {
  const AgentService service =
      Service(R"({"Name": "two", "Check": {"TTL": "1s"}, "Checks": [{"TTL": "2s"}]})");
  ASSERT_EQ(service.checks.size(), 2u);
  EXPECT_EQ(service.checks[0].check_id, "service:two:1");
  EXPECT_EQ(service.checks[0].run.ttl, seconds(1));
  EXPECT_EQ(service.checks[1].check_id, "service:two:2");
}

TEST(AgentCheckDefinitionTest, RefusesWithConsulsWords) {
  const Refusal table[] = {
      {R"({})", "Missing check name"},
      {R"({"TTL": "1s"})", "Missing check name"},
      {R"({"Name": "x"})", "Invalid check: TTL must be > 0 for TTL checks"},
      {R"({"Name": "x", "Interval": "1s"})", "Invalid check: TTL must be > 0 for TTL checks"},
      {R"({"Name": "x", "TTL": "1s", "Status": "fluffy"})", "Bad check status"},
      {R"({"Name": "x", "Args": ["true"], "Interval": "10s"})",
       "Scripts are disabled on this agent from remote calls; to enable, configure "
       "'enable_script_checks' to true"},
      {R"({"Name": "x", "DockerContainerID": "c", "Interval": "10s"})",
       "Invalid check: DockerContainerID is not supported yet"},
  };
  for (const Refusal& row : table) {
    Result<AgentCheck> check = ParseAgentCheck(nlohmann::json::parse(row.json));
    ASSERT_FALSE(check.has_value()) << row.json;
    EXPECT_EQ(check.error().message, row.message) << row.json;
  }
}

TEST(AgentCheckDefinitionTest, ReadsEachKind) {
  const AgentCheck ttl = CheckOf(R"({"Name": "mem", "TTL": "15s", "Notes": "free memory"})");
  EXPECT_EQ(ttl.run.kind, CheckKind::kTtl);
  EXPECT_EQ(ttl.check_id, "mem");
  EXPECT_EQ(ttl.status, CheckStatus::kCritical);

  const AgentCheck http = CheckOf(R"({"ID": "h", "Name": "x", "HTTP": "http://127.0.0.1:1",
      "Method": "POST", "Header": {"X-A": ["1", "2"]}, "Body": "b", "TLSSkipVerify": true,
      "Interval": "10s", "Timeout": "1s", "ServiceID": "web"})");
  EXPECT_EQ(http.run.kind, CheckKind::kHttp);
  EXPECT_EQ(http.check_id, "h");
  EXPECT_EQ(http.service_id, "web");
  EXPECT_EQ(http.run.http, "http://127.0.0.1:1");
  EXPECT_EQ(http.run.method, "POST");
  EXPECT_EQ(http.run.body, "b");
  EXPECT_TRUE(http.run.tls_skip_verify);
  const FlatMap<TextList> header = {{"X-A", {"1", "2"}}};
  EXPECT_EQ(http.run.header, header);
  EXPECT_EQ(http.run.interval, seconds(10));
  EXPECT_EQ(http.run.timeout, seconds(1));

  const AgentCheck tcp = CheckOf(R"({"Name": "t", "TCP": "127.0.0.1:1", "Interval": "10s"})");
  EXPECT_EQ(tcp.run.kind, CheckKind::kTcp);
  EXPECT_EQ(tcp.run.timeout, seconds(10));
}

TEST(AgentCheckDefinitionTest, HasFloorsForWhatWouldHurt) {
  const AgentCheck tcp = CheckOf(R"({"Name": "t", "TCP": "a:1", "Interval": "10ms",
      "DeregisterCriticalServiceAfter": "10ms"})");
  EXPECT_EQ(tcp.run.interval, seconds(1));
  EXPECT_EQ(tcp.run.deregister_critical_service_after, seconds(1));
  const AgentCheck ttl = CheckOf(R"({"Name": "t", "TTL": "50ms"})");
  EXPECT_EQ(ttl.run.ttl, milliseconds(50));
  EXPECT_EQ(ttl.run.deregister_critical_service_after, seconds(0));
}

TEST(CheckUpdateTest, ReadsStatusAndOutput) {
  Result<CheckUpdate> update = ParseCheckUpdate(R"({"Status": "warning", "Output": "o"})");
  ASSERT_TRUE(update.has_value());
  EXPECT_EQ(update->status, CheckStatus::kWarning);
  EXPECT_EQ(update->output, "o");
}

TEST(CheckUpdateTest, RefusesUnknownStatusAndBrokenJson) {
  EXPECT_EQ(ParseCheckUpdate(R"({"Status": "sideways"})").error().message,
            "Invalid check status: 'sideways'");
  EXPECT_EQ(ParseCheckUpdate("{}").error().message, "Invalid check status: ''");
  EXPECT_TRUE(ParseCheckUpdate("{").error().message.starts_with("Request decode failed: "));
}

TEST(KeptOutputTest, SaysWhatOfItWasCut) {
  const std::string longest(kMaxCheckOutput, 'x');
  EXPECT_EQ(KeptOutput(""), "");
  EXPECT_EQ(KeptOutput(longest), longest);
  EXPECT_EQ(KeptOutput(longest + "yz"), longest + " ... (captured 4096 of 4098 bytes)");
  EXPECT_EQ(KeptOutput("abc", 3), "abc");
  EXPECT_EQ(KeptOutput("abcd", 3), "abc ... (captured 3 of 4 bytes)");
  EXPECT_EQ(KeptOutput("abc", 3, 7), "abc ... (captured 3 of 10 bytes)");
  EXPECT_EQ(KeptOutput("abcd", 3, 7), "abc ... (captured 3 of 11 bytes)");
}

TEST(OutputLimitTest, IsTheChecksOwnOrTheUsualOne) {
  CheckRun run;
  EXPECT_EQ(OutputLimit(run), kMaxCheckOutput);
  run.output_max_size = 10;
  EXPECT_EQ(OutputLimit(run), 10u);
}

TEST(CheckRecordTest, ShowsTypeAndHidesTheDefinition) {
  const Check record = CheckRecord(CheckOf(R"({"Name": "mem", "TTL": "15s", "Notes": "n"})"));
  EXPECT_EQ(record.check_id, "mem");
  EXPECT_EQ(record.type, "ttl");
  EXPECT_EQ(record.notes, "n");
  EXPECT_EQ(record.definition, nullptr);
  ASSERT_NE(record.upkeep, nullptr);
  EXPECT_EQ(record.upkeep->ttl, seconds(15));
  EXPECT_EQ(CheckRecord(CheckOf(R"({"Name": "t", "TCP": "a:1", "Interval": "9s"})")).type, "tcp");
}

// What rollcall-agent understands and a registry's own node does not.
AgentCheck AgentOnly(const char* json) {
  Result<AgentCheck> check = ParseAgentCheck(nlohmann::json::parse(json),
                                             {.all_kinds = true, .scripts = ScriptChecks::kRun});
  EXPECT_TRUE(check) << check.error().message;
  return check ? *std::move(check) : AgentCheck();
}

TEST(AgentCheckDefinitionTest, ReadsTheKindsThatOnlyAnAgentRuns) {
  const AgentCheck udp = AgentOnly(R"({"Name": "x", "UDP": "127.0.0.1:53", "Interval": "5s"})");
  EXPECT_EQ(udp.run.kind, CheckKind::kUdp);
  EXPECT_EQ(udp.run.udp, "127.0.0.1:53");
  EXPECT_EQ(udp.run.timeout, std::chrono::seconds(10));

  const AgentCheck grpc = AgentOnly(R"({"name": "x", "grpc": "127.0.0.1:50051/db",
      "grpc_use_tls": true, "tls_server_name": "db.example", "interval": "5s"})");
  EXPECT_EQ(grpc.run.kind, CheckKind::kGrpc);
  EXPECT_EQ(grpc.run.grpc, "127.0.0.1:50051/db");
  EXPECT_TRUE(grpc.run.use_tls);
  EXPECT_EQ(grpc.run.tls_server_name, "db.example");
  EXPECT_FALSE(AgentOnly(R"({"Name": "x", "GRPC": "a:1", "Interval": "5s"})").run.use_tls);

  const AgentCheck ping =
      AgentOnly(R"({"name": "x", "h2ping": "127.0.0.1:443", "interval": "5s"})");
  EXPECT_EQ(ping.run.kind, CheckKind::kH2Ping);
  EXPECT_TRUE(ping.run.use_tls);  // unless it says otherwise
  EXPECT_FALSE(
      AgentOnly(R"({"Name": "x", "H2PING": "a:1", "H2PingUseTLS": false, "Interval": "5s"})")
          .run.use_tls);

  for (const char* args : {"args", "Args", "ScriptArgs", "script_args"}) {
    const AgentCheck script = AgentOnly(
        (std::string(R"({"name": "x", ")") + args + R"(": ["/bin/check", "-v"], "interval": "5s"})")
            .c_str());
    EXPECT_EQ(script.run.kind, CheckKind::kScript);
    EXPECT_THAT(script.run.args, ElementsAre("/bin/check", "-v"));
    EXPECT_EQ(script.run.timeout, std::chrono::seconds(30));
  }

  const AgentCheck alias = AgentOnly(R"({"name": "x", "alias_service": "db", "alias_node": "n2"})");
  EXPECT_EQ(alias.run.kind, CheckKind::kAlias);
  EXPECT_EQ(alias.run.alias_service, "db");
  EXPECT_EQ(alias.run.alias_node, "n2");
  EXPECT_EQ(alias.run.interval.count(), 0);
}

TEST(AgentCheckDefinitionTest, ReadsTheOptionsThatOnlyAnAgentHonours) {
  const AgentCheck check = AgentOnly(R"({"name": "x", "http": "http://127.0.0.1:1",
      "disable_redirects": true, "interval": "5s", "success_before_passing": 2,
      "failures_before_warning": 3, "failures_before_critical": 4, "output_max_size": 100})");
  EXPECT_TRUE(check.run.disable_redirects);
  EXPECT_EQ(check.run.success_before_passing, 2);
  EXPECT_EQ(check.run.failures_before_warning, 3);
  EXPECT_EQ(check.run.failures_before_critical, 4);
  EXPECT_EQ(check.run.output_max_size, 100u);
}

TEST(AgentCheckDefinitionTest, RefusesWhatAnAgentCannotRun) {
  const Refusal table[] = {
      {R"({"Name": "x", "UDP": "a:1"})",
       "Invalid check: Interval must be > 0 for Script, HTTP, or TCP checks"},
      {R"({"Name": "x", "AliasService": "a", "TTL": "1s"})",
       "Invalid check: TTL must be not be set for Alias checks"},
      {R"({"Name": "x", "AliasService": "a", "TCP": "a:1", "Interval": "1s"})",
       "Invalid check: Interval cannot be set for Alias checks"},
      {R"({"Name": "x", "TTL": "1s", "SuccessBeforePassing": -1})",
       "Invalid check: SuccessBeforePassing is negative"},
      {R"({"Name": "x", "TTL": "1s", "FailuresBeforeWarning": 3, "FailuresBeforeCritical": 2})",
       "Invalid check: FailuresBeforeWarning is more than FailuresBeforeCritical"},
      {R"({"Name": "x", "TTL": "1s", "OutputMaxSize": 65537})",
       "Invalid check: OutputMaxSize must be between 0 and 65536"},
      {R"({"Name": "x", "Shell": "/bin/sh", "TTL": "1s"})",
       "Invalid check: Shell is not supported yet"},
      {R"({"Name": "x", "Args": ["a"], "Interval": "1s"})",
       "Scripts are disabled on this agent; to enable, configure 'enable_script_checks' or "
       "'enable_local_script_checks' to true"},
  };
  for (const Refusal& row : table) {
    Result<AgentCheck> check =
        ParseAgentCheck(nlohmann::json::parse(row.json),
                        {.all_kinds = true, .script_refusal = CheckRules::kLocalScriptRefusal});
    ASSERT_FALSE(check.has_value()) << row.json;
    EXPECT_EQ(check.error().message, row.message) << row.json;
  }
}

TEST(AgentCheckDefinitionTest, KeepsOnlyWhatItsKindNeeds) {
  const AgentCheck tcp = AgentOnly(R"({"Name": "x", "TCP": "a:1", "UDP": "a:2", "GRPC": "a:3",
      "GRPCUseTLS": true, "Method": "POST", "DisableRedirects": true, "Interval": "5s"})");
  CheckRun expected = AgentOnly(R"({"Name": "x", "TCP": "a:1", "Interval": "5s"})").run;
  EXPECT_EQ(tcp.run, expected);
}

TEST(CheckRunTest, ACatalogsDefinitionTellsItsKind) {
  CheckDefinition definition;
  EXPECT_EQ(CheckRun(definition).kind, CheckKind::kTtl);
  definition.tcp = "a:1";
  EXPECT_EQ(CheckRun(definition).kind, CheckKind::kTcp);
  definition.http = "http://a";
  EXPECT_EQ(CheckRun(definition).kind, CheckKind::kHttp);
}

}  // namespace
}  // namespace rollcall::model
