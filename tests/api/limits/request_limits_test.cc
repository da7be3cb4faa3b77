#include "api/limits/request_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/registry/catalog/fake_clock.h"

namespace rollcall::api {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr auto kRead = RequestKind::kRead;
constexpr auto kWrite = RequestKind::kWrite;

class RequestLimitsTest : public testing::Test {
 protected:
  RequestLimits Limits(const RequestLimitOptions& options) const { return {options, state_}; }

  // How many of `tries` requests of that client are not over a limit.
  int Served(const RequestLimits& limits, const std::string& client, RequestKind kind,
             int tries) const {
    int served = 0;
    for (int i = 0; i < tries; ++i) {
      served += limits.OfClient(limits.ClientOf(client), kind, clock_.Now()) ? 0 : 1;
    }
    return served;
  }

  bool IsLockedOut(const RequestLimits& limits, const std::string& client) const {
    return limits.OfFailures(limits.ClientOf(client), clock_.Now()).has_value();
  }

  catalog::FakeClock clock_;
  std::shared_ptr<LimitState> state_ = std::make_shared<LimitState>(clock_.Now(), 42);
};

TEST_F(RequestLimitsTest, ByDefaultOnlyFailuresAreLimited) {
  const RequestLimits limits = Limits({});
  EXPECT_FALSE(limits.is_watching());
  EXPECT_EQ(Served(limits, "10.0.0.1", kRead, 1000), 1000);
  EXPECT_EQ(Served(limits, "10.0.0.1", kWrite, 1000), 1000);
  EXPECT_FALSE(limits.OfToken("a", kWrite, clock_.Now()));
  limits.CountFailedAuthentication("10.0.0.1", clock_.Now());
  EXPECT_TRUE(limits.is_watching());
}

TEST_F(RequestLimitsTest, ReadsAndWritesOfAClientAreCountedApart) {
  RequestLimitOptions options;
  options.of(Limit::kReadsPerClient) = {10, 20};
  options.of(Limit::kWritesPerClient) = {2, 3};
  const RequestLimits limits = Limits(options);
  EXPECT_TRUE(limits.is_watching());
  EXPECT_EQ(Served(limits, "10.0.0.1", kRead, 100), 20);
  EXPECT_EQ(Served(limits, "10.0.0.1", kWrite, 100), 3);
  EXPECT_EQ(Served(limits, "10.0.0.2", kRead, 100), 20) << "another client";
  clock_.Advance(seconds(1));
  EXPECT_EQ(Served(limits, "10.0.0.1", kRead, 100), 10);
  EXPECT_EQ(Served(limits, "10.0.0.1", kWrite, 100), 2);
}

TEST_F(RequestLimitsTest, ARefusalNamesTheLimitAndTheWait) {
  RequestLimitOptions options;
  options.of(Limit::kWritesPerClient) = {2, 1};
  const RequestLimits limits = Limits(options);
  const auto client = limits.ClientOf("10.0.0.1");
  EXPECT_FALSE(limits.OfClient(client, kWrite, clock_.Now()));
  const auto refusal = limits.OfClient(client, kWrite, clock_.Now());
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->limit, Limit::kWritesPerClient);
  EXPECT_EQ(refusal->wait, milliseconds(500));
  EXPECT_EQ(limits.Explain(refusal->limit, "10.0.0.1"),
            "Too many requests: limit-writes-per-client is 2 a second, 1 at once, for 10.0.0.1");
}

TEST_F(RequestLimitsTest, RetryAfterIsWholeSecondsAndNeverNone) {
  EXPECT_EQ(RetryAfterSeconds(microseconds(1)), 1);
  EXPECT_EQ(RetryAfterSeconds(seconds(1)), 1);
  EXPECT_EQ(RetryAfterSeconds(milliseconds(1001)), 2);
}

