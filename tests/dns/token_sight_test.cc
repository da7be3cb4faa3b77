// Which token decides what is answered: as it changes, ends, is another, or is none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/dns/asked.h"
#include "tests/dns/guarded_catalog.h"
#include "tests/dns/running_server.h"

namespace rollcall::dns {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kWebRules =
    R"(service "web" { policy = "read" } node_prefix "" { policy = "read" })";
constexpr const char* kReadDb =
    R"(service "db" { policy = "read" } node_prefix "" { policy = "read" })";
constexpr const char* kWeb = "NOERROR: web.service.consul. 0 A 10.0.0.1";
constexpr const char* kNoToken = "SERVFAIL (18)";

CatalogText WebAndDb() {
  CatalogText text;
  text.Node("n1", "10.0.0.1");
  text.Instance({.node = "n1", .name = "web"}).Instance({.node = "n1", .name = "db"});
  return text;
}

// What is logged while it lives.
class CapturedLog {
 public:
  CapturedLog() : before_(spdlog::default_logger()) {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
        "captured", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)));
  }
  ~CapturedLog() { spdlog::set_default_logger(before_); }
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;

  size_t lines() const {
    const std::string text = text_.str();
    return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
  }
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::shared_ptr<spdlog::logger> before_;
};

class TokenSightTest : public testing::Test {
 protected:
  std::string Web() { return guarded_.Told("web.service.consul. A"); }
  std::string Db() { return guarded_.Told("db.service.consul. A"); }

  GuardedCatalog guarded_{WebAndDb()};
  CapturedLog log_;
};

TEST_F(TokenSightTest, WithoutASecretItIsTheAnonymousToken) {
  EXPECT_EQ(Web(), "NXDOMAIN (18)");
  guarded_.PutToken("", kWebRules);
  EXPECT_EQ(Web(), kWeb);
  EXPECT_EQ(Db(), "NXDOMAIN (18)");
  guarded_.RemoveToken("");
  EXPECT_EQ(Web(), "NXDOMAIN (18)");
  EXPECT_EQ(log_.text(), "");
}

TEST_F(TokenSightTest, ARuleThatChangesCountsFromTheNextQuestionOn) {
  guarded_.PutToken("s", kWebRules);
  guarded_.token().Set("s");
  EXPECT_EQ(Web(), kWeb);
  guarded_.PutToken("s", kReadDb);
  EXPECT_EQ(Web(), "NXDOMAIN (18)");
  EXPECT_THAT(Db(), HasSubstr("10.0.0.1"));
  guarded_.PutToken("another", kWebRules);  // is nothing to it
  EXPECT_EQ(Web(), "NXDOMAIN (18)");
  guarded_.PutToken("s", kWebRules);
  EXPECT_EQ(Web(), kWeb);
}

TEST_F(TokenSightTest, AnotherTokenCountsFromTheNextQuestionOn) {
  guarded_.PutToken("one", kWebRules);
  guarded_.PutToken("two", kReadDb);
  for (int i = 0; i < 3; ++i) {
    guarded_.token().Set("one");
    EXPECT_EQ(Web(), kWeb);
    EXPECT_EQ(Db(), "NXDOMAIN (18)");
    guarded_.token().Set("two");
    EXPECT_EQ(Web(), "NXDOMAIN (18)");
    EXPECT_THAT(Db(), HasSubstr("10.0.0.1"));
    guarded_.token().Set("");
    EXPECT_EQ(Db(), "NXDOMAIN (18)");
  }
}

// A wrong secret is no secret of the anonymous token's: nothing is shown.
TEST_F(TokenSightTest, ATokenThatIsNotThereIsAFailure) {
  guarded_.PutToken("", kWebRules);
  guarded_.token().Set("nobody's");
  for (const char* query :
       {"web.service.consul. A", "web.service.consul. SRV", "web.service.consul. TXT",
        "n1.node.consul. A", "nobody.service.consul. A", "x.consul. A", "consul. SOA"}) {
    EXPECT_EQ(guarded_.Told(query), kNoToken) << query;
  }
  EXPECT_EQ(guarded_.Told("1.0.0.10.in-addr.arpa. PTR"), kNoToken);
  EXPECT_EQ(guarded_.Told("example.com. A"), "REFUSED (20)");  // as ever
  const MessageText failed = guarded_.Ask("web.service.consul. A");
  EXPECT_THAT(failed.authority, IsEmpty());
  EXPECT_EQ(ExtendedErrorIn(failed.options), "18 this server's token for DNS is not valid");
  guarded_.PutToken("nobody's", kWebRules);
  EXPECT_EQ(Web(), kWeb);
  guarded_.RemoveToken("nobody's");
  EXPECT_EQ(Web(), kNoToken);
  guarded_.token().Set("");
  EXPECT_EQ(Web(), kWeb);
}

