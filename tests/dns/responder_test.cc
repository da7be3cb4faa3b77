// What is answered to messages that are not plain questions, and the order of what is.
#include "dns/responder.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "dns/constants.h"
#include "tests/dns/asked.h"
#include "tests/dns/catalog_text.h"

namespace rollcall::dns {
namespace {

CatalogText ThreeInstances(model::Weights first = {}) {
  CatalogText text;
  text.Node("n1", "10.0.0.1").Node("n2", "10.0.0.2").Node("n3", "10.0.0.3");
  text.Instance({.node = "n1", .name = "web", .weights = first});
  text.Instance({.node = "n2", .name = "web"}).Instance({.node = "n3", .name = "web"});
  return text;
}

TEST(ResponderTest, EchoesIdAndRecursionDesired) {
  AskedCatalog asked(ThreeInstances().Build());
  const MessageText message = asked.Ask(QueryText{
      .name = "web.service.consul.", .type = "A", .recursion_desired = false, .id = 12345});
  EXPECT_EQ(message.id, 12345);
  EXPECT_EQ(message.flags, "qr aa");
  EXPECT_FALSE(message.edns);
}

TEST(ResponderTest, EdnsIsAnsweredWithOurOwnPayload) {
  AskedCatalog asked(ThreeInstances().Build());
  const MessageText message = asked.Ask(
      QueryText{.name = "web.service.consul.", .type = "A", .edns = 1232, .dnssec_ok = true});
  EXPECT_EQ(message.edns, 8192);
  EXPECT_TRUE(message.dnssec_ok);
}

TEST(ResponderTest, BadVersionIsSaidInTheOptRecord) {
  AskedCatalog asked(ThreeInstances().Build());
  std::vector<uint8_t> query =
      EncodeQuery({.name = "web.service.consul.", .type = "A", .edns = 1232});
  query[query.size() - 5] = 1;
  const MessageText message = DecodeMessage(asked.AskRaw(query));
  EXPECT_EQ(message.extended_rcode, 16);
  EXPECT_TRUE(message.edns);
  EXPECT_TRUE(message.answer.empty());
  EXPECT_EQ(asked.counters().answers[16].value(), 1u);
}

TEST(ResponderTest, MalformedMessagesGetAnErrorWithTheirId) {
  AskedCatalog asked(ThreeInstances().Build());
  std::vector<uint8_t> query = EncodeQuery({.name = "web.service.consul.", .type = "A"});
  query.resize(20);
  const MessageText message = DecodeMessage(asked.AskRaw(query));
  EXPECT_EQ(message.rcode, "FORMERR");
  EXPECT_EQ(message.id, 4711);
  EXPECT_EQ(message.flags, "qr rd");
  EXPECT_TRUE(message.question.empty());
}

TEST(ResponderTest, OtherOpcodesAreNotImplemented) {
  AskedCatalog asked(ThreeInstances().Build());
  std::vector<uint8_t> query = EncodeQuery({.name = "web.service.consul.", .type = "A"});
  query[2] = 5 << 3;  // UPDATE
  const std::vector<uint8_t> answer = asked.AskRaw(query);
  EXPECT_EQ(DecodeMessage(answer).rcode, "NOTIMPL");
  EXPECT_EQ(answer[2] >> 3 & 0xf, 5);
}

TEST(ResponderTest, OtherClassesAreRefused) {
  AskedCatalog asked(ThreeInstances().Build());
  const MessageText message =
      asked.Ask(QueryText{.name = "web.service.consul.", .type = "A", .klass = "CH"});
  EXPECT_EQ(message.rcode, "REFUSED");
  EXPECT_EQ(message.question, std::vector<std::string>{"web.service.consul. CH A"});
}

TEST(ResponderTest, WhatIsNoQueryGetsNoAnswer) {
  AskedCatalog asked(ThreeInstances().Build());
  EXPECT_TRUE(asked.AskRaw({}).empty());
  EXPECT_TRUE(asked.AskRaw({1, 2, 3}).empty());
  std::vector<uint8_t> response = EncodeQuery({.name = "web.service.consul.", .type = "A"});
  response[2] |= 0x80;
  EXPECT_TRUE(asked.AskRaw(response).empty());
  EXPECT_EQ(asked.counters().dropped.value(), 3u);
  EXPECT_EQ(asked.counters().udp_queries.value(), 0u);
}

TEST(ResponderTest, EveryAnswerToRandomBytesIsAMessage) {
  AskedCatalog asked(ThreeInstances().Build());
  std::mt19937 random(5);
  const std::vector<uint8_t> good =
      EncodeQuery({.name = "web.service.consul.", .type = "SRV", .edns = 1232});
  size_t answered = 0;
  for (int i = 0; i < 6'000; ++i) {
    std::vector<uint8_t> query = good;
    if (i % 2 == 0) {
      query.resize(random() % 100);
      for (uint8_t& octet : query) octet = static_cast<uint8_t>(random());
    } else {
      for (unsigned j = random() % 4; j > 0; --j) {
        query[random() % query.size()] = static_cast<uint8_t>(random());
      }
    }
    const std::vector<uint8_t> answer = asked.AskRaw(query);
    if (answer.empty()) continue;
    ++answered;
    DecodeMessage(answer);
    ASSERT_FALSE(HasFailure()) << "query " << i;
  }
  EXPECT_GT(answered, 1500u);
}

TEST(ResponderTest, OrderIsDrawnAnewForEachAnswer) {
  AskedCatalog asked(ThreeInstances().Build());
  std::map<std::string, int> firsts;
  for (int i = 0; i < 900; ++i) ++firsts[asked.Ask("web.service.consul. A").answer.front()];
  ASSERT_EQ(firsts.size(), 3u);
  for (const auto& [line, count] : firsts) EXPECT_NEAR(count, 300, 75) << line;
}

TEST(ResponderTest, TheFirstRecordIsADrawByWeight) {
  AskedCatalog asked(ThreeInstances({8, 1}).Build());
  std::map<std::string, int> firsts;
  for (int i = 0; i < 1000; ++i) ++firsts[asked.Ask("web.service.consul. A").answer.front()];
  EXPECT_NEAR(firsts["web.service.consul. 0 A 10.0.0.1"], 800, 65);
  EXPECT_NEAR(firsts["web.service.consul. 0 A 10.0.0.2"], 100, 50);
}

TEST(ResponderTest, WeightZeroComesLast) {
  AskedCatalog asked(ThreeInstances({0, 0}).Build());
  for (int i = 0; i < 200; ++i) {
    const MessageText message = asked.Ask("web.service.consul. A");
    ASSERT_EQ(message.answer.size(), 3u);
    EXPECT_EQ(message.answer.back(), "web.service.consul. 0 A 10.0.0.1");
  }
}

TEST(ResponderTest, AdditionalRecordsAreInTheAnswersOrder) {
  AskedCatalog asked(ThreeInstances().Build());
  for (int i = 0; i < 50; ++i) {
    const MessageText message = asked.Ask("web.service.consul. SRV");
    ASSERT_EQ(message.answer.size(), 3u);
    ASSERT_EQ(message.additional.size(), 3u);
    for (size_t at = 0; at < 3; ++at) {
      const std::string& srv = message.answer[at];
      const std::string target = srv.substr(srv.rfind(' ') + 1);
      EXPECT_TRUE(message.additional[at].starts_with(target)) << message.additional[at];
    }
  }
}

TEST(ResponderTest, AChangeOfTheCatalogIsInTheNextAnswer) {
  catalog::SnapshotHolder holder;
  catalog::SnapshotReader reader(holder);
  const SteadyClock clock;
  Responder responder(TestZone(), {.catalog = &reader, .clock = &clock, .seed = 1});
  const std::vector<uint8_t> query = EncodeQuery({.name = "web.service.consul.", .type = "A"});
  EXPECT_EQ(DecodeMessage(AnswerOf(&responder, query)).rcode, "NXDOMAIN");
  holder.Publish(ThreeInstances().Build());
  EXPECT_EQ(DecodeMessage(AnswerOf(&responder, query)).answer.size(), 3u);
}

}  // namespace
}  // namespace rollcall::dns
