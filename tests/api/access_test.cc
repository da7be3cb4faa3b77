// Who may do what over HTTP, beyond what the route table says of each route
// (access_matrix_test.cc).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "api/access/guard.h"
#include "tests/api/access_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kNarrowedHeader = "X-Consul-Results-Filtered-By-ACLs";
constexpr const char* kSeeAll =
    R"(service_prefix "" { policy = "read" }  node_prefix "" { policy = "read" })";

class AccessTest : public AccessApiTest {
 protected:
  json Service(const std::string& node, const std::string& service, const std::string& id = "") {
    return {{"Node", node},
            {"Address", "10.0.0.1"},
            {"Service",
             {{"ID", id.empty() ? service : id},
              {"Service", service},
              {"Port", 80},
              {"Meta", {{"secret", "of-" + service}}}}}};
  }
  void Register(const json& body) {
    const Answer answer = PutAs("management", "/v1/catalog/register", body);
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
};

TEST_F(AccessTest, TokenComesInTheQueryTheHeaderOrAsABearer) {
  Register(Service("n2", "web"));
  PutRules("reader", kSeeAll);
  const auto sees = [this](const std::string& target, const httplib::Headers& headers) {
    return Get(target, headers).body != "[]";
  };
  const std::string web = "/v1/health/service/web";
  EXPECT_FALSE(sees(web, {}));
  EXPECT_TRUE(sees(web + "?token=reader", {}));
  EXPECT_TRUE(sees(web, {{"X-Consul-Token", "reader"}}));
  EXPECT_TRUE(sees(web, {{"Authorization", "Bearer reader"}}));
  EXPECT_TRUE(sees(web, {{"Authorization", "bearer  reader"}}));
  EXPECT_FALSE(sees(web, {{"Authorization", "Basic reader"}}));
  EXPECT_FALSE(sees(web, {{"Authorization", "Bearer"}}));
  // The first of them that is there counts; an empty one is none.
  EXPECT_EQ(Get(web + "?token=wrong", {{"X-Consul-Token", "reader"}}).status, 403);
  EXPECT_EQ(Get(web, {{"X-Consul-Token", "wrong"}, {"Authorization", "Bearer reader"}}).status,
            403);
  EXPECT_TRUE(sees(web + "?token=", {{"X-Consul-Token", "reader"}}));
  EXPECT_TRUE(sees(web, {{"X-Consul-Token", ""}, {"Authorization", "Bearer reader"}}));
}

TEST_F(AccessTest, DefaultTokenStandsInForWhoPresentsNone) {
  Register(Service("n2", "web"));
  PutRules("reader", kSeeAll);
  EXPECT_EQ(Get("/v1/health/service/web").body, "[]");
  shared().tokens.SetDefault("reader");
  EXPECT_NE(Get("/v1/health/service/web").body, "[]");
  EXPECT_EQ(GetAs("wrong", "/v1/health/service/web").status, 403);
}

TEST_F(AccessTest, WhatIsKeptForEverybodyIsNotServedToWhoSeesLess) {
  Register(Service("n2", "web"));
  Register(Service("n3", "web"));
  PutRules("one-node", R"(service "web" { policy = "read" }  node "n3" { policy = "read" })");
  PutRules("all", kSeeAll);
  for (const char* target :
       {"/v1/health/service/web", "/v1/catalog/service/web", "/v1/health/service/web?passing",
        "/v1/catalog/nodes", "/v1/catalog/services"}) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, target);
    const std::string whole = GetAs("management", target).body;  // it is kept from now on
    EXPECT_EQ(GetAs("all", target).body, whole);
    const Answer less = GetAs("one-node", target);
    EXPECT_THAT(less.body, Not(HasSubstr("n2")));
    if (!std::string(target).ends_with("services")) {
      EXPECT_THAT(less.body, HasSubstr("n3"));
      EXPECT_EQ(less.Header(kNarrowedHeader), "true");
    }
    EXPECT_EQ(GetAs("management", target).body, whole);
    EXPECT_EQ(Get(target).status, 200);
    EXPECT_THAT(Get(target).body, Not(HasSubstr("n3")));
  }
}

