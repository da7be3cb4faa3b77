#include "agent/dns_message.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/agent/dns_messages.h"

namespace rollcall::agent {
namespace {

using test::AnswerTo;
using test::Asked;
using test::Option;
using test::Query;

DnsQuery ReadAsked(const Asked& asked, DnsTransport transport = DnsTransport::kUdp) {
  const std::optional<DnsQuery> query = ReadDnsQuery(Query(asked), transport);
  EXPECT_TRUE(query.has_value());
  return query.value_or(DnsQuery());
}

TEST(DnsQueryTest, KeyIsOneForAllSpellingsAndIds) {
  const std::string key = ReadAsked({}).key;
  EXPECT_FALSE(key.empty());
  EXPECT_EQ(ReadAsked({.name = "WEB.service.Consul"}).key, key);
  EXPECT_EQ(ReadAsked({.id = 99}).key, key);
}

TEST(DnsQueryTest, KeySeparatesWhatMayBeAnsweredDifferently) {
  const std::set<std::string> keys = {
      ReadAsked({}).key,
      ReadAsked({}, DnsTransport::kTcp).key,
      ReadAsked({.name = "db.service.consul"}).key,
      ReadAsked({.type = test::kSrv}).key,
      ReadAsked({.flags = 0}).key,
      ReadAsked({.flags = 0x0110}).key,  // CD
      ReadAsked({.flags = 0x0120}).key,  // AD
      ReadAsked({.payload = 512}).key,
      ReadAsked({.payload = 1232}).key,
      ReadAsked({.payload = 1232, .dnssec_ok = true}).key,
      ReadAsked({.payload = 1232}, DnsTransport::kTcp).key,
  };
  EXPECT_EQ(keys.size(), 11u);
  // Only what can be used counts.
  EXPECT_EQ(ReadAsked({.payload = 10}).key, ReadAsked({.payload = 512}).key);
  EXPECT_EQ(ReadAsked({.payload = 65535}).key, ReadAsked({.payload = kDnsUdpPayload}).key);
  EXPECT_EQ(ReadAsked({.payload = 512}, DnsTransport::kTcp).key,
            ReadAsked({.payload = 1232}, DnsTransport::kTcp).key);
}

TEST(DnsQueryTest, UnusualOnesHaveNoKeyAndArePassedOnAsTheyAre) {
  const DnsOctets subnet = Option(8, {0, 1, 24, 0, 10, 0, 0});
  std::vector<DnsOctets> unusual = {
      Query({.flags = 0x2800}),  // UPDATE
      Query({.type = 252}),      // AXFR
      Query({.payload = 1232, .options = subnet}),
      Query({.payload = 1232, .options = {0, 10, 0, 9}}),  // an option that is not whole
  };
  DnsOctets two = Query({});
  two[5] = 2;
  unusual.push_back(two);
  DnsOctets trailing = Query({});
  trailing.push_back(0);
  unusual.push_back(trailing);
  DnsOctets version = Query({.payload = 1232});
  version[version.size() - 5] = 1;
  unusual.push_back(version);
  DnsOctets cut = Query({.payload = 1232});
  cut.pop_back();
  unusual.push_back(cut);
  for (const DnsOctets& message : unusual) {
    const auto query = ReadDnsQuery(message, DnsTransport::kUdp);
    ASSERT_TRUE(query.has_value());
    EXPECT_EQ(query->key, "");
    EXPECT_EQ(query->upstream, message);
  }
}

TEST(DnsQueryTest, OptionsBetweenClientAndUsAreLeftOut) {
  const DnsOctets cookie = Option(10, {1, 2, 3, 4, 5, 6, 7, 8});
  const DnsQuery query = ReadAsked({.payload = 1232, .options = cookie});
  EXPECT_EQ(query.key, ReadAsked({.payload = 1232}).key);
  EXPECT_EQ(query.upstream, Query({.id = 0, .payload = 1232}));
}

TEST(DnsQueryTest, ServersAreNotAskedForMoreThanIsReceived) {
  EXPECT_EQ(ReadAsked({.payload = 65535}).upstream, Query({.id = 0, .payload = kDnsUdpPayload}));
  const DnsOctets subnet = Option(8, {0, 1, 24, 0, 10, 0, 0});
  EXPECT_EQ(ReadAsked({.payload = 65535, .options = subnet}).upstream,
            Query({.payload = kDnsUdpPayload, .options = subnet}));
}

TEST(DnsQueryTest, WhatIsNoQueryIsNone) {
  EXPECT_FALSE(ReadDnsQuery(DnsOctets{1, 2, 3}, DnsTransport::kUdp).has_value());
  EXPECT_FALSE(ReadDnsQuery(AnswerTo(Query({})), DnsTransport::kUdp).has_value());
}

TEST(DnsQueryTest, NamesOfAnyLengthAreRead) {
  const std::string label(63, 'x');
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'y');
  EXPECT_NE(ReadAsked({.name = longest}).key, "");  // 255 octets
  EXPECT_EQ(ReadAsked({.name = longest + "y"}).key, "");
}

TEST(IsAnswerToTest, TakesTheIdAndTheQuestionInItsSpelling) {
  const DnsOctets query = Query({.name = "wEb", .id = 5});
  EXPECT_TRUE(IsAnswerTo(AnswerTo(query), query));
  EXPECT_FALSE(IsAnswerTo(query, query));
  EXPECT_FALSE(IsAnswerTo(AnswerTo(Query({.name = "wEb", .id = 6})), query));
  EXPECT_FALSE(IsAnswerTo(AnswerTo(Query({.name = "web", .id = 5})), query));
  EXPECT_FALSE(IsAnswerTo(AnswerTo(Query({.name = "wEb", .type = 28, .id = 5})), query));
  EXPECT_FALSE(IsAnswerTo(AnswerTo(Query({.name = "wEb", .id = 5, .flags = 0x2800})), query));
  EXPECT_FALSE(IsAnswerTo(DnsOctets{0, 5, 0x80}, query));
  EXPECT_TRUE(IsAnswerTo(DnsOctets{0, 5, 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0}, query));
  EXPECT_FALSE(IsAnswerTo(DnsOctets{0, 5, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0}, query));
}

}  // namespace
}  // namespace rollcall::agent
