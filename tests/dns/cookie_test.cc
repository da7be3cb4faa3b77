// DNS Cookies, by RFC 9018's own examples and through the whole answer path.
#include "dns/cookie.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dns/rate_limiter.h"
#include "tests/dns/asked.h"
#include "tests/dns/catalog_text.h"

namespace rollcall::dns {
namespace {

template <size_t kSize>
std::array<uint8_t, kSize> Octets(const std::string& hex) {
  std::array<uint8_t, kSize> octets{};
  for (size_t i = 0; i < hex.size() / 2; ++i) {
    octets.at(i) = static_cast<uint8_t>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
  }
  return octets;
}

template <typename Range>
std::string HexOf(const Range& octets) {
  std::string hex;
  for (const uint8_t octet : octets) {
    for (const int digit : {octet >> 4, octet & 0xf}) hex += "0123456789abcdef"[digit];
  }
  return hex;
}

SentCookie Sent(const std::string& client, const std::string& server) {
  SentCookie sent;
  sent.client = Octets<8>(client);
  sent.server_size = static_cast<uint8_t>(server.size() / 2);
  sent.server = Octets<32>(server);
  return sent;
}

constexpr const char* kSecret = "e5e973e5a6b2a43f48e7dc849e37bfcf";

// RFC 9018 appendix A: who asked, when, with what, and what the answer carried.
TEST(ServerCookiesTest, AreThoseOfTheStandard) {
  struct Example {
    const char* secret;
    const char* address;
    uint32_t now;
    const char* client;
    const char* sent;
    bool is_valid;
    const char* answered;
  };
  const std::vector<Example> examples = {
      {kSecret, "198.51.100.100", 1559731985, "2464c4abcf10c957", "", false,
       "010000005cf79f111f8130c3eee29480"},
      // Sent back forty minutes later, and renewed.
      {kSecret, "198.51.100.100", 1559734385, "2464c4abcf10c957",
       "010000005cf79f111f8130c3eee29480", true, "010000005cf7a871d4a564a1442aca77"},
      // The reserved octets are another implementation's.
      {kSecret, "203.0.113.203", 1559727985, "fc93fc62807ddb86", "01abcdef5cf78f71a314227b6679ebf5",
       true, "01abcdef5cf78f71a314227b6679ebf5"},
      // Made with the secret before this one.
      {"445536bcd2513298075a5d379663c962", "2001:db8:220:1:59de:d0f4:8769:82b8", 1559741961,
       "22681ab97d52c298", "010000005cf7c57926556bd0934c72f8", false,
       "010000005cf7c609a6bb79d16625507a"},
  };
  for (const Example& example : examples) {
    SCOPED_TRACE(example.answered);
    ServerCookies cookies(Octets<16>(example.secret));
    const SentCookie sent = Sent(example.client, example.sent);
    const IpAddress address = *ParseIpAddress(example.address);
    EXPECT_EQ(cookies.IsValid(sent, address, example.now), example.is_valid);
    const CookieReply reply = cookies.Answer(sent, example.is_valid, address, example.now);
    EXPECT_EQ(HexOf(reply.client), example.client);
    EXPECT_EQ(HexOf(reply.server), example.answered);
  }
}

class CookieLifeTest : public testing::Test {
 protected:
  static constexpr uint32_t kMade = 0xffffff00;  // the clock wraps around while it is valid

  bool IsValidAt(uint32_t now) { return cookies_.IsValid(cookie_, client_, now); }

