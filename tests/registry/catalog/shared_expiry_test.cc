// Who acts on deadlines that pass, among several catalogs over one log.
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "registry/catalog/shared_writer.h"
#include "tests/registry/catalog/sharing_server.h"

namespace rollcall::catalog {
namespace {

using namespace std::chrono_literals;
using model::CheckStatus;

// One of the servers owns expiry.
class SharedExpiryTest : public SharedWriterTest {
 protected:
  // Both are alive, and a_ owns expiry.
  void SetUp() override {
    KeepAlive(a_);
    KeepAlive(b_);
    ASSERT_TRUE(a_.Group().is_owner());
    ASSERT_FALSE(b_.Group().is_owner());
    ASSERT_TRUE(a_.Do(RegisterService("n1", "web")));
    ASSERT_TRUE(a_.Do(RegisterCheck("n1", TtlCheck("ttl", "web", 10s))));
    ASSERT_TRUE(b_.CatchUp());
  }

  void KeepAlive(SharingServer& server) {
    server.log->Lease(clock_.Now() + 5s);
    server.Settle();
    server.Settle();
  }
  static void Die(SharingServer& server) {
    server.log->Lease(std::nullopt);
    server.log->Expire();
    server.Settle();
  }
  // Time passes, and both have looked at what has become due.
  void Advance(std::chrono::nanoseconds by) {
    clock_.Advance(by + 2 * TimerWheel::kTick);
    for (int i = 0; i < 3; ++i) {
      a_.Settle();
      b_.Settle();
    }
  }
  Index RevisionOfTheLog() {
    const std::lock_guard lock(disk_->mutex);
    return disk_->revision;
  }
  void Heard(SharingServer& server) {
    server.catalog->HeardUntil(clock_.Now());
    Advance(0s);
  }
  static CheckStatus StatusAt(const SharingServer& server) {
    return server.Now()->FindCheck("n1", "ttl")->check->status;
  }
};

TEST_F(SharedExpiryTest, OnlyTheOwnerActsAndAllSeeIt) {
  Advance(11s);
  EXPECT_EQ(StatusAt(a_), CheckStatus::kPassing);  // the other one may have heard something
  b_.catalog->HeardUntil(clock_.Now());
  Advance(0s);
  EXPECT_EQ(StatusAt(b_), CheckStatus::kPassing);  // it is not b_'s to say
  Heard(a_);
  EXPECT_EQ(StatusAt(a_), CheckStatus::kCritical);
  EXPECT_EQ(StatusAt(b_), CheckStatus::kCritical);
  EXPECT_EQ(ContentOf(*a_.Now()), ContentOf(*b_.Now()));
}

TEST_F(SharedExpiryTest, HeartbeatsElsewhereAreCollectedForTheOwner) {
  b_.catalog->renewals().Collect(true);
  clock_.Advance(5s);
  EXPECT_EQ(b_.catalog->Heartbeat(*b_.Now(), "n1", "ttl", CheckStatus::kPassing, ""),
            Catalog::HeartbeatResult::kRenewed);
  const std::vector<Renewal> renewals = b_.catalog->renewals().Take();
  ASSERT_EQ(renewals.size(), 1u);
  EXPECT_EQ(renewals[0].deadline->check_id(), "ttl");
  EXPECT_EQ(renewals[0].at, clock_.Now());
  EXPECT_TRUE(b_.catalog->renewals().Take().empty());
}

TEST_F(SharedExpiryTest, NewOwnerGivesEveryCheckItsWholeTtl) {
  Advance(9s);
  Die(a_);
  KeepAlive(b_);
  ASSERT_TRUE(b_.Group().is_owner());
  Advance(9s);
  Heard(b_);
  EXPECT_EQ(StatusAt(b_), CheckStatus::kPassing);
  Advance(2s);
  EXPECT_EQ(StatusAt(b_), CheckStatus::kCritical);
}

TEST_F(SharedExpiryTest, LossOfAnotherServerGivesEveryCheckItsWholeTtl) {
  Advance(9s);
  Die(b_);
  a_.Settle();
  Advance(9s);
  EXPECT_EQ(StatusAt(a_), CheckStatus::kPassing);
  Advance(2s);  // and alone it needs to hear of nobody
  EXPECT_EQ(StatusAt(a_), CheckStatus::kCritical);
}

TEST_F(SharedExpiryTest, OwnerThatWasCutOffExpiresNothing) {
  Advance(9s);
  a_.log->Hold();  // it does not hear that it is not the owner any more
  a_.log->Expire();
  KeepAlive(b_);
  ASSERT_TRUE(b_.Group().is_owner());
  ASSERT_TRUE(a_.Group().is_owner());
  clock_.Advance(3s);
  const size_t proposals = a_.log->proposals;
  a_.catalog->HeardUntil(clock_.Now());
  a_.catalog->Submit(model::Deregister{"nobody", "", ""}, [](const Result<Written>&) {});
  while (a_.log->proposals == proposals) std::this_thread::sleep_for(1ms);  // it has tried
  ASSERT_TRUE(b_.CatchUp());
  EXPECT_EQ(StatusAt(b_), CheckStatus::kPassing);
  a_.log->Release();
  a_.Settle();
  EXPECT_FALSE(a_.Group().is_owner());
  EXPECT_EQ(StatusAt(a_), CheckStatus::kPassing);
}

TEST_F(SharedExpiryTest, CriticalInstanceIsReapedByTheOwner) {
  ASSERT_TRUE(b_.Do(RegisterCheck("n1", TtlCheck("ttl", "web", 10s, 60s))));
  ASSERT_TRUE(a_.CatchUp());
  Advance(11s);
  Heard(a_);
  ASSERT_EQ(StatusAt(a_), CheckStatus::kCritical);
  Advance(61s);
  Heard(a_);
  EXPECT_EQ(a_.Now()->FindInstance("n1", "web"), nullptr);
  EXPECT_EQ(b_.Now()->FindInstance("n1", "web"), nullptr);
}

TEST_F(SharedExpiryTest, CrowdOfChecksExpiresInSeveralWrites) {
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(a_.Do(RegisterCheck("n1", TtlCheck("c" + std::to_string(i), "", 10s))));
    model::Register other = RegisterNode("m" + std::to_string(i));
    other.checks.push_back(TtlCheck("ttl", "", 10s));
    ASSERT_TRUE(a_.Do(other));
  }
  clock_.Advance(11s);
  for (int i = 0; i < 20; ++i) Heard(a_);
  EXPECT_EQ(a_.Now()->check_count(CheckStatus::kPassing), 0u);
  EXPECT_EQ(a_.Now()->check_count(CheckStatus::kCritical), 601u);
  for (const size_t operations : disk_->operations) EXPECT_LE(operations, 120u);
}

TEST_F(SharedExpiryTest, CrowdOfLargeInstancesIsReapedInWritesThatTheLogTakes) {
  for (int i = 0; i < 30; ++i) {
    const std::string id = "large-" + std::to_string(i);
    model::Register command = RegisterService("n" + std::to_string(i), id);
    command.instance->tags = TextList({std::string(60000, 'x')});
    command.checks.push_back(TtlCheck(id, id, 10s));
    ASSERT_TRUE(a_.Do(command));
  }
  const size_t before = disk_->operations.size();
  clock_.Advance(11s);
  for (int i = 0; i < 60; ++i) Heard(a_), clock_.Advance(100ms);
  EXPECT_EQ(a_.Now()->check_count(CheckStatus::kPassing), 0u);
  EXPECT_GT(disk_->operations.size(), before + 1);
  EXPECT_LE(disk_->largest, size_t{1} << 20);
}

TEST_F(SharedExpiryTest, WritesOfAnySortRenewWhatTheyName) {
  model::Register command = RegisterService("n1", "web");
  command.checks.push_back(TtlCheck("ttl", "web", 10s));
  for (int i = 0; i < 5; ++i) {
    Advance(6s);
    command.instance->port = 81 + i;  // the check is as it was
    ASSERT_TRUE(a_.Do(command));
    Heard(a_);
    EXPECT_EQ(StatusAt(a_), CheckStatus::kPassing);
  }
}

TEST_F(SharedExpiryTest, ServerThatStandsApartIsNotWaitedFor) {
  Advance(9s);
  b_.catalog->SetDuty(HeartbeatDuty::kApart);
  Advance(0s);
  Advance(9s);
  EXPECT_EQ(StatusAt(a_), CheckStatus::kPassing);  // what it had taken is made good
  Advance(2s);
  EXPECT_EQ(StatusAt(a_), CheckStatus::kCritical);
  b_.catalog->SetDuty(HeartbeatDuty::kActive);
  Advance(0s);
  EXPECT_TRUE(a_.Group().IsActive(b_.Group().self));
}

TEST_F(SharedExpiryTest, ServerThatLeavesNothingBehindCostsNoTtl) {
  Advance(9s);
  b_.catalog->SetDuty(HeartbeatDuty::kLeft);
  b_.Settle();
  Die(b_);
  Advance(2s);
  EXPECT_EQ(StatusAt(a_), CheckStatus::kCritical);
}

TEST_F(SharedExpiryTest, OwnerThatResignsLeavesItToAnother) {
  a_.catalog->Resign(15s);
  Advance(0s);
  EXPECT_TRUE(b_.Group().is_owner());
  KeepAlive(a_);
  Advance(0s);
  EXPECT_FALSE(a_.Group().is_owner());
  Die(b_);
  KeepAlive(a_);
  EXPECT_FALSE(a_.Group().owner);  // not yet
  clock_.Advance(15s);
  KeepAlive(a_);
  EXPECT_TRUE(a_.Group().is_owner());
}

TEST_F(SharedExpiryTest, ServerThatStandsApartLeavesExpiryToOthers) {
  SharingServer c(disk_, clock_);
  KeepAlive(c);
  b_.catalog->SetDuty(HeartbeatDuty::kApart);
  b_.Settle();
  a_.log->Lease(std::nullopt);
  a_.log->Expire();
  KeepAlive(b_);
  KeepAlive(c);
  b_.Settle();
  EXPECT_TRUE(c.Group().is_owner());
  EXPECT_EQ(b_.Group().owner, c.Group().owner);
}

TEST_F(SharedExpiryTest, OwnerLetsTheLogForgetWhatIsOld) {
  Advance(5min);
  const Index first = a_.Now()->index();
  ASSERT_TRUE(a_.Do(RegisterService("n1", "db")));
  Advance(5min);
  ASSERT_TRUE(a_.Do(RegisterService("n1", "mail")));
  const Index second = a_.Now()->index();
  Advance(5min);
  a_.catalog->Stop();
  b_.catalog->Stop();
  ASSERT_EQ(a_.log->compactions.size(), 2u);
  // Each time what was there the time before.
  EXPECT_LE(a_.log->compactions[0], first);
  EXPECT_LT(a_.log->compactions[1], second);
  EXPECT_GT(a_.log->compactions[1], a_.log->compactions[0]);
  EXPECT_TRUE(b_.log->compactions.empty());
}

TEST_F(SharedExpiryTest, OwnerWritesNowAndThenWhereNobodyElseDoes) {
  const Index catalog = a_.Now()->index();
  Advance(5min);
  const Index first = RevisionOfTheLog();
  Advance(5min);
  a_.Settle();
  // A place in the log that is newer than that: an etcd that others use too may compact it.
  EXPECT_GT(RevisionOfTheLog(), first);
  EXPECT_EQ(a_.Now()->index(), catalog);
}

TEST_F(SharedExpiryTest, ServerThatLostItsLeaseComesBack) {
  Die(b_);
  a_.Settle();
  EXPECT_FALSE(b_.Group().is_known());
  EXPECT_EQ(a_.Group().servers.size(), 1u);
  KeepAlive(b_);
  EXPECT_TRUE(b_.Group().is_known());
  a_.Settle();
  EXPECT_EQ(a_.Group().servers.size(), 2u);
}

}  // namespace
}  // namespace rollcall::catalog
