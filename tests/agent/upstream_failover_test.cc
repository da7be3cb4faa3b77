// Upstream with several servers, of which some do not do what they should.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/front/upstream.h"
#include "tests/agent/upstream_fixture.h"

namespace rollcall::front {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class UpstreamFailoverTest : public UpstreamTest {
 protected:
  ScriptedServer good_{loop_, Always(HttpAnswer(200, "good"))};
  ScriptedServer hangs_{loop_, Always(ScriptedServer::kPark)};
};

TEST_F(UpstreamFailoverTest, ClosedPortLeadsToTheNextServerWhichIsThenTheFirst) {
  const std::string closed = ClosedUrl();
  Start({closed, good_.Url()});
  for (const char* method : {"GET", "PUT", "POST", "DELETE"}) {
    upstream_ = nullptr;
    Start({closed, good_.Url()});
    EXPECT_EQ(Ask({.method = method, .target = "/"}), "200 good") << method;
    EXPECT_EQ(upstream_->server(), good_.Url());
  }
}

TEST_F(UpstreamFailoverTest, AllServersAreNamedWhenNoneAnswers) {
  const std::string first = ClosedUrl();
  const std::string second = ClosedUrl();
  Start({first, second});
  const std::string all = first + ": Connection refused; " + second + ": Connection refused";
  EXPECT_EQ(Get("/"), "no registry server can be reached: " + all);
}

TEST_F(UpstreamFailoverTest, ReadGoesOnWhenAServerHangsAndThenAvoidsIt) {
  Start({hangs_.Url(), good_.Url()});
  EXPECT_EQ(Get("/1"), "200 good");
  EXPECT_EQ(upstream_->server(), good_.Url());
  EXPECT_EQ(Get("/2"), "200 good");
  EXPECT_EQ(hangs_.requests().size(), 1u);
  // It is not left waiting.
  EXPECT_TRUE(RunUntil(loop_, [&] { return hangs_.left() == 1; }));
}

TEST_F(UpstreamFailoverTest, SlowAnswerCountsWhenTheSecondServerHasNone) {
  const std::string closed = ClosedUrl();
  Start({hangs_.Url(), closed});
  const auto outcome = Send({.target = "/"});
  // Past the moment at which the second one is asked.
  RunFor(milliseconds(150));
  ASSERT_EQ(hangs_.parked(), 1u);
  hangs_.AnswerParked(HttpAnswer(200, "late"));
  EXPECT_EQ(TextOf(outcome), "200 late");
}

TEST_F(UpstreamFailoverTest, ServerThatIsOverloadedLeadsToTheNext) {
  for (const int status : {429, 503}) {
    ScriptedServer busy(loop_, Always(HttpAnswer(status, "busy")));
    Start({busy.Url(), good_.Url()});
    EXPECT_EQ(Get("/"), "200 good");
    Start({busy.Url(), busy.Url()});
    EXPECT_EQ(Get("/"), std::to_string(status) + " busy");
    // A write may have been done in part: its answer is its answer.
    Start({busy.Url(), good_.Url()});
    EXPECT_EQ(Ask({.method = "PUT", .target = "/"}), std::to_string(status) + " busy");
    upstream_ = nullptr;
  }
}

TEST_F(UpstreamFailoverTest, ServersOwnErrorIsItsAnswer) {
  ScriptedServer fails(loop_, Always(HttpAnswer(500, "broken")));
  Start({fails.Url(), good_.Url()});
  EXPECT_EQ(Get("/"), "500 broken");
}

TEST_F(UpstreamFailoverTest, BrokenAnswerToAReadLeadsToTheNext) {
  ScriptedServer breaks(loop_, Always("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"));
  Start({breaks.Url(), good_.Url()});
  EXPECT_EQ(Get("/"), "200 good");
}

TEST_F(UpstreamFailoverTest, WriteIsNotSentTwiceWhenAServerHangsOrBreaks) {
  options_.times.answer = milliseconds(150);
  Start({hangs_.Url(), good_.Url()});
  const auto outcome = Send({.method = "PUT", .target = "/"});
  EXPECT_THAT(
      TextOf(outcome),
      StartsWith("the request was sent and may have been carried out, but was not answered: " +
                 hangs_.Url() + ": no answer within"));
  EXPECT_EQ((*outcome)->error().code, ErrorCode::kIo);
  EXPECT_EQ(good_.requests().size(), 0u);
  // The next one goes where there is hope.
  EXPECT_EQ(Ask({.method = "PUT", .target = "/"}), "200 good");

  ScriptedServer closes(loop_, Always(ScriptedServer::kClose));
  Start({closes.Url(), good_.Url()});
  EXPECT_THAT(Ask({.method = "PUT", .target = "/"}), HasSubstr("may have been carried out"));
  EXPECT_EQ(good_.requests().size(), 1u);
}

TEST_F(UpstreamFailoverTest, WriteThatMayHaveBeenDoneIsNotSaidToBeUndone) {
  ScriptedServer server(loop_, Always(HttpAnswer(200, "x")));
  Start({server.Url()});
  EXPECT_EQ(Get("/"), "200 x");
  // Over the kept connection, after which nobody listens any more.
  server.SetScript([&server](const auto&) {
    server.StopListening();
    return std::string(ScriptedServer::kClose);
  });
  const auto outcome = Send({.method = "PUT", .target = "/"});
  EXPECT_THAT(TextOf(outcome), HasSubstr("Connection refused"));
  EXPECT_EQ((*outcome)->error().code, ErrorCode::kIo);
}

TEST_F(UpstreamFailoverTest, WriteThatMayHaveBeenDoneGoesToNoOtherServer) {
  ScriptedServer server(loop_, Always(HttpAnswer(200, "x")));
  Start({server.Url(), good_.Url()});
  EXPECT_EQ(Get("/"), "200 x");
  server.SetScript([&server](const auto&) {
    server.StopListening();
    return std::string(ScriptedServer::kClose);
  });
  const auto outcome = Send({.method = "PUT", .target = "/v1/catalog/register"});
  EXPECT_THAT(TextOf(outcome), HasSubstr("Connection refused"));
  EXPECT_EQ((*outcome)->error().code, ErrorCode::kIo);
  EXPECT_EQ(good_.CountOf("/v1/catalog/register"), 0u);
}

TEST_F(UpstreamFailoverTest, ReadThatWaitsIsRepeatedElsewhereWhenItsServerHangs) {
  good_.SetScript([](const ScriptedServer::Request& request) {
    return request.target() == "/v1/status/leader" ? HttpAnswer(200, "\"me\"")
                                                   : std::string(ScriptedServer::kPark);
  });
  Start({hangs_.Url(), good_.Url()});
  const auto outcome = Send({.target = "/?index=3", .wait = milliseconds(300'000)});
  ASSERT_TRUE(RunUntil(loop_, [&] { return good_.CountOf("/?index=3") == 1; }));
  EXPECT_EQ(hangs_.CountOf("/?index=3"), 1u);
  // There it waits on, looked after.
  ASSERT_TRUE(RunUntil(loop_, [&] { return good_.CountOf("/v1/status/leader") >= 3; }));
  EXPECT_FALSE(outcome->has_value());
  good_.AnswerParked(HttpAnswer(200, "changed"));
  EXPECT_EQ(TextOf(outcome), "200 changed");
  // Nobody waits, nothing is asked.
  RunFor(milliseconds(20));
  const size_t asked = good_.requests().size();
  RunFor(milliseconds(250));
  EXPECT_EQ(good_.requests().size(), asked);
}

TEST_F(UpstreamFailoverTest, ServerIsLookedAfterAlsoWhenThereIsNoRoomForMoreRequests) {
  options_.pool.max_connections = 1;
  ScriptedServer full(loop_, [](const ScriptedServer::Request& request) {
    return request.target() == "/v1/status/leader" ? HttpAnswer(200, "\"me\"")
                                                   : std::string(ScriptedServer::kPark);
  });
  Start({full.Url(), good_.Url()});
  const auto outcome = Send({.target = "/?index=3", .wait = milliseconds(300'000)});
  ASSERT_TRUE(RunUntil(loop_, [&] { return full.CountOf("/v1/status/leader") >= 3; }));
  EXPECT_FALSE(outcome->has_value());
  EXPECT_EQ(good_.requests().size(), 0u);
}

TEST_F(UpstreamFailoverTest, ReadThatWaitsIsRepeatedElsewhereWhenItsServerGoesAway) {
  ScriptedServer first(loop_, Always(ScriptedServer::kPark));
  Start({first.Url(), good_.Url()});
  const auto outcome = Send({.target = "/?index=3", .wait = milliseconds(300'000)});
  ASSERT_TRUE(RunUntil(loop_, [&] { return first.CountOf("/?index=3") == 1; }));
  first.Stop();
  EXPECT_EQ(TextOf(outcome), "200 good");
}

TEST_F(UpstreamFailoverTest, ReadThatHasWaitedAWhileGoesBackForWhatIsLeftOfItsTime) {
  options_.long_ago = milliseconds(1);
  ScriptedServer first(loop_, Always(ScriptedServer::kPark));
  ScriptedServer second(loop_, Always(ScriptedServer::kPark));
  Start({first.Url(), second.Url()});
  const auto outcome =
      Send({.target = "/?wait=5m&index=3&x=wait=y", .wait = milliseconds(300'000)});
  const auto goes_after_a_while = [&](ScriptedServer& server) {
    ASSERT_TRUE(RunUntil(loop_, [&] { return server.requests().size() > 0; }));
    RunFor(milliseconds(20));
    server.Stop();
  };
  goes_after_a_while(first);
  std::string repeated;
  ASSERT_TRUE(RunUntil(loop_, [&] {
    for (const auto& each : second.requests()) {
      if (each.target() != "/v1/status/leader") repeated = std::string(each.target());
    }
    return !repeated.empty();
  }));
  EXPECT_THAT(repeated, StartsWith("/?index=3&x=wait=y&wait=299"));
  first.SetScript(Always(HttpAnswer(200, "back")));
  first.Start();
  goes_after_a_while(second);
  EXPECT_EQ(TextOf(outcome), "200 back");
}

TEST_F(UpstreamFailoverTest, ReadThatWaitsEndsWhenAllServersHang) {
  ScriptedServer also_hangs(loop_, Always(ScriptedServer::kPark));
  Start({hangs_.Url(), also_hangs.Url()});
  EXPECT_EQ(Ask({.target = "/?index=3", .wait = milliseconds(300'000)}),
            "no registry server can be reached: " + hangs_.Url() +
                ": it does not answer any more; " + also_hangs.Url() +
                ": it does not answer any more");
}

TEST_F(UpstreamFailoverTest, SlowLookAtAServerDoesNotMakeItTheFirst) {
  good_.SetScript([](const ScriptedServer::Request& request) {
    return request.target() == "/v1/status/leader" ? HttpAnswer(200, "\"me\"")
                                                   : std::string(ScriptedServer::kPark);
  });
  ScriptedServer other(loop_, Always(HttpAnswer(200, "other")));
  Start({good_.Url(), other.Url()});
  Send({.target = "/?index=3", .wait = milliseconds(300'000)});
  ASSERT_TRUE(RunUntil(loop_, [&] { return good_.CountOf("/v1/status/leader") >= 1; }));
  EXPECT_EQ(Get("/"), "200 other");  // the second to be asked
  const size_t seen = good_.CountOf("/v1/status/leader");
  ASSERT_TRUE(RunUntil(loop_, [&] { return good_.CountOf("/v1/status/leader") > seen + 1; }));
  EXPECT_EQ(upstream_->server(), other.Url());
}

}  // namespace
}  // namespace rollcall::front
