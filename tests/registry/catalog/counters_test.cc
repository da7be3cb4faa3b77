#include "registry/catalog/counters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <initializer_list>
#include <mutex>
#include <random>
#include <string>
#include <thread>

#include "registry/catalog/catalog.h"
#include "tests/registry/catalog/advance.h"
#include "tests/registry/catalog/catalog_fixture.h"
#include "tests/registry/catalog/fake_clock.h"
#include "tests/registry/catalog/memory_store.h"

namespace rollcall::catalog {
namespace {

using namespace std::chrono_literals;
using model::CheckStatus;

constexpr std::array kStatuses{CheckStatus::kPassing, CheckStatus::kWarning,
                               CheckStatus::kCritical};

uint64_t Commits(const Counters& counters) {
  uint64_t commits = 0;
  for (size_t i = 0; i < LatencyHistogram::kBuckets; ++i) {
    commits += counters.commit_latency.count(i);
  }
  return commits;
}

class CatalogCountersTest : public testing::Test {
 protected:
  CatalogCountersTest() {
    auto opened = Catalog::Open(std::make_unique<MemoryStore>(disk_), clock_, {});
    catalog_ = std::move(*opened);
  }

  void Do(model::Command command) {
    static_cast<void>(catalog_->SubmitAndWait(std::move(command)));
  }
  void RegisterTtl(const char* node, const char* service) {
    model::Check check = CheckOf(std::string("ttl-") + service, service, CheckStatus::kPassing);
    model::CheckDefinition upkeep;
    upkeep.ttl = 10s;
    upkeep.deregister_critical_service_after = 60s;
    check.upkeep = upkeep;
    Do(RegisterCheck(node, check));
  }
  const Counters& counters() const { return catalog_->counters(); }

