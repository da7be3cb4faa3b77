#include "api/http/body.h"

#include <gtest/gtest.h>

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
