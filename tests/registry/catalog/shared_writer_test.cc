// Several catalogs over one log.
#include "registry/catalog/shared_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "registry/catalog/fence.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/registry/catalog/sharing_server.h"

namespace rollcall::catalog {
namespace {

using namespace std::chrono_literals;
using model::CheckStatus;
using ::testing::HasSubstr;

TEST_F(SharedWriterTest, WritesAreSeenByAllUnderTheSameIndexes) {
  const auto written = a_.Do(RegisterService("n1", "web"));
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_TRUE(written->changed);
  EXPECT_EQ(written->index, disk_->head);
  // Who wrote reads its own write on the same server at once.
  ASSERT_NE(a_.Now()->FindInstance("n1", "web"), nullptr);
  EXPECT_EQ(a_.Now()->FindInstance("n1", "web")->instance->create_index, written->index);
  ASSERT_TRUE(b_.CatchUp());
  EXPECT_EQ(ContentOf(*a_.Now()), ContentOf(*b_.Now()));
  EXPECT_EQ(b_.Now()->index(), written->index);
  EXPECT_EQ(b_.Now()->FindService("web")->health_index, written->index);
}

TEST_F(SharedWriterTest, RecordsThatAWriteRepeatsKeepTheirIndexes) {
  ASSERT_TRUE(a_.Do(RegisterService("n1", "web")));
  ASSERT_TRUE(a_.Do(RegisterCheck("n1", CheckOf("c1", "web", CheckStatus::kPassing))));
  ASSERT_TRUE(a_.Do(RegisterCheck("n1", CheckOf("c2", "web", CheckStatus::kPassing))));
  const Index instance = a_.Now()->FindInstance("n1", "web")->instance->modify_index;
  const Index other = a_.Now()->FindCheck("n1", "c2")->check->modify_index;
  const auto written = b_.Do(model::UpdateCheck{"n1", "c1", CheckStatus::kCritical, "no"});
  ASSERT_TRUE(written) << written.error().message;
  ASSERT_TRUE(a_.CatchUp());
  EXPECT_EQ(a_.Now()->FindInstance("n1", "web")->instance->modify_index, instance);
  EXPECT_EQ(a_.Now()->FindCheck("n1", "c2")->check->modify_index, other);
  EXPECT_EQ(a_.Now()->FindCheck("n1", "c1")->check->modify_index, written->index);
  EXPECT_EQ(ContentOf(*a_.Now()), ContentOf(*b_.Now()));
  // And so does a server that comes only now.
  SharingServer late(disk_, clock_);
  EXPECT_EQ(ContentOf(*late.Now()), ContentOf(*a_.Now()));
  EXPECT_EQ(late.Now()->index(), a_.Now()->index());
}

TEST_F(SharedWriterTest, WritesAreNotAnsweredBeforeTheServerHasSeenThem) {
  a_.log->Hold();
  auto written = a_.Start(RegisterService("n1", "web"));
  EXPECT_TRUE(IsPending(written));
  ASSERT_TRUE(b_.CatchUp());
  EXPECT_NE(b_.Now()->FindInstance("n1", "web"), nullptr);
  a_.log->Release();
  EXPECT_TRUE(written.get());
}

TEST_F(SharedWriterTest, ConflictingWritesAreResolvedAgain) {
  ASSERT_TRUE(a_.Do(RegisterService("n1", "web")));
  ASSERT_TRUE(b_.CatchUp());
  b_.log->Hold();  // and so it does not know what comes now
  ASSERT_TRUE(a_.Do(RegisterService("n1", "db")));
  auto late = b_.Start(RegisterService("n1", "mail"));
  EXPECT_TRUE(IsPending(late));
  b_.log->Release();
  ASSERT_TRUE(late.get());
  ASSERT_TRUE(a_.CatchUp());
  EXPECT_EQ(ContentOf(*a_.Now()), ContentOf(*b_.Now()));
  EXPECT_NE(a_.Now()->FindInstance("n1", "db"), nullptr);
  EXPECT_NE(a_.Now()->FindInstance("n1", "mail"), nullptr);
}

TEST_F(SharedWriterTest, NothingToDoIsSaidOfTheLogAndNotOfMemory) {
  ASSERT_TRUE(a_.Do(RegisterService("n1", "web")));
  ASSERT_TRUE(b_.CatchUp());
  b_.log->Hold();
  ASSERT_TRUE(a_.Do(model::Deregister{"n1", "web", ""}));
  // b_ still has it: a registration would find nothing to do.
  auto again = b_.Start(RegisterService("n1", "web"));
  EXPECT_TRUE(IsPending(again));
  b_.log->Release();
  const auto written = again.get();
  ASSERT_TRUE(written);
  EXPECT_TRUE(written->changed);
  ASSERT_TRUE(a_.CatchUp());
  EXPECT_NE(a_.Now()->FindInstance("n1", "web"), nullptr);
}

TEST_F(SharedWriterTest, RefusalsAreOfTheLogAndNotOfMemory) {
  b_.log->Hold();
  ASSERT_TRUE(a_.Do(RegisterCheck("n1", CheckOf("mem", "", CheckStatus::kPassing))));
  auto update = b_.Start(model::UpdateCheck{"n1", "mem", CheckStatus::kWarning, "full"});
  EXPECT_TRUE(IsPending(update));
  b_.log->Release();
  EXPECT_TRUE(update.get());
  const auto unknown = b_.Do(model::UpdateCheck{"n1", "cpu", CheckStatus::kWarning, ""});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
}

TEST_F(SharedWriterTest, CommandsOfOneNodeKeepTheirOrder) {
  std::vector<std::future<Result<Written>>> written;
  for (int i = 0; i < 20; ++i) {
    written.push_back(a_.Start(RegisterService("n1", "web", "web", {std::to_string(i)})));
    written.push_back(a_.Start(model::Deregister{"n1", "web", ""}));
    written.push_back(a_.Start(RegisterService("n2", "db")));  // mostly nothing to do
  }
  written.push_back(a_.Start(RegisterService("n1", "web", "web", {"last"})));
  for (auto& each : written) ASSERT_TRUE(each.get());
  ASSERT_NE(a_.Now()->FindInstance("n1", "web"), nullptr);
  EXPECT_EQ(a_.Now()->FindInstance("n1", "web")->instance->tags, TextList({"last"}));
}

TEST_F(SharedWriterTest, LostAnswerOfAWriteThatWasMadeIsNoError) {
  a_.log->LoseNextAnswer();
  ASSERT_TRUE(a_.Do(RegisterService("n1", "web")));  // told by its entry
}

TEST_F(SharedWriterTest, LostWriteIsTriedAgainAndNeverMadeTwice) {
  ASSERT_TRUE(a_.Do(RegisterService("n1", "web", "web", {"1"})));
  a_.log->DelayNext();
  auto written = a_.Start(RegisterService("n1", "web", "web", {"2"}));
  EXPECT_TRUE(IsPending(written));
  clock_.Advance(1s);
  a_.log->Contact(clock_.Now());  // everything before that has been told, and it was not there
  ASSERT_TRUE(written.get());
  ASSERT_TRUE(b_.Do(RegisterService("n1", "web", "web", {"3"})));
  // What was under way all the time arrives now, when it is not true any more.
  EXPECT_EQ(a_.log->DeliverDelayed(), 0u);
  ASSERT_TRUE(a_.CatchUp());
  EXPECT_EQ(a_.Now()->FindInstance("n1", "web")->instance->tags, TextList({"3"}));
}

TEST_F(SharedWriterTest, WriteThatTheLogDoesNotConfirmIsGivenUp) {
  a_.log->DelayNext();
  auto written = a_.Start(RegisterService("n1", "web"));
  EXPECT_TRUE(IsPending(written));
  clock_.Advance(11s);
  a_.Start(RegisterService("n2", "web"));  // wakes the writer
  const auto answer = written.get();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("may have been made"));
}

TEST_F(SharedWriterTest, WritesAreRefusedAtOnceWhileTheLogIsAway) {
  ASSERT_TRUE(a_.Do(RegisterService("n1", "web")));
  a_.log->CutOff(true);
  const auto refused = a_.Do(RegisterService("n1", "db"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("no etcd answers"));
  const auto read = a_.CatchUp();
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(a_.Now()->FindInstance("n1", "web"), nullptr);  // what it knows it goes on telling
  a_.log->CutOff(false);
  a_.log->Contact(clock_.Now());
  EXPECT_TRUE(a_.Do(RegisterService("n1", "db")));
}

TEST_F(SharedWriterTest, WhatWaitsForTheHeadIsRefusedWhenTheLogGoes) {
  ASSERT_TRUE(a_.Do(RegisterService("n1", "web")));
  a_.log->HoldHeads();
  const size_t looks = a_.log->head_reads;
  auto asked = a_.Start(RegisterService("n1", "web"));  // nothing to do, says memory
  while (a_.log->head_reads == looks) std::this_thread::sleep_for(1ms);
  // These are for the next look.
  auto next = a_.Start(RegisterService("n1", "web"));
  auto read = a_.StartCatchUp();
  EXPECT_TRUE(IsPending(next));
  a_.log->CutOff(true);
  EXPECT_FALSE(asked.get());
  EXPECT_FALSE(next.get());
  EXPECT_FALSE(read.get());
  // The look under way is for nobody any more.
  a_.log->CutOff(false);
  a_.log->Contact(clock_.Now());
  a_.log->ReleaseHeads();
  EXPECT_TRUE(a_.Do(RegisterService("n1", "web")));
  ASSERT_EQ(a_.reliefs.size(), 1u);
  EXPECT_THAT(a_.reliefs.front(), HasSubstr("followed again"));
}

TEST_F(SharedWriterTest, LostWriteCannotBeMadeOnceItsNodeHasComeAndGone) {
  a_.log->DelayNext();
  auto written = a_.Start(RegisterService("n1", "web"));
  EXPECT_TRUE(IsPending(written));
  clock_.Advance(1s);
  a_.log->Contact(clock_.Now());
  ASSERT_TRUE(written.get());
  ASSERT_TRUE(b_.Do(model::Deregister{"n1", "", ""}));
  // That there is no such node is true again.
  EXPECT_EQ(a_.log->DeliverDelayed(), 0u);
  ASSERT_TRUE(a_.CatchUp());
  EXPECT_EQ(a_.Now()->FindNode("n1"), nullptr);
}

TEST_F(SharedWriterTest, WhatWasUnderWayWhenTheLogHadToBeLoadedMayHaveBeenMade) {
  a_.log->Hold();
  auto written = a_.Start(RegisterService("n1", "web"));
  EXPECT_TRUE(IsPending(written));
  a_.log->Break();
  const auto answer = written.get();
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("may have been made"));
  a_.log->Release();
  EXPECT_TRUE(a_.Do(RegisterService("n1", "db")));
  EXPECT_NE(a_.Now()->FindInstance("n1", "web"), nullptr);
}

TEST_F(SharedWriterTest, WhatWaitsForTheHeadWaitsNoLongerThanAnyWrite) {
  ASSERT_TRUE(a_.Do(RegisterService("n1", "web")));
  a_.log->HoldHeads();
  auto asked = a_.Start(RegisterService("n1", "web"));
  EXPECT_TRUE(IsPending(asked));
  clock_.Advance(11s);
  // Another node's write is none of its concern, and wakes the writer.
  ASSERT_TRUE(a_.Do(RegisterService("n2", "web")));
  const auto late = asked.get();
  ASSERT_FALSE(late);
  EXPECT_THAT(late.error().message, HasSubstr("did not answer in time"));
  a_.log->ReleaseHeads();
  EXPECT_TRUE(a_.Do(RegisterService("n1", "web")));
}

TEST_F(SharedWriterTest, WritesBeyondWhatTheWriterTakesWaitTheirTurn) {
  a_.log->Hold();
  std::vector<std::future<Result<Written>>> written;
  for (int i = 0; i < 6000; ++i) {
    written.push_back(a_.Start(RegisterService("n1", "web-" + std::to_string(i % 100))));
  }
  EXPECT_TRUE(IsPending(written.back()));
  EXPECT_GT(a_.catalog->queue_depth(), 0u);
  a_.log->Release();
  for (auto& each : written) ASSERT_TRUE(each.get());
  a_.log->Hold();
  written.clear();
  for (int i = 0; i < 6000; ++i) {
    written.push_back(a_.Start(RegisterService("n1", "db-" + std::to_string(i))));
  }
  a_.catalog->Stop();
  for (auto& each : written) EXPECT_FALSE(each.get());
}

TEST_F(SharedWriterTest, ContactTellsHowOldTheCatalogMayBe) {
  EXPECT_TRUE(a_.catalog->is_shared());
  a_.log->Contact(clock_.Now());
  a_.Settle();
  clock_.Advance(3s);
  EXPECT_EQ(a_.catalog->Age(), 3s);
}

TEST_F(SharedWriterTest, ConsistentReadWaitsForWhatWasWrittenElsewhere) {
  b_.log->Hold();
  ASSERT_TRUE(a_.Do(RegisterService("n1", "web")));
  auto read = b_.StartCatchUp();
  EXPECT_EQ(read.wait_for(20ms), std::future_status::timeout);
  b_.log->Release();
  ASSERT_TRUE(read.get());
  EXPECT_NE(b_.Now()->FindInstance("n1", "web"), nullptr);
}

TEST_F(SharedWriterTest, NodeTakesItsIdAlongToANewName) {
  model::Register first = RegisterService("old", "web");
  first.node.id = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
  ASSERT_TRUE(a_.Do(first));
  model::Register second = RegisterService("new", "db");
  second.node.id = "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6";
  ASSERT_TRUE(b_.CatchUp());
  ASSERT_TRUE(b_.Do(second));
  ASSERT_TRUE(a_.CatchUp());
  EXPECT_EQ(a_.Now()->FindNode("old"), nullptr);
  EXPECT_EQ(a_.Now()->FindNodeById(first.node.id)->node->name, "new");
  EXPECT_EQ(ContentOf(*a_.Now()), ContentOf(*b_.Now()));
}

TEST_F(SharedWriterTest, TwoNodesCannotTakeOneIdAtTheSameTime) {
  a_.log->Hold();
  b_.log->Hold();
  model::Register first = RegisterNode("n1");
  first.node.id = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
  model::Register second = RegisterNode("n2");
  second.node.id = first.node.id;
  auto one = a_.Start(first);
  EXPECT_TRUE(IsPending(one));
  auto two = b_.Start(second);
  EXPECT_TRUE(IsPending(two));
  a_.log->Release();
  b_.log->Release();
  ASSERT_TRUE(one.get());
  ASSERT_TRUE(two.get());
  ASSERT_TRUE(a_.CatchUp());
  // The second one found that the ID was taken, and so it renamed the node.
  EXPECT_EQ(a_.Now()->FindNode("n1"), nullptr);
  EXPECT_NE(a_.Now()->FindNode("n2"), nullptr);
}

TEST_F(SharedWriterTest, CheckThatMovesToAnotherInstanceIsThereOnce) {
  ASSERT_TRUE(a_.Do(RegisterService("n1", "a")));
  ASSERT_TRUE(a_.Do(RegisterService("n1", "b")));
  for (const char* service : {"b", "a", "", "b"}) {
    ASSERT_TRUE(a_.Do(RegisterCheck("n1", CheckOf("c", service, CheckStatus::kPassing))));
    ASSERT_TRUE(b_.CatchUp());
    ASSERT_NE(b_.Now()->FindCheck("n1", "c"), nullptr) << service;
    EXPECT_EQ(b_.Now()->FindCheck("n1", "c")->check->service_id, service);
    EXPECT_EQ(ContentOf(*a_.Now()), ContentOf(*b_.Now()));
    SharingServer late(disk_, clock_);
    EXPECT_EQ(ContentOf(*late.Now()), ContentOf(*a_.Now()));
  }
}

TEST_F(SharedWriterTest, LogThatCannotBeFollowedIsLoadedAnew) {
  ASSERT_TRUE(a_.Do(RegisterService("n1", "web")));
  ASSERT_TRUE(b_.CatchUp());
  b_.log->Hold();
  ASSERT_TRUE(a_.Do(RegisterService("n2", "db")));
  const Index before = b_.Now()->index();
  b_.log->Break();
  b_.log->Release();
  b_.Settle();
  EXPECT_EQ(ContentOf(*b_.Now()), ContentOf(*a_.Now()));
  EXPECT_GT(b_.Now()->index(), before);
  ASSERT_TRUE(b_.Do(RegisterService("n3", "mail")));
  EXPECT_THAT(b_.warnings, testing::ElementsAre("compacted"));
}

TEST_F(SharedWriterTest, ReloadTellsWatchersOfEverything) {
  struct Listener final : ChangeListener {
    void OnChange(const std::shared_ptr<const ChangeSet>& changes) override { last = changes; }
    std::shared_ptr<const ChangeSet> last;
  } listener;
  ASSERT_TRUE(a_.Do(RegisterService("n1", "web")));
  ASSERT_TRUE(b_.CatchUp());
  b_.catalog->AddListener(&listener);
  b_.log->Hold();
  ASSERT_TRUE(a_.Do(model::Deregister{"n1", "", ""}));
  ASSERT_TRUE(a_.Do(RegisterService("n2", "db")));
  b_.log->Break();
  b_.log->Release();
  b_.Settle();
  b_.catalog->RemoveListener(&listener);
  ASSERT_NE(listener.last, nullptr);
  EXPECT_THAT(listener.last->keys,
              testing::IsSupersetOf({WatchKey::Service("web"), WatchKey::Service("db"),
                                     WatchKey::Node("n1"), WatchKey::AllServices()}));
}

TEST_F(SharedWriterTest, WhatComesWhileTheLogIsLoadedAnewWaitsForIt) {
  b_.log->holds_loads = true;
  b_.log->Break();
  auto written = b_.Start(RegisterService("n1", "web"));
  auto caught_up = b_.StartCatchUp();
  EXPECT_TRUE(IsPending(written));
  EXPECT_EQ(caught_up.wait_for(20ms), std::future_status::timeout);
  ASSERT_TRUE(a_.Do(RegisterService("n2", "db")));
  b_.log->holds_loads = false;
  EXPECT_TRUE(written.get());
  EXPECT_TRUE(caught_up.get());
  EXPECT_NE(b_.Now()->FindInstance("n2", "db"), nullptr);
}

TEST_F(SharedWriterTest, WhatWaitsForTheLogToBeLoadedWaitsNoLongerThanAnyWrite) {
  b_.log->holds_loads = true;
  b_.log->Break();
  auto written = b_.Start(RegisterService("n1", "web"));
  auto caught_up = b_.StartCatchUp();
  EXPECT_TRUE(IsPending(written));
  clock_.Advance(11s);
  // What comes from now on is told the reason at once, and wakes the writer.
  const auto refused = b_.Do(RegisterService("n2", "db"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(refused.error().message, "compacted");
  ASSERT_FALSE(written.get());
  const auto late = caught_up.get();
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().message, "compacted");
  EXPECT_EQ(b_.Now()->FindNode("n1"), nullptr);
  b_.log->holds_loads = false;
  EXPECT_TRUE(e2e::Eventually([&] { return b_.Do(RegisterService("n3", "mail")).has_value(); }));
}

TEST_F(SharedWriterTest, WhatWaitsForTheLogIsToldWhyItCannotBeLoaded) {
  b_.log->holds_loads = true;
  b_.log->Break();
  auto written = b_.Start(RegisterService("n1", "web"));
  auto caught_up = b_.StartCatchUp();
  EXPECT_TRUE(IsPending(written));
  b_.log->CutOff(true);
  b_.log->holds_loads = false;
  const auto refused = written.get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "the log does not answer");
  const auto late = caught_up.get();
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().message, "the log does not answer");
  // From now on nobody waits for another attempt, and that is a second away at least.
  EXPECT_FALSE(b_.Do(RegisterService("n2", "db")));
  EXPECT_THAT(b_.warnings, testing::ElementsAre("compacted", "the log does not answer"));
  b_.log->CutOff(false);
  clock_.Advance(1s);
  EXPECT_TRUE(e2e::Eventually([&] { return b_.Do(RegisterService("n3", "mail")).has_value(); }));
}

