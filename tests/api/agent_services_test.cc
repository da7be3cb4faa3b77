#include <gmock/gmock.h>

#include "tests/api/agent_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using testing::IsEmpty;
using testing::Not;

using AgentServicesTest = AgentApiTest;

std::vector<std::string> KeysOf(const json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

TEST_F(AgentServicesTest, CamelCaseAndSnakeCaseRegisterTheSame) {
  RegisterService({{"ID", "a"},
                   {"Name", "web"},
                   {"Port", 80},
                   {"EnableTagOverride", true},
                   {"TaggedAddresses", {{"lan", {{"Address", "10.0.0.1"}, {"Port", 1}}}}},
                   {"Check", {{"CheckID", "c-a"}, {"TTL", "15s"}, {"Notes", "n"}}}});
  RegisterService({{"id", "b"},
                   {"name", "web"},
                   {"port", 80},
                   {"enable_tag_override", true},
                   {"tagged_addresses", {{"lan", {{"address", "10.0.0.1"}, {"port", 1}}}}},
                   {"check", {{"check_id", "c-b"}, {"ttl", "15s"}, {"notes", "n"}}}});
  json camel = Get("/v1/agent/service/a").json();
  json snake = Get("/v1/agent/service/b").json();
  for (json* service : {&camel, &snake}) {
    service->erase("ID");
    service->erase("ContentHash");
  }
  EXPECT_EQ(camel, snake);
  EXPECT_EQ(camel["EnableTagOverride"], true);
  EXPECT_EQ(Check("c-b")["Notes"], "n");
  EXPECT_EQ(Check("c-b")["Type"], "ttl");
}

TEST_F(AgentServicesTest, ChecksWithoutAnIdGetConsuls) {
  RegisterService({{"ID", "one"}, {"Name", "s"}, {"Check", {{"TTL", "15s"}}}});
  RegisterService({{"ID", "list-of-one"}, {"Name", "s"}, {"Checks", {{{"TTL", "15s"}}}}});
  RegisterService({{"ID", "many"},
                   {"Name", "s"},
                   {"Checks", {{{"TTL", "1s"}}, {{"CheckID", "own"}, {"TTL", "2s"}}}},
                   {"Check", {{"TTL", "3s"}}}});
  // `Check` counts as the first.
  EXPECT_THAT(KeysOf(Get("/v1/agent/checks").json()),
              testing::UnorderedElementsAre("service:one", "service:list-of-one", "service:many:1",
                                            "own", "service:many:2"));
}

TEST_F(AgentServicesTest, OtherChecksGoOnlyWhenTheyAreToBeReplaced) {
  const json two = {
      {"Name", "s"},
      {"Checks", {{{"CheckID", "x"}, {"TTL", "9s"}}, {{"CheckID", "y"}, {"TTL", "9s"}}}}};
  const json one = {{"Name", "s"}, {"Check", {{"CheckID", "y"}, {"TTL", "9s"}}}};
  const struct {
    const char* query;
    bool replaces;
  } cases[] = {{"", false},
               {"?replace-existing-checks=false", false},
               {"?replace-existing-checks=1", false},
               {"?replace-existing-checks", true},
               {"?replace-existing-checks=true", true}};
  for (const auto& c : cases) {
    RegisterService(two);
    ASSERT_EQ(Put(std::string("/v1/agent/service/register") + c.query, one).status, 200);
    EXPECT_EQ(Check("x").is_null(), c.replaces) << c.query;
    EXPECT_FALSE(Check("y").is_null()) << c.query;
  }
}

TEST_F(AgentServicesTest, TheContentHashChangesExactlyWhenTheContentDoes) {
  const json web = {{"Name", "web"}, {"Port", 80}, {"Check", {{"TTL", "30s"}}}};
  RegisterService(web);
  const Answer first = Get("/v1/agent/service/web");
  const std::string hash = first.json()["ContentHash"];
  EXPECT_THAT(hash, Not(IsEmpty()));
  EXPECT_EQ(first.Header("X-Consul-ContentHash"), hash);
  // Neither its checks nor another service are its content.
  RegisterService(web);
  RegisterService({{"Name", "other"}});
  ASSERT_EQ(Put("/v1/agent/check/pass/service:web").status, 200);
  EXPECT_EQ(Get("/v1/agent/service/web").body, first.body);
  std::set<std::string> hashes = {hash};
  for (const json& change :
       {json{{"Port", 81}}, json{{"Tags", {"a"}}}, json{{"Meta", {{"k", "v"}}}},
        json{{"Address", "10.0.0.1"}}, json{{"EnableTagOverride", true}},
        json{{"Weights", {{"Passing", 2}, {"Warning", 1}}}},
        json{{"TaggedAddresses", {{"lan", {{"Address", "10.0.0.1"}}}}}}}) {
    json changed = web;
    changed.update(change);
    RegisterService(changed);
    const std::string now = Get("/v1/agent/service/web").json()["ContentHash"];
    EXPECT_TRUE(hashes.insert(now).second) << change.dump();
  }
  RegisterService(web);
  EXPECT_EQ(Get("/v1/agent/service/web").body, first.body);
}

TEST_F(AgentServicesTest, OneServiceIsFoundByItsId) {
  RegisterService({{"ID", "a/b \u00e4"}, {"Name", "web"}});
  EXPECT_EQ(Get("/v1/agent/service/a%2Fb%20%C3%A4").json()["Service"], "web");
  const Answer unknown = Get("/v1/agent/service/nosuch");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.body, "unknown service ID: nosuch");
  EXPECT_EQ(unknown.Header("X-Consul-ContentHash"), "");
  EXPECT_EQ(Get("/v1/agent/service/two%0Alines").body, "unknown service ID: two lines");
  EXPECT_EQ(Get("/v1/agent/service/").status, 404);
  // Not a service called "register".
  EXPECT_EQ(Get("/v1/agent/service/register").status, 405);
}

