// The API's description of itself: nothing that is served is missing in it, and nothing in it leads
// nowhere. That real answers are as it says is shown in tests/e2e/openapi_test.cc.
#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <set>

#include "registry/base/ascii.h"
#include "tests/api/api_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class OpenApiTest : public ApiTest {
 protected:
  json Document() const { return Get("/openapi.json").json(); }
};

// "/v1/agent/service/*id" as "/v1/agent/service/{id}".
std::string Template(const std::string& pattern) {
  const size_t mark = pattern.find_first_of(":*");
  if (mark == std::string::npos) return pattern;
  const size_t end = std::min(pattern.find('/', mark), pattern.size());
  return pattern.substr(0, mark) + "{" + pattern.substr(mark + 1, end - mark - 1) + "}" +
         Template(pattern.substr(end));
}

std::string MethodKey(http::Method method) { return AsciiLower(http::MethodName(method)); }

void ForEachOperation(const json& document, const std::function<void(const json&)>& look) {
  for (const auto& [path, methods] : document["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      const testing::ScopedTrace trace(__FILE__, __LINE__, method + " " + path);
      look(operation);
    }
  }
}

// All values of "$ref" below `value`.
void AddReferences(const json& value, std::set<std::string>* references) {
  if (!value.is_structured()) return;
  for (const auto& [key, member] : value.items()) {
    if (key == "$ref") {
      references->insert(member.get<std::string>());
    } else {
      AddReferences(member, references);
    }
  }
}

TEST_F(OpenApiTest, IsServedAsJson) {
  const Answer answer = Get("/openapi.json");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("Content-Type"), "application/json");
  EXPECT_EQ(answer.json()["openapi"], "3.1.0");
  EXPECT_EQ(answer.json()["info"]["version"], info().version);
}

TEST_F(OpenApiTest, DescribesEveryRouteAndNothingElse) {
  const json document = Document();
  size_t operations = 0;
  ForEachOperation(document, [&](const json&) { ++operations; });
  EXPECT_EQ(operations, routes().size());
  for (const http::Route& route : routes()) {
    const json::json_pointer at =
        json::json_pointer() / "paths" / Template(route.pattern) / MethodKey(route.method);
    ASSERT_TRUE(document.contains(at)) << route.pattern;
    EXPECT_EQ(document[at]["summary"], route.summary);
    EXPECT_FALSE(route.summary.empty()) << route.pattern;
    EXPECT_TRUE(document[at]["responses"].contains("200")) << route.pattern;
    EXPECT_TRUE(document[at]["responses"].contains("400")) << route.pattern;
  }
}

