// Commands that are carried out on a condition: what state it is asked of, and when they are given
// back.
#include "registry/catalog/write_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "registry/catalog/catalog.h"
#include "tests/registry/catalog/catalog_fixture.h"
#include "tests/registry/catalog/fake_clock.h"
#include "tests/registry/catalog/memory_store.h"
#include "tests/registry/catalog/sharing_server.h"

namespace rollcall::catalog {
namespace {

using model::AclKind;

using StateTest = std::function<bool(const Snapshot& state)>;

// Notes what is given back, and refuses it.
class TestGuard final : public WriteGuard {
 public:
  TestGuard(const SnapshotHolder& snapshots, StateTest holds)
      : snapshots_(snapshots), holds_(std::move(holds)) {}

  bool Holds(const Snapshot& state, const model::Command& /*command*/) const override {
    return holds_(state);
  }
  void GiveBack(model::Command command, Done done) const override {
    EXPECT_TRUE(std::holds_alternative<model::Register>(command));
    EXPECT_FALSE(holds_(*snapshots_.Get()));  // what it was refused for can be seen by now
    done(Conflict("given back"));
  }

 private:
  const SnapshotHolder& snapshots_;
  const StateTest holds_;
};

// Whether the instance "i" of node "n" is there and of service "web".
bool IsWeb(const Snapshot& state) {
  const InstanceEntry* const entry = state.FindInstance("n", "i");
  return entry != nullptr && entry->instance->service == "web";
}
StateTest HasToken(const char* id) {
  return [id](const Snapshot& state) { return state.FindAcl(AclKind::kToken, id) != nullptr; };
}

model::ChangeAcl PutToken(const Snapshot& state, const char* id) {
  model::AclObject object;
  object.kind = AclKind::kToken;
  object.id = id;
  object.content = "of somebody";
  return {state.acl_index(), {std::move(object)}, {}};
}
model::ChangeAcl DropToken(const Snapshot& state, const char* id) {
  return {state.acl_index(), {}, {{AclKind::kToken, id}}};
}

// "written", "nothing to do" or why not.
std::string Say(std::future<Result<Written>>& future) {
  const Result<Written> written = future.get();
  if (!written) return written.error().message;
  return written->changed ? "written" : "nothing to do";
}

std::future<Result<Written>> StartGuarded(Catalog& catalog, model::Command command,
                                          StateTest holds) {
  auto promise = std::make_shared<std::promise<Result<Written>>>();
  catalog.Submit(
      std::move(command),
      [promise](Result<Written> written) { promise->set_value(std::move(written)); },
      std::make_shared<const TestGuard>(catalog.snapshots(), std::move(holds)));
  return promise->get_future();
}

// Holds the writer up while a test submits what is to be one batch.
class HeldUp {
 public:
  explicit HeldUp(Catalog& catalog) {
    const auto reached = std::make_shared<std::promise<void>>();
    catalog.Submit(model::Deregister{"nobody", "", ""},
                   [reached, go = go_.get_future().share()](const Result<Written>&) {
                     reached->set_value();
                     go.wait();
                   });
    reached->get_future().wait();
  }
  void LetGo() { go_.set_value(); }

 private:
  std::promise<void> go_;
};

class WriteGuardTest : public testing::Test {
 protected:
  WriteGuardTest() {
    EXPECT_TRUE(catalog_->SubmitAndWait(RegisterService("n", "web", "i")));
    EXPECT_TRUE(catalog_->SubmitAndWait(PutToken(*Now(), "t")));
  }
  std::shared_ptr<const Snapshot> Now() const { return catalog_->snapshots().Get(); }
  std::future<Result<Written>> Start(model::Command command) {
    auto promise = std::make_shared<std::promise<Result<Written>>>();
    catalog_->Submit(std::move(command),
                     [promise](Result<Written> written) { promise->set_value(written); });
    return promise->get_future();
  }

