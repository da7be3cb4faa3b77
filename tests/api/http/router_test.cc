#include "api/http/router.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace rollcall::http {
namespace {

Route Entry(Method method, std::string pattern) {
  return {method, std::move(pattern), [](const auto&) {}, "Summary"};
}

Router Table() {
  std::vector<Route> routes;
  routes.push_back(Entry(Method::kGet, "/"));
  routes.push_back(Entry(Method::kGet, "/v1/catalog/nodes"));
  routes.push_back(Entry(Method::kPut, "/v1/catalog/register"));
  routes.push_back(Entry(Method::kGet, "/v1/catalog/service/:name"));
  routes.push_back(Entry(Method::kGet, "/v1/agent/service/*id"));
  routes.push_back(Entry(Method::kPut, "/v1/agent/service/register"));
  routes.push_back(Entry(Method::kPut, "/v1/agent/service/deregister/*id"));
  routes.push_back(Entry(Method::kGet, "/v1/kv/*key"));
  routes.push_back(Entry(Method::kPut, "/v1/kv/*key"));
  routes.push_back(Entry(Method::kGet, "/v1/dc/:dc/node/:node"));
  return Router(std::move(routes));
}

// "GET /pattern a=1 b=2", or "- Allow", or "404".
std::string Describe(const Router& router, Method method, std::string_view path) {
  const Router::Match match = router.Find(method, path);
  if (match.allow == nullptr) return "404";
  if (match.route == nullptr) return "- " + *match.allow;
  std::string text(MethodName(match.route->method));
  text.append(" ").append(match.route->pattern);
  for (size_t i = 0; i < match.parameters.size; ++i) {
    const NamedValue& parameter = match.parameters.values[i];
    text.append(" ").append(parameter.name).append("=").append(parameter.value);
  }
  return text;
}

TEST(RouterTest, FindsRoutesByPathAndMethod) {
  const Router router = Table();
  struct Case {
    Method method;
    std::string_view path, expected;
  };
  for (const Case& c : {
           Case{Method::kGet, "/", "GET /"},
           Case{Method::kGet, "/v1/catalog/nodes", "GET /v1/catalog/nodes"},
           Case{Method::kHead, "/v1/catalog/nodes", "GET /v1/catalog/nodes"},
           Case{Method::kGet, "/v1/catalog/nodes/", "404"},
           Case{Method::kGet, "/v1/catalog", "404"},
           Case{Method::kGet, "/V1/catalog/nodes", "404"},
           Case{Method::kGet, "//v1/catalog/nodes", "404"},
           Case{Method::kGet, "/v1/cat%61log/nodes", "GET /v1/catalog/nodes"},
           Case{Method::kGet, "/v1%2Fcatalog/nodes", "404"},
           Case{Method::kGet, "*", "404"},
           // One segment, which may be empty when it is the last.
           Case{Method::kGet, "/v1/catalog/service/web", "GET /v1/catalog/service/:name name=web"},
           Case{Method::kGet, "/v1/catalog/service/", "GET /v1/catalog/service/:name name="},
           Case{Method::kGet, "/v1/catalog/service", "404"},
           Case{Method::kGet, "/v1/catalog/service/a/b", "404"},
           Case{Method::kGet, "/v1/catalog/service/a%2Fb",
                "GET /v1/catalog/service/:name name=a%2Fb"},
           Case{Method::kGet, "/v1/dc/x/node/y", "GET /v1/dc/:dc/node/:node dc=x node=y"},
           Case{Method::kGet, "/v1/dc//node/y", "404"},
           Case{Method::kGet, "/v1/dc/x/node/", "GET /v1/dc/:dc/node/:node dc=x node="},
           // The rest, with its slashes.
           Case{Method::kGet, "/v1/kv/a/b/", "GET /v1/kv/*key key=a/b/"},
           Case{Method::kGet, "/v1/kv/", "GET /v1/kv/*key key="},
           Case{Method::kPut, "/v1/kv//", "PUT /v1/kv/*key key=/"},
           // The more literal pattern wins, whatever the method.
           Case{Method::kPut, "/v1/agent/service/register", "PUT /v1/agent/service/register"},
           Case{Method::kGet, "/v1/agent/service/register", "- OPTIONS,PUT"},
           Case{Method::kGet, "/v1/agent/service/x", "GET /v1/agent/service/*id id=x"},
           Case{Method::kGet, "/v1/agent/service/register/x",
                "GET /v1/agent/service/*id id=register/x"},
           Case{Method::kPut, "/v1/agent/service/deregister/a/b",
                "PUT /v1/agent/service/deregister/*id id=a/b"},
           Case{Method::kGet, "/v1/agent/service/deregister",
                "GET /v1/agent/service/*id id=deregister"},
           // What is allowed, OPTIONS first, then the table's order.
           Case{Method::kPost, "/v1/catalog/nodes", "- OPTIONS,GET"},
           Case{Method::kHead, "/v1/catalog/register", "- OPTIONS,PUT"},
           Case{Method::kDelete, "/v1/kv/x", "- OPTIONS,GET,PUT"},
           Case{Method::kOther, "/v1/kv/x", "- OPTIONS,GET,PUT"},
       }) {
    EXPECT_EQ(Describe(router, c.method, c.path), c.expected) << c.path;
  }
}

TEST(RouterTest, RefusesTablesThatContradictThemselves) {
  const auto build = [](std::vector<std::string> patterns) {
    std::vector<Route> routes;
    routes.reserve(patterns.size());
    for (std::string& pattern : patterns) routes.push_back(Entry(Method::kGet, std::move(pattern)));
    return Router(std::move(routes));
  };
  EXPECT_NO_THROW(build({"/a", "/a/:b", "/a/:b/c", "/a/*b"}));
  EXPECT_THROW(build({"/a", "/a"}), std::invalid_argument);
  EXPECT_THROW(build({"/a/:b", "/a/:c"}), std::invalid_argument);
  EXPECT_THROW(build({"/a/*b/c"}), std::invalid_argument);
  EXPECT_THROW(build({"/a/:"}), std::invalid_argument);
  EXPECT_THROW(build({"a"}), std::invalid_argument);
  EXPECT_THROW(build({""}), std::invalid_argument);
  EXPECT_THROW(build({"/:a/:b/:c/:d/:e"}), std::invalid_argument);
}

}  // namespace
}  // namespace rollcall::http