// What each route needs, as Consul's documentation has it and, where the route is ours, as it was
// decided: written out here, so that a row that is made more open by mistake is seen.
TEST_F(OpenApiTest, EveryRouteNeedsWhatWasDecided) {
  constexpr const char* kNodesSeen = "node:read (what may not be read is left out)";
  constexpr const char* kServicesSeen = "service:read (what may not be read is left out)";
  constexpr const char* kBothSeen = "node:read, service:read (what may not be read is left out)";
  constexpr const char* kBothWritten = "node:write, service:write";
  const std::map<std::string, std::string> decided = {
      {"GET /", "nothing"},
      {"PUT /v1/catalog/register", kBothWritten},
      {"PUT /v1/catalog/deregister", kBothWritten},
      {"PUT /v1/catalog/batch", kBothWritten},
      {"PUT /v1/catalog/heartbeat", kBothWritten},
      {"PUT /v1/internal/renewals", "to be a server of the same store"},
      {"GET /v1/catalog/datacenters", "nothing"},
      {"GET /v1/catalog/nodes", kNodesSeen},
      {"GET /v1/catalog/services", kServicesSeen},
      {"GET /v1/catalog/service/{name}", kBothSeen},
      {"GET /v1/catalog/node/{name}", kBothSeen},
      {"GET /v1/catalog/node-services/{name}", kBothSeen},
      {"GET /v1/catalog/connect/{name}", kBothSeen},
      {"GET /v1/catalog/gateway-services/{name}", kBothSeen},
      {"GET /v1/health/service/{name}", kBothSeen},
      {"GET /v1/health/node/{name}", kBothSeen},
      {"GET /v1/health/checks/{name}", kBothSeen},
      {"GET /v1/health/state/{name}", kBothSeen},
      {"GET /v1/health/connect/{name}", kBothSeen},
      {"GET /v1/health/ingress/{name}", kBothSeen},
      {"GET /v1/agent/self", "agent:read"},
      {"GET /v1/agent/services", kServicesSeen},
      {"GET /v1/agent/checks", kBothSeen},
      {"GET /v1/agent/service/{id}", "service:read"},
      {"PUT /v1/agent/service/register", "service:write"},
      {"PUT /v1/agent/service/deregister/{id}", kBothWritten},
      {"PUT /v1/agent/service/maintenance/{id}", kBothWritten},
      {"PUT /v1/agent/maintenance", "node:write"},
      {"GET /v1/agent/health/service/id/{id}", "service:read"},
      {"GET /v1/agent/health/service/name/{name}", "service:read"},
      {"GET /v1/agent/members", kNodesSeen},
      {"PUT /v1/agent/join/{address}", "agent:write"},
      {"PUT /v1/agent/force-leave/{node}", "operator:write"},
      {"PUT /v1/agent/check/register", kBothWritten},
      {"PUT /v1/agent/check/deregister/{id}", kBothWritten},
      {"PUT /v1/agent/check/pass/{id}", kBothWritten},
      {"PUT /v1/agent/check/warn/{id}", kBothWritten},
      {"PUT /v1/agent/check/fail/{id}", kBothWritten},
      {"PUT /v1/agent/check/update/{id}", kBothWritten},
      {"GET /v1/coordinate/datacenters", "nothing"},
      {"GET /v1/coordinate/nodes", kNodesSeen},
      {"GET /v1/coordinate/node/{name}", "node:read"},
      {"PUT /v1/coordinate/update", "node:write"},
      {"PUT /v1/event/fire/{name}", "event:write"},
      {"GET /v1/event/list", "event:read (what may not be read is left out)"},
      {"GET /v1/prometheus/sd", kBothSeen},
      {"GET /v1/agent/version", "agent:read"},
      {"GET /v1/agent/host", "operator:read"},
      {"GET /v1/agent/metrics", "agent:read"},
      {"GET /v1/agent/monitor", "agent:read"},
      {"PUT /v1/agent/reload", "agent:write"},
      {"PUT /v1/agent/leave", "agent:write"},
      {"PUT /v1/agent/token/{name}", "agent:write"},
      {"GET /v1/snapshot", "acl:write"},
      {"PUT /v1/snapshot", "acl:write"},
      {"GET /v1/status/leader", "nothing"},
      {"GET /v1/status/peers", "nothing"},
      {"GET /v1/operator/raft/configuration", "operator:read"},
      {"GET /v1/operator/autopilot/health", "operator:read"},
      {"PUT /v1/acl/bootstrap", "nothing"},
      {"GET /v1/acl/replication", "nothing"},
      {"POST /v1/acl/rules/translate", "acl:read"},
      {"PUT /v1/acl/token", "acl:write"},
      {"GET /v1/acl/token/self", "a token"},
      {"GET /v1/acl/token/{accessor}", "acl:read"},
      {"PUT /v1/acl/token/{accessor}", "acl:write"},
      {"DELETE /v1/acl/token/{accessor}", "acl:write"},
      {"PUT /v1/acl/token/{accessor}/clone", "acl:write"},
      {"GET /v1/acl/tokens", "acl:read"},
      {"PUT /v1/acl/policy", "acl:write"},
      {"GET /v1/acl/policy/{id}", "acl:read"},
      {"PUT /v1/acl/policy/{id}", "acl:write"},
      {"DELETE /v1/acl/policy/{id}", "acl:write"},
      {"GET /v1/acl/policy/name/{name}", "acl:read"},
      {"GET /v1/acl/policies", "acl:read"},
      {"PUT /v1/acl/role", "acl:write"},
      {"GET /v1/acl/role/{id}", "acl:read"},
      {"PUT /v1/acl/role/{id}", "acl:write"},
      {"DELETE /v1/acl/role/{id}", "acl:write"},
      {"GET /v1/acl/role/name/{name}", "acl:read"},
      {"GET /v1/acl/roles", "acl:read"},
      {"PUT /v1/acl/auth-method", "acl:write"},
      {"GET /v1/acl/auth-method/{name}", "acl:read"},
      {"PUT /v1/acl/auth-method/{name}", "acl:write"},
      {"DELETE /v1/acl/auth-method/{name}", "acl:write"},
      {"GET /v1/acl/auth-methods", "acl:read"},
      {"PUT /v1/acl/binding-rule", "acl:write"},
      {"GET /v1/acl/binding-rule/{id}", "acl:read"},
      {"PUT /v1/acl/binding-rule/{id}", "acl:write"},
      {"DELETE /v1/acl/binding-rule/{id}", "acl:write"},
      {"GET /v1/acl/binding-rules", "acl:read"},
      {"POST /v1/acl/login", "nothing"},
      {"POST /v1/acl/logout", "a token"},
      {"GET /v1/internal/acl/rules", "a token"},
      {"GET /openapi.json", "nothing"},
  };
  std::map<std::string, std::string> needed;
  const json document = Document();
  for (const auto& [path, methods] : document["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      std::string name = method;
      for (char& c : name) c = static_cast<char>(c - 'a' + 'A');
      needed[name + " " + path] = operation["x-acl-required"];
    }
  }
  EXPECT_THAT(needed, testing::ContainerEq(decided));
}

