#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/api/api_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

class CoordinateApiTest : public ApiTest {
 protected:
  void Register(const std::string& node) {
    ASSERT_EQ(Put("/v1/catalog/register", {{"Node", node},
                                           {"Address", "10.0.0.1"},
                                           {"Service", {{"Service", "web"}, {"Port", 80}}}})
                  .status,
              200);
  }
  Answer Update(const std::string& node, double x, const std::string& segment = "") {
    return Put(
        "/v1/coordinate/update",
        {{"Node", node},
         {"Segment", segment},
         {"Coord",
          {{"Vec", {x, 0, 0, 0, 0, 0, 0, 0}}, {"Error", 1.5}, {"Adjustment", 0}, {"Height", 0}}}});
  }
  // "node/segment x" of each element.
  static std::vector<std::string> Listed(const Answer& answer) {
    std::vector<std::string> lines;
    for (const json& element : answer.json()) {
      lines.push_back(element["Node"].get<std::string>() + "/" +
                      element["Segment"].get<std::string>() + " " +
                      std::to_string(element["Coord"]["Vec"][0].get<int>()));
    }
    return lines;
  }
  static std::string With(const std::string& target, uint64_t index) {
    return target + "?wait=20s&index=" + std::to_string(index);
  }
};

TEST_F(CoordinateApiTest, WhatIsUpdatedIsReadByNodeAndSegment) {
  Register("foo");
  Register("bar");
  const Answer updated = Update("foo", 1, "alpha");
  EXPECT_EQ(updated.status, 200);
  EXPECT_EQ(updated.body, "");
  Update("bar", 2);
  EXPECT_THAT(Listed(Get("/v1/coordinate/nodes")), ElementsAre("bar/ 2", "foo/alpha 1"));
  EXPECT_THAT(Listed(Get("/v1/coordinate/nodes?segment=alpha")), ElementsAre("foo/alpha 1"));
  EXPECT_THAT(Listed(Get("/v1/coordinate/nodes?segment=")), ElementsAre("bar/ 2"));
  EXPECT_EQ(Get("/v1/coordinate/nodes?segment=nope").body, "[]");
  EXPECT_EQ(Get("/v1/coordinate/nodes?dc=nope").status, 400);
  EXPECT_THAT(Listed(Get("/v1/coordinate/node/FOO")), ElementsAre("foo/alpha 1"));
  EXPECT_THAT(Listed(Get("/v1/coordinate/node/foo?segment=alpha")), ElementsAre("foo/alpha 1"));
  EXPECT_EQ(Get("/v1/coordinate/node/foo?segment=").status, 404);
  EXPECT_EQ(Get("/v1/coordinate/node/foo?segment=nope").status, 404);
}

TEST_F(CoordinateApiTest, ANodeShowsAllOfItsNumbers) {
  Register("foo");
  const json coord = {{"Vec", {1, -2, 0.5, 4, 5, 6, 7, 8e-9}},
                      {"Error", 0.25},
                      {"Adjustment", -0.125},
                      {"Height", 1e-5}};
  EXPECT_EQ(Put("/v1/coordinate/update", {{"Node", "foo"}, {"Coord", coord}}).status, 200);
  EXPECT_EQ(Get("/v1/coordinate/node/foo").json(),
            json::parse(R"([{"Node": "foo", "Segment": "", "Coord": )" + coord.dump() + "}]"));
}

TEST_F(CoordinateApiTest, WhatIsNotThereIsNotFound) {
  Register("foo");
  EXPECT_EQ(Get("/v1/coordinate/nodes").body, "[]");
  const Answer none = Get("/v1/coordinate/node/foo");
  EXPECT_EQ(none.status, 404);
  EXPECT_EQ(none.body, "There is no coordinate of node \"foo\"");
  EXPECT_GT(none.index, 0u);
  EXPECT_EQ(Get("/v1/coordinate/node/ghost").status, 404);
  const Answer nameless = Get("/v1/coordinate/node/");
  EXPECT_EQ(nameless.status, 400);
  EXPECT_EQ(nameless.body, "Missing node name");
}

