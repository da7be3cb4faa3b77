#include <gmock/gmock.h>

#include "tests/api/agent_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;

using AgentMaintenanceTest = AgentApiTest;

constexpr char kServiceCheck[] = "_service_maintenance:web-1";
constexpr char kNodeCheck[] = "_node_maintenance";

TEST_F(AgentMaintenanceTest, AServiceInMaintenanceHasACriticalCheck) {
  RegisterService({{"ID", "web-1"}, {"Name", "web"}, {"Tags", {"a"}}});
  RegisterService({{"ID", "web-2"}, {"Name", "web"}});
  const Answer on = Put("/v1/agent/service/maintenance/web-1?enable=true&reason=an%20upgrade");
  EXPECT_EQ(on.status, 200);
  EXPECT_EQ(on.body, "");
  const json check = Check(kServiceCheck);
  EXPECT_EQ(check["Name"], "Service Maintenance Mode");
  EXPECT_EQ(check["Status"], "critical");
  EXPECT_EQ(check["Notes"], "an upgrade");
  EXPECT_EQ(check["Output"], "");
  EXPECT_EQ(check["ServiceID"], "web-1");
  EXPECT_EQ(check["ServiceName"], "web");
  EXPECT_EQ(check["ServiceTags"], json({"a"}));
  EXPECT_EQ(check["Type"], "maintenance");
  const json passing = Get("/v1/health/service/web?passing").json();
  ASSERT_EQ(passing.size(), 1u);
  EXPECT_EQ(passing[0]["Service"]["ID"], "web-2");
  EXPECT_EQ(Put("/v1/agent/service/maintenance/web-1?enable=false").status, 200);
  EXPECT_EQ(Get("/v1/health/service/web?passing").json().size(), 2u);
  EXPECT_EQ(Get("/v1/agent/checks").body, "{}");
}

TEST_F(AgentMaintenanceTest, ANodeInMaintenanceTakesAllItsServicesOut) {
  RegisterService({{"Name", "web"}});
  ASSERT_EQ(Put("/v1/agent/maintenance?enable=1&reason=reboot").status, 200);
  const json check = Check(kNodeCheck);
  EXPECT_EQ(check["Name"], "Node Maintenance Mode");
  EXPECT_EQ(check["Status"], "critical");
  EXPECT_EQ(check["Notes"], "reboot");
  EXPECT_EQ(check["ServiceID"], "");
  EXPECT_EQ(check["Type"], "maintenance");
  EXPECT_EQ(Get("/v1/health/service/web?passing").body, "[]");
  ASSERT_EQ(Put("/v1/agent/maintenance?enable=0").status, 200);
  EXPECT_EQ(Get("/v1/health/service/web?passing").json().size(), 1u);
}

TEST_F(AgentMaintenanceTest, WithoutAReasonThereIsADefault) {
  RegisterService({{"ID", "web-1"}, {"Name", "web"}});
  ASSERT_EQ(Put("/v1/agent/service/maintenance/web-1?enable=true&reason=").status, 200);
  ASSERT_EQ(Put("/v1/agent/maintenance?enable=true").status, 200);
  EXPECT_EQ(Check(kServiceCheck)["Notes"],
            "Maintenance mode is enabled for this service, but no reason was provided. "
            "This is a default message.");
  EXPECT_EQ(Check(kNodeCheck)["Notes"],
            "Maintenance mode is enabled for this node, but no reason was provided. "
            "This is a default message.");
}

TEST_F(AgentMaintenanceTest, SwitchingTwiceChangesNothing) {
  RegisterService({{"ID", "web-1"}, {"Name", "web"}});
  for (const std::string target :
       {"/v1/agent/service/maintenance/web-1", "/v1/agent/maintenance"}) {
    const std::string off = Get("/v1/health/node/n1").body;
    EXPECT_EQ(Put(target + "?enable=false").status, 200);
    EXPECT_EQ(Get("/v1/health/node/n1").body, off);
    ASSERT_EQ(Put(target + "?enable=true&reason=first").status, 200);
    const std::string on = Get("/v1/health/node/n1").body;
    EXPECT_EQ(Put(target + "?enable=true&reason=second").status, 200);
    EXPECT_EQ(Get("/v1/health/node/n1").body, on);
  }
}

