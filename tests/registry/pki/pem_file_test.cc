#include "registry/pki/pem_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "tests/e2e/harness/files.h"

namespace rollcall::pki {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class PemFileTest : public testing::TestWithParam<PemSource> {
 protected:
  static void ExpectRefused(const std::string& path, const std::string& why) {
    const Result<SecretText> text = ReadPemFile(path, GetParam());
    ASSERT_FALSE(text) << path;
    EXPECT_THAT(text.error().message, StartsWith(path + ": "));
    EXPECT_THAT(text.error().message, HasSubstr(why));
  }
  static std::string Read(const std::string& path) {
    return std::string(ReadPemFile(path, GetParam())->view());
  }

  const e2e::TempDir dir_;
};

TEST_P(PemFileTest, ReadsAWholeFileAndThroughALink) {
  std::string text(100'000, 'x');
  text[5] = '\0';
  const std::string file = dir_.Write("file", text);
  EXPECT_EQ(Read(file), text);
  const std::string link = dir_.File("link");
  ASSERT_EQ(symlink(file.c_str(), link.c_str()), 0);
  EXPECT_EQ(Read(link), text);
  EXPECT_EQ(Read(dir_.Write("empty", "")), "");
}

TEST_P(PemFileTest, ReadsAsMuchAsAnybodyWouldUse) {
  constexpr size_t kMost = size_t{4} << 20;
  EXPECT_EQ(Read(dir_.Write("most", std::string(kMost, 'x'))).size(), kMost);
  ExpectRefused(dir_.Write("more", std::string(kMost + 1, 'x')), "larger than 4 MiB");
}

TEST_P(PemFileTest, WhatCannotBeReadIsNamedWithTheReason) {
  ExpectRefused(dir_.File("missing"), "cannot be read: No such file or directory");
  const bool regular = GetParam() == PemSource::kRegularFile;
  ExpectRefused(dir_.path(), regular ? "not a regular file" : "cannot be read: Is a directory");
  ExpectRefused("/dev/zero", regular ? "not a regular file" : "larger than 4 MiB");
}

INSTANTIATE_TEST_SUITE_P(Sources, PemFileTest,
                         testing::Values(PemSource::kRegularFile, PemSource::kFileOrPipe),
                         [](const auto& source) {
                           return source.param == PemSource::kRegularFile ? "RegularFile"
                                                                          : "FileOrPipe";
                         });

class PemPipeTest : public testing::Test {
 protected:
  PemPipeTest() { EXPECT_EQ(mkfifo(pipe_.c_str(), 0600), 0); }

  const e2e::TempDir dir_;
  const std::string pipe_ = dir_.File("pipe");
};

TEST_F(PemPipeTest, PipeIsReadToItsEnd) {
  std::thread writer([&] { dir_.Write("pipe", std::string(100'000, 'x')); });
  EXPECT_EQ(ReadPemFile(pipe_, PemSource::kFileOrPipe)->view().size(), 100'000u);
  writer.join();
}

// Whoever waits for a writer here waits for ever.
TEST_F(PemPipeTest, PipeIsNotWaitedForWhereAFileIsExpected) {
  const std::string link = dir_.File("link");
  ASSERT_EQ(symlink(pipe_.c_str(), link.c_str()), 0);
  for (const std::string& path : {pipe_, link}) {
    const Result<SecretText> text = ReadPemFile(path, PemSource::kRegularFile);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().message, path + ": not a regular file, nor a link to one");
  }
}

}  // namespace
}  // namespace rollcall::pki
