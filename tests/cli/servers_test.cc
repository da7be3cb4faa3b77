// `rollcall servers` against servers that answer what the test tells them to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/cli/fake_registry.h"
#include "tests/e2e/harness/files.h"
#include "tests/e2e/harness/process.h"
#include "tests/e2e/harness/silent_server.h"

namespace rollcall::cli {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kConfiguration = "/v1/operator/raft/configuration";

// As another server lists it.
json Listed(const std::string& id, const std::string& node, const std::string& http) {
  return {{"ID", id},        {"Node", node},       {"Address", "10.0.0.5:8300"}, {"Leader", false},
          {"HTTP", http},    {"Heartbeats", true}, {"ProtocolVersion", "3"},     {"Voter", true},
          {"LastIndex", {}}, {"Trouble", {}},      {"LastContact", {}}};
}

class ServersTest : public testing::Test {
 protected:
  static std::string AddressOf(const FakeRegistry& server) {
    return "127.0.0.1:" + std::to_string(server.port());
  }
  // As it says of itself.
  static json Own(json listed, uint64_t index, const std::string& lag,
                  const std::string& trouble = "") {
    listed["LastIndex"] = index;
    listed["LastContact"] = lag;
    listed["Trouble"] = trouble;
    return listed;
  }
  static void Tell(FakeRegistry& server, const std::vector<json>& entries) {
    const json body = {{"Servers", entries}, {"Index", 7}};
    server.Set(kConfiguration, {.body = body.dump()});
  }

  e2e::Finished Run(std::vector<std::string> more = {}) {
    std::vector<std::string> argv = {ROLLCALL_PROGRAM, "servers"};
    argv.insert(argv.end(), more.begin(), more.end());
    return e2e::RunToEnd({.argv = std::move(argv),
                          .environment = {"CONSUL_HTTP_ADDR=" + a_.Url()},
                          .output_path = dir_.File("out"),
                          .error_path = dir_.File("err")});
  }
  // Runs it and returns what the line of `node` ends with.
  std::string StatusOf(const std::string& node) {
    const e2e::Finished result = Run({"--json"});
    EXPECT_EQ(result.code, 3);
    EXPECT_THAT(result.errors, IsEmpty());
    for (const json& each : json::parse(result.output)) {
      if (each["Node"] == node) return each["Status"];
    }
    return "";
  }

  e2e::TempDir dir_;
  FakeRegistry a_;
  FakeRegistry b_;
  json listed_a_ = Listed("1", "a", AddressOf(a_));
  json listed_b_ = Listed("2", "b", AddressOf(b_));
};

TEST_F(ServersTest, OneServerIsALineAndIsAskedOnce) {
  json own = Own(listed_a_, 7, "0s");
  own["HTTP"] = "192.0.2.1:8500";  // where it could not be asked from here
  own["Leader"] = true;
  Tell(a_, {own});
  const e2e::Finished result = Run();
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.output,
            "NAME  ADDRESS         INDEX  LAG  EXPIRY  STATUS\n"
            "a     192.0.2.1:8500  7      0s   owner   ok\n");
  EXPECT_THAT(a_.Requests(), ElementsAre("GET /v1/operator/raft/configuration?stale"));
}

TEST_F(ServersTest, EachServerAnswersForItself) {
  listed_a_["Leader"] = true;
  Tell(a_, {Own(listed_a_, 12345, "1.00234567s"), listed_b_});
  Tell(b_, {listed_a_, Own(listed_b_, 12340, "250.9ms")});
  const e2e::Finished result = Run();
  EXPECT_EQ(result.code, 0) << result.output;
  const auto expected = [&] {
    const std::string a = AddressOf(a_);
    const std::string b = AddressOf(b_);
    const size_t width = std::max(a.size(), b.size());
    const auto padded = [width](std::string cell) {
      cell.resize(width + 2, ' ');
      return cell;
    };
    return "NAME  " + padded("ADDRESS") + "INDEX  LAG     EXPIRY  STATUS\n" + "a     " + padded(a) +
           "12345  1.002s  owner   ok\n" + "b     " + padded(b) + "12340  250ms   -       ok\n";
  };
  EXPECT_EQ(result.output, expected());
  EXPECT_THAT(b_.Requests(), ElementsAre("GET /v1/operator/raft/configuration?stale"));
}