TEST_F(AgentServicesTest, TheServersOwnRegistrationIsNotTheAgents) {
  RegisterServersOwn();
  EXPECT_EQ(Get("/v1/agent/services").body, "{}");
  EXPECT_EQ(Get("/v1/agent/checks").body, "{}");
  EXPECT_EQ(Get("/v1/agent/service/consul").status, 404);
  EXPECT_EQ(Get("/v1/catalog/service/consul").json().size(), 1u);
}

TEST_F(AgentServicesTest, TheServersOwnServiceIsNeitherReplacedNorRemoved) {
  RegisterServersOwn();
  const std::string before = Get("/v1/catalog/service/consul").body;
  for (const char* id : {"consul", "CONSUL"}) {
    const Answer refused = Put("/v1/agent/service/register", {{"ID", id}, {"Name", "mine"}});
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.body, "Service ID \"consul\" is the server's own");
    EXPECT_EQ(Put(std::string("/v1/agent/service/deregister/") + id).status, 200);
  }
  EXPECT_EQ(Put("/v1/agent/service/register",
                {{"Name", "web"}, {"Check", {{"CheckID", "serfHealth"}, {"TTL", "1s"}}}})
                .status,
            400);
  EXPECT_EQ(Get("/v1/catalog/service/consul").body, before);
  // A service of that name is fine.
  RegisterService({{"ID", "mine"}, {"Name", "consul"}});
  EXPECT_EQ(Get("/v1/catalog/service/consul").json().size(), 2u);
  EXPECT_EQ(Get("/v1/agent/services").json().size(), 1u);
}

