// What is cut from an answer that is too long, for random services and limits.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/dns/asked.h"
#include "tests/dns/catalog_text.h"

namespace rollcall::dns {
namespace {

using Random = std::mt19937;

int Between(Random* random, int low, int high) {
  return std::uniform_int_distribution<int>(low, high)(*random);
}

// Instances on nodes of all kinds: with names of any length, of both families, with addresses of
// their own and with host names.
CatalogText RandomService(Random* random, int instances) {
  CatalogText text;
  text.Node("n1", "127.0.0.1");
  for (int i = 0; i < instances; ++i) {
    const std::string number = std::to_string(i);
    model::Node node;
    node.name = "n" + number + std::string(static_cast<size_t>(Between(random, 0, 40)), 'x');
    node.address = Between(random, 0, 3) == 0
                       ? "2001:db8::" + number.substr(0, 4)
                       : "10.1." + std::to_string(i / 256) + "." + std::to_string(i % 256);
    if (Between(random, 0, 4) == 0) node.tagged_addresses = {{"lan_ipv6", "2001:db8:1::" + number}};
    text.Node(node);
    CatalogText::Service service{.node = node.name.str(), .name = "web", .port = 1000 + i};
    if (Between(random, 0, 5) == 0) service.address = "10.2.3." + std::to_string(i % 256);
    if (Between(random, 0, 9) == 0) service.address = "host" + number + ".example.com";
    text.Instance(service);
  }
  return text;
}

std::string Word(const std::string& line, size_t at) {
  std::istringstream words(line);
  std::string word;
  for (size_t i = 0; i <= at; ++i) words >> word;
  return word;
}

std::multiset<std::string> Owners(const std::vector<std::string>& section) {
  std::multiset<std::string> owners;
  for (const std::string& line : section) owners.insert(Word(line, 0));
  return owners;
}

std::set<std::string> Targets(const std::vector<std::string>& section) {
  std::set<std::string> targets;
  for (const std::string& line : section) targets.insert(Word(line, 6));
  return targets;
}

bool Includes(std::vector<std::string> all, std::vector<std::string> some) {
  std::sort(all.begin(), all.end());
  std::sort(some.begin(), some.end());
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

// `cut` against `all`, which is the whole answer.
void ExpectRightlyCut(const MessageText& cut, const MessageText& all, size_t limit) {
  EXPECT_LE(cut.size, limit);
  EXPECT_EQ(cut.rcode, "NOERROR");
  EXPECT_TRUE(Includes(all.answer, cut.answer));
  EXPECT_TRUE(Includes(all.additional, cut.additional));
  const bool missing =
      cut.answer.size() < all.answer.size() || cut.additional.size() < all.additional.size();
  EXPECT_EQ(cut.flags, missing ? "qr aa tc rd" : "qr aa rd");
}

// Every address of every target that was sent is there, and none of another.
void ExpectInStep(const MessageText& cut, const MessageText& all) {
  const std::set<std::string> targets = Targets(cut.answer);
  std::multiset<std::string> wanted;
  for (const std::string& owner : Owners(all.additional)) {
    if (targets.count(owner) != 0) wanted.insert(owner);
  }
  EXPECT_EQ(Owners(cut.additional), wanted);
}

TEST(TruncationTest, AnswersFitAndSayWhatIsMissing) {
  Random random(20);
  for (int round = 0; round < 20; ++round) {
    SCOPED_TRACE(round);
    AskedCatalog asked(RandomService(&random, Between(&random, 1, 120)).Build());
    for (const char* type : {"SRV", "A", "AAAA"}) {
      QueryText query{.name = "web.service.consul.", .type = type};
      const MessageText all = asked.Ask(query, Transport::kTcp);
      ASSERT_EQ(all.flags, "qr aa rd");
      if (all.answer.empty()) continue;
      for (const int payload : {0, 512, 513, 700, Between(&random, 512, 4096), 8192, 65535}) {
        SCOPED_TRACE(std::string(type) + " " + std::to_string(payload));
        if (payload != 0) query.edns = static_cast<uint16_t>(payload);
        const auto limit = static_cast<size_t>(std::clamp(payload, 512, 8192));
        const MessageText cut = asked.Ask(query);
        ExpectRightlyCut(cut, all, limit);
        EXPECT_GE(cut.answer.size(), 1u);
        if (query.type == "SRV") ExpectInStep(cut, all);
      }
    }
  }
}

// The next record would not have fitted: nothing is left out without need.
TEST(TruncationTest, AsMuchAsFitsIsSent) {
  CatalogText text;
  for (int i = 0; i < 100; ++i) {
    const std::string name = "node" + std::to_string(100 + i);
    text.Node(name, "10.0.0." + std::to_string(i)).Instance({.node = name, .name = "web"});
  }
  AskedCatalog asked(text.Build());
  const size_t header = 12 + sizeof("\3web\7service\6consul") + 4;
  const MessageText a = asked.Ask(QueryText{.name = "web.service.consul.", .type = "A"});
  EXPECT_EQ(a.answer.size(), (512 - header) / 16);
  // Owner, fixed part, and the uncompressed target (RFC 2782), to which its A record points.
  const size_t srv = 2 + 10 + 6 + sizeof("\7node123\4node\3dc1\6consul");
  const size_t address = 2 + 10 + 4;
  const MessageText s =
      asked.Ask(QueryText{.name = "web.service.consul.", .type = "SRV", .edns = 1232});
  const size_t opt = 11;
  EXPECT_EQ(s.answer.size(), (1232 - header - opt) / (srv + address));
  EXPECT_EQ(s.additional.size(), s.answer.size());
}

TEST(TruncationTest, LargeServicesAreCutOverTcpToo) {
  CatalogText text;
  for (int i = 0; i < 5000; ++i) {
    const std::string name = "node" + std::to_string(i);
    text.Node(name, "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250));
    text.Instance({.node = name, .name = "web"});
  }
  AskedCatalog asked(text.Build());
  for (const char* type : {"A", "SRV"}) {
    const MessageText message =
        asked.Ask(QueryText{.name = "web.service.consul.", .type = type}, Transport::kTcp);
    EXPECT_EQ(message.flags, "qr aa tc rd");
    EXPECT_GT(message.size, 65000u);
    EXPECT_GT(message.answer.size(), 500u);
  }
}

TEST(TruncationTest, AnSrvRecordIsKeptEvenWithoutItsAddresses) {
  CatalogText text;
  text.Node("n1", "127.0.0.1");
  text.Instance({.node = "n1", .name = "web", .address = "many.service.consul"});
  for (int i = 0; i < 100; ++i) {
    const std::string name = "node" + std::to_string(i);
    text.Node(name, "10.0.0." + std::to_string(i)).Instance({.node = name, .name = "many"});
  }
  AskedCatalog asked(text.Build());
  const MessageText message = asked.Ask(QueryText{.name = "web.service.consul.", .type = "SRV"});
  EXPECT_EQ(message.answer,
            std::vector<std::string>{"web.service.consul. 0 SRV 1 1 80 many.service.consul."});
  EXPECT_TRUE(message.additional.empty());
  EXPECT_EQ(message.flags, "qr aa tc rd");
}

TEST(TruncationTest, TheConfiguredPayloadIsALimitAsWell) {
  Random random(3);
  DnsOptions options = TestOptions();
  options.max_udp_payload = 1232;
  AskedCatalog asked(RandomService(&random, 100).Build(), options);
  const MessageText message =
      asked.Ask(QueryText{.name = "web.service.consul.", .type = "SRV", .edns = 65535});
  EXPECT_LE(message.size, 1232u);
  EXPECT_EQ(message.edns, 1232);
  EXPECT_EQ(message.flags, "qr aa tc rd");
  EXPECT_EQ(asked.counters().truncated.value(), 1u);
}

TEST(TruncationTest, NodeMetaIsLeftOutBeforeTheAddress) {
  model::Node node;
  node.name = "meta";
  node.address = "10.0.0.1";
  std::vector<std::pair<Text, Text>> meta;
  for (int i = 0; i < 5; ++i) {
    meta.emplace_back("key" + std::to_string(i), std::string(300, 'v'));
  }
  node.meta = std::move(meta);
  AskedCatalog asked(CatalogText().Node(node).Build());
  const MessageText small = asked.Ask(QueryText{.name = "meta.node.consul.", .type = "A"});
  EXPECT_EQ(small.answer, std::vector<std::string>{"meta.node.consul. 0 A 10.0.0.1"});
  EXPECT_TRUE(small.additional.empty());
  EXPECT_EQ(small.flags, "qr aa tc rd");
  const MessageText large =
      asked.Ask(QueryText{.name = "meta.node.consul.", .type = "A", .edns = 4096});
  ASSERT_EQ(large.additional.size(), 5u);
  // 305 octets are two strings of a TXT record (RFC 1035 section 3.3).
  EXPECT_EQ(large.additional[0], "meta.node.consul. 0 TXT \"key0=" + std::string(250, 'v') +
                                     "\" \"" + std::string(50, 'v') + "\"");
}

}  // namespace
}  // namespace rollcall::dns
