#include "api/acl/token_reaper.h"

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "registry/acl/objects/secrets.h"
#include "registry/acl/objects/stored.h"
#include "registry/base/clock.h"
#include "registry/store/volatile_store.h"
#include "tests/registry/catalog/memory_log.h"

namespace rollcall::api {
namespace {

using std::chrono::seconds;

constexpr std::chrono::milliseconds kAtOnce{1};

class TokenReaperTest : public testing::Test {
 protected:
  TokenReaperTest()
      : catalog_(std::move(
            *catalog::Catalog::Open(std::make_unique<store::VolatileStore>(), clock_, {}))) {
    access_.enabled = true;
    access_.now = [this] { return now_; };
  }
  ~TokenReaperTest() override { catalog_->Stop(); }

  // `n` is also what its IDs are made from.
  static acl::Token TokenOf(int n, std::optional<UtcTime> expires) {
    acl::Token token;
    const std::string digits = std::to_string(n);
    token.accessor_id = "bbbbbbbb-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
    token.secret_hash = acl::HashSecret(token.accessor_id + "'s secret");
    token.expiration_time = expires;
    return token;
  }
  void Put(int first, int last, std::optional<UtcTime> expires) {
    model::ChangeAcl change{catalog_->snapshots().Get()->acl_index(), {}, {}};
    for (int n = first; n < last; ++n) change.put.push_back(WriteToken(TokenOf(n, expires)));
    ASSERT_TRUE(catalog_->SubmitAndWait(std::move(change)));
  }
  size_t Tokens() const {
    size_t count = 0;
    for ([[maybe_unused]] const auto& each : catalog_->snapshots().Get()->acl()) ++count;
    return count;
  }
  // Runs the loop until then; the test's own time limit ends what never happens.
  void RunUntil(const std::function<bool()>& done) {
    const auto guard = boost::asio::make_work_guard(loop_);  // a change may be under way
    while (!done()) loop_.run_one();
  }

  SteadyClock clock_;
  UtcTime now_{seconds(1000)};
  acl::BearerCache::Options access_;
  boost::asio::io_context loop_;
  std::unique_ptr<catalog::Catalog> catalog_;
};

TEST_F(TokenReaperTest, RemovesWhatHasExpiredAndNothingElse) {
  Put(0, 3, now_ - seconds(1));
  Put(3, 5, std::nullopt);
  Put(5, 7, now_);
  TokenReaper reaper(loop_, *catalog_, access_, kAtOnce);
  RunUntil([&] { return reaper.reaped() == 3; });
  EXPECT_EQ(Tokens(), 4U);
  now_ += seconds(1);
  RunUntil([&] { return reaper.reaped() == 5; });
  EXPECT_EQ(Tokens(), 2U);
}

TEST_F(TokenReaperTest, TakesManyInBatches) {
  constexpr int kCount = 2 * static_cast<int>(TokenReaper::kMaxBatch) + 3;
  Put(0, kCount, now_ - seconds(1));
  const uint64_t before = catalog_->snapshots().Get()->index().value();
  TokenReaper reaper(loop_, *catalog_, access_, kAtOnce);
  RunUntil([&] { return reaper.reaped() == kCount; });
  EXPECT_EQ(Tokens(), 0U);
  EXPECT_EQ(catalog_->snapshots().Get()->index().value(), before + 3);
}

// A log that servers share takes no more than so many operations at once.
TEST_F(TokenReaperTest, TakesManyOutOfASharedLog) {
  catalog_->Stop();
  catalog_ = std::move(*catalog::Catalog::OpenShared(
      std::make_unique<catalog::MemoryLog>(std::make_shared<catalog::MemoryLogDisk>()), clock_,
      {}));
  for (int n = 0; n < 300; n += 50) Put(n, n + 50, now_ - seconds(1));
  ASSERT_EQ(Tokens(), 300U);
  const TokenReaper reaper(loop_, *catalog_, access_, kAtOnce);
  RunUntil([&] { return reaper.reaped() == 300; });
  EXPECT_EQ(Tokens(), 0U);
}

TEST_F(TokenReaperTest, OneOfTwoMayComeTooLate) {
  Put(0, 300, now_ - seconds(1));
  TokenReaper one(loop_, *catalog_, access_, kAtOnce);
  TokenReaper two(loop_, *catalog_, access_, kAtOnce);
  RunUntil([&] { return Tokens() == 0; });
  RunUntil([&] { return one.reaped() + two.reaped() == 300; });
  Put(300, 301, now_ - seconds(1));
  RunUntil([&] { return one.reaped() + two.reaped() == 301; });
  EXPECT_EQ(Tokens(), 0U);
}

TEST_F(TokenReaperTest, DoesNothingWhereAccessIsNotControlled) {
  Put(0, 3, now_ - seconds(1));
  access_.enabled = false;
  const TokenReaper reaper(loop_, *catalog_, access_, kAtOnce);
  loop_.run();  // there is nothing that it would wait for
  EXPECT_EQ(Tokens(), 3U);
}

}  // namespace
}  // namespace rollcall::api