TEST_F(RequestLimitsTest, AHostOfIpv6IsOneClientWithAllOfItsAddresses) {
  RequestLimitOptions options;
  options.of(Limit::kReadsPerClient) = {10, 10};
  const RequestLimits limits = Limits(options);
  EXPECT_EQ(Served(limits, "2001:db8:0:1::1", kRead, 8), 8);
  EXPECT_EQ(Served(limits, "2001:db8:0:1:ffff::2", kRead, 8), 2);
  EXPECT_EQ(Served(limits, "2001:db8:0:2::1", kRead, 8), 8) << "another /64";
  EXPECT_EQ(Served(limits, "10.0.0.1", kRead, 8), 8);
  EXPECT_EQ(Served(limits, "::ffff:10.0.0.1", kRead, 8), 2) << "the same, mapped";
}

TEST_F(RequestLimitsTest, TokensAreCountedByThemselvesWhoeverHasThem) {
  RequestLimitOptions options;
  options.of(Limit::kReadsPerToken) = {1, 2};
  const RequestLimits limits = Limits(options);
  const std::string one = "6a1253d2-1785-24fd-91c2-f8e78c745511";
  EXPECT_FALSE(limits.OfToken(one, kRead, clock_.Now()));
  EXPECT_FALSE(limits.OfToken(one, kRead, clock_.Now()));
  const auto refusal = limits.OfToken(one, kRead, clock_.Now());
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->limit, Limit::kReadsPerToken);
  EXPECT_FALSE(limits.OfToken(one, kWrite, clock_.Now()));
  EXPECT_FALSE(limits.OfToken("6a1253d2-1785-24fd-91c2-f8e78c745512", kRead, clock_.Now()));
}

TEST_F(RequestLimitsTest, AllTogetherAreLimitedAfterEachByItself) {
  RequestLimitOptions options;
  options.of(Limit::kReads) = {10, 10};
  options.of(Limit::kReadsPerClient) = {3, 3};
  const RequestLimits limits = Limits(options);
  for (const char* client : {"10.0.0.1", "10.0.0.2", "10.0.0.3"}) {
    EXPECT_EQ(Served(limits, client, kRead, 50), 3) << client;
  }
  EXPECT_EQ(Served(limits, "10.0.0.4", kRead, 50), 1) << "who is refused takes nothing of all";
}

TEST_F(RequestLimitsTest, ExemptNetworksAreNotLimited) {
  RequestLimitOptions options;
  options.of(Limit::kReadsPerClient) = {1, 1};
  options.failed_auth_per_minute = 1;
  EXPECT_EQ(Served(Limits(options), "127.0.0.1", kRead, 50), 50);
  EXPECT_EQ(Served(Limits(options), "::1", kRead, 50), 50);
  options.exempt = NetworkSet::Parse("10.0.0.0/8").value();
  const RequestLimits limits = Limits(options);
  EXPECT_EQ(Served(limits, "127.0.0.1", kRead, 50), 1);
  EXPECT_EQ(Served(limits, "10.1.2.3", kRead, 50), 50);
  for (int i = 0; i < 5; ++i) limits.CountFailedAuthentication("10.1.2.3", clock_.Now());
  EXPECT_FALSE(IsLockedOut(limits, "10.1.2.3"));
  EXPECT_EQ(state_->failed_authentications(), 5u) << "they are counted all the same";
}

TEST_F(RequestLimitsTest, WhoFailsTooOftenIsLockedOutUntilTheBucketFills) {
  RequestLimitOptions options;
  options.failed_auth_per_minute = 6;
  const RequestLimits limits = Limits(options);
  for (int i = 0; i < 5; ++i) limits.CountFailedAuthentication("10.0.0.1", clock_.Now());
  EXPECT_FALSE(IsLockedOut(limits, "10.0.0.1"));
  limits.CountFailedAuthentication("10.0.0.1", clock_.Now());
  EXPECT_TRUE(IsLockedOut(limits, "10.0.0.1"));
  EXPECT_FALSE(IsLockedOut(limits, "10.0.0.2"));
  for (int i = 0; i < 50; ++i) limits.CountFailedAuthentication("10.0.0.1", clock_.Now());
  clock_.Advance(seconds(10));
  EXPECT_FALSE(IsLockedOut(limits, "10.0.0.1")) << "failures beyond the limit do not prolong it";
  limits.CountFailedAuthentication("10.0.0.1", clock_.Now());
  EXPECT_TRUE(IsLockedOut(limits, "10.0.0.1"));
  clock_.Advance(minutes(1));
  for (int i = 0; i < 5; ++i) limits.CountFailedAuthentication("10.0.0.1", clock_.Now());
  EXPECT_FALSE(IsLockedOut(limits, "10.0.0.1"));
}

