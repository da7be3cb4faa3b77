#include "registry/base/bearer_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace rollcall {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kJwt = "eyJhbGciOiJFUzI1NiJ9.e30.c2ln-_";

class BearerTokenTest : public testing::Test {
 protected:
  BearerTokenTest() {
    char name[] = "/tmp/bearer-token-XXXXXX";
    directory_ = mkdtemp(name);
  }
  ~BearerTokenTest() override { std::filesystem::remove_all(directory_); }

  std::string File(const std::string& content) const {
    const std::string path = directory_ + "/jwt";
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  // The token, or why there is none.
  std::string Read(const std::string& content) const {
    const Result<std::string> token = ReadBearerTokenFile(File(content));
    return token ? *token : token.error().message;
  }

  std::string directory_;
};

TEST_F(BearerTokenTest, IsWhatIsBetweenBlanksAndLineEnds) {
  EXPECT_EQ(Read(kJwt), kJwt);
  EXPECT_EQ(Read(std::string(kJwt) + "\n"), kJwt);
  EXPECT_EQ(Read(" \t\r\n" + std::string(kJwt) + "\r\n\n"), kJwt);
}

TEST_F(BearerTokenTest, SizeIsThatWhichTheRegistryReads) {
  const std::string largest(kMaxBearerTokenBytes, 'a');
  EXPECT_EQ(Read(largest + "\n"), largest);
  EXPECT_THAT(Read(largest + "a"), HasSubstr("larger than 16 KiB"));
  EXPECT_THAT(Read(std::string(1 << 20, 'a')), HasSubstr("larger than 16 KiB"));
  EXPECT_THAT(Read(std::string(1 << 20, ' ')), HasSubstr("larger than 16 KiB"));
}

TEST_F(BearerTokenTest, WhatIsNoneIsNamedAndNotShown) {
  EXPECT_THAT(Read(""), HasSubstr("/jwt is empty"));
  EXPECT_THAT(Read(" \n\n"), HasSubstr("is empty"));
  for (const std::string& content :
       {std::string(R"({"token": "hush.hush.hush"})"), std::string("hush.hush.hush more"),
        std::string("hush.hush\nhush"), std::string("hush\0hush", 9), std::string("\xff\xfehush"),
        std::string("hush+/=")}) {
    EXPECT_THAT(Read(content), HasSubstr("something else than a JWT")) << content;
    EXPECT_THAT(Read(content), Not(HasSubstr("hush"))) << content;
  }
}

TEST_F(BearerTokenTest, OnlyARegularFileIsReadAndAPipeIsNotWaitedFor) {
  EXPECT_THAT(ReadBearerTokenFile(directory_).error().message, HasSubstr("not a regular file"));
  EXPECT_THAT(ReadBearerTokenFile("/dev/zero").error().message, HasSubstr("not a regular file"));
  const std::string pipe = directory_ + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(ReadBearerTokenFile(pipe).error().message, HasSubstr("not a regular file"));
  const Result<std::string> nowhere = ReadBearerTokenFile(directory_ + "/nowhere");
  EXPECT_EQ(nowhere.error().code, ErrorCode::kIo);
  EXPECT_THAT(nowhere.error().message,
              HasSubstr("cannot read " + directory_ + "/nowhere: No such"));
}

// As Kubernetes puts tokens in place.
TEST_F(BearerTokenTest, LinksAreFollowed) {
  const std::string file = File(kJwt);
  const std::string link = directory_ + "/link";
  ASSERT_EQ(symlink(file.c_str(), link.c_str()), 0);
  const Result<std::string> token = ReadBearerTokenFile(link);
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(*token, kJwt);
}

}  // namespace
}  // namespace rollcall