TEST_F(SharedWriterTest, LogThatRefusesTheFenceIsNotWaitedFor) {
  b_.log->RefuseGroup("etcd: permission denied");
  b_.log->Break();
  const auto refused = b_.Do(RegisterService("n1", "web"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "etcd: permission denied");
  b_.log->RefuseGroup("");
  b_.log->Contact(clock_.Now());
  EXPECT_TRUE(e2e::Eventually([&] { return b_.Do(RegisterService("n1", "web")).has_value(); }));
}

TEST_F(SharedWriterTest, StopDoesNotWaitForTheLogToBeLoaded) {
  b_.log->holds_loads = true;
  b_.log->Break();
  auto written = b_.Start(RegisterService("n1", "web"));
  EXPECT_TRUE(IsPending(written));
  b_.catalog->Stop();
  EXPECT_FALSE(written.get());
}

TEST_F(SharedWriterTest, ReadersOfALogThatWasRestoredAreAnsweredByWhatIsThereNow) {
  ASSERT_TRUE(a_.Do(RegisterService("n1", "web")));
  ASSERT_TRUE(b_.CatchUp());
  a_.log->BackUp();
  b_.log->Hold();
  ASSERT_TRUE(a_.Do(RegisterService("n2", "db")));
  auto caught_up = b_.StartCatchUp();
  auto written = b_.Start(RegisterService("n1", "web"));  // nothing to do: looked at again
  EXPECT_EQ(caught_up.wait_for(20ms), std::future_status::timeout);
  EXPECT_TRUE(IsPending(written));
  a_.log->Restore();
  b_.log->Break();
  b_.log->Release();
  EXPECT_TRUE(caught_up.get());
  EXPECT_TRUE(written.get());
  EXPECT_EQ(b_.Now()->FindNode("n2"), nullptr);
}

TEST_F(SharedWriterTest, StrangersKeysAreSaidAndPassedOver) {
  a_.log->WriteAsAStranger("catalog/no document", "x");
  a_.log->WriteAsAStranger(store::NodeDocumentKey("n1"), "garbage");
  a_.log->WriteAsAStranger("something/else", "x");
  ASSERT_TRUE(a_.Do(RegisterService("n2", "web")));
  EXPECT_EQ(a_.warnings.size(), 2u);
  EXPECT_EQ(a_.Now()->FindNode("n1"), nullptr);
}

TEST_F(SharedWriterTest, WritesThatCameTogetherGoTogetherWithinTheLimits) {
  a_.log->Hold();
  auto first = a_.Start(RegisterService("n0", "web"));
  std::vector<std::future<Result<Written>>> written;
  for (int i = 1; i <= 300; ++i) {
    written.push_back(a_.Start(RegisterService("n" + std::to_string(i), "web")));
  }
  a_.log->Release();
  for (auto& each : written) ASSERT_TRUE(each.get());
  EXPECT_LT(a_.log->proposals, 100u);
  for (const size_t operations : disk_->operations) EXPECT_LE(operations, 120u);
  ASSERT_TRUE(b_.CatchUp());
  EXPECT_EQ(b_.Now()->instance_count(), 301u);
}

TEST_F(SharedWriterTest, RegistrationOfAnySizeIsOneEntry) {
  model::Register command = RegisterService("n1", "web");
  for (int i = 0; i < 400; ++i) {
    command.checks.push_back(CheckOf("c" + std::to_string(i), "web", CheckStatus::kPassing));
  }
  ASSERT_TRUE(a_.Do(command));
  EXPECT_EQ(disk_->operations.size(), 1u);
  ASSERT_TRUE(a_.Do(model::Deregister{"n1", "", ""}));
  EXPECT_EQ(disk_->operations.size(), 2u);
  for (const auto& [key, value] : disk_->keys) EXPECT_TRUE(key.starts_with(kFenceKeys)) << key;
}

TEST_F(SharedWriterTest, WhatIsTooLargeForTheLogIsRefused) {
  model::Register command = RegisterService("n1", "web");
  command.checks.push_back(
      CheckOf("c", "web", CheckStatus::kPassing, std::string(size_t{2} << 20, 'x')));
  const auto refused = a_.Do(command);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().message, HasSubstr("bytes of the log"));
}

