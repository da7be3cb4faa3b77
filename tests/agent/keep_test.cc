// What an agent keeps in its data directory, and what it makes of a damaged one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "agent/keep/alive_mark.h"
#include "agent/keep/durable_file.h"
#include "agent/keep/file_name.h"
#include "agent/keep/keeper.h"
#include "agent/keep/kept.h"
#include "registry/model/maintenance.h"
#include "tests/agent/scratch_directory.h"

namespace rollcall::agent {
namespace {

using model::CheckStatus;
using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr seconds kLong{3600};
const model::CheckRules kRules{.all_kinds = true};

std::shared_ptr<const model::Instance> InstanceFrom(const char* text) {
  return std::make_shared<const model::Instance>(
      model::ParseAgentService(json::parse(text)).value().instance);
}

model::AgentCheck CheckFrom(const char* text) {
  return model::ParseAgentCheck(json::parse(text),
                                {.all_kinds = true, .scripts = model::ScriptChecks::kRun})
      .value();
}

Result<void> WhenWritten(Keeper& keeper, std::set<std::string> files = {}) {
  std::promise<Result<void>> written;
  keeper.WhenWritten(std::move(files),
                     [&written](const Result<void>& result) { written.set_value(result); });
  return written.get_future().get();
}

class KeepTest : public ::testing::Test {
 protected:
  std::unique_ptr<Keeper> Open(milliseconds retry_interval = seconds(10)) {
    Result<std::unique_ptr<Keeper>> keeper =
        Keeper::Open({.data_dir = directory_.path(), .retry_interval = retry_interval});
    EXPECT_TRUE(keeper.has_value()) << keeper.error().message;
    return keeper ? std::move(*keeper) : nullptr;
  }

  // Writes it as a running agent would, and waits for it.
  void Keep(const KeptChange& change) {
    const auto keeper = Open();
    keeper->Put(FileChangeFor(change));
    const Result<void> written = WhenWritten(*keeper);
    EXPECT_TRUE(written.has_value()) << written.error().message;
  }

  Kept Load() { return LoadKept(directory_.path(), kRules, true); }

  std::vector<std::string> Services() {
    std::vector<std::string> ids;
    for (const auto& service : Load().definitions.services)
      ids.push_back(service.instance.id.str());
    return ids;
  }