TEST_F(AgentServicesTest, DeregisteringTakesAllItsChecksAlong) {
  RegisterService({{"Name", "web"}, {"Check", {{"TTL", "30s"}}}});
  ASSERT_EQ(
      Put("/v1/agent/check/register", {{"Name", "more"}, {"TTL", "30s"}, {"ServiceID", "web"}})
          .status,
      200);
  ASSERT_EQ(Put("/v1/agent/service/maintenance/web?enable=true").status, 200);
  EXPECT_EQ(Get("/v1/agent/checks").json().size(), 3u);
  EXPECT_EQ(Put("/v1/agent/service/deregister/web").status, 200);
  EXPECT_EQ(Get("/v1/agent/checks").body, "{}");
  EXPECT_EQ(Put("/v1/agent/service/deregister/web").status, 200);
  EXPECT_EQ(Put("/v1/agent/service/deregister/").status, 400);
}

TEST_F(AgentServicesTest, PrettyIsTheSameJsonIndented) {
  RegisterService({{"Name", "web"}});
  for (const char* target : {"/v1/agent/services", "/v1/agent/service/web", "/v1/agent/self"}) {
    const Answer pretty = Get(std::string(target) + "?pretty");
    EXPECT_EQ(pretty.json(), Get(target).json()) << target;
    EXPECT_TRUE(pretty.body.starts_with("{\n    \"")) << target;
  }
}

class BlockingServiceTest : public AgentApiTest {
 protected:
  // Waits for `id` to say something else than what it says now.
  std::future<Answer> StartWaiting(const std::string& id, const char* wait = "20s") {
    const std::string hash = Get("/v1/agent/service/" + id).json()["ContentHash"];
    return Start("/v1/agent/service/" + id + "?hash=" + hash + "&wait=" + wait);
  }
};

TEST_F(BlockingServiceTest, AnotherHashIsAnsweredAtOnce) {
  RegisterService({{"Name", "web"}, {"Port", 80}});
  EXPECT_EQ(Get("/v1/agent/service/web?hash=other&wait=20s").json()["Port"], 80);
  EXPECT_EQ(Get("/v1/agent/service/web?hash=&wait=20s").json()["Port"], 80);
  EXPECT_EQ(Get("/v1/agent/service/nosuch?hash=other&wait=20s").status, 404);
}

TEST_F(BlockingServiceTest, OnlyItsOwnContentWakesWhoWaits) {
  const json web = {{"Name", "web"}, {"Port", 80}, {"Check", {{"TTL", "30s"}}}};
  RegisterService(web);
  auto waiting = StartWaiting("web");
  AwaitParked(1);
  RegisterService(web);
  RegisterService({{"Name", "other"}});
  ASSERT_EQ(Put("/v1/agent/check/pass/service:web").status, 200);
  ASSERT_EQ(Put("/v1/agent/maintenance?enable=true").status, 200);
  EXPECT_EQ(Parked(), 1u);
  json changed = web;
  changed["Port"] = 81;
  RegisterService(changed);
  const Answer answer = waiting.get();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json()["Port"], 81);
  EXPECT_EQ(answer.Header("X-Consul-ContentHash"), answer.json()["ContentHash"]);
}

TEST_F(BlockingServiceTest, AServiceThatDisappearsIsNotFound) {
  RegisterService({{"Name", "web"}});
  auto waiting = StartWaiting("web");
  AwaitParked(1);
  ASSERT_EQ(Put("/v1/agent/service/deregister/web").status, 200);
  const Answer answer = waiting.get();
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body, "unknown service ID: web");
}

TEST_F(BlockingServiceTest, TheWaitEndsWithTheSameContent) {
  RegisterService({{"Name", "web"}});
  const Answer now = Get("/v1/agent/service/web");
  const Answer later = StartWaiting("web", "50ms").get();
  EXPECT_EQ(later.status, 200);
  EXPECT_EQ(later.body, now.body);
}

TEST_F(BlockingServiceTest, ABadWaitIsRefused) {
  RegisterService({{"Name", "web"}});
  const Answer answer = Get("/v1/agent/service/web?hash=x&wait=soon");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, "Invalid wait time");
}

}  // namespace
}  // namespace rollcall::api
