#include <gmock/gmock.h>

#include "tests/api/agent_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;

class AgentHealthTest : public AgentApiTest {
 protected:
  void RegisterWeb(const char* id, const char* status) const {
    RegisterService({{"ID", id}, {"Name", "web"}, {"Check", {{"TTL", "30s"}, {"Status", status}}}});
  }
  // Status and text of each way to ask for the text.
  void ExpectText(const std::string& target, int status, const std::string& text) const {
    for (const Answer& answer :
         {Get(target + "?format=text"), Get(target, {{"Accept", "text/plain"}}),
          Get(target + "?format=json", {{"Accept", "text/plain;q=0.9, */*"}})}) {
      EXPECT_EQ(answer.status, status) << target;
      EXPECT_EQ(answer.body, text) << target;
      EXPECT_EQ(answer.Header("Content-Type"), "text/plain") << target;
    }
  }
  void ExpectVerdict(const std::string& id, int status, const std::string& verdict) const {
    const std::string target = "/v1/agent/health/service/id/" + id;
    ExpectText(target, status, verdict);
    const Answer answer = Get(target);
    EXPECT_EQ(answer.status, status) << id;
    EXPECT_EQ(answer.json()["AggregatedStatus"], verdict) << id;
    EXPECT_EQ(answer.Header("Content-Type"), "application/json") << id;
  }
};

TEST_F(AgentHealthTest, AnInstanceIsAsGoodAsTheWorstOfItsChecks) {
  RegisterService({{"ID", "bare"}, {"Name", "web"}});
  ExpectVerdict("bare", 200, "passing");
  RegisterWeb("p", "passing");
  RegisterWeb("w", "warning");
  RegisterWeb("c", "critical");
  ExpectVerdict("p", 200, "passing");
  ExpectVerdict("w", 429, "warning");
  ExpectVerdict("c", 503, "critical");
  ASSERT_EQ(Put("/v1/agent/service/maintenance/c?enable=true").status, 200);
  ExpectVerdict("c", 503, "maintenance");
  ExpectVerdict("p", 200, "passing");
}

TEST_F(AgentHealthTest, ChecksOfTheNodeCountAndTheServersOwnDoNot) {
  RegisterServersOwn();
  RegisterWeb("p", "passing");
  ASSERT_EQ(
      Put("/v1/agent/check/register", {{"Name", "disk"}, {"TTL", "30s"}, {"Status", "warning"}})
          .status,
      200);
  ExpectVerdict("p", 429, "warning");
  const json checks = Get("/v1/agent/health/service/id/p").json()["Checks"];
  ASSERT_EQ(checks.size(), 2u);
  ASSERT_EQ(Put("/v1/agent/maintenance?enable=true").status, 200);
  ExpectVerdict("p", 503, "maintenance");
  EXPECT_EQ(Get("/v1/agent/health/service/id/consul").status, 404);
}

TEST_F(AgentHealthTest, AServiceIsAsBadAsTheWorstOfItsInstances) {
  RegisterService({{"Name", "other"}, {"Check", {{"TTL", "30s"}}}});
  RegisterWeb("a", "passing");
  ExpectText("/v1/agent/health/service/name/web", 200, "passing");
  RegisterWeb("b", "warning");
  ExpectText("/v1/agent/health/service/name/WEB", 429, "warning");
  RegisterWeb("c", "critical");
  ExpectText("/v1/agent/health/service/name/web", 503, "critical");
  const Answer answer = Get("/v1/agent/health/service/name/web");
  EXPECT_EQ(answer.status, 503);
  const json list = answer.json();
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0]["AggregatedStatus"], "passing");
  EXPECT_EQ(list[1]["AggregatedStatus"], "warning");
  EXPECT_EQ(list[2]["Service"]["ID"], "c");
}

TEST_F(AgentHealthTest, WhatIsNotThereIsNotFound) {
  RegisterServersOwn();
  ExpectText("/v1/agent/health/service/id/nosuch", 404, "ServiceId nosuch not found");
  ExpectText("/v1/agent/health/service/name/nosuch", 404, "ServiceName nosuch Not Found");
  ExpectText("/v1/agent/health/service/id/two%0Alines", 404, "ServiceId two lines not found");
  ExpectText("/v1/agent/health/service/name/two%0Alines", 404, "ServiceName two lines Not Found");
  ExpectText("/v1/agent/health/service/name/consul", 404, "ServiceName consul Not Found");
  const Answer by_id = Get("/v1/agent/health/service/id/nosuch");
  EXPECT_EQ(by_id.status, 404);
  EXPECT_EQ(by_id.body, R"({"AggregatedStatus":"critical","Service":null,"Checks":null})");
  const Answer by_name = Get("/v1/agent/health/service/name/nosuch");
  EXPECT_EQ(by_name.status, 404);
  EXPECT_EQ(by_name.body, "[]");
  EXPECT_EQ(Get("/v1/agent/health/service/id/").body, "Missing serviceID");
  EXPECT_EQ(Get("/v1/agent/health/service/name/").body, "Missing service Name");
  EXPECT_EQ(Get("/v1/agent/health/service/name/").status, 400);
}

}  // namespace
}  // namespace rollcall::api
