#include "agent/watch/watch_definition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace rollcall::watch {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

WatchDefinition Parse(const std::string& text) {
  const Result<WatchDefinition> watch = ParseWatch(json::parse(text));
  EXPECT_TRUE(watch.has_value()) << text << ": " << watch.error().message;
  return watch ? *watch : WatchDefinition();
}

std::string Refusal(const std::string& text) {
  const Result<WatchDefinition> watch = ParseWatch(json::parse(text));
  EXPECT_FALSE(watch.has_value()) << text;
  return watch ? "" : watch.error().message;
}

TEST(WatchDefinitionTest, EachTypeHasItsRead) {
  const struct {
    const char* watch;
    const char* target;
  } table[] = {
      {R"("type": "service", "service": "web")", "/v1/health/service/web"},
      {R"("type": "service", "service": "a/b c", "tag": "v1", "passingonly": true)",
       "/v1/health/service/a%2Fb%20c?passing&tag=v1"},
      {R"("type": "service", "service": "web", "tag": ["a", "b"], "datacenter": "dc1")",
       "/v1/health/service/web?dc=dc1&tag=a&tag=b"},
      {R"("Type": "service", "Service": "web", "PassingOnly": true)",
       "/v1/health/service/web?passing"},
      {R"("type": "services")", "/v1/catalog/services"},
      {R"("type": "services", "stale": true)", "/v1/catalog/services"},
      {R"("type": "nodes")", "/v1/catalog/nodes"},
      {R"("type": "checks")", "/v1/health/state/any"},
      {R"("type": "checks", "state": "critical")", "/v1/health/state/critical"},
      {R"("type": "checks", "service": "web")", "/v1/health/checks/web"},
      {R"("type": "event")", "/v1/event/list"},
      {R"("type": "event", "name": "deploy")", "/v1/event/list?name=deploy"},
  };
  for (const auto& row : table) {
    EXPECT_EQ(Parse("{" + std::string(row.watch) + R"(, "args": ["true"]})").target, row.target);
  }
}

TEST(WatchDefinitionTest, ProgramIsTheHandler) {
  const WatchDefinition watch =
      Parse(R"({"type": "nodes", "handler_type": "script", "args": ["/bin/x", "-y"]})");
  EXPECT_EQ(watch.handler.kind, model::CheckKind::kScript);
  EXPECT_THAT(watch.handler.args, ElementsAre("/bin/x", "-y"));
  EXPECT_EQ(watch.handler.timeout, std::chrono::seconds(60));
  EXPECT_EQ(Parse(R"({"type": "nodes", "args": ["x"], "timeout": "5m"})").handler.timeout,
            std::chrono::minutes(5));
}

TEST(WatchDefinitionTest, CommandLineIsTheShells) {
  EXPECT_THAT(Parse(R"({"type": "nodes", "handler": "a | b"})").handler.args,
              ElementsAre("/bin/sh", "-c", "a | b"));
}

TEST(WatchDefinitionTest, UrlIsTheHandler) {
  const WatchDefinition watch = Parse(R"({"type": "nodes", "handler_type": "http",
      "http_handler_config": {"path": "https://hook.example/x", "header": {"X-A": ["1"]},
                              "tls_skip_verify": true}})");
  EXPECT_EQ(watch.handler.kind, model::CheckKind::kHttp);
  EXPECT_EQ(watch.handler.http, "https://hook.example/x");
  EXPECT_EQ(watch.handler.method, "POST");
  EXPECT_EQ(watch.handler.timeout, std::chrono::seconds(10));
  EXPECT_TRUE(watch.handler.tls_skip_verify);
}

TEST(WatchDefinitionTest, SaysWhatIsWrong) {
  const struct {
    const char* watch;
    const char* why;
  } table[] = {
      {R"({"args": ["x"]})", "a watch needs a type"},
      {R"({"type": "key", "key": "a", "args": ["x"]})", "unknown field \"key\""},
      {R"({"type": "key", "args": ["x"]})",
       "\"key\" is not supported: there is no key/value store"},
      {R"({"type": "all", "args": ["x"]})", "expected service, services, nodes, checks or event"},
      {R"({"type": "nodes"})", "a watch needs a handler"},
      {R"({"type": "nodes", "http_handler_config": {}})", "a watch needs a handler"},
      {R"({"type": "nodes", "args": ["x"], "http_handler_config": {"path": "http://h/"}})",
       "exclude each other"},
      {R"({"type": "nodes", "args": ["x"], "handler": "y"})", "cannot both be given"},
      {R"({"type": "nodes", "args": ["x"], "handler_type": "http"})", "expected \"script\""},
      {R"({"type": "nodes", "http_handler_config": {"path": "ftp://h/"}})", "ftp"},
      {R"({"type": "service", "args": ["x"]})", "needs a service"},
      {R"({"type": "services", "service": "web", "args": ["x"]})", "takes no service"},
      {R"({"type": "nodes", "passingonly": true, "args": ["x"]})", "takes no passingonly"},
      {R"({"type": "nodes", "state": "critical", "args": ["x"]})", "takes no state"},
      {R"({"type": "checks", "state": "any", "service": "web", "args": ["x"]})", "not both"},
      {R"({"type": "service", "service": "web", "tag": 1, "args": ["x"]})", "tag"},
      {R"([])", "expected an object"},
  };
  for (const auto& row : table) EXPECT_THAT(Refusal(row.watch), HasSubstr(row.why)) << row.watch;
}

}  // namespace
}  // namespace rollcall::watch