TEST_F(OpenApiTest, NoReferenceLeadsNowhere) {
  const json document = Document();
  std::set<std::string> references;
  AddReferences(document, &references);
  EXPECT_GT(references.size(), 50U);
  for (const std::string& reference : references) {
    ASSERT_TRUE(reference.starts_with("#/components/")) << reference;
    EXPECT_TRUE(document.contains(json::json_pointer(reference.substr(1)))) << reference;
  }
}

TEST_F(OpenApiTest, NoComponentIsUnused) {
  const json document = Document();
  std::set<std::string> references;
  AddReferences(document, &references);
  for (const auto& [kind, components] : document["components"].items()) {
    if (kind == "securitySchemes") continue;  // named without a reference
    for (const auto& [key, component] : components.items()) {
      EXPECT_TRUE(references.contains("#/components/" + kind + "/" + key)) << kind << " " << key;
    }
  }
}

TEST_F(OpenApiTest, EveryParameterOfAPathIsDescribed) {
  const json document = Document();
  for (const auto& [path, methods] : document["paths"].items()) {
    const size_t open = path.find('{');
    for (const auto& [method, operation] : methods.items()) {
      std::set<std::string> described;
      for (const json& parameter : operation.value("parameters", json::array())) {
        const json& target =
            document.at(json::json_pointer(parameter["$ref"].get<std::string>().substr(1)));
        if (target["in"] == "path") described.insert(target["name"]);
      }
      std::set<std::string> named;
      if (open != std::string::npos) {
        named.insert(path.substr(open + 1, path.find('}') - open - 1));
      }
      EXPECT_EQ(described, named) << method << " " << path;
    }
  }
}

TEST_F(OpenApiTest, NoOperationTakesTheSameParameterTwice) {
  const json document = Document();
  ForEachOperation(document, [&](const json& operation) {
    std::set<std::string> seen;
    for (const json& parameter : operation.value("parameters", json::array())) {
      const json& target =
          document.at(json::json_pointer(parameter["$ref"].get<std::string>().substr(1)));
      const auto name = target["in"].get<std::string>() + " " + target["name"].get<std::string>();
      EXPECT_TRUE(seen.insert(name).second) << name;
    }
  });
}

TEST_F(OpenApiTest, EveryOperationHasAnIdOfItsOwnAndATagThatIsThere) {
  const json document = Document();
  std::set<std::string> tags;
  for (const json& tag : document["tags"]) tags.insert(tag["name"]);
  std::set<std::string> ids;
  std::set<std::string> used;
  ForEachOperation(document, [&](const json& operation) {
    EXPECT_TRUE(ids.insert(operation["operationId"]).second) << operation["operationId"];
    for (const json& tag : operation.value("tags", json::array())) used.insert(tag);
  });
  EXPECT_EQ(used, tags);
  EXPECT_TRUE(ids.contains("getHealthServiceByName"));
}

TEST_F(OpenApiTest, ABlockingReadSaysSoInItsHeaders) {
  const json document = Document();
  const json& blocking = document["paths"]["/v1/health/service/{name}"]["get"];
  EXPECT_TRUE(blocking["responses"]["200"]["headers"].contains("X-Consul-Index"));
  const json& plain = document["paths"]["/v1/agent/self"]["get"];
  EXPECT_FALSE(plain["responses"]["200"].contains("headers"));
}

TEST_F(OpenApiTest, ErrorsAreText) {
  const json document = Document();
  const json& put = document["paths"]["/v1/catalog/register"]["put"];
  for (const char* status : {"400", "409", "413", "5XX"}) {
    EXPECT_EQ(put["responses"][status]["$ref"], "#/components/responses/Error") << status;
  }
  EXPECT_TRUE(document["components"]["responses"]["Error"]["content"].contains("text/plain"));
}

TEST_F(OpenApiTest, RefusesWhatEveryRouteRefuses) {
  const Answer answer = Get("/openapi.json?ns=team");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("Consul Enterprise"));
  EXPECT_EQ(Put("/openapi.json").status, 405);
}

}  // namespace
}  // namespace rollcall::api