TEST_F(AccessTest, InstancesOfOneServiceAreSeenTogetherHoweverTheySpellIt) {
  Register(Service("n2", "web"));
  Register(Service("n3", "WEB"));
  PutRules("web", R"(service "web" { policy = "read" }  node_prefix "" { policy = "read" })");
  for (const char* target : {"/v1/health/service/web", "/v1/health/service/web?passing",
                             "/v1/catalog/service/web", "/v1/health/checks/web"}) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, target);
    // Who sees less asks first: what is kept from then on is for everybody.
    const std::string narrow = GetAs("web", target).body;
    EXPECT_EQ(GetAs("management", target).body, narrow);
    EXPECT_EQ(GetAs("web", target).Header(kNarrowedHeader), "");
  }
  EXPECT_EQ(GetAs("web", "/v1/health/service/web").json().size(), 2U);
  EXPECT_EQ(GetAs("web", "/v1/health/service/web?near=n2").json().size(), 2U);
}

TEST_F(AccessTest, MetadataOfHiddenNodesIsNotTold) {
  for (const char* node : {"n2", "n3"}) {
    json registration = Service(node, "db");
    registration["NodeMeta"] = {{"secret", std::string("of-") + node}};
    registration["Check"] = {{"CheckID", "c"}, {"Name", "c"}, {"ServiceID", "db"}};
    Register(registration);
  }
  PutRules("n2", R"(service "db" { policy = "read" }  node "n2" { policy = "read" })");
  for (const std::string target : {"/v1/health/state/any", "/v1/health/checks/db"}) {
    const Answer right = GetAs("n2", target + "?node-meta=secret:of-n3");
    const Answer wrong = GetAs("n2", target + "?node-meta=secret:x");
    EXPECT_EQ(right.body, "[]") << target;
    EXPECT_EQ(right.Header(kNarrowedHeader), wrong.Header(kNarrowedHeader)) << target;
  }
}

TEST_F(AccessTest, EventsThatMayNotBeSeenHaveNoIndex) {
  const auto index_of = [this](const std::string& tag) {
    return Get("/v1/event/list?name=deploy&service=web&tag=" + tag).index;
  };
  EXPECT_EQ(PutAs("management", "/v1/event/fire/deploy?service=web&tag=v1").status, 200);
  EXPECT_EQ(index_of("v1"), index_of("v2"));
  EXPECT_EQ(index_of("v1"), 1U);
}

TEST_F(AccessTest, HashOfAHiddenServiceIsNotConfirmed) {
  ASSERT_EQ(PutAs("management", "/v1/agent/service/register", {{"Name", "web"}}).status, 200);
  const std::string hash = GetAs("management", "/v1/agent/service/web").json()["ContentHash"];
  const Answer answer = Get("/v1/agent/service/web?wait=300s&hash=" + hash);
  EXPECT_EQ(answer.status, 403);
}

TEST_F(AccessTest, ChecksThatSpeakForTheNodeNeedTheNode) {
  Register(Service("n2", "web"));
  PutRules("web", R"(service "web" { policy = "write" })");
  for (const char* id :
       {"serfHealth", "SERFHEALTH", "_node_maintenance", "_service_maintenance:db"}) {
    const json registration = {
        {"Node", "n2"},
        {"SkipNodeUpdate", true},
        {"Check", {{"CheckID", id}, {"Name", id}, {"ServiceID", "web"}, {"Status", "passing"}}}};
    EXPECT_EQ(PutAs("web", "/v1/catalog/register", registration).status, 403) << id;
  }
}