TEST_F(CoordinateApiTest, AnUpdateThatCannotBeIsRefused) {
  Register("foo");
  const Answer ghost = Update("ghost", 1);
  EXPECT_EQ(ghost.status, 404);
  EXPECT_THAT(ghost.body, HasSubstr("Missing node registration"));
  const Answer flat = Put("/v1/coordinate/update", {{"Node", "foo"}, {"Coord", {{"Vec", {1, 2}}}}});
  EXPECT_EQ(flat.status, 400);
  EXPECT_THAT(flat.body, HasSubstr("incompatible coordinate"));
  EXPECT_EQ(PutText("/v1/coordinate/update", "{").status, 400);
  EXPECT_EQ(PutText("/v1/coordinate/update", "").status, 400);
  EXPECT_EQ(Put("/v1/coordinate/update?dc=nope", {{"Node", "foo"}}).body, "No path to datacenter");
  EXPECT_EQ(Get("/v1/coordinate/update").status, 405);
  EXPECT_EQ(Get("/v1/coordinate/nodes").body, "[]");
}

TEST_F(CoordinateApiTest, TheServersCoordinateIsThatOfItsDatacenter) {
  EXPECT_EQ(Get("/v1/coordinate/datacenters").json(), json::parse(R"([{
      "Datacenter": "dc1", "AreaID": "wan", "Coordinates": [{"Node": "n1", "Segment": "", "Coord": {
          "Vec": [0, 0, 0, 0, 0, 0, 0, 0], "Error": 1.5, "Adjustment": 0, "Height": 1e-5}}]}])"));
  Update("n1", 3);
  EXPECT_EQ(Get("/v1/coordinate/datacenters").json()[0]["Coordinates"][0]["Coord"]["Vec"][0], 3);
}

TEST_F(CoordinateApiTest, AChangeWakesWhoWatchesIt) {
  Register("foo");
  Update("foo", 1);
  const std::vector<std::string> targets = {"/v1/coordinate/nodes", "/v1/coordinate/node/foo"};
  std::vector<std::future<Answer>> waiting;
  std::vector<uint64_t> indexes;
  for (const std::string& target : targets) {
    indexes.push_back(Get(target).index);
    waiting.push_back(Start(With(target, indexes.back())));
  }
  AwaitParked(targets.size());
  EXPECT_EQ(Update("foo", 1).status, 200);  // changes nothing
  EXPECT_EQ(Parked(), targets.size());
  EXPECT_EQ(Update("foo", 2).status, 200);
  for (size_t i = 0; i < targets.size(); ++i) {
    const Answer answer = waiting[i].get();
    EXPECT_GT(answer.index, indexes[i]) << targets[i];
    EXPECT_THAT(Listed(answer), ElementsAre("foo/ 2")) << targets[i];
  }
}

TEST_F(CoordinateApiTest, AClientCanWaitForTheFirstCoordinateAndForTheNodesEnd) {
  Register("foo");
  const Answer none = Get("/v1/coordinate/node/foo");
  ASSERT_EQ(none.status, 404);
  auto comes = Start(With("/v1/coordinate/node/foo", none.index));
  AwaitParked(1);
  Update("foo", 1);
  const Answer there = comes.get();
  EXPECT_EQ(there.status, 200);
  EXPECT_GT(there.index, none.index);
  auto goes = Start(With("/v1/coordinate/node/foo", there.index));
  AwaitParked(1);
  EXPECT_EQ(Put("/v1/catalog/deregister", {{"Node", "foo"}}).status, 200);
  const Answer gone = goes.get();
  EXPECT_EQ(gone.status, 404);
  EXPECT_GT(gone.index, there.index);
}

TEST_F(CoordinateApiTest, UpdatesWakeNobodyElse) {
  Register("foo");
  Register("bar");
  Update("bar", 1);
  const std::vector<std::string> targets = {
      "/v1/health/service/web", "/v1/catalog/service/web", "/v1/catalog/node/foo",
      "/v1/health/node/foo",    "/v1/catalog/nodes",       "/v1/catalog/services",
      "/v1/health/state/any",   "/v1/health/checks/web",   "/v1/catalog/node-services/foo",
      "/v1/coordinate/node/bar"};
  std::vector<std::future<Answer>> waiting;
  waiting.reserve(targets.size());
  for (const std::string& target : targets) {
    waiting.push_back(Start(With(target, Get(target).index)));
  }
  AwaitParked(targets.size());
  for (int i = 1; i <= 50; ++i) ASSERT_EQ(Update("foo", i).status, 200);
  EXPECT_EQ(Parked(), targets.size());
  StopServer();
  for (auto& each : waiting) each.get();
}

}  // namespace
}  // namespace rollcall::api
