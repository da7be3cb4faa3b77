// User events over HTTP, on two workers of one server.
#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/api/api_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;

// Another worker of the same server, on a port of its own.
class SecondWorker {
 public:
  SecondWorker(catalog::Catalog& catalog, const ServerInfo& info, SharedState& shared)
      : worker_(loop_, catalog, info, shared, 2),
        router_(Routes(worker_)),
        server_(std::move(*http::Server::Listen(loop_, {}, router_))) {
    server_->Start();
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~SecondWorker() {
    boost::asio::post(
        loop_, [this] { server_->Drain(std::chrono::seconds(5), [this] { loop_.stop(); }); });
    thread_.join();
  }

  uint16_t port() const { return server_->port(); }
  size_t Parked() {
    std::promise<size_t> parked;
    boost::asio::post(loop_, [&] { parked.set_value(worker_.parked().size()); });
    return parked.get_future().get();
  }

 private:
  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{
      loop_.get_executor()};
  ApiWorker worker_;
  const http::Router router_;
  std::unique_ptr<http::Server> server_;
  std::thread thread_;
};

class EventApiTest : public ApiTest {
 protected:
  Answer Fire(const std::string& target, const std::string& payload = "") {
    return PutText("/v1/event/fire/" + target, payload);
  }
  std::vector<std::string> Names(const Answer& answer) {
    std::vector<std::string> names;
    for (const json& event : answer.json()) names.push_back(event["Name"]);
    return names;
  }
  std::vector<std::string> List(const std::string& query = "") {
    return Names(Get("/v1/event/list" + query));
  }
  static std::string With(const std::string& query, uint64_t index, const char* wait = "20s") {
    return "/v1/event/list?" + query + "&wait=" + wait + "&index=" + std::to_string(index);
  }
};

TEST_F(EventApiTest, AFiredEventIsAnsweredAndListed) {
  const Answer fired = Fire("deploy?node=Node&service=foo&tag=bar", "1609030");
  ASSERT_EQ(fired.status, 200) << fired.body;
  const json event = fired.json();
  EXPECT_THAT(event["ID"].get<std::string>(),
              MatchesRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"));
  json rest = event;
  rest.erase("ID");
  EXPECT_EQ(rest, json::parse(R"({"Name": "deploy", "Payload": "MTYwOTAzMA==", "NodeFilter": "Node",
      "ServiceFilter": "foo", "TagFilter": "bar", "Version": 1, "LTime": 1})"));
  EXPECT_EQ(Get("/v1/event/list").json(), json::array({event}));
}

TEST_F(EventApiTest, WithoutAPayloadItIsNull) {
  EXPECT_EQ(Fire("a/b%20c").json()["Name"], "a/b c");
  EXPECT_TRUE(Get("/v1/event/list").json()[0]["Payload"].is_null());
}

TEST_F(EventApiTest, APayloadIsAnyBytesUpToALimit) {
  const std::string bytes("\x00\xff\n\"", 4);
  EXPECT_EQ(Fire("e", bytes).json()["Payload"], "AP8KIg==");
  EXPECT_EQ(Fire("e", std::string(4096, 'x')).status, 200);
  const Answer too_long = Fire("e", std::string(4097, 'x'));
  EXPECT_EQ(too_long.status, 413);
  EXPECT_EQ(too_long.body, "The payload of an event is at most 4096 bytes, this one has 4097");
  EXPECT_EQ(List().size(), 2u);
}

TEST_F(EventApiTest, WhatCannotBeFiredIsRefusedInConsulsWords) {
  EXPECT_EQ(Fire("").status, 400);
  EXPECT_EQ(Fire("").body, "Missing name");
  EXPECT_EQ(Fire("e?tag=x").body, "Cannot provide tag filter without service filter");
  EXPECT_THAT(Fire("e?node=(").body, HasSubstr("Invalid node filter: "));
  EXPECT_THAT(Fire("e?service=*").body, HasSubstr("Invalid service filter: "));
  EXPECT_THAT(Fire("e?service=s&tag=%5B").body, HasSubstr("Invalid tag filter: "));
  EXPECT_EQ(Fire("e?tag=x").status, 400);
  EXPECT_EQ(Fire("e?node=(").status, 400);
  EXPECT_EQ(Fire("e?dc=nope").body, "No path to datacenter");
  EXPECT_EQ(Fire("e?dc=dc1").status, 200);
  EXPECT_EQ(Get("/v1/event/fire/e").status, 405);
  EXPECT_THAT(List(), ElementsAre("e"));
}

TEST_F(EventApiTest, AListKeepsTheirOrderAndTakesAName) {
  for (const char* name : {"foo", "bar", "foo", "Foo"}) Fire(name);
  EXPECT_THAT(List(), ElementsAre("foo", "bar", "foo", "Foo"));
  EXPECT_THAT(List("?name=foo"), ElementsAre("foo", "foo"));
  EXPECT_THAT(List("?name=nosuch"), IsEmpty());
  EXPECT_THAT(List("?name="), ElementsAre("foo", "bar", "foo", "Foo"));
}

TEST_F(EventApiTest, AListTakesWhomEventsAreFor) {
  Fire("all");
  Fire("webs?node=%5Eweb-");
  Fire("canaries?service=%5Eapi%24&tag=canary");
  EXPECT_THAT(List("?node=web-7"), ElementsAre("all", "webs", "canaries"));
  EXPECT_THAT(List("?node=db-1"), ElementsAre("all", "canaries"));
  EXPECT_THAT(List("?node=db-1&service=api&tag=canary-2"), ElementsAre("all", "canaries"));
  EXPECT_THAT(List("?node=db-1&service=api&tag=blue"), ElementsAre("all"));
  EXPECT_THAT(List("?node=web-1&service=apis"), ElementsAre("all", "webs"));
}

TEST_F(EventApiTest, TheIndexChangesWithEachEventAndIsThatOfTheNewestListed) {
  const Answer none = Get("/v1/event/list");
  EXPECT_EQ(none.body, "[]");
  EXPECT_EQ(none.index, 1u);
  Fire("foo");
  const uint64_t foo = Get("/v1/event/list").index;
  EXPECT_GT(foo, 1u);
  Fire("bar");
  EXPECT_NE(Get("/v1/event/list").index, foo);
  EXPECT_EQ(Get("/v1/event/list?name=foo").index, foo);
  EXPECT_EQ(Get("/v1/event/list?name=nosuch").index, 1u);
}

TEST_F(EventApiTest, AnIndexThatIsNotTheNewestsIsAnsweredAtOnce) {
  Fire("foo");
  const uint64_t foo = Get("/v1/event/list").index;
  for (const uint64_t index : {uint64_t{1}, foo - 1, foo + 1, UINT64_MAX}) {
    EXPECT_EQ(Get(With("", index)).index, foo) << index;
  }
  EXPECT_EQ(Get("/v1/event/list?index=abc").status, 400);
}

TEST_F(EventApiTest, AListThatWaitsIsWokenByAnEventThatItShows) {
  auto first = Start(With("name=foo", 1));
  auto any = Start(With("", 1));
  auto never = Start(With("name=nosuch", 1));
  AwaitParked(3);
  Fire("bar");
  EXPECT_THAT(Names(any.get()), ElementsAre("bar"));
  AwaitParked(2);
  Fire("foo");
  const Answer woken = first.get();
  EXPECT_THAT(Names(woken), ElementsAre("foo"));
  EXPECT_EQ(Parked(), 1u);
  auto next = Start(With("name=foo", woken.index));
  auto elsewhere = Start(With("node=db-1", Get("/v1/event/list?node=db-1").index));
  AwaitParked(3);
  Fire("foo?node=web");
  EXPECT_THAT(Names(next.get()), ElementsAre("foo", "foo"));
  EXPECT_EQ(Parked(), 2u);  // it is not for db-1
  Fire("all");
  EXPECT_THAT(Names(elsewhere.get()), ElementsAre("bar", "foo", "all"));
  StopServer();
  EXPECT_EQ(never.get().body, "[]");
}

TEST_F(EventApiTest, AListThatWaitsInVainEndsUnderTheSameIndex) {
  Fire("foo");
  const uint64_t foo = Get("/v1/event/list").index;
  const Answer later = Get(With("", foo, "50ms"));
  EXPECT_EQ(later.index, foo);
  EXPECT_THAT(Names(later), ElementsAre("foo"));
}

TEST_F(EventApiTest, ChangesOfTheCatalogWakeNoList) {
  auto waiting = Start(With("", 1));
  AwaitParked(1);
  for (int i = 0; i < 20; ++i) {
    Put("/v1/catalog/register", {{"Node", "m"}, {"Address", "10.0.0." + std::to_string(i)}});
  }
  EXPECT_EQ(Parked(), 1u);
  Fire("e");
  EXPECT_THAT(Names(waiting.get()), ElementsAre("e"));
}

TEST_F(EventApiTest, AnEventIsSeenOnEveryWorkerAndWakesItsLists) {
  SecondWorker second(catalog(), info(), shared());
  const auto on_second = [&second](const std::string& target) {
    httplib::Client client("127.0.0.1", second.port());
    client.set_read_timeout(30);
    return From(client.Get(target));
  };
  auto first_waits = Start(With("", 1));
  auto second_waits =
      std::async(std::launch::async, [&] { return on_second(With("name=foo", 1)); });
  AwaitParked(1);
  while (second.Parked() != 1) std::this_thread::yield();
  Fire("foo");
  EXPECT_THAT(Names(first_waits.get()), ElementsAre("foo"));
  EXPECT_THAT(Names(second_waits.get()), ElementsAre("foo"));
  EXPECT_EQ(on_second("/v1/event/list").body, Get("/v1/event/list").body);
}

}  // namespace
}  // namespace rollcall::api