TEST_F(TokenSightTest, ATokenThatHasExpiredIsAFailure) {
  guarded_.PutToken("s", kWebRules, UtcTime(guarded_.now + std::chrono::seconds(60)));
  guarded_.token().Set("s");
  EXPECT_EQ(Web(), kWeb);
  guarded_.now += std::chrono::seconds(60);
  EXPECT_EQ(Web(), kWeb);
  guarded_.now += std::chrono::seconds(1);
  EXPECT_EQ(Web(), kNoToken);
  EXPECT_EQ(Web(), kNoToken);
}

TEST_F(TokenSightTest, ATokenWhoseRulesCannotBeReadIsAFailure) {
  guarded_.PutToken("s", "service \"web\" { policy = \"rea");
  guarded_.token().Set("s");
  EXPECT_EQ(Web(), kNoToken);
  EXPECT_EQ(Web(), kNoToken);
  EXPECT_THAT(guarded_.damages, Not(IsEmpty()));
  guarded_.PutToken("s", kWebRules);
  EXPECT_EQ(Web(), kWeb);
}

TEST_F(TokenSightTest, TheLogSaysSoOnceAMinuteAndNeverTheSecret) {
  guarded_.token().Set("nobody's secret");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Web(), kNoToken);
  EXPECT_EQ(log_.lines(), 1u) << log_.text();
  EXPECT_THAT(log_.text(), HasSubstr("ACL not found"));
  guarded_.clock.Move(std::chrono::seconds(59));
  EXPECT_EQ(Web(), kNoToken);
  EXPECT_EQ(log_.lines(), 1u);
  guarded_.clock.Move(std::chrono::seconds(1));
  EXPECT_EQ(Web(), kNoToken);
  EXPECT_EQ(Web(), kNoToken);
  EXPECT_EQ(log_.lines(), 2u);
  guarded_.token().Set("another that is nobody's");
  EXPECT_EQ(Web(), kNoToken);
  EXPECT_EQ(log_.lines(), 3u);
  EXPECT_THAT(log_.text(), Not(HasSubstr("nobody's")));
}

TEST(DnsTokenTest, TellsOnlyOneOfThoseWhoAsk) {
  DnsToken token;
  const Clock::TimePoint start{std::chrono::hours(1)};
  EXPECT_TRUE(token.MayTell(start));
  EXPECT_FALSE(token.MayTell(start));
  EXPECT_FALSE(token.MayTell(start + std::chrono::seconds(59)));
  EXPECT_TRUE(token.MayTell(start + std::chrono::seconds(60)));
  EXPECT_NE(token.generation(), 0u);
  const uint64_t before = token.generation();
  token.Set("s");
  EXPECT_NE(token.generation(), before);
  EXPECT_EQ(token.Get(), (std::pair<std::string, uint64_t>("s", token.generation())));
  EXPECT_TRUE(token.MayTell(start + std::chrono::seconds(61)));
}

// On the workers of a server that runs, while another thread changes the token.
TEST(DnsServerAccessTest, EachAnswerIsOfOneTokenWhileItChanges) {
  DnsToken token;
  CatalogText text = WebAndDb();
  DnsShared shared;
  shared.access.enabled = true;
  shared.access.otherwise = acl::DefaultPolicy::kAllow;
  shared.token = &token;
  RunningServer server(text.Build(), shared, 2);
  const auto ask = [&](Client::Kind kind) {
    const Client client(kind, server.port());
    const std::vector<uint8_t> query =
        EncodeQuery({.name = "web.service.consul.", .type = "A", .edns = 1232});
    if (kind == Client::Kind::kUdp) {
      client.Send(query);
      return DecodeMessage(client.ReceiveDatagram()).rcode;
    }
    client.SendPrefixed(query);
    return DecodeMessage(client.ReceivePrefixed().value_or(std::vector<uint8_t>())).rcode;
  };
  for (int i = 0; i < 50; ++i) {
    const Client::Kind kind = i % 2 == 0 ? Client::Kind::kUdp : Client::Kind::kTcp;
    token.Set("");  // may read by default
    EXPECT_EQ(ask(kind), "NOERROR");
    token.Set("nobody's");
    EXPECT_EQ(ask(kind), "SERVFAIL");
  }
}

}  // namespace
}  // namespace rollcall::dns