TEST_F(RequestLimitsTest, FailuresCanGoUnlimited) {
  RequestLimitOptions options;
  options.failed_auth_per_minute = 0;
  const RequestLimits limits = Limits(options);
  for (int i = 0; i < 1000; ++i) limits.CountFailedAuthentication("10.0.0.1", clock_.Now());
  EXPECT_FALSE(IsLockedOut(limits, "10.0.0.1"));
}

TEST_F(RequestLimitsTest, PermissiveServesAndCountsAndDisabledDoesNeither) {
  RequestLimitOptions options;
  options.of(Limit::kReadsPerClient) = {1, 1};
  options.mode = LimitMode::kPermissive;
  const RequestLimits permissive = Limits(options);
  const RequestLimits::Refusal refusal{Limit::kReadsPerClient, seconds(1)};
  EXPECT_EQ(Served(permissive, "10.0.0.1", kRead, 5), 1);
  EXPECT_FALSE(permissive.Refuses(refusal, "10.0.0.1", clock_.Now()));
  EXPECT_EQ(state_->permitted(Limit::kReadsPerClient), 1u);
  EXPECT_EQ(state_->refused(Limit::kReadsPerClient), 0u);
  EXPECT_TRUE(permissive.Refuses({Limit::kFailedAuth, seconds(1)}, "10.0.0.1", clock_.Now()));
  EXPECT_EQ(state_->refused(Limit::kFailedAuth), 1u);

  options.mode = LimitMode::kDisabled;
  EXPECT_FALSE(Limits(options).is_watching());
  EXPECT_EQ(Served(Limits(options), "10.0.0.9", kRead, 5), 5);

  options.mode = LimitMode::kEnforcing;
  EXPECT_TRUE(Limits(options).Refuses(refusal, "10.0.0.1", clock_.Now()));
  EXPECT_EQ(state_->refused(Limit::kReadsPerClient), 1u);
}

TEST_F(RequestLimitsTest, OtherLimitsGoOnWithTheSameBuckets) {
  RequestLimitOptions options;
  options.of(Limit::kReadsPerClient) = {10, 10};
  EXPECT_EQ(Served(Limits(options), "10.0.0.1", kRead, 50), 10);
  EXPECT_EQ(Served(Limits(options), "10.0.0.1", kRead, 50), 0) << "a reload gives nothing back";
  options.of(Limit::kReadsPerClient) = {10, 15};
  EXPECT_EQ(Served(Limits(options), "10.0.0.1", kRead, 50), 5);
}

TEST_F(RequestLimitsTest, AFloodOfAddressesNeitherFreesWhoIsOverNorHarmsOthers) {
  RequestLimitOptions options;
  options.of(Limit::kReadsPerClient) = {10, 10};
  options.failed_auth_per_minute = 2;
  const RequestLimits limits = Limits(options);
  EXPECT_EQ(Served(limits, "10.0.0.1", kRead, 100), 10);
  for (int i = 0; i < 2; ++i) limits.CountFailedAuthentication("10.0.0.1", clock_.Now());
  // More than there are buckets.
  for (int i = 0; i < 400'000; ++i) {
    const std::string client =
        "2001:db8:" + std::to_string(i / 10'000) + ":" + std::to_string(i % 10'000) + "::1";
    ASSERT_EQ(Served(limits, client, kRead, 1), 1) << client;
  }
  EXPECT_EQ(Served(limits, "10.0.0.1", kRead, 100), 0);
  EXPECT_TRUE(IsLockedOut(limits, "10.0.0.1"));
}

TEST_F(RequestLimitsTest, WhatIsNoAddressIsOneClient) {
  RequestLimitOptions options;
  options.of(Limit::kReadsPerClient) = {2, 2};
  const RequestLimits limits = Limits(options);
  EXPECT_EQ(Served(limits, "", kRead, 1), 1);
  EXPECT_EQ(Served(limits, "fe80::1%eth0", kRead, 5), 1);
}

}  // namespace
}  // namespace rollcall::api