TEST_F(SharedWriterTest, WhatWaitsIsAnsweredWhenTheServerStops) {
  a_.log->Hold();
  auto proposed = a_.Start(RegisterService("n1", "web"));
  auto behind_it = a_.Start(RegisterService("n1", "db"));
  EXPECT_TRUE(IsPending(proposed));
  a_.catalog->Stop();
  EXPECT_FALSE(proposed.get());
  EXPECT_FALSE(behind_it.get());
}

// Anything at all, from three servers, one of which lags: all come to the same.
TEST_F(SharedWriterTest, ServersAgreeWhateverIsWritten) {
  SharingServer c(disk_, clock_);
  std::vector<SharingServer*> servers = {&a_, &b_, &c};
  std::mt19937_64 random(7);
  const auto pick = [&random](int below) {
    return static_cast<int>(random() % static_cast<uint64_t>(below));
  };
  const auto command = [&]() -> model::Command {
    const std::string node = "N" + std::to_string(pick(4));
    const std::string service = pick(4) == 0 ? "" : "s" + std::to_string(pick(3));
    switch (pick(8)) {
      case 7: {
        model::AclObject object;
        object.id = std::to_string(pick(3));
        object.content = std::to_string(pick(3));
        model::ChangeAcl change{servers[static_cast<size_t>(pick(3))]->Now()->acl_index(), {}, {}};
        if (pick(3) == 0) {
          change.remove.emplace_back(object.kind, object.id);
        } else {
          change.put.push_back(object);
        }
        return change;
      }
      case 0:
        return model::Deregister{node, service, ""};
      case 1:
        return model::Deregister{node, "", "c" + std::to_string(pick(4))};
      case 2:
        return RegisterCheck(node, CheckOf("c" + std::to_string(pick(4)), service,
                                           static_cast<CheckStatus>(pick(3))));
      case 3:
        return model::UpdateCheck{node, "C" + std::to_string(pick(4)),
                                  static_cast<CheckStatus>(pick(3)), std::to_string(pick(2))};
      case 4: {
        model::UpdateCoordinate update;
        update.coordinate.node = node;
        update.coordinate.vec = {static_cast<double>(pick(5))};
        return update;
      }
      case 5: {
        model::Register put = RegisterNode(node, "10.0.0." + std::to_string(pick(3)));
        if (pick(2) == 0)
          put.node.id = "f81d4fae-7dec-11d0-a765-00a0c91e6bf" + std::to_string(pick(3));
        return put;
      }
      default:
        return RegisterService(node, "s" + std::to_string(pick(3)), "", {std::to_string(pick(3))});
    }
  };
  std::atomic<bool> ends = false;
  std::thread contacts([&] {
    while (!ends) {
      clock_.Advance(1ms);
      for (SharingServer* server : servers) server->log->Contact(clock_.Now() - 1ms);
      std::this_thread::sleep_for(1ms);
    }
  });
  std::vector<std::future<Result<Written>>> written;
  for (int i = 0; i < 1500; ++i) {
    SharingServer& server = *servers[static_cast<size_t>(pick(3))];
    if (pick(10) == 0) c.log->Hold();
    if (pick(10) == 0) c.log->Release();
    if (pick(50) == 0) server.log->LoseNextAnswer();
    if (pick(100) == 0) server.log->Break();
    written.push_back(server.Start(command()));
    if (pick(5) == 0) (void)b_.Do(command());
  }
  c.log->Release();
  for (auto& each : written) (void)each.get();
  ends = true;
  contacts.join();
  for (SharingServer* server : servers) ASSERT_TRUE(server->CatchUp());
  SharingServer late(disk_, clock_);
  EXPECT_EQ(ContentOf(*a_.Now()), ContentOf(*late.Now()));
  EXPECT_EQ(ContentOf(*b_.Now()), ContentOf(*late.Now()));
  EXPECT_EQ(ContentOf(*c.Now()), ContentOf(*late.Now()));
  EXPECT_GT(late.Now()->index(), Index(300));
}

}  // namespace
}  // namespace rollcall::catalog
