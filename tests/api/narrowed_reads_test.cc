// Reads that show a part of a list: ?passing, ?tag, ?node-meta, ?filter, and ?near's order.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/api/api_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class NarrowedReadsTest : public ApiTest {
 protected:
  NarrowedReadsTest() {
    Register("a", "linux", "v1", "passing");
    Register("b", "linux", "v2", "warning");
    Register("c", "bsd", "v2", "passing");
  }

  void Register(const std::string& node, const std::string& os, const std::string& tag,
                const std::string& status, const std::string& output = "") {
    ASSERT_EQ(
        Put("/v1/catalog/register",
            {{"Node", node},
             {"Address", "10.0.0.1"},
             {"NodeMeta", {{"os", os}}},
             {"Service", {{"Service", "web"}, {"Port", 80}, {"Tags", {tag}}}},
             {"Check",
              {{"CheckID", "c"}, {"Status", status}, {"ServiceID", "web"}, {"Output", output}}}})
            .status,
        200);
  }

  // Where the nodes of a list's entries are: the Node field, or that of the Node object.
  std::vector<std::string> Nodes(const std::string& target) {
    const Answer answer = Get(target);
    EXPECT_EQ(answer.status, 200) << target << ": " << answer.body;
    std::vector<std::string> nodes;
    if (answer.status != 200) return nodes;
    for (const json& entry : answer.json()) {
      nodes.push_back(entry["Node"].is_object() ? entry["Node"]["Node"] : entry["Node"]);
    }
    return nodes;
  }

  void PlaceAt(const std::string& node, double x) {
    ASSERT_EQ(Put("/v1/coordinate/update", {{"Node", node},
                                            {"Coord",
                                             {{"Vec", {x, 0, 0, 0, 0, 0, 0, 0}},
                                              {"Error", 1.5},
                                              {"Adjustment", 0},
                                              {"Height", 1e-5}}}})
                  .status,
              200);
  }
};

TEST_F(NarrowedReadsTest, NodeMetaTakesTheEntriesOfNodesThatHaveAllOfIt) {
  for (const char* path : {"/v1/catalog/service/web", "/v1/health/service/web",
                           "/v1/health/checks/web", "/v1/health/state/any"}) {
    const std::string target(path);
    EXPECT_THAT(Nodes(target + "?node-meta=os:linux"), ElementsAre("a", "b")) << path;
    EXPECT_THAT(Nodes(target + "?node-meta=os:linux&node-meta=x:y"), IsEmpty()) << path;
    EXPECT_THAT(Nodes(target + "?node-meta=os"), IsEmpty()) << path;
  }
  EXPECT_THAT(Nodes("/v1/catalog/nodes?node-meta=os:bsd"), ElementsAre("c"));
  EXPECT_EQ(Get("/v1/catalog/services?node-meta=os:bsd").json(), json({{"web", {"v2"}}}));
  EXPECT_EQ(Get("/v1/catalog/services?node-meta=os:plan9").body, "{}");
}

TEST_F(NarrowedReadsTest, FiltersAreUnderstoodOnEveryListThatConsulFilters) {
  EXPECT_THAT(Nodes("/v1/catalog/nodes?filter=Meta.os==bsd"), ElementsAre("c"));
  EXPECT_THAT(Nodes("/v1/catalog/service/web?filter=v2%20in%20ServiceTags"), ElementsAre("b", "c"));
  EXPECT_THAT(Nodes("/v1/health/service/web?filter=Checks.Status%20contains%20passing"),
              ElementsAre("a", "c"));
  EXPECT_THAT(Nodes("/v1/health/checks/web?filter=Status==warning"), ElementsAre("b"));
  EXPECT_THAT(Nodes("/v1/health/state/any?filter=Node==a"), ElementsAre("a"));
  EXPECT_THAT(Nodes("/v1/health/node/a?filter=Status==critical"), IsEmpty());
  EXPECT_EQ(Get("/v1/catalog/node/a?filter=Port==80").json()["Services"].size(), 1u);
  EXPECT_EQ(Get("/v1/catalog/node/a?filter=Port==81").json()["Services"].size(), 0u);
  EXPECT_EQ(Get("/v1/catalog/node-services/a?filter=Port==81").json()["Services"].size(), 0u);
}

TEST_F(NarrowedReadsTest, TheAgentsListsAreFilteredToo) {
  ASSERT_EQ(Put("/v1/agent/service/register",
                {{"Name", "db"}, {"Port", 5432}, {"Check", {{"TTL", "10s"}}}})
                .status,
            200);
  EXPECT_EQ(Get("/v1/agent/services?filter=Service==db").json().size(), 1u);
  EXPECT_EQ(Get("/v1/agent/services?filter=Port==1").body, "{}");
  EXPECT_EQ(Get("/v1/agent/checks?filter=ServiceName==db").json().size(), 1u);
  EXPECT_EQ(Get("/v1/agent/checks?filter=Status==passing").body, "{}");
}

TEST_F(NarrowedReadsTest, AFilterThatIsWrongIsTheClientsMistakeAndNamed) {
  for (const char* path : {"/v1/catalog/nodes", "/v1/catalog/service/web", "/v1/catalog/node/a",
                           "/v1/catalog/node-services/a", "/v1/catalog/connect/web",
                           "/v1/health/service/web", "/v1/health/node/a", "/v1/health/checks/web",
                           "/v1/health/state/any", "/v1/health/connect/web",
                           "/v1/health/ingress/web", "/v1/agent/services", "/v1/agent/checks"}) {
    const Answer answer = Get(std::string(path) + "?filter=bogus==1");
    EXPECT_EQ(answer.status, 400) << path;
    EXPECT_THAT(answer.body, HasSubstr("Selector \"bogus\" is not valid")) << path;
  }
}

