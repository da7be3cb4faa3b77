#include "api/http/body.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/api/http/gunzip.h"

namespace rollcall::http {
namespace {

TEST(BodyTest, SharedBytesAreNotCopied) {
  const auto shared = std::make_shared<const SharedBody>("prepared");
  const Body body = shared;
  EXPECT_EQ(body.view().data(), shared->bytes().data());
  EXPECT_EQ(Body(std::shared_ptr<const SharedBody>()).view(), "");
  EXPECT_EQ(Body(std::shared_ptr<const SharedBody>()).Gzip(), std::nullopt);
}

TEST(BodyTest, ManySharedBytesAreInAFileThatNobodyCanChange) {
  const std::string bytes = std::string(MemoryFile::kMinBytes - 1, 'a') + 'b';
  const auto shared = std::make_shared<const SharedBody>(bytes);
  ASSERT_NE(shared->file(), nullptr);
  EXPECT_EQ(shared->bytes(), bytes);
  EXPECT_EQ(Body(shared).view().data(), shared->bytes().data());
  EXPECT_EQ(Body(shared).file(), shared->file());
  EXPECT_EQ(pwrite(shared->file()->fd(), "x", 1, 0), -1);
  EXPECT_EQ(ftruncate(shared->file()->fd(), 0), -1);
  std::string read(bytes.size(), '\0');
  EXPECT_EQ(pread(shared->file()->fd(), read.data(), read.size(), 0),
            static_cast<ssize_t>(read.size()));
  EXPECT_EQ(read, bytes);
  const std::optional<Body> gzip = Body(shared).Gzip();
  ASSERT_TRUE(gzip);
  EXPECT_EQ(gzip->file(), nullptr);
  EXPECT_EQ(Gunzip(gzip->view()), bytes);
}

TEST(BodyTest, FewBytesAndBytesOfOneAnswerAreInNoFile) {
  EXPECT_EQ(SharedBody(std::string(MemoryFile::kMinBytes - 1, 'a')).file(), nullptr);
  EXPECT_EQ(Body(std::string(MemoryFile::kMinBytes, 'a')).file(), nullptr);
  EXPECT_EQ(Body(std::shared_ptr<const SharedBody>()).file(), nullptr);
}

TEST(BodyTest, BytesThatFindNoFileAreKeptInMemory) {
  const std::string bytes(MemoryFile::kMinBytes, 'a');
  std::vector<std::unique_ptr<const SharedBody>> bodies;
  while (bodies.size() < MemoryFile::kMaxFiles) {
    bodies.push_back(std::make_unique<const SharedBody>(bytes));
    ASSERT_NE(bodies.back()->file(), nullptr);
  }
  const SharedBody one_more(bytes);
  EXPECT_EQ(one_more.file(), nullptr);
  EXPECT_EQ(one_more.bytes(), bytes);
  bodies.pop_back();
  EXPECT_NE(SharedBody(bytes).file(), nullptr);
}

TEST(BodyTest, SharedBytesAreCompressedOnceForAll) {
  const auto shared = std::make_shared<const SharedBody>(std::string(5000, 'x'));
  const std::optional<Body> first = Body(shared).Gzip();
  const std::optional<Body> second = Body(shared).Gzip();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(Gunzip(first->view()), shared->bytes());
  EXPECT_EQ(first->view().data(), second->view().data());
}

TEST(BodyTest, CompressedBytesLiveAsLongAsTheBody) {
  auto shared = std::make_shared<const SharedBody>(std::string(5000, 'x'));
  const std::optional<Body> gzip = Body(shared).Gzip();
  shared.reset();
  ASSERT_TRUE(gzip);
  EXPECT_EQ(Gunzip(gzip->view()), std::string(5000, 'x'));
}

TEST(BodyTest, ThreadsThatCompressAtOnceGetTheSameBytes) {
  const auto shared = std::make_shared<const SharedBody>(std::string(100000, 'x'));
  std::vector<const char*> seen(4);
  std::vector<std::thread> threads;
  threads.reserve(seen.size());
  for (const char*& place : seen) {
    threads.emplace_back([&shared, &place] { place = Body(shared).Gzip()->view().data(); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const char* bytes : seen) EXPECT_EQ(bytes, seen[0]);
}

TEST(BodyTest, BytesThatDoNotShrinkHaveNoGzipForm) {
  EXPECT_FALSE(Body("short").Gzip());
  EXPECT_FALSE(Body("").Gzip());
  EXPECT_FALSE(Body(std::make_shared<const SharedBody>("short")).Gzip());
  EXPECT_EQ(Gunzip(Body(std::string(5000, 'y')).Gzip()->view()), std::string(5000, 'y'));
}

}  // namespace
}  // namespace rollcall::http
