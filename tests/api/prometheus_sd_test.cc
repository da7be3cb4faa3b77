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

class PrometheusSdTest : public ApiTest {
 protected:
  PrometheusSdTest() {
    Put("/v1/catalog/register",
        {{"Node", "a"},
         {"Address", "10.0.0.1"},
         {"NodeMeta", {{"rack-row", "7"}}},
         {"TaggedAddresses", {{"wan", "198.51.100.1"}}},
         {"Service",
          {{"ID", "web-1"},
           {"Service", "web"},
           {"Port", 80},
           {"Tags", {"v1", "eu"}},
           {"Meta", {{"team.name", "x"}}}}},
         {"Check", {{"CheckID", "c"}, {"Status", "warning"}, {"ServiceID", "web-1"}}}});
    Put("/v1/catalog/register",
        {{"Node", "b"},
         {"Address", "10.0.0.2"},
         {"Service",
          {{"Service", "db"}, {"Address", "2001:db8::5"}, {"Port", 5432}, {"Tags", {"v1"}}}}});
  }

  std::vector<std::string> Targets(const std::string& query) {
    const Answer answer = Get("/v1/prometheus/sd" + query);
    EXPECT_EQ(answer.status, 200) << answer.body;
    std::vector<std::string> targets;
    for (const json& group : answer.json()) {
      for (const json& target : group["targets"]) targets.push_back(target);
    }
    return targets;
  }
};

TEST_F(PrometheusSdTest, GivesEachInstanceWithTheLabelsOfConsulSd) {
  const json groups = Get("/v1/prometheus/sd?service=web").json();
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0]["targets"], json({"10.0.0.1:80"}));
  EXPECT_EQ(groups[0]["labels"], json({{"__meta_consul_address", "10.0.0.1"},
                                       {"__meta_consul_dc", "dc1"},
                                       {"__meta_consul_health", "warning"},
                                       {"__meta_consul_metadata_rack_row", "7"},
                                       {"__meta_consul_node", "a"},
                                       {"__meta_consul_service", "web"},
                                       {"__meta_consul_service_address", ""},
                                       {"__meta_consul_service_id", "web-1"},
                                       {"__meta_consul_service_metadata_team_name", "x"},
                                       {"__meta_consul_service_port", "80"},
                                       {"__meta_consul_tagged_address_wan", "198.51.100.1"},
                                       {"__meta_consul_tags", ",v1,eu,"}}));
}

TEST_F(PrometheusSdTest, IsNarrowedByServiceTagHealthMetadataAndFilter) {
  EXPECT_THAT(Targets(""), ElementsAre("[2001:db8::5]:5432", "10.0.0.1:80"));
  EXPECT_THAT(Targets("?service=db"), ElementsAre("[2001:db8::5]:5432"));
  EXPECT_THAT(Targets("?service=WEB&service=web&service=nosuch"), ElementsAre("10.0.0.1:80"));
  EXPECT_THAT(Targets("?tag=v1&tag=eu"), ElementsAre("10.0.0.1:80"));
  EXPECT_THAT(Targets("?passing"), ElementsAre("[2001:db8::5]:5432"));
  EXPECT_THAT(Targets("?node-meta=rack-row:7"), ElementsAre("10.0.0.1:80"));
  EXPECT_THAT(Targets("?filter=Service.Port==80"), ElementsAre("10.0.0.1:80"));
  EXPECT_THAT(Targets("?filter=Service.Port==81"), IsEmpty());
  EXPECT_THAT(Get("/v1/prometheus/sd?service=web&tag_separator=|").body, HasSubstr("|v1|eu|"));
}

TEST_F(PrometheusSdTest, MaintenanceIsAStateOfItsOwn) {
  Put("/v1/catalog/register",
      {{"Node", "b"},
       {"Address", "10.0.0.2"},
       {"Check", {{"CheckID", "_node_maintenance"}, {"Status", "critical"}}}});
  EXPECT_EQ(Get("/v1/prometheus/sd?service=db").json()[0]["labels"]["__meta_consul_health"],
            "maintenance");
}

TEST_F(PrometheusSdTest, AnUnchangedListIsNotSentAgain) {
  httplib::Client client("127.0.0.1", port());
  const auto first = client.Get("/v1/prometheus/sd");
  const std::string etag = first->get_header_value("ETag");
  EXPECT_THAT(etag, HasSubstr("W/\""));
  const auto same = client.Get("/v1/prometheus/sd", {{"If-None-Match", etag}});
  EXPECT_EQ(same->status, 304);
  EXPECT_EQ(same->body, "");
  EXPECT_EQ(same->get_header_value("ETag"), etag);
  // A change of something that the list does not show.
  Put("/v1/catalog/register", {{"Node", "c"}, {"Address", "10.0.0.3"}});
  EXPECT_EQ(client.Get("/v1/prometheus/sd", {{"If-None-Match", etag}})->status, 304);
  Put("/v1/catalog/deregister", {{"Node", "b"}});
  const auto changed = client.Get("/v1/prometheus/sd", {{"If-None-Match", etag}});
  EXPECT_EQ(changed->status, 200);
  EXPECT_NE(changed->get_header_value("ETag"), etag);
}

TEST_F(PrometheusSdTest, WhatIsWrongIsRefused) {
  EXPECT_EQ(Get("/v1/prometheus/sd?dc=dc9").status, 400);
  EXPECT_THAT(Get("/v1/prometheus/sd?filter=bogus==1").body, HasSubstr("bogus"));
}

}  // namespace
}  // namespace rollcall::api
