// Several catalogs over one log in memory.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "registry/base/lock_guarded.h"
#include "registry/catalog/catalog.h"
#include "tests/registry/catalog/catalog_fixture.h"
#include "tests/registry/catalog/fake_clock.h"
#include "tests/registry/catalog/memory_log.h"
#include "tests/registry/catalog/same_content.h"

namespace rollcall::catalog {

// One server: its catalog, and the end of the log that it has.
struct SharingServer {
  SharingServer(const std::shared_ptr<MemoryLogDisk>& disk, const Clock& clock,
                Catalog::Options options = {}) {
    auto own = std::make_unique<MemoryLog>(disk);
    log = own.get();
    static std::atomic<int> runs = 0;
    options.shared.id = "server-" + std::to_string(++runs);
    options.shared.on_group = [this](const GroupView& view) { *group.Lock() = view; };
    options.shared.on_warning = [this](const std::string& text) { warnings.push_back(text); };
    options.shared.on_relief = [this](const std::string& text) { reliefs.push_back(text); };
    auto opened = Catalog::OpenShared(std::move(own), clock, std::move(options));
    EXPECT_TRUE(opened) << opened.error().message;
    catalog = std::move(*opened);
    catalog->Announce("here");
    catalog->SetDuty(HeartbeatDuty::kActive);
    catalog->AcceptHeartbeatsUntil(Clock::TimePoint::max());
  }

  std::future<Result<Written>> Start(model::Command command) {
    auto promise = std::make_shared<std::promise<Result<Written>>>();
    catalog->Submit(std::move(command),
                    [promise](Result<Written> written) { promise->set_value(std::move(written)); });
    return promise->get_future();
  }
  Result<Written> Do(model::Command command) { return catalog->SubmitAndWait(std::move(command)); }
  std::shared_ptr<const Snapshot> Now() const { return catalog->snapshots().Get(); }
  std::future<Result<void>> StartCatchUp() {
    auto promise = std::make_shared<std::promise<Result<void>>>();
    catalog->CatchUp([promise](Result<void> done) { promise->set_value(std::move(done)); });
    return promise->get_future();
  }
  Result<void> CatchUp() { return StartCatchUp().get(); }
  // Until the writer's thread has done what it has been told until now.
  void Settle() { (void)catalog->queue_depth(), (void)Do(model::Deregister{"nobody", "", ""}); }

  GroupView Group() { return *group.Lock(); }

  MemoryLog* log;
  LockGuarded<GroupView> group;
  std::vector<std::string> warnings;
  std::vector<std::string> reliefs;
  std::unique_ptr<Catalog> catalog;
};

class SharedWriterTest : public testing::Test {
 protected:
  static bool IsPending(std::future<Result<Written>>& future) {
    return future.wait_for(std::chrono::milliseconds(20)) == std::future_status::timeout;
  }

  FakeClock clock_;
  std::shared_ptr<MemoryLogDisk> disk_ = std::make_shared<MemoryLogDisk>();
  SharingServer a_{disk_, clock_};
  SharingServer b_{disk_, clock_};
};

}  // namespace rollcall::catalog
