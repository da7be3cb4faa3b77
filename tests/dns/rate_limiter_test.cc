// Response rate limiting: the bucket of a network, and what a limited client gets.
#include "dns/rate_limiter.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/dns/asked.h"
#include "tests/dns/catalog_text.h"
#include "tests/registry/catalog/fake_clock.h"

namespace rollcall::dns {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

IpAddress At(const std::string& text) { return *ParseIpAddress(text); }

class RateLimiterTest : public testing::Test {
 protected:
  // How many of `asked` answers to `client` may be sent now.
  int Allowed(RateLimiter* limiter, const std::string& client, int asked) {
    int allowed = 0;
    for (int i = 0; i < asked; ++i) allowed += limiter->Allows(At(client), clock_.Now()) ? 1 : 0;
    return allowed;
  }

  catalog::FakeClock clock_;
};

TEST_F(RateLimiterTest, AllowsASecondsWorthAtOnceAndThenAtItsRate) {
  RateLimiter limiter(20, clock_.Now());
  EXPECT_EQ(Allowed(&limiter, "192.0.2.1", 100), 20);
  EXPECT_EQ(Allowed(&limiter, "192.0.2.1", 100), 0);
  clock_.Advance(milliseconds(500));
  EXPECT_EQ(Allowed(&limiter, "192.0.2.1", 100), 10);
  clock_.Advance(seconds(3600));
  EXPECT_EQ(Allowed(&limiter, "192.0.2.1", 100), 20);
}

TEST_F(RateLimiterTest, CountsANetworkAsOneClient) {
  RateLimiter limiter(20, clock_.Now());
  EXPECT_EQ(Allowed(&limiter, "192.0.2.1", 15), 15);
  EXPECT_EQ(Allowed(&limiter, "192.0.2.255", 15), 5);  // the same /24
  EXPECT_EQ(Allowed(&limiter, "192.0.3.1", 15), 15);
  EXPECT_EQ(Allowed(&limiter, "2001:db8:0:100::1", 15), 15);
  EXPECT_EQ(Allowed(&limiter, "2001:db8:0:1ff::2", 15), 5);  // the same /56
  EXPECT_EQ(Allowed(&limiter, "2001:db8:0:200::1", 15), 15);
}

TEST_F(RateLimiterTest, DoesNotLimitLoopback) {
  RateLimiter limiter(1, clock_.Now());
  EXPECT_EQ(Allowed(&limiter, "127.0.0.1", 100), 100);
  EXPECT_EQ(Allowed(&limiter, "127.9.9.9", 100), 100);
  EXPECT_EQ(Allowed(&limiter, "::1", 100), 100);
}

TEST_F(RateLimiterTest, WithMoreNetworksThanItHoldsTheBusiestStayLimited) {
  RateLimiter limiter(10, clock_.Now());
  EXPECT_EQ(Allowed(&limiter, "192.0.2.1", 100), 10);
  for (int i = 0; i < 300'000; ++i) {
    const Ipv4 client{10, static_cast<uint8_t>(i >> 16), static_cast<uint8_t>(i >> 8),
                      static_cast<uint8_t>(i)};
    if (i % 256 == 0) {
      EXPECT_TRUE(limiter.Allows(client, clock_.Now()));
    }
  }
  EXPECT_EQ(Allowed(&limiter, "192.0.2.1", 100), 0);
}

TEST_F(RateLimiterTest, ThreadsShareOneLimit) {
  RateLimiter limiter(1000, clock_.Now());
  std::vector<int> allowed(4);
  std::vector<std::thread> threads;
  threads.reserve(allowed.size());
  for (int& count : allowed) {
    threads.emplace_back([&] { count = Allowed(&limiter, "192.0.2.1", 1000); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(allowed[0] + allowed[1] + allowed[2] + allowed[3], 1000);
}

class LimitedServerTest : public RateLimiterTest {
 protected:
  LimitedServerTest() {
    asked_.set_client(At("192.0.2.1"));
    for (int i = 0; i < 10; ++i) EXPECT_EQ(asked_.Ask(kQuery).answer.size(), 1u);
  }

  // Half of the queries are dropped. The first answer to one that is not.
  MessageText AskUntilSlipped(const QueryText& query) {
    for (int i = 0; i < 100; ++i) {
      const std::vector<uint8_t> answer = asked_.AskRaw(EncodeQuery(query));
      if (!answer.empty()) return DecodeMessage(answer);
    }
    ADD_FAILURE() << "never an answer";
    return {};
  }

  static constexpr const char* kQuery = "web.service.consul. A";
  const QueryText query_ = ParseQueryText(kQuery);
  RateLimiter limiter_{10, clock_.Now()};
  AskedCatalog asked_{
      CatalogText().Node("n1", "10.0.0.1").Instance({.node = "n1", .name = "web"}).Build(),
      &limiter_, &clock_};
};

TEST_F(LimitedServerTest, DropsHalfOfTheAnswersAndTruncatesTheOthers) {
  const MessageText slipped = AskUntilSlipped(query_);
  EXPECT_EQ(slipped.rcode, "NOERROR");
  EXPECT_EQ(slipped.flags, "qr tc rd");
  EXPECT_TRUE(slipped.answer.empty());
  EXPECT_LE(slipped.size, EncodeQuery(query_).size()) << "nothing is amplified";
  for (int i = 0; i < 400; ++i) asked_.AskRaw(EncodeQuery(query_));
  const uint64_t dropped = asked_.counters().limited_dropped.value();
  const uint64_t slipped_count = asked_.counters().limited_slipped.value();
  EXPECT_GE(dropped + slipped_count, 401u);
  EXPECT_NEAR(static_cast<double>(dropped), static_cast<double>(slipped_count), 110);
}

TEST_F(LimitedServerTest, AnswersByTcp) {
  EXPECT_EQ(asked_.Ask(query_, Transport::kTcp).answer.size(), 1u);
}

TEST_F(LimitedServerTest, AnswersWhoHasACookie) {
  QueryText with_cookie = query_;
  with_cookie.edns = 1232;
  with_cookie.options = "000a00082464c4abcf10c957";
  const MessageText slipped = AskUntilSlipped(with_cookie);
  EXPECT_EQ(slipped.extended_rcode, static_cast<int>(Rcode::kBadCookie));
  ASSERT_EQ(slipped.options.size(), 2 * (4 + 8 + 16u));
  with_cookie.options = slipped.options;
  for (int i = 0; i < 30; ++i) EXPECT_EQ(asked_.Ask(with_cookie).answer.size(), 1u);
  // Which is of no use at another address.
  asked_.set_client(At("192.0.2.2"));
  EXPECT_TRUE(AskUntilSlipped(with_cookie).answer.empty());
}

TEST_F(LimitedServerTest, LimitsErrorsToo) {
  QueryText query = query_;
  query.name = "nobody.service.consul.";
  EXPECT_TRUE(AskUntilSlipped(query).authority.empty());
}

}  // namespace
}  // namespace rollcall::dns
