#include "registry/catalog/catalog.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/registry/catalog/advance.h"
#include "tests/registry/catalog/catalog_fixture.h"
#include "tests/registry/catalog/fake_clock.h"
#include "tests/registry/catalog/memory_store.h"

namespace rollcall::catalog {
namespace {

using namespace std::chrono_literals;
using model::CheckStatus;

class CatalogTest : public testing::Test {
 protected:
  CatalogTest() { Open(); }

  void Open(Catalog::Options options = {}) {
    catalog_.reset();
    options.on_fatal = [this](const Error& error) { fatal_ = error.message; };
    auto opened = Catalog::Open(std::make_unique<MemoryStore>(disk_), clock_, std::move(options));
    ASSERT_TRUE(opened);
    catalog_ = std::move(*opened);
  }

  // Lets the writer find out that time has passed, and waits until it has acted on it. Where it has
  // to share its core, it rests in between for less than a millisecond (expiry_pace.h).
  void Advance(std::chrono::nanoseconds by) {
    clock_.Advance(by + 2 * TimerWheel::kTick);
    for (int i = 0; i < 3; ++i) {
      std::this_thread::sleep_for(2ms);
      (void)catalog_->SubmitAndWait(model::Deregister{"no such node", "", ""});
    }
  }

  // As long as the check needs to go critical, if it does.
  void AdvanceUntilCritical(std::chrono::nanoseconds by, const char* node, const char* check) {
    AdvanceUntil(clock_, *catalog_, by,
                 [&] { return StatusOf(node, check) == CheckStatus::kCritical; });
  }

  std::shared_ptr<const Snapshot> Now() const { return catalog_->snapshots().Get(); }

  CheckStatus StatusOf(const char* node, const char* check) const {
    return Now()->FindCheck(node, check)->check->status;
  }

