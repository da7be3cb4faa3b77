#include "api/audit/audit_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "tests/e2e/harness/files.h"

namespace rollcall::api {
namespace {

namespace fs = std::filesystem;

using e2e::ReadFile;
using std::chrono::hours;
using std::chrono::seconds;
using std::chrono::system_clock;
using testing::ElementsAre;
using testing::HasSubstr;

class AuditFileTest : public testing::Test {
 protected:
  void Open() {
    Result<std::unique_ptr<AuditFile>> file = AuditFile::Open(options_, [this] { return now_; });
    ASSERT_TRUE(file) << file.error().message;
    file_ = std::move(*file);
  }

  AuditSink::Progress Write(const std::vector<std::string>& lines) { return file_->Write(lines); }
  void ExpectWrites(const std::vector<std::string>& lines) {
    const AuditSink::Progress progress = Write(lines);
    EXPECT_EQ(progress.lines, lines.size());
    EXPECT_FALSE(progress.error) << progress.error->message;
  }

  // Of the directory, sorted.
  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(dir_.path())) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  static mode_t ModeOf(const std::string& path) {
    struct stat status = {};
    EXPECT_EQ(stat(path.c_str(), &status), 0);
    return status.st_mode & 07777;
  }

  const e2e::TempDir dir_;
  const std::string path_ = dir_.File("audit.log");
  system_clock::time_point now_ = system_clock::time_point(seconds(1'790'000'000));
  AuditFile::Options options_{.path = path_, .max_bytes = 0, .max_age = seconds(0), .max_files = 3};
  std::unique_ptr<AuditFile> file_;
};

TEST_F(AuditFileTest, IsMadeForItsOwnerAndGroupWhateverTheUmask) {
  const mode_t before = umask(0777);
  Open();
  umask(before);
  EXPECT_EQ(ModeOf(path_), 0640u);
  ExpectWrites({"a\n", "b\n"});
  EXPECT_EQ(ReadFile(path_), "a\nb\n");
}

TEST_F(AuditFileTest, GoesOnBehindWhatIsThereAndLeavesItsMode) {
  dir_.Write("audit.log", "old\n");
  ASSERT_EQ(chmod(path_.c_str(), 0600), 0);
  Open();
  ExpectWrites({"new\n"});
  EXPECT_EQ(ReadFile(path_), "old\nnew\n");
  EXPECT_EQ(ModeOf(path_), 0600u);
}

TEST_F(AuditFileTest, EndsTheLineThatACrashHasCut) {
  dir_.Write("audit.log", "{\"time\":\"20");
  Open();
  ExpectWrites({"new\n"});
  EXPECT_EQ(ReadFile(path_), "{\"time\":\"20\nnew\n");
}

TEST_F(AuditFileTest, IsTurnedOverBeforeItGrowsTooLarge) {
  options_.max_bytes = 10;
  Open();
  ExpectWrites({"1111\n", "2222\n"});
  now_ += seconds(1);
  ExpectWrites({"3333\n", "4444\n", "5555\n"});
  EXPECT_EQ(ReadFile(path_), "5555\n");
  EXPECT_THAT(Files(), ElementsAre("audit.log", "audit.log.20260921T141321.000Z",
                                   "audit.log.20260921T141321.000Z-2"));
  EXPECT_EQ(ReadFile(dir_.File("audit.log.20260921T141321.000Z")), "1111\n2222\n");
  EXPECT_EQ(ReadFile(dir_.File("audit.log.20260921T141321.000Z-2")), "3333\n4444\n");
  EXPECT_EQ(ModeOf(dir_.File("audit.log.20260921T141321.000Z")), 0640u);
}

TEST_F(AuditFileTest, ALineThatIsLargerThanAllGetsAFileOfItsOwn) {
  options_.max_bytes = 10;
  Open();
  ExpectWrites({"1\n", std::string(100, 'x') + "\n", "2\n"});
  EXPECT_EQ(ReadFile(path_), "2\n");
  EXPECT_EQ(Files().size(), 3u);
}

TEST_F(AuditFileTest, IsTurnedOverWhenItIsOldAndNotWhenItIsEmpty) {
  options_.max_age = hours(24);
  Open();
  now_ += hours(48);
  ExpectWrites({"1\n"});
  EXPECT_THAT(Files(), ElementsAre("audit.log")) << "there was nothing in it";
  ExpectWrites({"2\n"});
  EXPECT_EQ(Files().size(), 2u);
  now_ += hours(23);
  ExpectWrites({"3\n"});
  EXPECT_EQ(Files().size(), 2u);
  EXPECT_EQ(ReadFile(path_), "2\n3\n");
}

TEST_F(AuditFileTest, KeepsTheYoungestAndNothingOfOthers) {
  options_.max_bytes = 2;
  options_.max_files = 2;
  dir_.Write("audit.log.1", "logrotate's");
  dir_.Write("audit.log.20000101T000000.000Z", "older than all");
  dir_.Write("audit.log.20000101T000000.000Z.gz", "not ours");
  dir_.Write("other.log.20000101T000000.000Z", "not ours");
  Open();
  for (int i = 0; i < 5; ++i) {
    ExpectWrites({std::to_string(i) + "\n"});
    now_ += seconds(1);
  }
  EXPECT_THAT(Files(),
              ElementsAre("audit.log", "audit.log.1", "audit.log.20000101T000000.000Z.gz",
                          "audit.log.20260921T141323.000Z", "audit.log.20260921T141324.000Z",
                          "other.log.20000101T000000.000Z"));
  EXPECT_EQ(ReadFile(dir_.File("audit.log.20260921T141324.000Z")), "3\n");
}

TEST_F(AuditFileTest, ReopenGoesOnInANewFile) {
  Open();
  ExpectWrites({"1\n"});
  fs::rename(path_, dir_.File("moved"));
  ExpectWrites({"2\n"});
  ASSERT_TRUE(file_->Reopen());
  EXPECT_EQ(ReadFile(path_), "");
  EXPECT_EQ(ModeOf(path_), 0640u);
  ExpectWrites({"3\n"});
  EXPECT_EQ(ReadFile(dir_.File("moved")), "1\n2\n");
  EXPECT_EQ(ReadFile(path_), "3\n");
}

TEST_F(AuditFileTest, AFullDiskTakesNothingAndIsTriedAgain) {
  ASSERT_EQ(symlink("/dev/full", path_.c_str()), 0);
  Open();
  const AuditSink::Progress full = Write({"1\n", "2\n"});
  EXPECT_EQ(full.lines, 0u);
  ASSERT_TRUE(full.error);
  EXPECT_THAT(full.error->message, HasSubstr("No space left on device"));
  EXPECT_THAT(full.error->message, HasSubstr(path_));
  ASSERT_EQ(unlink(path_.c_str()), 0);
  ExpectWrites({"1\n", "2\n"});
  EXPECT_EQ(ReadFile(path_), "1\n2\n");
}

TEST_F(AuditFileTest, WhereItCannotBeTurnedOverItGrowsOn) {
  options_.max_bytes = 4;
  // With the time behind it the name would be longer than file systems take.
  options_.path = dir_.File(std::string(245, 'a'));
  Open();
  ExpectWrites({"11\n"});
  ExpectWrites({"22\n", "33\n"});
  EXPECT_EQ(ReadFile(options_.path), "11\n22\n33\n");
}

TEST_F(AuditFileTest, WhatCannotBeAFileIsRefusedInOneLine) {
  const auto error_of = [this](const std::string& path) {
    options_.path = path;
    const auto file = AuditFile::Open(options_, [this] { return now_; });
    return file ? "" : file.error().message;
  };
  EXPECT_EQ(error_of("/nowhere/audit.log"),
            "cannot open audit log /nowhere/audit.log: No such file or directory");
  EXPECT_THAT(error_of(dir_.path()), HasSubstr("Is a directory"));
  ASSERT_EQ(mkfifo(dir_.File("pipe").c_str(), 0600), 0);
  EXPECT_THAT(error_of(dir_.File("pipe")), HasSubstr("it is no regular file"));
}

}  // namespace
}  // namespace rollcall::api