TEST_F(NarrowedReadsTest, NearOrdersByDistanceAndPutsTheUnknownLast) {
  PlaceAt("n1", 0);
  PlaceAt("b", 0.3);
  PlaceAt("c", 0.1);
  for (const char* path : {"/v1/catalog/service/web", "/v1/health/service/web",
                           "/v1/health/checks/web", "/v1/health/state/any"}) {
    EXPECT_THAT(Nodes(path), ElementsAre("a", "b", "c")) << path;
    EXPECT_THAT(Nodes(std::string(path) + "?near=_agent"), ElementsAre("c", "b", "a")) << path;
    EXPECT_THAT(Nodes(std::string(path) + "?near=b"), ElementsAre("b", "c", "a")) << path;
    EXPECT_THAT(Nodes(std::string(path) + "?near=a"), ElementsAre("a", "b", "c")) << path;
    EXPECT_THAT(Nodes(std::string(path) + "?near=nosuch"), ElementsAre("a", "b", "c")) << path;
  }
  EXPECT_THAT(Nodes("/v1/catalog/nodes?near=c"), ElementsAre("c", "n1", "b", "a"));
}

// A watcher of a part is not woken by what it does not see, and says so with a new index at the
// end.
TEST_F(NarrowedReadsTest, AWatcherOfAPartSleepsThroughWhatItDoesNotSee) {
  const std::vector<std::string> targets = {"/v1/health/service/web?passing",
                                            "/v1/health/service/web?tag=v1",
                                            "/v1/health/service/web?filter=Node.Node==a",
                                            "/v1/health/service/web?node-meta=os:bsd",
                                            "/v1/catalog/service/web?tag=v1",
                                            "/v1/health/state/any?filter=Node==c"};
  std::vector<std::future<Answer>> waiting;
  std::vector<uint64_t> indexes;
  for (const std::string& target : targets) {
    indexes.push_back(Get(target).index);
    waiting.push_back(Start(target + "&index=" + std::to_string(indexes.back()) + "&wait=20s"));
  }
  AwaitParked(targets.size());
  for (int i = 0; i < 5; ++i) Register("b", "linux", "v2", "critical", std::to_string(i));
  // Every watcher has looked at these changes when this one's has been answered.
  const Answer critical = Get("/v1/health/state/critical");
  EXPECT_EQ(critical.json().size(), 1u);
  EXPECT_EQ(Parked(), targets.size());
  // What all of them see.
  Put("/v1/catalog/register",
      {{"Node", "a"}, {"Address", "10.0.0.7"}, {"NodeMeta", {{"os", "bsd"}}}});
  Register("c", "bsd", "v1", "critical");
  Put("/v1/catalog/register", {{"Node", "a"},
                               {"Address", "10.0.0.8"},
                               {"NodeMeta", {{"os", "bsd"}}},
                               {"Service", {{"Service", "web"}, {"Port", 81}, {"Tags", {"v1"}}}}});
  for (size_t i = 0; i < targets.size(); ++i) {
    const Answer answer = waiting[i].get();
    EXPECT_EQ(answer.status, 200) << targets[i];
    EXPECT_GT(answer.index, indexes[i]) << targets[i];
  }
}

TEST_F(NarrowedReadsTest, WhenItsTimeIsUpItBringsTheIndexThatHasMovedUnseen) {
  const Answer now = Get("/v1/health/service/web?passing");
  auto waiting =
      Start("/v1/health/service/web?passing&wait=400ms&index=" + std::to_string(now.index));
  AwaitParked(1);
  Register("b", "linux", "v2", "critical");
  const Answer later = waiting.get();
  EXPECT_EQ(later.body, now.body);
  EXPECT_GT(later.index, now.index);
}

TEST_F(NarrowedReadsTest, ServicesOfNodesWithMetadataWakeForAnInstanceMoreOfTheSameTags) {
  const std::string target = "/v1/catalog/services?node-meta=os:plan9";
  Put("/v1/catalog/register",
      {{"Node", "p"}, {"Address", "10.0.0.9"}, {"NodeMeta", {{"os", "plan9"}}}});
  const Answer now = Get(target);
  EXPECT_EQ(now.body, "{}");
  auto waiting = Start(target + "&wait=20s&index=" + std::to_string(now.index));
  AwaitParked(1);
  Register("p", "plan9", "v2", "passing");
  EXPECT_EQ(waiting.get().json(), json({{"web", {"v2"}}}));
}

TEST_F(NarrowedReadsTest, TheMeshIsEmptyAndBlocks) {
  for (const char* path : {"/v1/catalog/connect/web", "/v1/catalog/gateway-services/web",
                           "/v1/health/connect/web", "/v1/health/ingress/web"}) {
    const Answer now = Get(path);
    EXPECT_EQ(now.status, 200) << path;
    EXPECT_EQ(now.body, "[]") << path;
    EXPECT_GT(now.index, 0u) << path;
    const Answer later = Get(std::string(path) + "?wait=10ms&index=" + std::to_string(now.index));
    EXPECT_EQ(later.index, now.index) << path;
    EXPECT_EQ(Get(std::string(path).substr(0, std::string(path).rfind('/') + 1)).status, 400);
  }
}

}  // namespace
}  // namespace rollcall::api
