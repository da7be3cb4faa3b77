// The API's description of itself: nothing that is served is missing in it, and nothing in it leads
// nowhere. That real answers are as it says is shown in tests/e2e/openapi_test.cc.
#include <gmock/gmock.h>

#include <functional>
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