  const IpAddress client_ = Ipv4{192, 0, 2, 1};
  ServerCookies cookies_{Octets<16>(kSecret)};
  const SentCookie cookie_ =
      Sent("0102030405060708",
           HexOf(cookies_.Answer(Sent("0102030405060708", ""), false, client_, kMade).server));
};

TEST_F(CookieLifeTest, IsAnHourFromWhenItWasMade) {
  EXPECT_TRUE(IsValidAt(kMade));
  EXPECT_TRUE(IsValidAt(kMade + 3600));
  EXPECT_FALSE(IsValidAt(kMade + 3601));
  EXPECT_TRUE(IsValidAt(kMade - 300)) << "another server's clock is ahead of ours";
  EXPECT_FALSE(IsValidAt(kMade - 301));
}

TEST_F(CookieLifeTest, IsRenewedAfterHalfAnHour) {
  const std::string before = HexOf(cookie_.server).substr(0, 32);
  EXPECT_EQ(HexOf(cookies_.Answer(cookie_, true, client_, kMade + 1799).server), before);
  EXPECT_NE(HexOf(cookies_.Answer(cookie_, true, client_, kMade + 1800).server), before);
}

TEST_F(CookieLifeTest, IsOneClientsAtOneAddress) {
  EXPECT_FALSE(cookies_.IsValid(cookie_, Ipv4{192, 0, 2, 2}, kMade));
  for (size_t bit = 0; bit < 8 * 8; ++bit) {
    SentCookie other = cookie_;
    other.client[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_FALSE(cookies_.IsValid(other, client_, kMade));
  }
  for (size_t bit = 0; bit < 16 * 8; ++bit) {
    SentCookie other = cookie_;
    other.server[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_FALSE(cookies_.IsValid(other, client_, kMade));
  }
  SentCookie longer = cookie_;
  ++longer.server_size;
  EXPECT_FALSE(cookies_.IsValid(longer, client_, kMade));
}

// Through the server.

std::shared_ptr<const catalog::Snapshot> Web() {
  return CatalogText().Node("n1", "10.0.0.1").Instance({.node = "n1", .name = "web"}).Build();
}

QueryText WithCookie(const std::string& cookie) {
  const std::string size = HexOf(std::vector<uint8_t>{0, static_cast<uint8_t>(cookie.size() / 2)});
  return {
      .name = "web.service.consul.", .type = "A", .edns = 1232, .options = "000a" + size + cookie};
}

constexpr const char* kClientCookie = "2464c4abcf10c957";

TEST(CookieTest, IsGivenToWhoAsksForOneAndTakenBack) {
  AskedCatalog asked(Web());
  const MessageText first = asked.Ask(WithCookie(kClientCookie));
  EXPECT_EQ(first.answer.size(), 1u);
  ASSERT_EQ(first.options.substr(0, 24), std::string("000a0018") + kClientCookie);
  EXPECT_EQ(asked.counters().cookies_other.value(), 1u);
  const MessageText second = asked.Ask(WithCookie(first.options.substr(8)));
  EXPECT_EQ(second.options, first.options);
  EXPECT_EQ(asked.counters().cookies_valid.value(), 1u);
  // From elsewhere it is answered too, but with another cookie.
  asked.set_client(Ipv4{192, 0, 2, 77});
  const MessageText stolen = asked.Ask(WithCookie(first.options.substr(8)));
  EXPECT_EQ(stolen.answer.size(), 1u);
  EXPECT_NE(stolen.options, first.options);
  EXPECT_EQ(asked.counters().cookies_other.value(), 2u);
}

TEST(CookieTest, GoesAlongWithEveryAnswer) {
  AskedCatalog asked(Web());
  for (const char* question : {"web.service.consul. SRV", "web.service.consul. TXT",
                               "nobody.service.consul. A", "example.com. A", "consul. SOA"}) {
    QueryText query = ParseQueryText(question);
    query.edns = 1232;
    query.options = WithCookie(kClientCookie).options;
    EXPECT_EQ(asked.Ask(query).options.substr(0, 24), std::string("000a0018") + kClientCookie)
        << question;
  }
}

TEST(CookieTest, OfAnotherLengthIsAFormatError) {
  AskedCatalog asked(Web());
  for (const size_t size : {0u, 1u, 7u, 9u, 15u, 41u, 255u}) {
    EXPECT_EQ(asked.Ask(WithCookie(std::string(2 * size, '0'))).rcode, "FORMERR") << size;
  }
  for (const size_t size : {8u, 16u, 24u, 40u}) {
    EXPECT_EQ(asked.Ask(WithCookie(std::string(2 * size, '0'))).rcode, "NOERROR") << size;
  }
}

// RFC 7873 section 5.4: a query without a question, by which a client gets a cookie.
TEST(CookieTest, IsGivenWithoutAQuestion) {
  AskedCatalog asked(Web());
  std::vector<uint8_t> query = EncodeQuery(WithCookie(kClientCookie));
  const size_t question = std::string("\3web\7service\6consul").size() + 1 + 4;
  query.erase(query.begin() + 12, query.begin() + 12 + static_cast<std::ptrdiff_t>(question));
  query[5] = 0;
  const MessageText answer = DecodeMessage(asked.AskRaw(query));
  EXPECT_EQ(answer.rcode, "NOERROR");
  EXPECT_TRUE(answer.question.empty());
  EXPECT_EQ(answer.options.substr(0, 24), std::string("000a0018") + kClientCookie);
  // Without a cookie it is no query at all.
  query = EncodeQuery({.name = "web.service.consul.", .type = "A", .edns = 1232});
  query.erase(query.begin() + 12, query.begin() + 12 + static_cast<std::ptrdiff_t>(question));
  query[5] = 0;
  EXPECT_EQ(DecodeMessage(asked.AskRaw(query)).rcode, "FORMERR");
}

}  // namespace
}  // namespace rollcall::dns