  FakeClock clock_;
  std::shared_ptr<MemoryStore::Disk> disk_ = std::make_shared<MemoryStore::Disk>();
  std::string fatal_;
  std::unique_ptr<Catalog> catalog_;
};

TEST_F(CatalogTest, AnAnsweredWriteCanBeRead) {
  const auto written = catalog_->SubmitAndWait(RegisterService("n", "web"));
  ASSERT_TRUE(written);
  EXPECT_TRUE(written->changed);
  EXPECT_EQ(Now()->index(), written->index);
  EXPECT_NE(Now()->FindService("web"), nullptr);
}

TEST_F(CatalogTest, AnIdenticalWriteCommitsNothingAndWakesNobody) {
  struct Counter final : ChangeListener {
    void OnChange(const std::shared_ptr<const ChangeSet>&) override { ++calls; }
    std::atomic<int> calls{0};
  } counter;
  catalog_->AddListener(&counter);
  (void)catalog_->SubmitAndWait(RegisterService("n", "web"));
  const Index index = Now()->index();
  const auto again = catalog_->SubmitAndWait(RegisterService("n", "web"));
  EXPECT_FALSE(again->changed);
  EXPECT_EQ(Now()->index(), index);
  EXPECT_EQ(counter.calls, 1);
  EXPECT_EQ(disk_->batch_sizes.size(), 1u);
  catalog_->RemoveListener(&counter);
  (void)catalog_->SubmitAndWait(RegisterService("n", "db"));
  EXPECT_EQ(counter.calls, 1);
}

TEST_F(CatalogTest, WritesThatQueueUpShareOneCommit) {
  std::promise<void> first_taken;
  disk_->holds = true;
  std::atomic<int> answered{0};
  for (int i = 0; i < 100; ++i) {
    catalog_->Submit(
        RegisterService("n", "s" + std::to_string(i)),
        [&](const Result<Written>& written) { answered += written.has_value() ? 1 : 0; });
  }
  {
    const std::lock_guard lock(disk_->mutex);
    disk_->holds = false;
  }
  disk_->released.notify_all();
  (void)catalog_->SubmitAndWait(RegisterNode("last"));
  EXPECT_EQ(answered, 100);
  EXPECT_LE(disk_->batch_sizes.size(), 4u);
  EXPECT_EQ(Now()->services().size(), 100u);
}

TEST_F(CatalogTest, EveryWriteHasItsOwnIndexInTheOrderOfSubmission) {
  std::vector<std::future<Index>> indexes;
  for (int i = 0; i < 200; ++i) {
    auto promise = std::make_shared<std::promise<Index>>();
    indexes.push_back(promise->get_future());
    catalog_->Submit(
        RegisterService("n", "s" + std::to_string(i)),
        [promise](const Result<Written>& written) { promise->set_value(written->index); });
  }
  Index last;
  for (auto& future : indexes) {
    const Index index = future.get();
    EXPECT_GT(index, last);
    last = index;
  }
}

TEST_F(CatalogTest, AWriteSeesTheOnesBeforeItInTheSameCommit) {
  disk_->holds = true;
  std::vector<bool> changed;
  const auto note = [&](const Result<Written>& written) { changed.push_back(written->changed); };
  catalog_->Submit(RegisterNode("warm-up"), [](const Result<Written>&) {});
  catalog_->Submit(RegisterService("n", "web"), note);
  catalog_->Submit(RegisterService("n", "web"), note);
  catalog_->Submit(model::Deregister{"n", "", ""}, note);
  catalog_->Submit(model::Deregister{"n", "", ""}, note);
  {
    const std::lock_guard lock(disk_->mutex);
    disk_->holds = false;
  }
  disk_->released.notify_all();
  (void)catalog_->SubmitAndWait(model::Deregister{"x", "", ""});
  EXPECT_EQ(changed, (std::vector<bool>{true, false, true, false}));
}

TEST_F(CatalogTest, AFailedCommitAnswersAnErrorPublishesNothingAndStopsAllWrites) {
  const Index before = Now()->index();
  disk_->fails = true;
  const auto failed = catalog_->SubmitAndWait(RegisterService("n", "web"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(Now()->index(), before);
  EXPECT_EQ(Now()->FindService("web"), nullptr);
  disk_->fails = false;
  EXPECT_FALSE(catalog_->SubmitAndWait(RegisterService("n", "web")));
  EXPECT_EQ(fatal_, "no space left on device");
}

TEST_F(CatalogTest, AFullQueueRefusesAtOnce) {
  Catalog::Options options;
  options.max_queue = 2;
  Open(std::move(options));
  disk_->holds = true;
  std::atomic<int> refused{0};
  std::atomic<int> answered{0};
  for (int i = 0; i < 10; ++i) {
    catalog_->Submit(RegisterNode("n" + std::to_string(i)), [&](const Result<Written>& written) {
      ++answered;
      if (!written && written.error().code == ErrorCode::kUnavailable) ++refused;
    });
  }
  EXPECT_GE(refused, 6);  // two wait, and at most two were taken before
  {
    const std::lock_guard lock(disk_->mutex);
    disk_->holds = false;
  }
  disk_->released.notify_all();
  catalog_.reset();  // answers what was queued
  EXPECT_EQ(answered, 10);
}

TEST_F(CatalogTest, StopAnswersWhatIsQueuedAndRefusesWhatComesLater) {
  disk_->holds = true;
  std::atomic<int> written{0};
  for (int i = 0; i < 10; ++i) {
    catalog_->Submit(RegisterNode("n" + std::to_string(i)),
                     [&](const Result<Written>& result) { written += result ? 1 : 0; });
  }
  std::thread release([this] {
    {
      const std::lock_guard lock(disk_->mutex);
      disk_->holds = false;
    }
    disk_->released.notify_all();
  });
  catalog_->Stop();
  release.join();
  EXPECT_EQ(written, 10);
  EXPECT_EQ(catalog_->SubmitAndWait(RegisterNode("late")).error().code, ErrorCode::kUnavailable);
}

TEST_F(CatalogTest, ARestartFindsEverythingAndNoIndexGoesBack) {
  (void)catalog_->SubmitAndWait(RegisterService("n", "web", "1", {"a"}));
  (void)catalog_->SubmitAndWait(RegisterCheck("n", CheckOf("c", "1", CheckStatus::kWarning)));
  (void)catalog_->SubmitAndWait(RegisterService("n", "gone"));
  const auto gone = catalog_->SubmitAndWait(model::Deregister{"n", "gone", ""});
  const auto before = Now();
  Open();
  const auto after = Now();
  EXPECT_EQ(after->index(), before->index());
  EXPECT_EQ(after->FindInstance("n", "1")->status, CheckStatus::kWarning);
  EXPECT_GE(after->FindService("web")->health_index, before->FindService("web")->health_index);
  EXPECT_GE(after->IndexOfAbsentService("gone"), gone->index);
  EXPECT_GT(catalog_->SubmitAndWait(RegisterNode("m"))->index, before->index());
}

TEST_F(CatalogTest, ATtlCheckThatIsNotRenewedGoesCritical) {
  (void)catalog_->SubmitAndWait(RegisterService("n", "web"));
  (void)catalog_->SubmitAndWait(RegisterCheck("n", TtlCheck("t", "web", 10s)));
  Advance(9s);
  EXPECT_EQ(StatusOf("n", "t"), CheckStatus::kPassing);
  AdvanceUntilCritical(1s, "n", "t");
  EXPECT_EQ(StatusOf("n", "t"), CheckStatus::kCritical);
  EXPECT_EQ(Now()->FindCheck("n", "t")->check->output, "TTL expired");
}

TEST_F(CatalogTest, AHeartbeatRenewsWithoutWritingAnything) {
  (void)catalog_->SubmitAndWait(RegisterService("n", "web"));
  (void)catalog_->SubmitAndWait(RegisterCheck("n", TtlCheck("t", "web", 10s)));
  const Index index = Now()->index();
  for (int i = 0; i < 10; ++i) {
    Advance(8s);
    EXPECT_EQ(catalog_->Heartbeat(*Now(), "N", "T", CheckStatus::kPassing, ""),
              Catalog::HeartbeatResult::kRenewed);
  }
  EXPECT_EQ(StatusOf("n", "t"), CheckStatus::kPassing);
  EXPECT_EQ(Now()->index(), index);
}

TEST_F(CatalogTest, AHeartbeatSaysWhatItCannotDo) {
  (void)catalog_->SubmitAndWait(RegisterNode("n"));
  (void)catalog_->SubmitAndWait(RegisterCheck("n", TtlCheck("t", "", 10s)));
  (void)catalog_->SubmitAndWait(RegisterCheck("n", CheckOf("plain", "", CheckStatus::kPassing)));
  const auto beat = [&](const char* check, CheckStatus status, const char* output) {
    return catalog_->Heartbeat(*Now(), "n", check, status, output);
  };
  EXPECT_EQ(beat("no", CheckStatus::kPassing, ""), Catalog::HeartbeatResult::kUnknown);
  EXPECT_EQ(beat("plain", CheckStatus::kPassing, ""), Catalog::HeartbeatResult::kNoTtl);
  EXPECT_EQ(beat("t", CheckStatus::kWarning, ""), Catalog::HeartbeatResult::kNeedsWrite);
  EXPECT_EQ(beat("t", CheckStatus::kPassing, "new"), Catalog::HeartbeatResult::kNeedsWrite);
}

TEST_F(CatalogTest, AnUpdateBringsAnExpiredCheckBackAndStartsItsTtlAnew) {
  (void)catalog_->SubmitAndWait(RegisterNode("n"));
  (void)catalog_->SubmitAndWait(RegisterCheck("n", TtlCheck("t", "", 10s)));
  AdvanceUntilCritical(10s, "n", "t");
  ASSERT_EQ(StatusOf("n", "t"), CheckStatus::kCritical);
  (void)catalog_->SubmitAndWait(model::UpdateCheck{"n", "t", CheckStatus::kPassing, ""});
  Advance(9s);
  EXPECT_EQ(StatusOf("n", "t"), CheckStatus::kPassing);
  AdvanceUntilCritical(1s, "n", "t");
  EXPECT_EQ(StatusOf("n", "t"), CheckStatus::kCritical);
}

TEST_F(CatalogTest, APassingCheckWhoseOutputSpeaksOfExpiryExpiresAllTheSame) {
  (void)catalog_->SubmitAndWait(RegisterNode("n"));
  (void)catalog_->SubmitAndWait(RegisterCheck("n", TtlCheck("t", "", 10s)));
  AdvanceUntilCritical(10s, "n", "t");
  ASSERT_EQ(StatusOf("n", "t"), CheckStatus::kCritical);
  (void)catalog_->SubmitAndWait(model::UpdateCheck{"n", "t", CheckStatus::kPassing, "TTL expired"});
  EXPECT_EQ(StatusOf("n", "t"), CheckStatus::kPassing);
  AdvanceUntilCritical(10s, "n", "t");
  EXPECT_EQ(StatusOf("n", "t"), CheckStatus::kCritical);
}

TEST_F(CatalogTest, ADurationBeyondTheClockMeansVeryLong) {
  (void)catalog_->SubmitAndWait(RegisterService("n", "web"));
  model::Check check =
      TtlCheck("t", "web", std::chrono::nanoseconds::max(), std::chrono::nanoseconds::max());
  check.status = CheckStatus::kCritical;
  (void)catalog_->SubmitAndWait(RegisterCheck("n", check));
  Advance(1h);
  EXPECT_NE(Now()->FindInstance("n", "web"), nullptr);
}

TEST_F(CatalogTest, AnIdenticalReregistrationIsASignOfLife) {
  (void)catalog_->SubmitAndWait(RegisterNode("n"));
  const auto registration = RegisterCheck("n", TtlCheck("t", "", 10s));
  for (int i = 0; i < 5; ++i) {
    (void)catalog_->SubmitAndWait(registration);
    Advance(8s);
  }
  EXPECT_EQ(StatusOf("n", "t"), CheckStatus::kPassing);
}

TEST_F(CatalogTest, ARestartGivesEveryCheckAFullTtl) {
  (void)catalog_->SubmitAndWait(RegisterNode("n"));
  (void)catalog_->SubmitAndWait(RegisterCheck("n", TtlCheck("t", "", 10s)));
  clock_.Advance(1h);
  Open();
  Advance(9s);
  EXPECT_EQ(StatusOf("n", "t"), CheckStatus::kPassing);
  AdvanceUntilCritical(1s, "n", "t");
  EXPECT_EQ(StatusOf("n", "t"), CheckStatus::kCritical);
}

TEST_F(CatalogTest, ARestartCountsAnewHowLongACheckHasBeenCritical) {
  (void)catalog_->SubmitAndWait(RegisterService("n", "web"));
  model::Check check = TtlCheck("t", "web", 1h, 20s);
  check.status = CheckStatus::kCritical;
  (void)catalog_->SubmitAndWait(RegisterCheck("n", check));
  Advance(15s);
  Open();
  Advance(15s);
  EXPECT_NE(Now()->FindInstance("n", "web"), nullptr);
  AdvanceUntil(clock_, *catalog_, 5s,
               [this] { return Now()->FindInstance("n", "web") == nullptr; });
  EXPECT_EQ(Now()->FindInstance("n", "web"), nullptr);
}

TEST_F(CatalogTest, ASlowStartTakesNothingOfATtl) {
  // It takes 20 seconds to hand out each chunk of records.
  class SlowStore final : public store::Store {
   public:
    SlowStore(std::shared_ptr<MemoryStore::Disk> disk, FakeClock* clock)
        : store_(std::move(disk)), clock_(clock) {}
    Result<Index> Load(const ChunkSink& sink) override {
      return store_.Load([&](store::RecordChunk chunk) {
        const bool goes_on = sink(std::move(chunk));
        clock_->Advance(20s);
        return goes_on;
      });
    }
    Result<std::vector<Index>> Commit(std::span<const model::Transaction> batch) override {
      return store_.Commit(batch);
    }

   private:
    MemoryStore store_;
    FakeClock* const clock_;
  };
  for (int i = 0; i < 250; ++i) {
    const std::string node = "n" + std::to_string(i);
    (void)catalog_->SubmitAndWait(RegisterNode(node));
    (void)catalog_->SubmitAndWait(RegisterCheck(node, TtlCheck("c", "", 10s)));
  }
  catalog_.reset();
  const auto before = clock_.Now();
  const auto opened = Catalog::Open(std::make_unique<SlowStore>(disk_, &clock_), clock_, {});
  ASSERT_TRUE(opened);
  EXPECT_GE(clock_.Now() - before, 60s);
  const auto snapshot = (*opened)->snapshots().Get();
  for (int i = 0; i < 250; ++i) {
    EXPECT_EQ(snapshot->FindCheck("n" + std::to_string(i), "c")->ttl->due(), clock_.Now() + 10s);
  }
}

TEST_F(CatalogTest, AShorterTtlTakesTheOldOnesPlace) {
  (void)catalog_->SubmitAndWait(RegisterNode("n"));
  (void)catalog_->SubmitAndWait(RegisterCheck("n", TtlCheck("t", "", 100s)));
  (void)catalog_->SubmitAndWait(RegisterCheck("n", TtlCheck("t", "", 1s)));
  AdvanceUntilCritical(1s, "n", "t");
  EXPECT_EQ(StatusOf("n", "t"), CheckStatus::kCritical);
}

TEST_F(CatalogTest, WhatStaysCriticalTooLongIsDeregistered) {
  (void)catalog_->SubmitAndWait(RegisterService("n", "web"));
  (void)catalog_->SubmitAndWait(RegisterService("n", "db"));
  (void)catalog_->SubmitAndWait(RegisterCheck("n", TtlCheck("t", "web", 10s, 30s)));
  AdvanceUntilCritical(10s, "n", "t");
  ASSERT_EQ(StatusOf("n", "t"), CheckStatus::kCritical);
  Advance(29s);
  EXPECT_NE(Now()->FindInstance("n", "web"), nullptr);
  AdvanceUntil(clock_, *catalog_, 1s,
               [this] { return Now()->FindInstance("n", "web") == nullptr; });
  EXPECT_EQ(Now()->FindInstance("n", "web"), nullptr);
  EXPECT_EQ(Now()->FindCheck("n", "t"), nullptr);
  EXPECT_NE(Now()->FindInstance("n", "db"), nullptr);
}

TEST_F(CatalogTest, ACheckThatRecoversInTimeIsNotDeregistered) {
  (void)catalog_->SubmitAndWait(RegisterService("n", "web"));
  (void)catalog_->SubmitAndWait(RegisterCheck("n", TtlCheck("t", "web", 1000s, 30s)));
  for (int i = 0; i < 4; ++i) {
    (void)catalog_->SubmitAndWait(model::UpdateCheck{"n", "t", CheckStatus::kCritical, "a"});
    Advance(20s);
    (void)catalog_->SubmitAndWait(model::UpdateCheck{"n", "t", CheckStatus::kPassing, ""});
  }
  EXPECT_NE(Now()->FindInstance("n", "web"), nullptr);
}

TEST_F(CatalogTest, NewOutputWhileCriticalDoesNotPutOffTheDeregistration) {
  (void)catalog_->SubmitAndWait(RegisterService("n", "web"));
  (void)catalog_->SubmitAndWait(RegisterCheck("n", TtlCheck("t", "web", 1000s, 30s)));
  for (int i = 0; i < 4; ++i) {
    (void)catalog_->SubmitAndWait(
        model::UpdateCheck{"n", "t", CheckStatus::kCritical, std::to_string(i)});
    Advance(10s);
  }
  EXPECT_EQ(Now()->FindInstance("n", "web"), nullptr);
}

TEST_F(CatalogTest, ANodeWhoseOwnCheckStaysCriticalIsDeregisteredWhole) {
  (void)catalog_->SubmitAndWait(RegisterService("n", "web"));
  (void)catalog_->SubmitAndWait(RegisterCheck("n", TtlCheck("alive", "", 10s, 30s)));
  Advance(10s);
  Advance(30s);
  EXPECT_EQ(Now()->FindNode("n"), nullptr);
}

TEST_F(CatalogTest, ACheckThatWasDeregisteredDoesNotExpire) {
  (void)catalog_->SubmitAndWait(RegisterNode("n"));
  (void)catalog_->SubmitAndWait(RegisterCheck("n", TtlCheck("t", "", 10s)));
  (void)catalog_->SubmitAndWait(model::Deregister{"n", "", "t"});
  (void)catalog_->SubmitAndWait(RegisterCheck("n", CheckOf("t", "", CheckStatus::kPassing)));
  const Index index = Now()->index();
  Advance(1h);
  EXPECT_EQ(Now()->index(), index);
}

TEST_F(CatalogTest, ACrowdOfExpiriesIsSpreadOverCommitsAndNoneIsLost) {
  Catalog::Options options;
  options.max_batch = 16;
  Open(std::move(options));
  (void)catalog_->SubmitAndWait(RegisterNode("n"));
  for (int i = 0; i < 100; ++i) {
    (void)catalog_->SubmitAndWait(RegisterCheck("n", TtlCheck("t" + std::to_string(i), "", 10s)));
  }
  clock_.Advance(11s);
  // Commands get between: how many depends on what else the machine does meanwhile.
  const auto patience = std::chrono::steady_clock::now() + 30s;
  while (Now()->check_count(CheckStatus::kCritical) < 100 &&
         std::chrono::steady_clock::now() < patience) {
    (void)catalog_->SubmitAndWait(model::Deregister{"x", "", ""});
  }
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(StatusOf("n", ("t" + std::to_string(i)).c_str()), CheckStatus::kCritical);
  }
  for (const size_t size : disk_->batch_sizes) EXPECT_LE(size, 16u);
}

// For the thread sanitizer: writers, heartbeats, readers and expiry at once.
TEST_F(CatalogTest, ReadersHeartbeatsAndWritersDoNotDisturbEachOther) {
  (void)catalog_->SubmitAndWait(RegisterNode("n"));
  for (int i = 0; i < 8; ++i) {
    (void)catalog_->SubmitAndWait(RegisterCheck("n", TtlCheck("t" + std::to_string(i), "", 1s)));
  }
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  threads.reserve(2);
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      SnapshotReader reader(catalog_->snapshots());
      Index last;
      while (!stop) {
        const auto& snapshot = reader.Current();
        EXPECT_GE(snapshot->index(), last);
        last = snapshot->index();
        size_t instances = 0;
        for (const ServiceEntry& service : snapshot->services()) {
          instances += service.instances.size();
        }
        EXPECT_LE(instances, 50u);
        (void)catalog_->Heartbeat(*snapshot, "n", "t" + std::to_string(last.value() % 8),
                                  CheckStatus::kPassing, "");
      }
    });
  }
  for (int i = 0; i < 500; ++i) {
    (void)catalog_->SubmitAndWait(RegisterService("n", "s" + std::to_string(i % 50)));
    if (i % 3 == 0) {
      (void)catalog_->SubmitAndWait(model::Deregister{"n", "s" + std::to_string(i % 50), ""});
    }
    clock_.Advance(50ms);
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace rollcall::catalog