TEST_F(AgentMaintenanceTest, ReregisteringAServiceKeepsItInMaintenance) {
  const json web = {{"ID", "web-1"}, {"Name", "web"}, {"Check", {{"TTL", "30s"}}}};
  RegisterService(web);
  ASSERT_EQ(Put("/v1/agent/service/maintenance/web-1?enable=true").status, 200);
  RegisterService(web);
  EXPECT_FALSE(Check(kServiceCheck).is_null());
}

TEST_F(AgentMaintenanceTest, ACheckOfOthersWithTheIdIsNone) {
  RegisterService({{"ID", "web-1"}, {"Name", "web"}});
  RegisterService({{"ID", "db-1"}, {"Name", "db"}});
  for (const auto& [id, target] :
       {std::pair{kServiceCheck, "/v1/agent/service/maintenance/web-1?enable="},
        std::pair{kNodeCheck, "/v1/agent/maintenance?enable="}}) {
    const json others = {
        {"ID", id}, {"Name", "x"}, {"TTL", "1h"}, {"Status", "passing"}, {"ServiceID", "db-1"}};
    ASSERT_EQ(Put("/v1/agent/check/register", others).status, 200);
    EXPECT_EQ(Put(std::string(target) + "false").status, 200);
    EXPECT_EQ(Check(id)["ServiceID"], "db-1");
    ASSERT_EQ(Put(std::string(target) + "true").status, 200);
    EXPECT_NE(Check(id)["ServiceID"], "db-1");
    EXPECT_EQ(Check(id)["Status"], "critical");
    EXPECT_EQ(Get("/v1/health/service/web?passing").body, "[]");
    ASSERT_EQ(Put(std::string(target) + "false").status, 200);
    EXPECT_TRUE(Check(id).is_null());
  }
}

TEST_F(AgentMaintenanceTest, MistakesAreNamedInConsulsWords) {
  RegisterServersOwn();
  RegisterService({{"ID", "web-1"}, {"Name", "web"}});
  const struct {
    const char* target;
    int status;
    const char* message;
  } cases[] = {
      {"/v1/agent/maintenance", 400, "Missing value for enable"},
      {"/v1/agent/maintenance?reason=x", 400, "Missing value for enable"},
      {"/v1/agent/maintenance?enable", 400, "Invalid value for enable: \"\""},
      {"/v1/agent/maintenance?enable=yes", 400, "Invalid value for enable: \"yes\""},
      {"/v1/agent/maintenance?enable=%22%0Ax", 400, "Invalid value for enable: \"\\\"\\nx\""},
      {"/v1/agent/service/maintenance/?enable=true", 400, "Missing service ID"},
      {"/v1/agent/service/maintenance/web-1", 400, "Missing value for enable"},
      {"/v1/agent/service/maintenance/web-1?enable=maybe", 400,
       "Invalid value for enable: \"maybe\""},
      {"/v1/agent/service/maintenance/nosuch?enable=true", 404,
       "No service registered with ID \"nosuch\""},
      {"/v1/agent/service/maintenance/nosuch?enable=false", 404,
       "No service registered with ID \"nosuch\""},
      {"/v1/agent/service/maintenance/consul?enable=true", 404,
       "No service registered with ID \"consul\""},
  };
  for (const auto& c : cases) {
    const Answer answer = Put(c.target);
    EXPECT_EQ(answer.status, c.status) << c.target;
    EXPECT_EQ(answer.body, c.message) << c.target;
  }
  EXPECT_EQ(Get("/v1/agent/checks").body, "{}");
}

}  // namespace
}  // namespace rollcall::api
