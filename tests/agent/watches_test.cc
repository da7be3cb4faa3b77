// What handlers are told, and when. The registry is a script; programs and URLs are real.
#include "agent/watch/watches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "agent/watch/remote_aliases.h"
#include "tests/agent/scratch_directory.h"
#include "tests/agent/scripted_server.h"
#include "tests/agent/upstream_fixture.h"

namespace rollcall::watch {
namespace {

using agent::ScratchDirectory;
using nlohmann::json;
using std::chrono::milliseconds;
using test::HttpAnswer;
using test::RunUntil;
using test::ScriptedServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class WatchesTest : public front::UpstreamTest {
 protected:
  void SetUp() override {
    Start({registry_.Url()});
    tools_.emplace(
        front::KeptRead::Tools{loop_,
                               clock_,
                               [] { return 0.5; },
                               *upstream_,
                               {.min_pause = milliseconds(10), .max_pause = milliseconds(20)}});
  }
  void TearDown() override { watches_.reset(); }

  static std::string Indexed(int index, const std::string& body) {
    return HttpAnswer(200, body, "X-Consul-Index: " + std::to_string(index) + "\r\n");
  }
  static bool Blocks(const ScriptedServer::Request& request) {
    return std::string(request.target()).find("index=") != std::string::npos;
  }
  static ScriptedServer::Script Holding(int index, const std::string& body) {
    return [answer = Indexed(index, body)](const ScriptedServer::Request& request) {
      return Blocks(request) ? std::string(ScriptedServer::kPark) : answer;
    };
  }
  // What the registry says from now on. Whoever waits is told.
  void Change(int index, const std::string& body) {
    ASSERT_TRUE(RunUntil(loop_, [&] { return registry_.parked() > 0; }));
    registry_.SetScript(Holding(index, body));
    registry_.AnswerParked(Indexed(index, body));
  }

  void Watch(const std::vector<json>& definitions) {
    if (!watches_) watches_.emplace(*tools_, times_);
    std::vector<WatchDefinition> parsed;
    for (const json& each : definitions) parsed.push_back(ParseWatch(each).value());
    watches_->Replace(parsed);
  }
  // A program that writes down what it is told.
  json Writing(const std::string& file = "told") const {
    const std::string path = directory_.File(file);
    return {{"type", "service"},
            {"service", "web"},
            {"args",
             {"/bin/sh", "-c",
              "{ echo \"$CONSUL_INDEX $(cat)\"; } > " + path + ".new && cat " + path + ".new >> " +
                  path}}};
  }
  bool Tells(const std::string& text, const std::string& file = "told") {
    return RunUntil(loop_, [&] { return directory_.Read(file) == text; });
  }
  const SteadyClock clock_{};
  ScratchDirectory directory_;
  ScriptedServer registry_{loop_, Holding(5, "[1]")};
  std::optional<front::KeptRead::Tools> tools_;
  Watcher::Times times_{.first_retry = milliseconds(10), .attempts = 3};
  std::optional<Watches> watches_;
};

TEST_F(WatchesTest, ProgramIsToldTheFirstAnswerAndEachChange) {
  Watch({Writing()});
  EXPECT_TRUE(Tells("5 [1]\n"));
  Change(7, "[2]");
  EXPECT_TRUE(Tells("5 [1]\n7 [2]\n"));
}

TEST_F(WatchesTest, AnotherIndexAloneIsNoNews) {
  Watch({Writing()});
  EXPECT_TRUE(Tells("5 [1]\n"));
  Change(6, "[1]");
  Change(7, "[2]");
  EXPECT_TRUE(Tells("5 [1]\n7 [2]\n"));
}

TEST_F(WatchesTest, RestartOfTheRegistryAloneIsNoNews) {
  Watch({Writing()});
  EXPECT_TRUE(Tells("5 [1]\n"));
  ASSERT_TRUE(RunUntil(loop_, [&] { return registry_.parked() == 1; }));
  registry_.Stop();
  RunFor(milliseconds(50));
  registry_.SetScript(Holding(2, "[1]"));
  registry_.Start();
  ASSERT_TRUE(RunUntil(loop_, [&] { return registry_.parked() == 1; }));
  Change(3, "[9]");
  EXPECT_TRUE(Tells("5 [1]\n3 [9]\n"));
}

TEST_F(WatchesTest, SlowProgramIsToldTheNewestNext) {
  json slow = Writing();
  slow["args"][2] = slow["args"][2].get<std::string>() + "; while [ ! -e " + directory_.File("go") +
                    " ]; do sleep 0.01; done";
  Watch({slow});
  EXPECT_TRUE(Tells("5 [1]\n"));
  for (int i = 6; i < 9; ++i) Change(i, "[" + std::to_string(i) + "]");
  ASSERT_TRUE(RunUntil(loop_, [&] { return registry_.parked() == 1; }));
  directory_.Write("go", "");
  EXPECT_TRUE(Tells("5 [1]\n8 [8]\n"));
}

TEST_F(WatchesTest, ProgramThatHangsIsKilledAndToldTheNext) {
  json hangs = Writing();
  hangs["args"][2] = hangs["args"][2].get<std::string>() + "; sleep 1000";
  hangs["timeout"] = "200ms";
  Watch({hangs});
  EXPECT_TRUE(Tells("5 [1]\n"));
  Change(6, "[2]");
  EXPECT_TRUE(Tells("5 [1]\n6 [2]\n"));
}

TEST_F(WatchesTest, ProgramThatFailsIsNotTriedAgain) {
  json fails = Writing();
  fails["args"][2] = fails["args"][2].get<std::string>() + "; exit 1";
  Watch({fails});
  EXPECT_TRUE(Tells("5 [1]\n"));
  RunFor(milliseconds(100));
  EXPECT_EQ(directory_.Read("told"), "5 [1]\n");
}

TEST_F(WatchesTest, LargeAnswerReachesAProgramWhole) {
  const std::string large = "[\"" + std::string(1'000'000, 'x') + "\"]";
  registry_.SetScript(Holding(5, large));
  Watch({Writing()});
  EXPECT_TRUE(Tells("5 " + large + "\n"));
}

TEST_F(WatchesTest, UrlIsPostedTheNews) {
  ScriptedServer hook(loop_, [](const auto&) { return HttpAnswer(200, ""); });
  Watch({{{"type", "service"},
          {"service", "web"},
          {"http_handler_config",
           {{"path", hook.Url() + "/hook?x=1"}, {"header", {{"X-Secret", {"s"}}}}}}}});
  ASSERT_TRUE(RunUntil(loop_, [&] { return hook.requests().size() == 1; }));
  const auto& request = hook.requests()[0];
  EXPECT_EQ(request.method_string(), "POST");
  EXPECT_EQ(request.target(), "/hook?x=1");
  EXPECT_EQ(request.body(), "[1]");
  EXPECT_EQ(request["X-Consul-Index"], "5");
  EXPECT_EQ(request["X-Secret"], "s");
  EXPECT_EQ(request["Content-Type"], "application/json");
  RunFor(milliseconds(50));
  EXPECT_EQ(hook.requests().size(), 1u);
}

TEST_F(WatchesTest, UrlThatFailsIsTriedAgainUntilItTakesTheNews) {
  int failures = 2;
  ScriptedServer hook(loop_,
                      [&](const auto&) { return HttpAnswer(failures-- > 0 ? 500 : 204, ""); });
  Watch({{{"type", "nodes"}, {"http_handler_config", {{"path", hook.Url()}}}}});
  ASSERT_TRUE(RunUntil(loop_, [&] { return hook.requests().size() == 3; }));
  RunFor(milliseconds(100));
  EXPECT_EQ(hook.requests().size(), 3u);
}

TEST_F(WatchesTest, UrlIsGivenUpForOldNewsAlone) {
  bool fails = true;
  ScriptedServer hook(loop_, [&](const auto&) { return HttpAnswer(fails ? 500 : 200, ""); });
  Watch({{{"type", "nodes"}, {"http_handler_config", {{"path", hook.Url()}}}}});
  ASSERT_TRUE(RunUntil(loop_, [&] { return hook.requests().size() == 3; }));
  RunFor(milliseconds(100));
  EXPECT_EQ(hook.requests().size(), 3u);
  fails = false;
  Change(6, "[2]");
  ASSERT_TRUE(RunUntil(loop_, [&] { return hook.requests().size() == 4; }));
  EXPECT_EQ(hook.requests().back().body(), "[2]");
}

TEST_F(WatchesTest, NewsThatComeWhileAUrlFailsReplaceTheOld) {
  bool fails = true;
  ScriptedServer hook(loop_, [&](const auto&) { return HttpAnswer(fails ? 500 : 200, ""); });
  times_.first_retry = std::chrono::hours(1);
  Watch({{{"type", "nodes"}, {"http_handler_config", {{"path", hook.Url()}}}}});
  ASSERT_TRUE(RunUntil(loop_, [&] { return hook.requests().size() == 1; }));
  RunFor(milliseconds(20));
  fails = false;
  Change(6, "[2]");
  ASSERT_TRUE(RunUntil(loop_, [&] { return hook.requests().size() == 2; }));
  EXPECT_EQ(hook.requests().back().body(), "[2]");
}

TEST_F(WatchesTest, EventsAreToldOnceAndNotThoseOfBefore) {
  json events = Writing();
  events.erase("service");
  events["type"] = "event";
  registry_.SetScript(Holding(5, R"([{"ID": "old"}, {"ID": "a"}])"));
  Watch({events});
  Change(6, R"([{"ID": "a"}, {"ID": "b"}, {"ID": "c"}])");
  EXPECT_TRUE(Tells("6 [{\"ID\":\"b\"},{\"ID\":\"c\"}]\n"));
  Change(7, R"([{"ID": "d"}])");
  EXPECT_TRUE(Tells("6 [{\"ID\":\"b\"},{\"ID\":\"c\"}]\n7 [{\"ID\":\"d\"}]\n"));
}

TEST_F(WatchesTest, TheFirstEventOfARegistryIsTold) {
  json events = Writing();
  events.erase("service");
  events["type"] = "event";
  registry_.SetScript(Holding(1, "[]"));
  Watch({events});
  Change(2, R"([{"ID": "a"}])");
  EXPECT_TRUE(Tells("2 [{\"ID\":\"a\"}]\n"));
}

TEST_F(WatchesTest, RefusalWhileAUrlIsTriedAgainEndsNeither) {
  ScriptedServer hook(loop_, [](const auto&) { return HttpAnswer(500, ""); });
  times_ = {.first_retry = milliseconds(20), .attempts = 4};
  Watch({{{"type", "nodes"}, {"http_handler_config", {{"path", hook.Url()}}}}});
  ASSERT_TRUE(RunUntil(loop_, [&] { return registry_.parked() == 1; }));
  registry_.SetScript([](const auto&) { return HttpAnswer(404, "not here"); });
  registry_.AnswerParked(HttpAnswer(404, "not here"));
  const size_t asked = registry_.requests().size();
  ASSERT_TRUE(RunUntil(loop_, [&] { return hook.requests().size() == 4; }));
  EXPECT_TRUE(RunUntil(loop_, [&] { return registry_.requests().size() > asked + 2; }));
}

TEST_F(WatchesTest, NoEventsAreNoNews) {
  json events = Writing();
  events.erase("service");
  events["type"] = "event";
  registry_.SetScript(Holding(1, "[]"));
  Watch({events});
  ASSERT_TRUE(RunUntil(loop_, [&] { return registry_.parked() == 1; }));
  RunFor(milliseconds(50));
  EXPECT_EQ(directory_.Read("told"), "");
}

TEST_F(WatchesTest, RefusedReadIsTriedAgain) {
  registry_.SetScript([](const auto&) { return HttpAnswer(400, "no such thing"); });
  Watch({Writing()});
  ASSERT_TRUE(RunUntil(loop_, [&] { return registry_.requests().size() >= 3; }));
  registry_.SetScript(Holding(5, "[1]"));
  EXPECT_TRUE(Tells("5 [1]\n"));
}

TEST_F(WatchesTest, ReloadLeavesAloneWhatIsTheSame) {
  Watch({Writing("a"), Writing("b")});
  EXPECT_TRUE(Tells("5 [1]\n", "a"));
  EXPECT_TRUE(Tells("5 [1]\n", "b"));
  Watch({Writing("c"), Writing("a")});
  EXPECT_TRUE(Tells("5 [1]\n", "c"));
  ASSERT_TRUE(RunUntil(loop_, [&] { return registry_.parked() == 2; }));
  Change(6, "[2]");
  EXPECT_TRUE(Tells("5 [1]\n6 [2]\n", "a"));
  EXPECT_EQ(directory_.Read("b"), "5 [1]\n");
}

TEST_F(WatchesTest, HandlersEndWithTheirWatch) {
  json slow = Writing();
  slow["args"][2] =
      slow["args"][2].get<std::string>() + "; sleep 0.2; echo late >> " + directory_.File("told");
  Watch({slow});
  EXPECT_TRUE(Tells("5 [1]\n"));
  Watch({});
  RunFor(milliseconds(400));
  EXPECT_EQ(directory_.Read("told"), "5 [1]\n");
}

class RemoteAliasesTest : public WatchesTest {
 protected:
  void SetUp() override {
    WatchesTest::SetUp();
    Say("passing");
    aliases_.emplace(*tools_, [this](const std::string& id, model::CheckStatus status,
                                     const std::string& output) {
      verdicts_.push_back(id + " " + std::string(model::ToString(status)) + " " + output);
    });
  }
  void TearDown() override { aliases_.reset(); }