TEST_F(ServersTest, JsonSaysTheSame) {
  Tell(a_, {Own(listed_a_, 7, "0s"), Listed("2", "b", "127.0.0.1:1")});
  const e2e::Finished result = Run({"--json"});
  EXPECT_EQ(result.code, 3);
  EXPECT_EQ(json::parse(result.output),
            json({{{"Node", "a"},
                   {"ID", "1"},
                   {"HTTP", AddressOf(a_)},
                   {"Index", 7},
                   {"Lag", "0s"},
                   {"Owner", false},
                   {"Status", "ok"}},
                  {{"Node", "b"},
                   {"ID", "2"},
                   {"HTTP", "127.0.0.1:1"},
                   {"Index", nullptr},
                   {"Lag", nullptr},
                   {"Owner", false},
                   {"Status", "does not answer: connection refused"}}}));
}

TEST_F(ServersTest, TroubleOfAnyIsShownAndIsTheExitCode) {
  Tell(a_, {Own(listed_a_, 7, "0s"), listed_b_});
  Tell(b_, {Own(listed_b_, 5, "12s", "etcd cannot be followed: h1:2379: no answer in time")});
  EXPECT_EQ(StatusOf("b"),
            "no contact with etcd: etcd cannot be followed: h1:2379: no answer in time");
  Tell(a_, {Own(listed_a_, 7, "6s", "no word")});
  EXPECT_EQ(StatusOf("a"), "no contact with etcd: no word");
  listed_a_["Heartbeats"] = false;
  Tell(a_, {Own(listed_a_, 7, "0s")});
  EXPECT_EQ(StatusOf("a"),
            "takes no heartbeats: it starts, stops, or does not reach the owner of expiry");
}

TEST_F(ServersTest, OneThatDoesNotAnswerIsALineWithTheReason) {
  Tell(a_, {Own(listed_a_, 7, "0s"), listed_b_});
  b_.Set(kConfiguration, {.status = 503, .body = "the server is stopping"});
  EXPECT_EQ(StatusOf("b"),
            "answered 503: the server is stopping (/v1/operator/raft/configuration)");
  Tell(b_, {listed_b_});
  EXPECT_EQ(StatusOf("b"), "what answers there is no server");
  b_.Set(kConfiguration, {.body = "<html>"});
  EXPECT_THAT(StatusOf("b"), HasSubstr("not a list of servers"));
}

TEST_F(ServersTest, OneThatHangsHoldsUpNobody) {
  const e2e::SilentServer silent;
  const std::string address = silent.address();
  Tell(a_, {Own(listed_a_, 7, "0s"), Listed("2", "hangs", address), Listed("3", "too", address),
            listed_b_});
  Tell(b_, {Own(listed_b_, 7, "0s")});
  const e2e::Finished result = Run();
  EXPECT_EQ(result.code, 3);
  EXPECT_THAT(result.output, HasSubstr("does not answer: timed out, or hung up\n"));
  EXPECT_THAT(result.output, HasSubstr("ok\n"));
}

TEST_F(ServersTest, AnotherServerAtTheAddressIsNotTakenForIt) {
  Tell(a_, {Own(listed_a_, 7, "0s"), listed_b_});
  Tell(b_, {Own(Listed("3", "c", AddressOf(b_)), 7, "0s")});
  EXPECT_EQ(StatusOf("b"), "another server answers there: c");
}

TEST_F(ServersTest, WhatAServerSaysOfItsAddressMayBeGarbage) {
  Tell(a_, {Own(listed_a_, 7, "0s"), Listed("2", "silent", "")});
  EXPECT_EQ(StatusOf("silent"), "it does not say where it is");
  Tell(a_, {Own(listed_a_, 7, "0s"), Listed("2", "odd\x1b[31m", "no address:99999:x")});
  EXPECT_NE(StatusOf("odd\x1b[31m"), "ok");
  EXPECT_THAT(Run().output, testing::Not(HasSubstr("\x1b")));
}

TEST_F(ServersTest, WhatIsNoListIsAnError) {
  for (const char* body : {"", "[]", "{}", "{\"Servers\": 7}", "{\"Servers\": [{}]}",
                           "{\"Servers\": [{\"ID\": 1}]}", "<html>"}) {
    a_.Set(kConfiguration, {.body = body});
    const e2e::Finished result = Run();
    EXPECT_EQ(result.code, 1) << body;
    EXPECT_THAT(result.errors, HasSubstr("not a list of servers")) << body;
    EXPECT_THAT(result.output, IsEmpty());
  }
  EXPECT_EQ(Run({"--http-addr", "127.0.0.1:1"}).code, 1);
  EXPECT_EQ(Run({"--http-addr", "http://"}).code, 2);
}

}  // namespace
}  // namespace rollcall::cli
