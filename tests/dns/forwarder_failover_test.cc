// Which of several recursors a forwarder asks, and what comes of it when they fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dns/forwarder_fixture.h"

namespace rollcall::dns {
namespace {

using testing::IsEmpty;

class ForwarderFailoverTest : public ForwarderFixture {};

TEST_F(ForwarderFailoverTest, ANegativeAnswerIsAnAnswer) {
  Recursor(AnswersRcode(3));
  const FakeRecursor& second = Recursor(Answers(2));
  EXPECT_EQ(Ask().rcode, "NXDOMAIN");
  EXPECT_THAT(second.udp_queries, IsEmpty());
}

TEST_F(ForwarderFailoverTest, AsksTheNextServerAfterAnError) {
  for (const uint16_t rcode : {uint16_t{1}, uint16_t{2}, uint16_t{4}, uint16_t{5}}) {
    Recursor(AnswersRcode(rcode));
  }
  Recursor(Answers(5));
  EXPECT_EQ(AskAddress(), "192.0.2.5");
  for (const auto& recursor : recursors_) EXPECT_EQ(recursor->udp_queries.size(), 1u);
  // An error is no reason to put a server behind: it may be about this name alone.
  EXPECT_EQ(AskAddress(), "192.0.2.5");
  for (const auto& recursor : recursors_) EXPECT_EQ(recursor->udp_queries.size(), 2u);
}

TEST_F(ForwarderFailoverTest, AnErrorOverTcpLeadsToTheNextServer) {
  Recursor(AnswersTruncated,
           [](const Octets& query) { return Prefixed(MakeAnswer(query, {.flags = 0x8182})); });
  Recursor(Answers(2));
  EXPECT_EQ(AskAddress(), "192.0.2.2");
}

TEST_F(ForwarderFailoverTest, EachServerIsAskedUnderAnotherId) {
  Recursor(AnswersRcode(2));
  Recursor(Answers(2));
  uint16_t next = 100;
  random_ = [&next] { return next++; };  // ports below 1024 are passed over
  Ask();
  EXPECT_NE(DecodeMessage(recursors_[0]->udp_queries.at(0)).id,
            DecodeMessage(recursors_[1]->udp_queries.at(0)).id);
}

TEST_F(ForwarderFailoverTest, TheLastErrorIsGivenBack) {
  Recursor(AnswersRcode(5));
  Recursor(AnswersRcode(2));
  ClosedPort();
  const MessageText got = Ask();
  EXPECT_EQ(got.rcode, "SERVFAIL");
  EXPECT_EQ(got.id, 7);
  EXPECT_EQ(got.flags, "qr rd ra");
  EXPECT_EQ(counters().answered.value(), 1u);
  EXPECT_EQ(counters().failed.value(), 0u);
}

TEST_F(ForwarderFailoverTest, AClosedPortIsNotWaitedFor) {
  ClosedPort();
  Recursor(Answers(2));
  EXPECT_EQ(AskAddress(), "192.0.2.2");
  EXPECT_EQ(counters().timeouts.value(), 0u);
}

TEST_F(ForwarderFailoverTest, WithNoAnswerThereIsNothing) {
  ClosedPort();
  ClosedPort();
  EXPECT_THAT(AskRaw({.name = "example.org.", .type = "A"}), IsEmpty());
  EXPECT_EQ(counters().failed.value(), 1u);
  EXPECT_EQ(counters().answered.value(), 0u);
}

TEST_F(ForwarderFailoverTest, WithNoServerThereIsNothing) {
  EXPECT_THAT(AskRaw({.name = "example.org.", .type = "A"}), IsEmpty());
  EXPECT_EQ(counters().failed.value(), 1u);
}

TEST_F(ForwarderFailoverTest, ADeadServerIsPutBehind) {
  Impatient();
  FakeRecursor& dead = Recursor(IsSilent);
  Recursor(Answers(2));
  EXPECT_EQ(AskAddress(), "192.0.2.2");
  EXPECT_EQ(counters().timeouts.value(), 1u);
  EXPECT_EQ(dead.udp_queries.size(), 1u);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(AskAddress(), "192.0.2.2");
  EXPECT_EQ(dead.udp_queries.size(), 1u);
  // And is asked again later.
  clock_.Advance(RecursorHealth::kBehind);
  EXPECT_EQ(AskAddress(), "192.0.2.2");
  EXPECT_EQ(dead.udp_queries.size(), 2u);
  EXPECT_EQ(counters().timeouts.value(), 2u);
}

TEST_F(ForwarderFailoverTest, AServerThatIsBackIsFirstAgain) {
  Impatient();
  bool dead = true;
  Recursor([&dead](const Octets& query) { return dead ? IsSilent(query) : Answers(1)(query); });
  Recursor(Answers(2));
  EXPECT_EQ(AskAddress(), "192.0.2.2");
  dead = false;
  EXPECT_EQ(AskAddress(), "192.0.2.2");
  clock_.Advance(RecursorHealth::kBehind);
  EXPECT_EQ(AskAddress(), "192.0.2.1");
  EXPECT_EQ(AskAddress(), "192.0.2.1");
}

}  // namespace
}  // namespace rollcall::dns