TEST_F(AccessTest, MaintenanceThatIsNotOnIsEndedByWhoMayWriteTheService) {
  PutRules("web", R"(service "web" { policy = "write" })");
  PutRules("other", R"(service "other" { policy = "write" })");
  ASSERT_EQ(PutAs("web", "/v1/agent/service/register", {{"Name", "web"}}).status, 200);
  const std::string target = "/v1/agent/service/maintenance/web?enable=";
  for (const char* enable : {"false", "true", "true", "false", "false"}) {
    EXPECT_EQ(PutAs("other", target + enable).status, 403) << enable;
    EXPECT_EQ(PutAs("web", target + enable).status, 200) << enable;
  }
}

TEST_F(AccessTest, FilterTellsNothingOfWhatMayNotBeSeen) {
  Register(Service("n2", "db"));
  PutRules("blind", R"(node_prefix "" { policy = "read" })");
  const auto ask = [this](const std::string& secret_is) {
    return GetAs("blind",
                 "/v1/catalog/service/db?filter=ServiceMeta.secret==%22" + secret_is + "%22");
  };
  const Answer right = ask("of-db");
  const Answer wrong = ask("x");
  EXPECT_EQ(right.body, "[]");
  EXPECT_EQ(right.body, wrong.body);
  EXPECT_EQ(right.Header(kNarrowedHeader), wrong.Header(kNarrowedHeader));
}

TEST_F(AccessTest, NodeIsShownWithTheServicesThatMayBeSeen) {
  Register(Service("n2", "web"));
  Register(Service("n2", "db"));
  PutRules("web", R"(service "web" { policy = "read" }  node "n2" { policy = "read" })");
  const Answer answer = GetAs("web", "/v1/catalog/node/n2");
  EXPECT_EQ(answer.json()["Services"].size(), 1U);
  EXPECT_TRUE(answer.json()["Services"].contains("web"));
  EXPECT_EQ(answer.Header(kNarrowedHeader), "true");
  PutRules("no-node", R"(service_prefix "" { policy = "read" })");
  EXPECT_EQ(GetAs("no-node", "/v1/catalog/node/n2").body, "null");
  EXPECT_EQ(GetAs("no-node", "/v1/catalog/node-services/n2").json()["Node"], nullptr);
}

TEST_F(AccessTest, WaitingQueryIsAnsweredByTheRightsOfItsEnd) {
  Register(Service("n2", "web"));
  PutRules("reader", kSeeAll);
  const Answer now = GetAs("reader", "/v1/health/service/web");
  const std::string index = std::to_string(now.index);
  auto waiting = Start("/v1/health/service/web?token=reader&index=" + index);
  AwaitParked(1);
  PutRules("reader", R"(node_prefix "" { policy = "read" })");
  Register(Service("n3", "web"));
  const Answer later = waiting.get();
  EXPECT_EQ(later.status, 200);
  EXPECT_EQ(later.body, "[]");
  EXPECT_EQ(later.Header(kNarrowedHeader), "true");
}

TEST_F(AccessTest, WaitingQueryOfATokenThatIsGoneIsRefused) {
  Register(Service("n2", "web"));
  PutRules("reader", kSeeAll);
  const std::string index = std::to_string(GetAs("reader", "/v1/health/service/web").index);
  std::vector<std::future<Answer>> waiting;
  // By index, and by result.
  waiting.push_back(Start("/v1/health/service/web?token=reader&index=" + index));
  waiting.push_back(Start("/v1/health/service/web?passing&token=reader&index=" + index));
  AwaitParked(2);
  RemoveToken("reader");
  Register(Service("n3", "web"));
  for (auto& each : waiting) {
    const Answer answer = each.get();
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.body, "ACL not found");
  }
}

