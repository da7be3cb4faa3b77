// What a question may cost, whatever has been registered; and answers that recursors left
// unfinished.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dns/recursive_answer.h"
#include "tests/dns/asked.h"
#include "tests/dns/catalog_text.h"

namespace rollcall::dns {
namespace {

using testing::SizeIs;

// The targets of an answer may be services, each as large as can be. Some are looked up, the others
// are left to the client.
TEST(EffortTest, AnAnswerLooksUpSoManyInstancesOfOtherServicesAndNoMore) {
  CatalogText text;
  text.Node("n1", "10.0.0.1");
  for (int i = 0; i < 1500; ++i) {
    for (const char* service : {"big1", "big2"}) {
      text.Instance({.node = "n1", .name = service, .id = service + std::to_string(i)});
    }
  }
  for (const char* target : {"big1", "big2"}) {
    text.Instance({.node = "n1",
                   .name = "refers",
                   .address = std::string(target) + ".service.consul",
                   .id = target});
  }
  AskedCatalog asked(text.Build());
  for (int i = 0; i < 5; ++i) {
    const MessageText answer = asked.Ask("refers.service.consul. SRV");
    EXPECT_EQ(answer.rcode, "NOERROR");
    EXPECT_THAT(answer.answer, SizeIs(2));
    EXPECT_THAT(answer.additional, SizeIs(1));
  }
  // Asked for itself, a service of any size is answered.
  text.Instance({.node = "n1", .name = "alias", .address = "refers.service.consul"});
  EXPECT_THAT(asked.Ask("big2.service.consul. A").answer, SizeIs(1));
}

TEST(EffortTest, QuestionsThatTellNothingOfTheInstancesDoNotLookAtThem) {
  CatalogText text;
  text.Node("n1", "10.0.0.1");
  text.Instance({.node = "n1", .name = "web", .tags = {"v1.2"}});
  text.Instance({.node = "n1", .name = "alias", .address = "www.example.com"});
  text.Instance({.node = "n1", .name = "ill"}).Check("n1", "ill", model::CheckStatus::kCritical);
  AskedCatalog asked(text.Build());
  EXPECT_THAT(asked.Ask("web.service.consul. NS").answer, SizeIs(1));
  EXPECT_THAT(asked.Ask("web.service.consul. SOA").answer, SizeIs(1));
  EXPECT_EQ(asked.Ask("web.service.consul. ANY").answer,
            std::vector<std::string>{"web.service.consul. 0 HINFO \"RFC8482\" \"\""});
  EXPECT_EQ(asked.Ask("alias.service.consul. ANY").answer,
            std::vector<std::string>{"alias.service.consul. 0 CNAME www.example.com."});
  EXPECT_THAT(asked.Ask("alias.service.consul. NS").answer, SizeIs(1));
  for (const char* type : {"NS", "SOA", "ANY"}) {
    EXPECT_EQ(asked.Ask(std::string("ill.service.consul. ") + type).rcode, "NXDOMAIN");
    EXPECT_EQ(asked.Ask(std::string("nobody.service.consul. ") + type).rcode, "NXDOMAIN");
    EXPECT_EQ(asked.Ask(std::string("v2.web.service.consul. ") + type).rcode, "NXDOMAIN");
    const MessageText above = asked.Ask(std::string("2.web.service.consul. ") + type);
    EXPECT_EQ(above.rcode, "NOERROR");
    EXPECT_THAT(above.answer, SizeIs(0));
  }
}

// Of what an alias leads to, a recursor may give only a part: then so do we, and say so.
TEST(RecursiveAnswerTest, APartOfWhatAnAliasLeadsToIsAPartForTheClientToo) {
  const std::vector<uint8_t> query = EncodeQuery({.name = "out.node.consul.", .type = "A"});
  Question question;
  ASSERT_EQ(ParseQuestion(query, &question), QuestionOutcome::kOk);
  const DomainName target = *DomainName::FromText("www.example.com");
  for (const bool is_whole : {true, false}) {
    Answer answer;
    answer.answer.push_back({question.name, 0, CnameData{target}});
    answer.ask_recursors = target;
    const PendingAnswer pending = MakePending(query, question, answer, {kMinUdpPayload, 1232});
    // The recursor's answer: header and question of what it was asked, and no record that it told.
    std::vector<uint8_t> theirs = pending.query;
    theirs[2] |= 0x80;
    if (!is_whole) theirs[2] |= 0x02;
    const MessageText message = DecodeMessage(CompleteAnswer(pending, theirs));
    EXPECT_EQ(message.answer,
              std::vector<std::string>{"out.node.consul. 0 CNAME www.example.com."});
    EXPECT_EQ(message.flags.find("tc") == std::string::npos, is_whole);
  }
}

}  // namespace
}  // namespace rollcall::dns