  // The registry's node n2 has the service db, whose one check says so.
  void Say(const std::string& status) {
    registry_.SetScript([this, status](const ScriptedServer::Request& request) {
      if (Blocks(request)) return std::string(ScriptedServer::kPark);
      if (!knows_node_)
        return Indexed(index_, request.target().starts_with("/v1/h") ? "[]" : "null");
      if (request.target() == "/v1/catalog/node/n2") {
        return Indexed(index_, R"({"Node": {"Node": "n2"}, "Services": {"db": {"ID": "db"}}})");
      }
      return Indexed(index_, R"([{"CheckID": "c", "Name": "c", "ServiceID": "db", "Output": "o",
                                  "Status": ")" +
                                 status + R"("}])");
    });
  }
  // Whoever waited asks anew.
  void Restart() {
    registry_.Stop();
    RunFor(milliseconds(50));
    registry_.Start();
  }
  void Follow(const std::string& id, const std::string& service) {
    model::CheckRun run;
    run.kind = model::CheckKind::kAlias;
    run.alias_node = "n2";
    run.alias_service = service;
    aliases_->Ensure(id, run);
  }
  // What is said in the end.
  bool ComesToSay(const std::string& verdict) {
    const bool said =
        RunUntil(loop_, [&] { return !verdicts_.empty() && verdicts_.back() == verdict; });
    EXPECT_TRUE(said) << (verdicts_.empty() ? "nothing is said" : verdicts_.back());
    verdicts_.clear();
    return said;
  }