TEST_F(AccessTest, WhoSeesLessIsNotWokenByWhatHeDoesNotSee) {
  Register(Service("n2", "web"));
  Register(Service("n3", "web"));
  PutRules("one-node", R"(service "web" { policy = "read" }  node "n3" { policy = "read" })");
  const std::string index = std::to_string(GetAs("one-node", "/v1/health/service/web").index);
  auto waiting = Start("/v1/health/service/web?token=one-node&index=" + index);
  AwaitParked(1);
  json hidden = Service("n2", "web");
  hidden["Service"]["Port"] = 81;
  Register(hidden);
  json seen = Service("n3", "web");
  seen["Service"]["Port"] = 82;
  Register(seen);
  // Had the first of both woken it, 82 would not be there.
  EXPECT_THAT(waiting.get().body, HasSubstr("82"));
}

TEST_F(AccessTest, WhoSeesNothingIsNotWokenByAnyOfIt) {
  Register(Service("n2", "web"));
  const std::string index = std::to_string(Get("/v1/health/service/web").index);
  auto waiting = Start("/v1/health/service/web?wait=2s&index=" + index);
  AwaitParked(1);
  const uint64_t before = catalog().snapshots().Get()->index().value();
  json changed = Service("n2", "web");
  changed["Service"]["Port"] = 81;
  Register(changed);
  ASSERT_GT(catalog().snapshots().Get()->index().value(), before);
  EXPECT_EQ(Parked(), 1U);
  EXPECT_EQ(waiting.get().body, "[]");  // when its time is up
}

TEST_F(AccessTest, WhoSawNothingIsWokenOnceHeMaySeeIt) {
  Register(Service("n2", "web"));
  PutRules("late", "");
  const std::string index = std::to_string(GetAs("late", "/v1/health/service/web").index);
  auto waiting = Start("/v1/health/service/web?wait=300s&token=late&index=" + index);
  AwaitParked(1);
  PutRules("late", kSeeAll);
  Register(Service("n3", "web"));
  EXPECT_EQ(waiting.get().json().size(), 2U);
}

TEST_F(AccessTest, RegistrationNeedsWhatItWouldReplace) {
  Register(Service("n2", "db", "instance"));
  PutRules("web", R"(service "web" { policy = "write" })");
  // A new node, and another address of one that is there, need the node.
  EXPECT_EQ(PutAs("web", "/v1/catalog/register", Service("n9", "web")).status, 403);
  json moved = Service("n2", "web");
  moved["Address"] = "10.9.9.9";
  EXPECT_EQ(PutAs("web", "/v1/catalog/register", moved).status, 403);
  // As the node is, only the service is asked about,
  EXPECT_EQ(PutAs("web", "/v1/catalog/register", Service("n2", "web")).status, 200);
  // and the service whose instance it would take.
  EXPECT_EQ(PutAs("web", "/v1/catalog/register", Service("n2", "web", "instance")).status, 403);
  EXPECT_EQ(PutAs("web", "/v1/catalog/register", Service("n2", "web", "INSTANCE")).status, 403);
  PutRules("both", R"(service "web" { policy = "write" }  service "db" { policy = "write" })");
  EXPECT_EQ(PutAs("both", "/v1/catalog/register", Service("n2", "web", "instance")).status, 200);
}

