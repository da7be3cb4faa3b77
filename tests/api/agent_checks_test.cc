#include <gmock/gmock.h>

#include "tests/api/agent_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;

using AgentChecksTest = AgentApiTest;

TEST_F(AgentChecksTest, AFailingCheckOfTheNodeDoesNotTakeTheServersNodeAway) {
  EXPECT_EQ(Put("/v1/agent/check/register",
                {{"Name", "disk"}, {"TTL", "30s"}, {"DeregisterCriticalServiceAfter", "1s"}})
                .status,
            200);
  const auto node = catalog().snapshots().Get();
  const catalog::CheckEntry* check = node->FindCheck("n1", "disk");
  ASSERT_NE(check, nullptr);
  EXPECT_NE(check->ttl, nullptr);
  EXPECT_EQ(check->reap, nullptr);
}

TEST_F(AgentChecksTest, ReregistrationKeepsWhatAChecksOwnerSaid) {
  const json service = {{"Name", "web"}, {"Port", 80}, {"Check", {{"TTL", "30s"}}}};
  EXPECT_EQ(Put("/v1/agent/service/register", service).status, 200);
  EXPECT_EQ(Get("/v1/agent/checks").json()["service:web"]["Status"], "critical");
  EXPECT_EQ(Put("/v1/agent/check/pass/service:web?note=fine").status, 200);
  EXPECT_EQ(Put("/v1/agent/service/register", service).status, 200);
  const json check = Get("/v1/agent/checks").json()["service:web"];
  EXPECT_EQ(check["Status"], "passing");
  EXPECT_EQ(check["Output"], "fine");
}

TEST_F(AgentChecksTest, ChecksThatCannotBeReportedSaySo) {
  EXPECT_EQ(Put("/v1/agent/check/pass/nosuch").status, 404);
  EXPECT_EQ(Put("/v1/agent/check/pass/nosuch").body,
            "CheckID \"nosuch\" does not have associated TTL");
  Put("/v1/agent/check/register", {{"Name", "x"}, {"TCP", "127.0.0.1:1"}, {"Interval", "10s"}});
  EXPECT_EQ(Put("/v1/agent/check/pass/x").status, 400);
  const Answer ghost =
      Put("/v1/agent/check/register", {{"Name", "y"}, {"TTL", "1s"}, {"ServiceID", "ghost"}});
  EXPECT_EQ(ghost.status, 404);
  EXPECT_EQ(ghost.body, "ServiceID \"ghost\" does not exist");
}

TEST_F(AgentChecksTest, ACheckIsNamedByItsIdElseByItsName) {
  ASSERT_EQ(Put("/v1/agent/check/register", {{"Name", "mem"}, {"TTL", "15s"}}).status, 200);
  ASSERT_EQ(Put("/v1/agent/check/register", {{"ID", "x"}, {"Name", "mem"}, {"TTL", "15s"}}).status,
            200);
  ASSERT_EQ(Put("/v1/agent/check/register",
                {{"check_id", "y"}, {"name", "disk"}, {"ttl", "15s"}, {"status", "passing"}})
                .status,
            200);
  EXPECT_EQ(Check("mem")["Status"], "critical");
  EXPECT_EQ(Check("x")["Name"], "mem");
  EXPECT_EQ(Check("y")["Status"], "passing");
}

TEST_F(AgentChecksTest, ACheckOfAServiceCarriesItsNameAndTags) {
  RegisterService({{"ID", "web-1"}, {"Name", "web"}, {"Tags", {"a"}}});
  ASSERT_EQ(Put("/v1/agent/check/register",
                {{"Name", "c"}, {"TTL", "15s"}, {"service_id", "web-1"}, {"Status", "warning"}})
                .status,
            200);
  const json check = Check("c");
  EXPECT_EQ(check["ServiceID"], "web-1");
  EXPECT_EQ(check["ServiceName"], "web");
  EXPECT_EQ(check["ServiceTags"], json({"a"}));
  EXPECT_EQ(Get("/v1/health/checks/web").json()[0]["Status"], "warning");
}