  ScratchDirectory directory_;
};

TEST_F(KeepTest, ServiceIsThereAgain) {
  const auto instance =
      InstanceFrom(R"({"ID": "Web/1", "Name": "web", "Port": 80, "Tags": ["a"]})");
  Keep(instance);
  const Kept kept = Load();
  ASSERT_THAT(kept.definitions.services, SizeIs(1));
  EXPECT_TRUE(model::SameContent(kept.definitions.services[0].instance, *instance));
}

TEST_F(KeepTest, CheckIsThereAgain) {
  const model::AgentCheck check =
      CheckFrom(R"({"Name": "mem", "TTL": "10s", "ServiceID": "web", "Notes": "n"})");
  Keep(check);
  const Kept kept = Load();
  ASSERT_THAT(kept.definitions.checks, SizeIs(1));
  EXPECT_EQ(kept.definitions.checks[0], check);
}

TEST_F(KeepTest, MaintenanceIsThereAgain) {
  const model::AgentCheck check = model::MaintenanceCheck("web", "new disk");
  Keep(check);
  const Kept kept = Load();
  ASSERT_THAT(kept.definitions.checks, SizeIs(1));
  EXPECT_EQ(kept.definitions.checks[0], check);
}

TEST_F(KeepTest, NewestRegistrationOfAnIdCounts) {
  Keep(InstanceFrom(R"({"Name": "web", "Port": 80})"));
  Keep(InstanceFrom(R"({"Name": "WEB", "Port": 81})"));
  const Kept kept = Load();
  ASSERT_THAT(kept.definitions.services, SizeIs(1));
  EXPECT_EQ(kept.definitions.services[0].instance.port, 81);
}

TEST_F(KeepTest, WhatIsForgottenIsGone) {
  Keep(InstanceFrom(R"({"Name": "web"})"));
  Keep(CheckFrom(R"({"Name": "mem", "TTL": "10s"})"));
  Keep(ForgottenService{"Web"});
  Keep(ForgottenCheck{"mem"});
  Keep(ForgottenCheck{"never-was"});
  EXPECT_THAT(Load().definitions.services, IsEmpty());
  EXPECT_THAT(Load().definitions.checks, IsEmpty());
}

TEST_F(KeepTest, CorruptFileIsSetAsideAndTheRestLoads) {
  Keep(InstanceFrom(R"({"Name": "a"})"));
  Keep(InstanceFrom(R"({"Name": "z"})"));
  for (const char* text : {"", "{", "[]", "null", R"({"service": {"Port": 80}})", "\xff\xfe",
                           R"({"service": {"Name": "m", "Unheard": 1}})"}) {
    directory_.Write("services/m.json", text);
    EXPECT_THAT(Services(), ElementsAre("a", "z")) << text;
    EXPECT_FALSE(directory_.Has("services/m.json")) << text;
    EXPECT_EQ(directory_.Read("services/m.json.corrupt"), text);
  }
}

TEST_F(KeepTest, DeepNestingIsCorruptAndNoOverflow) {
  directory_.Write("services/m.json", std::string(1'000'000, '['));
  EXPECT_THAT(Services(), IsEmpty());
  EXPECT_TRUE(directory_.Has("services/m.json.corrupt"));
}

TEST_F(KeepTest, FileThatCannotBeReadStaysAndTheRestLoads) {
  Keep(InstanceFrom(R"({"Name": "a"})"));
  std::filesystem::create_directory(directory_.File("services/m.json"));
  EXPECT_THAT(Services(), ElementsAre("a"));
  EXPECT_TRUE(directory_.Has("services/m.json"));
}

TEST_F(KeepTest, ScriptThatIsNotAllowedAnyMoreWaitsForTheDayOnWhichItIs) {
  Keep(CheckFrom(R"({"Name": "disk", "Args": ["true"], "Interval": "10s"})"));
  EXPECT_THAT(Load().definitions.checks, IsEmpty());
  model::CheckRules rules = kRules;
  rules.scripts = model::ScriptChecks::kRun;
  EXPECT_THAT(LoadKept(directory_.path(), rules, true).definitions.checks, SizeIs(1));
}

TEST_F(KeepTest, WriteThatWasCutOffIsCleanedUp) {
  Keep(InstanceFrom(R"({"Name": "a"})"));
  directory_.Write("services/b.json.new", R"({"service": {"Na)");
  EXPECT_THAT(Services(), ElementsAre("a"));
  EXPECT_FALSE(directory_.Has("services/b.json.new"));
}

TEST_F(KeepTest, EmptyDirectoryHoldsNothing) {
  const Kept kept = Load();
  EXPECT_THAT(kept.definitions.services, IsEmpty());
  EXPECT_THAT(kept.last.checks, IsEmpty());
}

TEST_F(KeepTest, SecondAgentIsRefused) {
  const auto first = Open();
  const auto second = Keeper::Open({.data_dir = directory_.path()});
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().message, HasSubstr("in use by another rollcall-agent"));
}

TEST_F(KeepTest, FileInPlaceOfTheDirectoryIsAnError) {
  directory_.Write("file", "");
  const auto keeper = Keeper::Open({.data_dir = directory_.File("file")});
  ASSERT_FALSE(keeper.has_value());
  EXPECT_THAT(keeper.error().message, StartsWith("data_dir: "));
}

// A directory in its place: not even the superuser can put a file there.
class DiskTroubleTest : public KeepTest {
 protected:
  void PutInTheWay() {
    std::filesystem::create_directories(directory_.File("services/web.json/in-the-way"));
  }
  void PutAway() { std::filesystem::remove_all(directory_.File("services/web.json")); }
};

TEST_F(DiskTroubleTest, WhatCannotBeWrittenIsToldEachTime) {
  const auto keeper = Open(seconds(3600));
  PutInTheWay();
  keeper->Put(FileChangeFor(InstanceFrom(R"({"Name": "web"})")));
  for (int i = 0; i < 20; ++i) {
    for (const std::set<std::string>& files : {std::set<std::string>{"services/web.json"}, {}}) {
      const Result<void> written = WhenWritten(*keeper, files);
      ASSERT_FALSE(written.has_value());
      EXPECT_THAT(written.error().message, HasSubstr("services/web.json"));
    }
  }
  PutAway();
  EXPECT_TRUE(WhenWritten(*keeper).has_value());
  EXPECT_TRUE(directory_.Has("services/web.json"));
}

TEST_F(DiskTroubleTest, TroubleWithOneFileIsNotAnothers) {
  const auto keeper = Open(seconds(3600));
  PutInTheWay();
  keeper->Put(FileChangeFor(InstanceFrom(R"({"Name": "web"})")));
  keeper->Put(FileChangeFor(InstanceFrom(R"({"Name": "other"})")));
  EXPECT_TRUE(WhenWritten(*keeper, {"services/other.json"}).has_value());
  EXPECT_TRUE(directory_.Has("services/other.json"));
  EXPECT_FALSE(WhenWritten(*keeper, {"services/web.json"}).has_value());
}

TEST_F(DiskTroubleTest, TroubleWithTheStateOfChecksIsNobodys) {
  const auto keeper = Open(seconds(3600));
  std::filesystem::create_directories(directory_.File("state.json/in-the-way"));
  keeper->Put({kLastStateFile, "x"});
  EXPECT_TRUE(WhenWritten(*keeper).has_value());
}

TEST_F(DiskTroubleTest, WhatCouldNotBeWrittenIsTriedAgain) {
  const auto keeper = Open(milliseconds(10));
  PutInTheWay();
  keeper->Put(FileChangeFor(InstanceFrom(R"({"Name": "web"})")));
  EXPECT_FALSE(WhenWritten(*keeper).has_value());
  PutAway();
  keeper->ShowAlive();  // wakes it
  while (!directory_.Has("services/web.json")) std::this_thread::yield();
}

TEST_F(DiskTroubleTest, TheNewestOfWhatCouldNotBeWrittenCounts) {
  const auto keeper = Open(seconds(3600));
  PutInTheWay();
  keeper->Put(FileChangeFor(InstanceFrom(R"({"Name": "web", "Port": 1})")));
  EXPECT_FALSE(WhenWritten(*keeper).has_value());
  keeper->Put(FileChangeFor(InstanceFrom(R"({"Name": "web", "Port": 2})")));
  PutAway();
  EXPECT_TRUE(WhenWritten(*keeper).has_value());
  EXPECT_EQ(Load().definitions.services.at(0).instance.port, 2);
}

TEST_F(KeepTest, WhatIsPutLastIsWrittenBeforeTheEnd) {
  Open()->Put(FileChangeFor(InstanceFrom(R"({"Name": "web"})")));
  EXPECT_THAT(Services(), ElementsAre("web"));
}

TEST(LastStateTest, IsReadAsItWasWritten) {
  LastState state;
  state.own.instances = {"a", "B/1"};
  state.own.checks = {"service:a"};
  state.checks = {{"service:a", CheckStatus::kWarning, "out\nput \u00e9"}};
  const Result<LastState> again = ReadLastState(WriteLastState(state));
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(again->own, state.own);
  ASSERT_THAT(again->checks, SizeIs(1));
  EXPECT_EQ(again->checks[0].id, "service:a");
  EXPECT_EQ(again->checks[0].status, CheckStatus::kWarning);
  EXPECT_EQ(again->checks[0].output, "out\nput \u00e9");
}

TEST_F(KeepTest, CorruptStateIsSetAside) {
  for (const char* text : {"", "{", "[]", R"({"Checks": {}})", R"({"Checks": [{"Status": "x"}]})",
                           R"({"OwnServices": "a"})"}) {
    directory_.Write("state.json", text);
    EXPECT_THAT(Load().last.checks, IsEmpty());
    EXPECT_FALSE(directory_.Has("state.json")) << text;
    EXPECT_EQ(directory_.Read("state.json.corrupt"), text);
  }
}

// How long no agent had been alive, as one that starts is told.
class AbsenceTest : public KeepTest {
 protected:
  std::optional<milliseconds> Absence() { return Open()->absence(); }
};

TEST_F(AbsenceTest, IsSinceTheLastMark) {
  AliveMark::Open(directory_.path()).value().Renew();
  ASSERT_TRUE(Absence());
  EXPECT_LT(*Absence(), kLong);
}

TEST_F(AbsenceTest, IsNotKnownAfterARebootOfTheHost) {
  directory_.Write("alive", "00000000-0000-0000-0000-000000000000 1\n");
  EXPECT_FALSE(Absence());
}

TEST_F(AbsenceTest, IsNotKnownWithoutAMark) { EXPECT_FALSE(Absence()); }

TEST_F(AbsenceTest, IsNotKnownWithADamagedMark) {
  for (const char* text : {"", "x", "x y", "\xff"}) {
    directory_.Write("alive", text);
    EXPECT_FALSE(Absence()) << text;
  }
}

TEST_F(AbsenceTest, DoesNotEndWithAStartThatFails) {
  Open();
  EXPECT_EQ(directory_.Read("alive"), "");
}

TEST_F(AbsenceTest, EndsOnceWhatIsKnownIsWritten) {
  {
    const auto keeper = Open();
    keeper->Put({kLastStateFile, "x"});
    keeper->ShowAlive();
    while (directory_.Read("alive").empty()) std::this_thread::yield();
    EXPECT_EQ(directory_.Read(kLastStateFile), "x");
  }
  EXPECT_TRUE(Absence());
}

TEST_F(KeepTest, OwnIdsAreKnownAlsoWhenChecksAreNotTrusted) {
  LastState state;
  state.own.instances = {"web"};
  state.checks = {{"c", CheckStatus::kPassing, ""}};
  directory_.Write("state.json", WriteLastState(state));
  EXPECT_THAT(Load().last.checks, SizeIs(1));
  const Kept kept = LoadKept(directory_.path(), kRules, false);
  EXPECT_THAT(kept.last.checks, IsEmpty());
  EXPECT_TRUE(kept.last.own.instances.contains("web"));
}

TEST(FileNameTest, IsTheIdWhereThatIsPlain) {
  EXPECT_EQ(FileNameOf("web-1.example_x"), "web-1.example_x");
  EXPECT_EQ(FileNameOf("Web"), "web");
}

TEST(FileNameTest, IsNoPath) {
  EXPECT_EQ(FileNameOf("a/b"), "a%2fb");
  EXPECT_EQ(FileNameOf(".."), "%2e.");
  EXPECT_EQ(FileNameOf(std::string("a\0b%", 4)), "a%00b%25");
}

TEST(FileNameTest, LongIdsHaveShortNamesOfTheirOwn) {
  const std::string long_id(5000, 'x');
  EXPECT_LE(FileNameOf(long_id).size(), 200u);
  EXPECT_NE(FileNameOf(long_id), FileNameOf(long_id + "x"));
  EXPECT_EQ(FileNameOf(long_id), FileNameOf(std::string(5000, 'X')));
}

TEST(DurableFileTest, ReplacesWhole) {
  const ScratchDirectory directory;
  ASSERT_TRUE(WriteDurably(directory.File("a"), "first, and long").has_value());
  ASSERT_TRUE(WriteDurably(directory.File("a"), "second").has_value());
  EXPECT_EQ(ReadWholeFile(directory.File("a")).value(), "second");
  EXPECT_FALSE(directory.Has("a.new"));
}

TEST(DurableFileTest, NamesWhatCannotBeWritten) {
  const Result<void> written = WriteDurably("/nowhere/at/all", "x");
  ASSERT_FALSE(written.has_value());
  EXPECT_THAT(written.error().message, HasSubstr("/nowhere/at/all"));
}

}  // namespace
}  // namespace rollcall::agent
