#include "api/audit/audit_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "tests/e2e/harness/eventually.h"

namespace rollcall::api {
namespace {

using e2e::Eventually;
using std::chrono::hours;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

// A disk that the test holds up or fills. Shared by the test and the log's thread.
class Disk {
 public:
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  int reopened() const {
    const std::lock_guard lock(mutex_);
    return reopened_;
  }
  int synced() const {
    const std::lock_guard lock(mutex_);
    return synced_;
  }
  int writes() const {
    const std::lock_guard lock(mutex_);
    return writes_;
  }
  // How many more lines there is room for.
  void SetRoom(size_t lines) {
    const std::lock_guard lock(mutex_);
    room_ = lines;
  }
  // A write does not come back until the release.
  void Hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void Release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    released_.notify_all();
  }

  AuditSink::Progress Write(std::span<const std::string> lines) {
    std::unique_lock lock(mutex_);
    ++writes_;
    released_.wait(lock, [this] { return !held_; });
    AuditSink::Progress progress;
    for (const std::string& line : lines) {
      if (room_ == 0) {
        progress.error = IoError("disk full");
        break;
      }
      --room_;
      lines_.push_back(line);
      ++progress.lines;
    }
    return progress;
  }
  void Reopen() {
    const std::lock_guard lock(mutex_);
    ++reopened_;
  }
  void Sync() {
    const std::lock_guard lock(mutex_);
    ++synced_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable released_;
  std::vector<std::string> lines_;
  size_t room_ = 1'000'000;
  bool held_ = false;
  int writes_ = 0;
  int reopened_ = 0;
  int synced_ = 0;
};

class DiskSink final : public AuditSink {
 public:
  explicit DiskSink(Disk& disk) : disk_(disk) {}
  Progress Write(std::span<const std::string> lines) override { return disk_.Write(lines); }
  Result<void> Sync() override { return disk_.Sync(), Result<void>(); }
  Result<void> Reopen() override { return disk_.Reopen(), Result<void>(); }
  std::string name() const override { return "audit log of the test"; }

 private:
  Disk& disk_;
};

class AuditLogTest : public testing::Test {
 protected:
  void Start(const AuditLog::Options& options) {
    log_ = std::make_unique<AuditLog>(std::make_unique<DiskSink>(disk_), options);
  }
  void Add(const std::string& path) {
    AuditEntry entry;
    entry.path = path;
    log_->Add(std::move(entry));
  }
  bool AwaitLines(size_t count) {
    return Eventually([&] { return disk_.lines().size() >= count; });
  }

  Disk disk_;
  std::unique_ptr<AuditLog> log_;
};

TEST_F(AuditLogTest, WritesInOrderAndAllOfItBeforeItEnds) {
  Start({.sync_every = hours(1)});
  for (int i = 0; i < 1000; ++i) Add("/" + std::to_string(i));
  log_.reset();
  const std::vector<std::string> lines = disk_.lines();
  ASSERT_EQ(lines.size(), 1000u);
  for (size_t i = 0; i < lines.size(); ++i) {
    EXPECT_THAT(lines[i], HasSubstr("\"/" + std::to_string(i) + "\""));
  }
  EXPECT_EQ(disk_.synced(), 1) << "at the end";
}

TEST_F(AuditLogTest, SyncsSoonAfterALineAndNotWithoutOne) {
  Start({.sync_every = milliseconds(1)});
  Add("/1");
  EXPECT_TRUE(Eventually([&] { return disk_.synced() == 1; }));
  log_.reset();
  EXPECT_EQ(disk_.synced(), 1) << "there was nothing more";
}

TEST_F(AuditLogTest, AWorkerNeverWaitsAndWhatIsLostIsCountedAndSaid) {
  Start({.max_queued = 10});
  disk_.Hold();
  Add("/held");
  ASSERT_TRUE(Eventually([&] { return disk_.writes() == 1; }));
  // The writer does not come back; none of these waits for it.
  for (int i = 0; i < 25; ++i) Add("/" + std::to_string(i));
  EXPECT_EQ(log_->queued(), 10u);
  EXPECT_EQ(log_->lost(), 15u);
  disk_.Release();
  ASSERT_TRUE(AwaitLines(12));
  EXPECT_THAT(disk_.lines()[10], HasSubstr("\"/9\""));
  EXPECT_THAT(disk_.lines()[11], HasSubstr("\"lost\":15"));
  Add("/after");
  ASSERT_TRUE(AwaitLines(13));
  EXPECT_THAT(disk_.lines()[12], HasSubstr("/after"));
  EXPECT_TRUE(Eventually([&] { return log_->written() == 13; }));
}

TEST_F(AuditLogTest, AFloodOfRefusalsLeavesRoomForWrites) {
  Start({.max_queued = 10});
  disk_.Hold();
  Add("/held");
  ASSERT_TRUE(Eventually([&] { return disk_.writes() == 1; }));
  for (int i = 0; i < 100; ++i) {
    AuditEntry refusal;
    refusal.status = 403;
    log_->Add(refusal);
  }
  EXPECT_EQ(log_->queued(), 5u);
  for (int i = 0; i < 5; ++i) Add("/write");
  EXPECT_EQ(log_->lost(), 95u);
  disk_.Release();
}

TEST_F(AuditLogTest, AFullDiskIsTriedAgainAndNothingIsWrittenTwice) {
  Start({.retry_after = milliseconds(1)});
  disk_.SetRoom(2);
  for (int i = 0; i < 5; ++i) Add("/" + std::to_string(i));
  EXPECT_TRUE(Eventually([&] { return log_->is_in_trouble(); }));
  const int writes = disk_.writes();
  EXPECT_TRUE(Eventually([&] { return disk_.writes() > writes + 3; })) << "it is tried again";
  EXPECT_EQ(disk_.lines().size(), 2u);
  disk_.SetRoom(100);
  ASSERT_TRUE(AwaitLines(5));
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_THAT(disk_.lines()[i], HasSubstr("\"/" + std::to_string(i) + "\""));
  }
  EXPECT_TRUE(Eventually([&] { return !log_->is_in_trouble(); }));
  EXPECT_EQ(log_->lost(), 0u);
}

TEST_F(AuditLogTest, WhatCannotBeWrittenAtTheEndIsGivenUp) {
  Start({.retry_after = hours(1)});
  disk_.SetRoom(0);
  Add("/1");
  EXPECT_TRUE(Eventually([&] { return log_->is_in_trouble(); }));
  Add("/2");
  log_.reset();  // comes back at once
  EXPECT_THAT(disk_.lines(), ElementsAre());
}

TEST_F(AuditLogTest, ReopensWhenItIsTold) {
  Start({.retry_after = hours(1)});
  log_->Reopen();
  EXPECT_TRUE(Eventually([&] { return disk_.reopened() == 1; }));
  // Also while the disk is full, which is tried again then.
  disk_.SetRoom(0);
  Add("/1");
  EXPECT_TRUE(Eventually([&] { return log_->is_in_trouble(); }));
  disk_.SetRoom(10);
  log_->Reopen();
  EXPECT_TRUE(AwaitLines(1));
}

}  // namespace
}  // namespace rollcall::api
