// What a catalog over a shared log counts, and says of how it stands to the log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "registry/catalog/catalog.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/registry/catalog/catalog_fixture.h"
#include "tests/registry/catalog/fake_clock.h"
#include "tests/registry/catalog/memory_log.h"

namespace rollcall::catalog {
namespace {

using e2e::Eventually;
using namespace std::chrono_literals;

class SharedCountersTest : public testing::Test {
 protected:
  SharedCountersTest() {
    auto own = std::make_unique<MemoryLog>(disk_);
    log_ = own.get();
    auto opened = Catalog::OpenShared(std::move(own), clock_, {});
    EXPECT_TRUE(opened) << opened.error().message;
    catalog_ = std::move(*opened);
  }

  const Counters& counters() const { return catalog_->counters(); }
  std::future<void> Start(model::Command command) {
    auto promise = std::make_shared<std::promise<void>>();
    catalog_->Submit(std::move(command),
                     [promise](const Result<Written>&) { promise->set_value(); });
    return promise->get_future();
  }

  FakeClock clock_;
  std::shared_ptr<MemoryLogDisk> disk_ = std::make_shared<MemoryLogDisk>();
  MemoryLog* log_ = nullptr;
  std::unique_ptr<Catalog> catalog_;
};

TEST_F(SharedCountersTest, AProposalThatIsMadeIsCommitted) {
  ASSERT_TRUE(catalog_->SubmitAndWait(RegisterNode("n1")));
  EXPECT_EQ(counters().proposals_committed.value(), 1u);
  // Nothing was proposed.
  ASSERT_TRUE(catalog_->SubmitAndWait(RegisterNode("n1")));
  EXPECT_EQ(counters().proposals_committed.value(), 1u);
  EXPECT_EQ(counters().proposals_conflicting.value(), 0u);
  EXPECT_EQ(counters().proposals_unknown.value(), 0u);
  EXPECT_EQ(counters().reloads.value(), 0u);
  EXPECT_TRUE(Eventually([&] { return counters().proposals_in_flight.value() == 0; }));
}

TEST_F(SharedCountersTest, AProposalThatMeetsAnotherIsAConflict) {
  ASSERT_TRUE(catalog_->SubmitAndWait(RegisterNode("n1")));
  auto other_log = std::make_unique<MemoryLog>(disk_);
  auto other = Catalog::OpenShared(std::move(other_log), clock_, {});
  ASSERT_TRUE(other);
  log_->Hold();
  ASSERT_TRUE((*other)->SubmitAndWait(RegisterNode("n1", "10.0.0.2")));
  auto done = Start(RegisterNode("n1", "10.0.0.3"));
  EXPECT_TRUE(Eventually([&] { return counters().proposals_conflicting.value() == 1; }));
  log_->Release();
  done.wait();
  EXPECT_EQ(counters().proposals_committed.value(), 2u);
}

TEST_F(SharedCountersTest, AProposalWhoseAnswerIsLostIsUnknownAndMayBeCommittedYet) {
  log_->Hold();
  log_->LoseNextAnswer();
  auto done = Start(RegisterNode("n1"));
  EXPECT_TRUE(Eventually([&] { return counters().proposals_unknown.value() == 1; }));
  EXPECT_EQ(counters().proposals_in_flight.value(), 1u);
  EXPECT_EQ(counters().proposals_committed.value(), 0u);
  log_->Release();
  done.wait();
  EXPECT_EQ(counters().proposals_committed.value(), 1u);
  EXPECT_TRUE(Eventually([&] { return counters().proposals_in_flight.value() == 0; }));
}

TEST_F(SharedCountersTest, WhatIsReadAnewIsCounted) {
  log_->Break();
  EXPECT_TRUE(Eventually([&] { return counters().reloads.value() == 1; }));
  log_->Contact(clock_.Now());
  log_->Break();
  EXPECT_TRUE(Eventually([&] { return counters().reloads.value() == 2; }));
}

TEST_F(SharedCountersTest, TroubleIsToldWithItsReasonAndItsTime) {
  ASSERT_TRUE(catalog_->SubmitAndWait(RegisterNode("n1")));
  EXPECT_EQ(catalog_->standing().trouble, "");
  EXPECT_EQ(catalog_->standing().since, clock_.Now());
  clock_.Advance(10s);
  log_->CutOff(true);
  ASSERT_TRUE(Eventually([&] { return catalog_->standing().trouble == "no etcd answers"; }));
  const Clock::TimePoint began = clock_.Now();
  EXPECT_EQ(catalog_->standing().since, began);
  clock_.Advance(5s);
  log_->CutOff(true);  // told again
  auto refused = Start(RegisterNode("n2"));
  refused.wait();
  EXPECT_EQ(catalog_->standing().since, began);
  log_->CutOff(false);
  log_->Contact(clock_.Now());
  ASSERT_TRUE(Eventually([&] { return catalog_->standing().trouble.empty(); }));
  EXPECT_EQ(catalog_->standing().since, clock_.Now());
}

TEST(CatalogStandingTest, OfACatalogWithItsOwnStoreThereIsNone) {
  Contact contact;
  EXPECT_EQ(contact.standing().trouble, "");
  EXPECT_EQ(contact.standing().since, std::nullopt);
}

TEST(RenewalsTest, ThoseThatArePassedOnAndThoseThatComeAreCounted) {
  Renewals renewals;
  renewals.CountForwarded(3);
  renewals.CountForwarded(4);
  renewals.CountReceived(2);
  EXPECT_EQ(renewals.forwarded(), 7u);
  EXPECT_EQ(renewals.received(), 2u);
}

}  // namespace
}  // namespace rollcall::catalog