  FakeClock clock_;
  std::shared_ptr<MemoryStore::Disk> disk_ = std::make_shared<MemoryStore::Disk>();
  std::unique_ptr<Catalog> catalog_ =
      std::move(*Catalog::Open(std::make_unique<MemoryStore>(disk_), clock_, {}));
};

TEST_F(WriteGuardTest, CommandIsCarriedOutOnAStateOnWhichItHolds) {
  auto same = StartGuarded(*catalog_, RegisterService("n", "web", "i"), IsWeb);
  EXPECT_EQ(Say(same), "nothing to do");
  auto other = StartGuarded(*catalog_, RegisterService("n", "db", "i"), IsWeb);
  EXPECT_EQ(Say(other), "written");
  EXPECT_EQ(Now()->FindInstance("n", "i")->instance->service, "db");
}

TEST_F(WriteGuardTest, WhatCameBeforeInTheSameBatchCounts) {
  HeldUp writer(*catalog_);
  auto db = Start(RegisterService("n", "db", "i"));
  auto late = StartGuarded(*catalog_, RegisterService("n", "web", "i"), IsWeb);
  auto token = Start(DropToken(*Now(), "t"));
  auto later = StartGuarded(*catalog_, RegisterService("m", "web", "i"), HasToken("t"));
  writer.LetGo();
  EXPECT_EQ(Say(db), "written");
  EXPECT_EQ(Say(late), "given back");
  EXPECT_EQ(Say(token), "written");
  EXPECT_EQ(Say(later), "given back");
  EXPECT_EQ(Now()->FindInstance("n", "i")->instance->service, "db");
  EXPECT_EQ(Now()->FindNode("m"), nullptr);
}

TEST_F(WriteGuardTest, WhatComesAfterwardsDoesNotCount) {
  HeldUp writer(*catalog_);
  auto early = StartGuarded(*catalog_, RegisterService("m", "web", "i"), HasToken("t"));
  auto token = Start(DropToken(*Now(), "t"));
  writer.LetGo();
  EXPECT_EQ(Say(early), "written");
  EXPECT_EQ(Say(token), "written");
}

TEST_F(WriteGuardTest, NothingIsGivenBackForWhatCouldNotBeWritten) {
  HeldUp writer(*catalog_);
  auto token = Start(DropToken(*Now(), "t"));
  auto late = StartGuarded(*catalog_, RegisterService("m", "web", "i"), HasToken("t"));
  {
    const std::lock_guard lock(disk_->mutex);
    disk_->fails = true;
  }
  writer.LetGo();
  EXPECT_THAT(Say(token), testing::HasSubstr("could not be made durable"));
  EXPECT_THAT(Say(late), testing::HasSubstr("could not be made durable"));
}

// Of several servers on one log.
class SharedWriteGuardTest : public SharedWriterTest {
 protected:
  SharedWriteGuardTest() {
    EXPECT_TRUE(a_.Do(RegisterService("n", "web", "i")));
    EXPECT_TRUE(a_.Do(PutToken(*a_.Now(), "t")));
    EXPECT_TRUE(b_.CatchUp());
  }
};

TEST_F(SharedWriteGuardTest, ChangeByAnotherServerIsSeenBeforeItIsTriedAgain) {
  b_.log->Hold();  // and so it does not know what comes now
  ASSERT_TRUE(a_.Do(RegisterService("n", "db", "i")));
  auto late = StartGuarded(*b_.catalog, RegisterService("n", "web", "i"), IsWeb);
  EXPECT_TRUE(IsPending(late));
  b_.log->Release();
  EXPECT_EQ(Say(late), "given back");
  EXPECT_EQ(b_.Now()->FindInstance("n", "i")->instance->service, "db");
  ASSERT_TRUE(a_.CatchUp());
  EXPECT_EQ(ContentOf(*a_.Now()), ContentOf(*b_.Now()));
}

TEST_F(SharedWriteGuardTest, ChangeOfAccessControlThatIsUnderWayIsWaitedFor) {
  a_.log->Hold();
  auto token = a_.Start(DropToken(*a_.Now(), "t"));
  EXPECT_TRUE(IsPending(token));  // it has been proposed, and has not come back
  auto late = StartGuarded(*a_.catalog, RegisterService("m", "web", "i"), HasToken("t"));
  auto free = a_.Start(RegisterService("k", "web", "i"));  // nobody asks for its rights
  EXPECT_TRUE(IsPending(late));
  ASSERT_TRUE(b_.CatchUp());
  EXPECT_NE(b_.Now()->FindNode("k"), nullptr);
  EXPECT_EQ(b_.Now()->FindNode("m"), nullptr);
  a_.log->Release();
  EXPECT_EQ(Say(token), "written");
  EXPECT_EQ(Say(free), "written");
  EXPECT_EQ(Say(late), "given back");
  EXPECT_EQ(a_.Now()->FindNode("m"), nullptr);
}

TEST_F(SharedWriteGuardTest, WhatIsNotWrittenYetIsNoReasonToGiveBack) {
  HeldUp writer(*a_.catalog);
  auto db = a_.Start(RegisterService("n", "db", "i"));
  auto late = StartGuarded(*a_.catalog, RegisterService("n", "web", "i"), IsWeb);
  auto token = a_.Start(DropToken(*a_.Now(), "t"));
  auto later = StartGuarded(*a_.catalog, RegisterService("m", "web", "i"), HasToken("t"));
  writer.LetGo();
  EXPECT_EQ(Say(db), "written");
  EXPECT_EQ(Say(late), "given back");  // the guard checks that it can be seen by then
  EXPECT_EQ(Say(token), "written");
  EXPECT_EQ(Say(later), "given back");
}

TEST_F(SharedWriteGuardTest, NothingToDoIsAskedAgainWithTheLogsHead) {
  b_.log->Hold();
  ASSERT_TRUE(a_.Do(DropToken(*a_.Now(), "t")));
  // b_ still has the token, and finds that there is nothing to do.
  auto same = StartGuarded(*b_.catalog, RegisterService("n", "web", "i"), HasToken("t"));
  EXPECT_TRUE(IsPending(same));
  b_.log->Release();
  EXPECT_EQ(Say(same), "given back");
}

}  // namespace
}  // namespace rollcall::catalog