TEST_F(AgentChecksTest, StatusAndOutputAreReportedInEachWay) {
  ASSERT_EQ(Put("/v1/agent/check/register", {{"Name", "c"}, {"TTL", "30s"}}).status, 200);
  const struct {
    const char* target;
    const char* body;
    const char* status;
    const char* output;
  } cases[] = {
      {"pass/c", "", "passing", ""},
      {"warn/c?note=hmm", "", "warning", "hmm"},
      {"fail/c?note=dead", "", "critical", "dead"},
      {"update/c", R"({"Status": "passing", "Output": "fine"})", "passing", "fine"},
      {"update/c", R"({"status": "warning", "output": "low"})", "warning", "low"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(PutText(std::string("/v1/agent/check/") + c.target, c.body).status, 200) << c.target;
    EXPECT_EQ(Check("c")["Status"], c.status) << c.target;
    EXPECT_EQ(Check("c")["Output"], c.output) << c.target;
  }
}

TEST_F(AgentChecksTest, TheServersOwnCheckIsNeitherReplacedNorRemoved) {
  RegisterServersOwn();
  const Answer refused = Put("/v1/agent/check/register", {{"Name", "serfhealth"}, {"TTL", "1s"}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.body, "Check ID \"serfHealth\" is the server's own");
  EXPECT_EQ(Put("/v1/agent/check/deregister/serfHealth").status, 200);
  EXPECT_EQ(Put("/v1/agent/check/fail/serfHealth").status, 400);
  const Answer on_its_service =
      Put("/v1/agent/check/register", {{"Name", "x"}, {"TTL", "1s"}, {"ServiceID", "consul"}});
  EXPECT_EQ(on_its_service.status, 404);
  EXPECT_EQ(on_its_service.body, "ServiceID \"consul\" does not exist");
  const json checks = Get("/v1/health/node/n1").json();
  ASSERT_EQ(checks.size(), 1u);
  EXPECT_EQ(checks[0]["Status"], "passing");
}

TEST_F(AgentChecksTest, BadReportsAreRefusedAndChangeNothing) {
  ASSERT_EQ(Put("/v1/agent/check/register", {{"Name", "c"}, {"TTL", "30s"}}).status, 200);
  const std::string before = Get("/v1/agent/checks").body;
  const Answer sideways = Put("/v1/agent/check/update/c", {{"Status", "sideways"}});
  EXPECT_EQ(sideways.status, 400);
  EXPECT_EQ(sideways.body, "Invalid check status: 'sideways'");
  EXPECT_EQ(PutText("/v1/agent/check/update/c", "{").status, 400);
  EXPECT_EQ(PutText("/v1/agent/check/update/c", "[]").status, 400);
  EXPECT_EQ(Put("/v1/agent/check/pass/").status, 404);
  EXPECT_EQ(Put("/v1/agent/check/deregister/").status, 400);
  const Answer broken = Put("/v1/agent/check/pass/a%0Ab");
  EXPECT_EQ(broken.status, 404);
  EXPECT_EQ(broken.body, "CheckID \"a\\nb\" does not have associated TTL");
  EXPECT_EQ(Get("/v1/agent/checks").body, before);
}

TEST_F(AgentChecksTest, AnOverlongOutputIsCutAndSaysSo) {
  const std::string kept = std::string(4096, 'x') + " ... (captured 4096 of 5000 bytes)";
  ASSERT_EQ(Put("/v1/agent/check/register", {{"Name", "c"}, {"TTL", "30s"}}).status, 200);
  ASSERT_EQ(Put("/v1/agent/check/pass/c?note=" + std::string(5000, 'x')).status, 200);
  EXPECT_EQ(Check("c")["Output"], kept);
  ASSERT_EQ(
      Put("/v1/agent/check/update/c", {{"Status", "warning"}, {"Output", std::string(5000, 'x')}})
          .status,
      200);
  EXPECT_EQ(Check("c")["Status"], "warning");
  EXPECT_EQ(Check("c")["Output"], kept);
}

}  // namespace
}  // namespace rollcall::api