TEST_F(AccessTest, ChecksNeedTheServiceOrTheNodeThatTheyAreOf) {
  Register(Service("n2", "db"));
  Register(Service("n2", "web"));
  PutRules("web", R"(service "web" { policy = "write" })");
  const auto check = [](const char* id, const char* service_id) {
    return json{
        {"Node", "n2"},
        {"SkipNodeUpdate", true},
        {"Check",
         {{"CheckID", id}, {"Name", id}, {"ServiceID", service_id}, {"Status", "passing"}}}};
  };
  EXPECT_EQ(PutAs("web", "/v1/catalog/register", check("c", "web")).status, 200);
  EXPECT_EQ(PutAs("web", "/v1/catalog/register", check("d", "db")).status, 403);
  EXPECT_EQ(PutAs("web", "/v1/catalog/register", check("n", "")).status, 403);
  EXPECT_EQ(PutAs("web", "/v1/catalog/register", check("x", "not there")).status, 403);
  Register(check("d", "db"));
  Register(check("n", ""));
  // Nor may a check be taken away from them by its ID.
  EXPECT_EQ(PutAs("web", "/v1/catalog/register", check("d", "web")).status, 403);
  EXPECT_EQ(PutAs("web", "/v1/catalog/register", check("n", "web")).status, 403);
  const auto remove = [this](const char* id) {
    return PutAs("web", "/v1/catalog/deregister", {{"Node", "n2"}, {"CheckID", id}}).status;
  };
  EXPECT_EQ(remove("d"), 403);
  EXPECT_EQ(remove("n"), 403);
  EXPECT_EQ(remove("not there"), 403);
  EXPECT_EQ(remove("c"), 200);
  EXPECT_EQ(PutAs("web", "/v1/catalog/deregister", {{"Node", "n2"}}).status, 403);
}

TEST_F(AccessTest, NodeWithTheIdOfAnotherNeedsBoth) {
  const char* id = "40e4a748-2192-161a-0510-9bf59fe950b5";
  Register({{"Node", "victim"}, {"Address", "10.0.0.1"}, {"ID", id}});
  PutRules("mine", R"(node "mine" { policy = "write" })");
  const json taking = {{"Node", "mine"}, {"Address", "10.0.0.2"}, {"ID", id}};
  EXPECT_EQ(PutAs("mine", "/v1/catalog/register", taking).status, 403);
  EXPECT_EQ(GetAs("management", "/v1/catalog/node/victim").json()["Node"]["ID"], id);
  Register({{"Node", "mine"}, {"Address", "10.0.0.2"}});
  json skipping = taking;
  skipping["SkipNodeUpdate"] = true;
  EXPECT_EQ(PutAs("mine", "/v1/catalog/register", skipping).status, 403);
  PutRules("both", R"(node "mine" { policy = "write" }  node "victim" { policy = "write" })");
  EXPECT_EQ(PutAs("both", "/v1/catalog/register", taking).status, 200);
}

TEST_F(AccessTest, EachCommandOfABatchIsJudgedForItself) {
  PutRules("n2", R"(node "n2" { policy = "write" }  service_prefix "" { policy = "write" })");
  const json batch = json::array({{{"Register", Service("n2", "web")}},
                                  {{"Register", Service("n3", "web")}},
                                  {{"Deregister", {{"Node", "n1"}}}}});
  const Answer answer = PutAs("n2", "/v1/catalog/batch", batch);
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json()[0]["Status"], 200);
  EXPECT_EQ(answer.json()[1]["Status"], 403);
  EXPECT_EQ(answer.json()[1]["Error"], "Permission denied");
  EXPECT_EQ(answer.json()[2]["Status"], 403);
}

TEST_F(AccessTest, WrongTokenIsNoMatterWhereNoneIsNeeded) {
  EXPECT_EQ(GetAs("wrong", "/v1/status/leader").status, 200);
  EXPECT_EQ(GetAs("wrong", "/v1/catalog/datacenters").status, 200);
}

TEST_F(AccessTest, HandlerThatHasToAskIsDemanded) {
  const http::Handler asks_nothing = [](const std::shared_ptr<http::Exchange>&) {};
  const AccessHandler asks = [](const std::shared_ptr<http::Exchange>&, const acl::BearerPtr&) {};
  const Needs filtered = Needs::Filtered({acl::Resource::kNode});
  EXPECT_THROW(Guarded(worker(), filtered, {}, asks_nothing), std::invalid_argument);
  EXPECT_THROW(Guarded(worker(), Needs::Nothing(), {}, asks), std::invalid_argument);
  EXPECT_NO_THROW(Guarded(worker(), filtered, {}, asks));
}

}  // namespace
}  // namespace rollcall::api
