// One server of a shared log in memory, among others that are only keys of the log.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "api/server_card.h"
#include "registry/catalog/catalog.h"
#include "registry/catalog/heard_servers.h"
#include "tests/registry/catalog/catalog_fixture.h"
#include "tests/registry/catalog/fake_clock.h"
#include "tests/registry/catalog/memory_log.h"

namespace rollcall::cli {

using catalog::HeartbeatDuty;

class GroupTest : public testing::Test {
 protected:
  GroupTest() {
    auto log = std::make_unique<catalog::MemoryLog>(disk_);
    log_ = log.get();
    catalog::Catalog::Options options;
    options.shared.id = "self";
    options.shared.on_group = [this](const catalog::GroupView& view) {
      heard_.SetGroup(view, clock_.Now());
    };
    auto opened = catalog::Catalog::OpenShared(std::move(log), clock_, std::move(options));
    EXPECT_TRUE(opened);
    catalog_ = std::move(*opened);
  }
  // It ends before what it tells of the group goes.
  ~GroupTest() override { catalog_->Stop(); }

  // This server comes, as one of those that are there already.
  void Join() {
    catalog_->Announce(api::ServerCard{"own", "10.0.0.1:8500", "1"}.ToText());
    KeepAlive();
    EXPECT_TRUE(catalog_->SubmitAndWait(
        catalog::RegisterCheck("n1", catalog::TtlCheck("ttl", "", std::chrono::seconds(60)))));
  }
  void KeepAlive() {
    log_->Lease(clock_.Now() + std::chrono::seconds(5));
    Settle();
  }
  void Advance(std::chrono::nanoseconds by) {
    clock_.Advance(by);
    KeepAlive();
  }
  // Until the writer has done what it has been told, and what came of that.
  void Settle() {
    for (int i = 0; i < 2; ++i) {
      (void)catalog_->SubmitAndWait(model::Deregister{"nobody", "", ""});
    }
  }
  void Other(const std::string& id, HeartbeatDuty duty, const std::string& http = "127.0.0.1:1") {
    const catalog::GroupMember member{duty, api::ServerCard{"node-" + id, http, "1"}.ToText()};
    log_->WriteAsAStranger("server/" + id, member.ToValue());
    Settle();
  }
  void SetOwner(const std::string& id) {
    log_->WriteAsAStranger("owner", id + ".1");
    Settle();
  }
  HeartbeatDuty Duty() { return heard_.group().servers.at("self").duty; }
  bool TakesHeartbeats() {
    return catalog_->Heartbeat(*catalog_->snapshots().Get(), "n1", "ttl",
                               model::CheckStatus::kPassing,
                               "") == catalog::Catalog::HeartbeatResult::kRenewed;
  }

  catalog::FakeClock clock_;
  std::shared_ptr<catalog::MemoryLogDisk> disk_ = std::make_shared<catalog::MemoryLogDisk>();
  catalog::MemoryLog* log_;
  catalog::HeardServers heard_;
  std::unique_ptr<catalog::Catalog> catalog_;
};

}  // namespace rollcall::cli
