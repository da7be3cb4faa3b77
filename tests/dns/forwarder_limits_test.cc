// How many queries a forwarder has in flight, and how it ends while there are any.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <set>

#include "tests/dns/forwarder_fixture.h"

namespace rollcall::dns {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ForwarderLimitsTest : public ForwarderFixture {};

TEST_F(ForwarderLimitsTest, NoMoreThanSoManyAreInFlight) {
  options_.max_in_flight = 2;
  size_t asked = 0;  // of them, the first gets no answer
  Recursor([&](const Octets& query) { return ++asked == 1 ? IsSilent(query) : Answers(1)(query); });
  Send(1);
  Send(2);
  EXPECT_EQ(forwarder_->in_flight(), 2u);
  EXPECT_THAT(answers_, IsEmpty());
  Send(3);
  EXPECT_THAT(answers_, ElementsAre(Octets()));
  EXPECT_EQ(counters().refused_busy.value(), 1u);
  EXPECT_EQ(counters().forwarded.value(), 2u);
  // One that ends makes room for another.
  EXPECT_TRUE(RunUntil([&] { return answers_.size() == 2; }));
  EXPECT_EQ(Ask(4).id, 4);
  EXPECT_EQ(forwarder_->in_flight(), 1u);
  EXPECT_EQ(counters().refused_busy.value(), 1u);
  EXPECT_EQ(counters().failed.value(), 0u);
}

TEST_F(ForwarderLimitsTest, ManyAreInFlightAtOnce) {
  Recursor(Answers(1));
  for (uint16_t id = 0; id < 200; ++id) Send(id);
  EXPECT_EQ(forwarder_->in_flight(), 200u);
  EXPECT_TRUE(RunUntil([&] { return answers_.size() == 200; }));
  std::set<uint16_t> ids;
  for (const Octets& answer : answers_) ids.insert(DecodeMessage(answer).id);
  EXPECT_EQ(ids.size(), 200u);
  EXPECT_EQ(forwarder_->in_flight(), 0u);
}

TEST_F(ForwarderLimitsTest, MayGoWhileQueriesAreInFlight) {
  Recursor(IsSilent);
  Send();
  Send();
  io_.poll();
  forwarder_.reset();
  EXPECT_TRUE(RunsOut());
  EXPECT_THAT(answers_, IsEmpty());
}

TEST_F(ForwarderLimitsTest, MayGoInsideACallback) {
  Recursor(Answers(1));
  Start();
  bool called = false;
  const auto destroy = [&](std::span<const uint8_t> answer) {
    called = true;
    forwarder_.reset();
    EXPECT_EQ(DecodeMessage(answer).answer.size(), 1u);
  };
  forwarder_->Forward(EncodeQuery({.name = "example.org.", .type = "A"}), destroy);
  forwarder_->Forward(EncodeQuery({.name = "example.org.", .type = "A"}), destroy);
  EXPECT_TRUE(RunUntil([&] { return called; }));
  called = false;
  EXPECT_TRUE(RunsOut());
  EXPECT_FALSE(called);
}

TEST_F(ForwarderLimitsTest, ACallbackMayForwardAgain) {
  Recursor(Answers(1));
  Start();
  std::optional<MessageText> second;
  const Octets query = EncodeQuery({.name = "example.org.", .type = "A"});
  forwarder_->Forward(query, [&](std::span<const uint8_t>) {
    forwarder_->Forward(query, [&](std::span<const uint8_t> a) { second = DecodeMessage(a); });
  });
  EXPECT_TRUE(RunUntil([&] { return second.has_value(); }));
  EXPECT_EQ(second->answer.size(), 1u);
}

TEST_F(ForwarderLimitsTest, AfterStopNothingIsCalledBack) {
  const FakeRecursor& recursor = Recursor([this](const Octets& query) {
    forwarder_->Stop();
    return Answers(1)(query);
  });
  Send();
  EXPECT_TRUE(RunUntil([&] { return !recursor.udp_queries.empty(); }));
  EXPECT_EQ(forwarder_->in_flight(), 0u);
  forwarder_->Stop();
  Send();
  EXPECT_EQ(forwarder_->in_flight(), 0u);
  EXPECT_TRUE(RunsOut());
  EXPECT_THAT(answers_, IsEmpty());
}

TEST_F(ForwarderLimitsTest, StopEndsTcpToo) {
  const FakeRecursor& recursor =
      Recursor(AnswersTruncated, [](const Octets&) { return std::nullopt; });
  Send();
  EXPECT_TRUE(RunUntil([&] { return !recursor.tcp_queries.empty(); }));
  EXPECT_EQ(recursor.abandoned_connections(), 0u);
  forwarder_->Stop();
  EXPECT_TRUE(RunUntil([&] { return recursor.abandoned_connections() == 1; }));
  EXPECT_TRUE(RunsOut());
  EXPECT_THAT(answers_, IsEmpty());
}

}  // namespace
}  // namespace rollcall::dns
