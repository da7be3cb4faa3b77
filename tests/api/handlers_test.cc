#include <gmock/gmock.h>

#include "tests/api/api_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using testing::HasSubstr;

using CatalogApiTest = ApiTest;
using HeartbeatTest = ApiTest;

TEST_F(CatalogApiTest, CatalogAndHealthListTheSameInstancesInTheSameOrder) {
  for (const char* node : {"c", "a", "b"}) {
    for (const char* id : {"2", "1"}) {
      Put("/v1/catalog/register", {{"Node", node},
                                   {"Address", "10.0.0.1"},
                                   {"Service", {{"ID", id}, {"Service", "web"}, {"Port", 1}}}});
    }
  }
  const json catalog = Get("/v1/catalog/service/web").json();
  const json health = Get("/v1/health/service/web").json();
  ASSERT_EQ(catalog.size(), 6u);
  ASSERT_EQ(health.size(), 6u);
  for (size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(catalog[i]["Node"], health[i]["Node"]["Node"]);
    EXPECT_EQ(catalog[i]["ServiceID"], health[i]["Service"]["ID"]);
  }
}

TEST_F(CatalogApiTest, PreparedAnswersFollowEveryChange) {
  const json base = {{"Node", "m"},
                     {"Address", "10.0.0.1"},
                     {"Service", {{"Service", "web"}, {"Port", 1}}},
                     {"Check", {{"CheckID", "c"}, {"Status", "passing"}, {"ServiceID", "web"}}}};
  Put("/v1/catalog/register", base);
  EXPECT_EQ(Get("/v1/health/service/web?passing").json().size(), 1u);
  EXPECT_EQ(Get("/v1/health/service/web").json()[0]["Checks"][0]["Status"], "passing");
  json failing = base;
  failing["Check"]["Status"] = "critical";
  Put("/v1/catalog/register", failing);
  EXPECT_EQ(Get("/v1/health/service/web?passing").body, "[]");
  EXPECT_EQ(Get("/v1/health/service/web").json()[0]["Checks"][0]["Status"], "critical");
  EXPECT_EQ(Get("/v1/health/checks/web").json()[0]["Status"], "critical");
  json moved = failing;
  moved["Address"] = "10.0.0.2";
  Put("/v1/catalog/register", moved);
  EXPECT_EQ(Get("/v1/catalog/service/web").json()[0]["Address"], "10.0.0.2");
  EXPECT_EQ(Get("/v1/health/service/web").json()[0]["Node"]["Address"], "10.0.0.2");
}

TEST_F(CatalogApiTest, NamesWithSlashesSpacesAndUnicodeAreFound) {
  Put("/v1/catalog/register",
      {{"Node", "m"}, {"Address", "10.0.0.1"}, {"Service", {{"Service", "a/b \u00e4"}}}});
  EXPECT_EQ(Get("/v1/catalog/service/a%2Fb%20%C3%A4").json().size(), 1u);
}

TEST_F(CatalogApiTest, PrettyIsTheSameJsonIndented) {
  const Answer plain = Get("/v1/catalog/nodes");
  const Answer pretty = Get("/v1/catalog/nodes?pretty");
  EXPECT_EQ(plain.json(), pretty.json());
  EXPECT_THAT(pretty.body, HasSubstr("\n    {\n        \"Address\""));
}

TEST_F(CatalogApiTest, MissingNamesAreNamed) {
  EXPECT_EQ(Get("/v1/catalog/service/").body, "Missing service name");
  EXPECT_EQ(Get("/v1/health/node/").body, "Missing node name");
  EXPECT_EQ(Get("/v1/health/state/").body, "Missing check state");
  EXPECT_EQ(Get("/v1/catalog/node/").status, 400);
}

TEST_F(HeartbeatTest, RenewsWhatIsKnownAndRefusesTheRest) {
  Put("/v1/catalog/register",
      {{"Node", "m"},
       {"Address", "10.0.0.1"},
       {"Checks",
        {{{"CheckID", "alive"}, {"Status", "passing"}, {"Definition", {{"TTL", "30s"}}}},
         {{"CheckID", "plain"}, {"Status", "passing"}}}}});
  const uint64_t index = Get("/v1/health/node/m").index;
  const auto beat = [&](const json& body) { return Put("/v1/catalog/heartbeat", body); };
  const Answer renewed = beat({{"Node", "m"}, {"CheckIDs", {"alive"}}});
  EXPECT_EQ(renewed.status, 200);
  EXPECT_EQ(renewed.body, "true");
  EXPECT_EQ(Get("/v1/health/node/m").index, index);
  EXPECT_EQ(beat({{"Node", "m"}, {"CheckIDs", {"plain"}}}).status, 400);
  EXPECT_EQ(beat({{"Node", "m"}, {"CheckIDs", {"alive", "no"}}}).status, 404);
  EXPECT_EQ(beat({{"Node", "no"}, {"CheckIDs", {"alive"}}}).status, 404);
  EXPECT_EQ(beat({{"Node", "m"}}).status, 400);
  EXPECT_EQ(beat({{"CheckIDs", {"alive"}}}).status, 400);
  EXPECT_EQ(beat({{"Node", "m"}, {"CheckIDs", "alive"}}).status, 400);
  EXPECT_EQ(beat({{"Node", "m"}, {"CheckIDs", {"alive"}}, {"More", 1}}).status, 400);
}

TEST_F(HeartbeatTest, BringsAnExpiredCheckBack) {
  Put("/v1/catalog/register",
      {{"Node", "m"},
       {"Address", "10.0.0.1"},
       {"Check",
        {{"CheckID", "alive"}, {"Status", "critical"}, {"Definition", {{"TTL", "30s"}}}}}});
  EXPECT_EQ(Put("/v1/catalog/heartbeat", {{"Node", "m"}, {"CheckIDs", {"alive"}}}).status, 200);
  EXPECT_EQ(Get("/v1/health/node/m").json()[0]["Status"], "passing");
}

TEST_F(HeartbeatTest, BringsSeveralExpiredChecksBackBeforeItAnswers) {
  json checks = json::array();
  json ids = json::array();
  for (int i = 0; i < 20; ++i) {
    const std::string id = "c" + std::to_string(i);
    ids.push_back(id);
    checks.push_back({{"CheckID", id}, {"Status", "critical"}, {"Definition", {{"TTL", "30s"}}}});
  }
  Put("/v1/catalog/register", {{"Node", "m"}, {"Address", "10.0.0.1"}, {"Checks", checks}});
  EXPECT_EQ(Put("/v1/catalog/heartbeat", {{"Node", "m"}, {"CheckIDs", ids}}).status, 200);
  EXPECT_EQ(Get("/v1/health/state/critical").body, "[]");
}

TEST_F(CatalogApiTest, ACheckThatIsThereTwiceIsRefused) {
  const json check = {{"CheckID", "c"}, {"Status", "passing"}};
  const Answer answer =
      Put("/v1/catalog/register",
          {{"Node", "m"}, {"Address", "10.0.0.1"}, {"Check", check}, {"Checks", {check}}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, "Check \"c\" is registered twice");
}

}  // namespace
}  // namespace rollcall::api