  int index_ = 5;
  bool knows_node_ = true;
  std::vector<std::string> verdicts_;
  std::optional<RemoteAliases> aliases_;
};

TEST_F(RemoteAliasesTest, SayWhatTheRegistrySaysOfTheService) {
  Follow("alias", "db");
  EXPECT_TRUE(ComesToSay("alias passing All checks passing."));
  ASSERT_TRUE(RunUntil(loop_, [&] { return registry_.parked() == 2; }));
  Say("critical");
  Restart();
  EXPECT_TRUE(ComesToSay("alias critical Aliased check \"c\" failing: o"));
}

TEST_F(RemoteAliasesTest, RegistryThatRefusesAtFirstIsAskedAgain) {
  for (const int status : {503, 429, 404}) {
    registry_.SetScript([status](const auto&) { return HttpAnswer(status, ""); });
    const std::string id = "alias" + std::to_string(status);
    Follow(id, "db");
    ASSERT_TRUE(RunUntil(loop_, [&] { return registry_.requests().size() >= 6; }));
    Say("passing");
    EXPECT_TRUE(ComesToSay(id + " passing All checks passing."));
    aliases_->Remove(id);
  }
}

TEST_F(RemoteAliasesTest, ServicesAndNodesThatAreNotThereAreCritical) {
  Follow("alias", "other");
  EXPECT_TRUE(ComesToSay("alias critical Service other could not be found on node n2"));
  ASSERT_TRUE(RunUntil(loop_, [&] { return registry_.parked() == 2; }));
  knows_node_ = false;
  Restart();
  EXPECT_TRUE(ComesToSay("alias critical Node n2 could not be found"));
}

