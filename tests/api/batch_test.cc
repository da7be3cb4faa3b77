// PUT /v1/catalog/batch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/api_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class BatchTest : public ApiTest {
 protected:
  static json Node(const std::string& name) { return {{"Node", name}, {"Address", "10.0.0.1"}}; }

  // "200 ; 400 why", of the commands in their order.
  std::string Outcome(const json& batch) {
    const Answer answer = Put("/v1/catalog/batch", batch);
    EXPECT_EQ(answer.status, 200) << answer.body;
    std::string text;
    for (const json& one : answer.json()) {
      text +=
          std::to_string(one["Status"].get<int>()) + " " + one["Error"].get<std::string>() + "; ";
    }
    return text;
  }
};

TEST_F(BatchTest, CommandsAreCarriedOutInTheirOrder) {
  EXPECT_EQ(Outcome({{{"Register", Node("m")}},
                     {{"Register",
                       {{"Node", "m"},
                        {"SkipNodeUpdate", true},
                        {"Address", "10.0.0.1"},
                        {"Service", {{"Service", "web"}}}}}},
                     {{"Register", Node("gone")}},
                     {{"Deregister", {{"Node", "gone"}}}}}),
            "200 ; 200 ; 200 ; 200 ; ");
  EXPECT_EQ(Get("/v1/catalog/service/web").json().size(), 1u);
  EXPECT_EQ(Get("/v1/catalog/node/gone").body, "null");
}

TEST_F(BatchTest, OneThatIsRefusedHoldsUpNoOther) {
  EXPECT_EQ(Outcome({{{"Register", {{"Node", "m"}}}},
                     {{"Register", Node("m")}},
                     {{"Register", {{"Node", "m"}, {"Address", "a"}, {"Port", 1}}}},
                     {{"Unheard", json::object()}},
                     1,
                     {{"Register", Node("a")}, {"Deregister", {{"Node", "a"}}}},
                     {{"Register",
                       {{"Node", "m"},
                        {"Address", "10.0.0.1"},
                        {"Check", {{"Name", "c"}, {"ServiceID", "nobody"}}}}}}}),
            "400 Must provide address if SkipNodeUpdate is not set; 200 ; "
            "400 Request decode failed: unknown field \"Port\"; "
            "400 Request decode failed: expected an object with Register or Deregister; "
            "400 Request decode failed: expected an object with Register or Deregister; "
            "400 Request decode failed: expected an object with Register or Deregister; "
            "400 failed inserting check: Missing service registration on node \"m\"; ");
  EXPECT_EQ(Get("/v1/catalog/node/m").json()["Node"]["Node"], "m");
}

TEST_F(BatchTest, ErrorsAreThoseOfTheCommandAlone) {
  const json wrong[] = {
      {{"Node", "m"}},
      {{"Node", "m"}, {"Address", "10.0.0.1"}, {"Check", {{"ServiceID", "nobody"}}}},
      {{"Node", "m"}, {"Address", "10.0.0.1"}, {"Datacenter", "other"}}};
  for (const json& body : wrong) {
    const Answer alone = Put("/v1/catalog/register", body);
    EXPECT_EQ(Outcome({{{"Register", body}}}),
              std::to_string(alone.status) + " " + alone.body + "; ");
  }
}

TEST_F(BatchTest, WhatIsNoBatchIsRefusedWhole) {
  EXPECT_EQ(Outcome(json::array()), "");
  EXPECT_EQ(Put("/v1/catalog/batch", {{"Register", Node("m")}}).status, 400);
  json many = json::array();
  for (int i = 0; i < 513; ++i) many.push_back({{"Deregister", {{"Node", "m"}}}});
  const Answer answer = Put("/v1/catalog/batch", many);
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("At most 512 commands may be in a batch, found 513"));
}

}  // namespace
}  // namespace rollcall::api