  FakeClock clock_;
  std::shared_ptr<MemoryStore::Disk> disk_ = std::make_shared<MemoryStore::Disk>();
  std::unique_ptr<Catalog> catalog_;
};

TEST_F(CatalogCountersTest, CommandsAreCountedByWhatBecomesOfThem) {
  Do(RegisterService("n", "web"));
  EXPECT_EQ(counters().commands_committed.value(), 1u);
  EXPECT_EQ(Commits(counters()), 1u);
  Do(RegisterService("n", "web"));
  EXPECT_EQ(counters().commands_unchanged.value(), 1u);
  Do(model::UpdateCheck{"n", "missing", CheckStatus::kPassing, ""});
  EXPECT_EQ(counters().commands_refused.value(), 1u);
  EXPECT_EQ(counters().commands_committed.value(), 1u);
  EXPECT_EQ(Commits(counters()), 1u);
}

TEST_F(CatalogCountersTest, WhatTheRegistryDoesByItselfIsCounted) {
  Do(RegisterService("n", "web"));
  Do(RegisterService("n", "api"));
  Do(RegisterService("gone", "db", "db1"));
  Do(RegisterService("gone", "db", "db2"));
  RegisterTtl("n", "web");
  RegisterTtl("gone", "");
  AdvanceUntil(clock_, *catalog_, 10s, [this] { return counters().ttl_expiries.value() >= 2; });
  EXPECT_EQ(counters().ttl_expiries.value(), 2u);
  EXPECT_EQ(counters().instances_reaped.value(), 0u);
  AdvanceUntil(clock_, *catalog_, 60s, [this] { return counters().instances_reaped.value() >= 3; });
  EXPECT_EQ(counters().nodes_reaped.value(), 1u);
  EXPECT_EQ(counters().instances_reaped.value(), 3u);
  EXPECT_EQ(counters().ttl_expiries.value(), 2u);
  EXPECT_EQ(catalog_->snapshots().Get()->instance_count(), 1u);
}

TEST_F(CatalogCountersTest, TheQueueIsAsDeepAsCommandsWait) {
  {
    const std::lock_guard lock(disk_->mutex);
    disk_->holds = true;
  }
  constexpr int kCommands = 5;
  std::promise<void> all;
  std::atomic<int> left{kCommands + 1};
  const auto submit = [&](const char* node) {
    catalog_->Submit(RegisterNode(node), [&](const Result<Written>&) {
      if (--left == 0) all.set_value();
    });
  };
  submit("first");
  while (catalog_->queue_depth() != 0) std::this_thread::yield();  // the writer has it, and holds
  for (int i = 0; i < kCommands; ++i) submit("more");
  EXPECT_EQ(catalog_->queue_depth(), static_cast<size_t>(kCommands));
  {
    const std::lock_guard lock(disk_->mutex);
    disk_->holds = false;
  }
  disk_->released.notify_all();
  all.get_future().wait();
  EXPECT_EQ(catalog_->queue_depth(), 0u);
}

void ExpectCountsOf(const Snapshot& snapshot) {
  size_t instances = 0;
  std::array<size_t, 3> checks{};
  for (const NodeEntry& node : snapshot.nodes()) {
    instances += node.instances.size();
    for (const CheckEntry& check : node.checks) ++checks[static_cast<size_t>(check.check->status)];
  }
  ASSERT_EQ(snapshot.instance_count(), instances);
  for (const CheckStatus status : kStatuses) {
    ASSERT_EQ(snapshot.check_count(status), checks[static_cast<size_t>(status)]);
  }
}

// Names are few and in both cases, so that most commands meet what others have left.
TEST(SnapshotCountsTest, TheyAgreeWithWhatIsThereAfterAnyCommands) {
  std::mt19937 random(11);  // NOLINT: the same commands in each run
  const auto one_of = [&random](std::initializer_list<const char*> names) {
    return std::string(names.begin()[random() % names.size()]);
  };
  PlainCatalog catalog;
  size_t most = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::string node = one_of({"a", "A", "b", "c"});
    const std::string service = one_of({"web", "api", "DB"});
    const std::string check_id = one_of({"x", "X", "y", "z"});
    const CheckStatus status = kStatuses[random() % kStatuses.size()];
    switch (random() % 8) {
      case 0:
      case 1:
        catalog.Do(RegisterService(node, service, one_of({"1", "2", "3"})));
        break;
      case 2:
      case 3:
        catalog.Do(RegisterCheck(node, CheckOf(check_id, one_of({"", "1", "2", "3"}), status)));
        break;
      case 4:
        catalog.Do(model::UpdateCheck{node, check_id, status, ""});
        break;
      case 5:
        catalog.Do(model::Deregister{node, one_of({"1", "2", "3"}), ""});
        break;
      case 6:
        catalog.Do(model::Deregister{node, "", check_id});
        break;
      default:
        if (random() % 8 == 0) catalog.Do(model::Deregister{node, "", ""});
        break;
    }
    ExpectCountsOf(catalog.now());
    if (HasFatalFailure()) return;
    most = std::max(most, catalog.now().instance_count());
  }
  EXPECT_GE(most, 6u);
}

TEST(SnapshotCountsTest, WhatIsLoadedIsCounted) {
  const auto disk = std::make_shared<MemoryStore::Disk>();
  const FakeClock clock;
  {
    auto catalog = Catalog::Open(std::make_unique<MemoryStore>(disk), clock, {});
    static_cast<void>((*catalog)->SubmitAndWait(RegisterService("n", "web")));
    static_cast<void>(
        (*catalog)->SubmitAndWait(RegisterCheck("n", CheckOf("c", "web", CheckStatus::kWarning))));
  }
  auto catalog = Catalog::Open(std::make_unique<MemoryStore>(disk), clock, {});
  const auto snapshot = (*catalog)->snapshots().Get();
  ExpectCountsOf(*snapshot);
  EXPECT_EQ(snapshot->instance_count(), 1u);
  EXPECT_EQ(snapshot->check_count(CheckStatus::kWarning), 1u);
}

}  // namespace
}  // namespace rollcall::catalog