TEST_F(RemoteAliasesTest, ManyChecksOfANodeAreTwoReads) {
  for (int i = 0; i < 10; ++i) Follow("alias" + std::to_string(i), "db");
  ASSERT_TRUE(RunUntil(loop_, [&] { return verdicts_.size() >= 10; }));
  ASSERT_TRUE(RunUntil(loop_, [&] { return registry_.parked() == 2; }));
  EXPECT_EQ(registry_.requests().size(), 4u);
  verdicts_.clear();
  Follow("late", "");
  EXPECT_TRUE(ComesToSay("late passing No checks found."));
}

TEST_F(RemoteAliasesTest, NothingIsSaidOfWhatIsRemovedAndNobodyAsks) {
  Follow("alias", "db");
  EXPECT_TRUE(ComesToSay("alias passing All checks passing."));
  ASSERT_TRUE(RunUntil(loop_, [&] { return registry_.parked() == 2; }));
  aliases_->Remove("alias");
  aliases_->Remove("alias");
  EXPECT_TRUE(RunUntil(loop_, [&] { return registry_.left() == 2; }));
  EXPECT_THAT(verdicts_, IsEmpty());
}

TEST_F(RemoteAliasesTest, AnswersThatMakeNoSenseChangeNothing) {
  Follow("alias", "db");
  EXPECT_TRUE(ComesToSay("alias passing All checks passing."));
  ASSERT_TRUE(RunUntil(loop_, [&] { return registry_.parked() == 2; }));
  registry_.AnswerParked(Indexed(6, "{"));
  ASSERT_TRUE(RunUntil(loop_, [&] { return registry_.parked() == 2; }));
  EXPECT_THAT(verdicts_, IsEmpty());
}

}  // namespace
}  // namespace rollcall::watch
