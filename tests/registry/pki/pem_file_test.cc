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

class PemFileTest : public testing::Test {
 protected:
  static void ExpectRefused(const std::string& path, const std::string& why) {
    const Result<SecretText> text = ReadPemFile(path);
    ASSERT_FALSE(text) << path;
    EXPECT_THAT(text.error().message, StartsWith(path + ": "));
    EXPECT_THAT(text.error().message, HasSubstr(why));
  }

  const e2e::TempDir dir_;
};

TEST_F(PemFileTest, ReadsAWholeFileAndThroughALink) {
  std::string text(100'000, 'x');
  text[5] = '\0';
  const std::string file = dir_.Write("file", text);
  EXPECT_EQ(ReadPemFile(file)->view(), text);
  const std::string link = dir_.File("link");
  ASSERT_EQ(symlink(file.c_str(), link.c_str()), 0);
  EXPECT_EQ(ReadPemFile(link)->view(), text);
  EXPECT_EQ(ReadPemFile(dir_.Write("empty", ""))->view(), "");
}

TEST_F(PemFileTest, ReadsAsMuchAsAnybodyWouldUse) {
  constexpr size_t kMost = size_t{4} << 20;
  EXPECT_EQ(ReadPemFile(dir_.Write("most", std::string(kMost, 'x')))->view().size(), kMost);
  ExpectRefused(dir_.Write("more", std::string(kMost + 1, 'x')), "larger than 4 MiB");
  ExpectRefused("/dev/zero", "larger than 4 MiB");
}

TEST_F(PemFileTest, WhatCannotBeReadIsNamedWithTheReason) {
  ExpectRefused(dir_.File("missing"), "cannot be read: No such file or directory");
  ExpectRefused(dir_.path(), "cannot be read: Is a directory");
}

TEST_F(PemFileTest, ReadsAPipeToItsEnd) {
  const std::string pipe = dir_.File("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { dir_.Write("pipe", std::string(100'000, 'x')); });
  EXPECT_EQ(ReadPemFile(pipe)->view().size(), 100'000u);
  writer.join();
}

}  // namespace
}  // namespace rollcall::pki
