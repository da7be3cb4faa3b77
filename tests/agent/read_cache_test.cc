// ?cached reads: when the registry is asked, what readers are told, what is kept.
#include "agent/front/read_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/front_fixture.h"

namespace rollcall::front {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ReadCacheTest : public FrontTest {
 protected:
  static std::string Indexed(int index, const std::string& body, const std::string& more = "") {
    return HttpAnswer(200, body, "X-Consul-Index: " + std::to_string(index) + "\r\n" + more);
  }
  static bool Blocks(const ScriptedServer::Request& request) {
    return request.target().find("index=") != ScriptedServer::Request{}.target().npos;
  }
  // The registry: plain reads are answered, blocking ones wait.
  ScriptedServer::Script Holding(int index, const std::string& body, const std::string& more = "") {
    return [answer = Indexed(index, body, more)](const ScriptedServer::Request& request) {
      return Blocks(request) ? std::string(ScriptedServer::kPark) : answer;
    };
  }
  // What everybody sees from now on.
  void Change(int index, const std::string& body) {
    server_.SetScript(Holding(index, body));
    server_.AnswerParked(Indexed(index, body));
  }
  bool WaitUntilWatched(size_t count = 1) {
    return RunUntil(loop_, [&] { return server_.parked() == count; });
  }
  void StartAlone() { StartFront({server_.Url()}); }
  void KeepX() {
    StartAlone();
    EXPECT_EQ(Read(kX), "200 one MISS");
    EXPECT_TRUE(WaitUntilWatched());
  }
  // The server goes, and the cache has noticed.
  void LoseServer() {
    server_.Stop();
    ASSERT_TRUE(RunUntil(loop_, [&] {
      clock_.Advance(seconds(1));
      return BeginGet(kX)->Header("Age") != "0";
    }));
  }

  static constexpr const char* kX = "/v1/health/service/x?passing&cached";
  ScriptedServer server_{loop_, Holding(5, "one")};
};

TEST_F(ReadCacheTest, FirstReadIsAMissAndLaterOnesHits) {
  KeepX();
  EXPECT_EQ(server_.requests()[0].target(), "/v1/health/service/x?passing");
  EXPECT_EQ(server_.requests()[1].target(), "/v1/health/service/x?passing&index=5&wait=60s");
  clock_.Advance(minutes(5));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(BeginGet(kX)->Text(), "200 one HIT 0");
  EXPECT_EQ(server_.requests().size(), 2u);
  const auto exchange = BeginGet(kX);
  EXPECT_EQ(exchange->Header("X-Consul-Index"), "5");
}

TEST_F(ReadCacheTest, ChangeIsSeenWithoutAsking) {
  KeepX();
  Change(6, "two");
  ASSERT_TRUE(RunUntil(loop_, [&] { return server_.parked() == 1; }));
  EXPECT_EQ(BeginGet(kX)->Text(), "200 two HIT 0");
  EXPECT_THAT(std::string(server_.requests().back().target()), HasSubstr("index=6"));
}

TEST_F(ReadCacheTest, ManyReadersAtOnceAreOneRequest) {
  StartAlone();
  std::vector<Held> readers;
  readers.reserve(100);
  for (int i = 0; i < 100; ++i) readers.push_back(BeginGet(kX));
  for (const Held& each : readers) EXPECT_EQ(TextOf(each), "200 one MISS");
  ASSERT_TRUE(WaitUntilWatched());
  readers.clear();
  for (int i = 0; i < 100; ++i) readers.push_back(BeginGet(std::string(kX) + "&index=5&wait=1m"));
  RunFor(milliseconds(20));
  EXPECT_EQ(server_.requests().size(), 2u);
  for (const Held& each : readers) EXPECT_FALSE(each->is_answered());
  Change(6, "two");
  for (const Held& each : readers) EXPECT_EQ(TextOf(each), "200 two HIT 0");
  ASSERT_TRUE(WaitUntilWatched());
  EXPECT_EQ(server_.requests().size(), 3u);
  EXPECT_EQ(server_.accepted(), 1);
}

TEST_F(ReadCacheTest, BlockingReaderWithoutAnEntryWaitsForTheNextIndex) {
  StartAlone();
  const Held behind = BeginGet(std::string(kX) + "&index=4");
  const Held waits = BeginGet(std::string(kX) + "&index=5");
  EXPECT_EQ(TextOf(behind), "200 one MISS");
  ASSERT_TRUE(WaitUntilWatched());
  EXPECT_FALSE(waits->is_answered());
  Change(6, "two");
  EXPECT_EQ(TextOf(waits), "200 two HIT 0");
}

TEST_F(ReadCacheTest, BlockingReaderIsAnsweredWhenItsTimeIsOver) {
  KeepX();
  EXPECT_EQ(Read(std::string(kX) + "&index=5&wait=20ms"), "200 one HIT 0");
  const Held stops = BeginGet(std::string(kX) + "&index=5");
  stops->ShutDown();
  EXPECT_EQ(stops->Text(), "200 one HIT 0");
}

TEST_F(ReadCacheTest, BlockingReaderWhoseTimeIsOverDuringTheFirstFetchIsStillAnswered) {
  server_.SetScript(Always(ScriptedServer::kPark));
  StartAlone();
  const Held reads = BeginGet(std::string(kX) + "&index=5&wait=1ms");
  const Held stops = BeginGet(std::string(kX) + "&index=5");
  ASSERT_TRUE(WaitUntilWatched());
  RunFor(milliseconds(20));
  EXPECT_FALSE(reads->is_answered());
  stops->ShutDown();
  EXPECT_EQ(stops->Text(), "503 the registry has not answered yet");
  Change(5, "one");
  EXPECT_EQ(TextOf(reads), "200 one MISS");
}

TEST_F(ReadCacheTest, BlockingReaderThatGoesAwayIsForgotten) {
  KeepX();
  const Held goes = BeginGet(std::string(kX) + "&index=5");
  goes->Close();
  Change(6, "two");
  ASSERT_TRUE(WaitUntilWatched());
  EXPECT_FALSE(goes->is_answered());
  EXPECT_EQ(goes.use_count(), 1);
}

TEST_F(ReadCacheTest, LowerIndexOfARegistryThatBeganAnewWakesReaders) {
  KeepX();
  const Held waits = BeginGet(std::string(kX) + "&index=5");
  server_.Stop();
  RunFor(milliseconds(30));
  EXPECT_FALSE(waits->is_answered());
  server_.SetScript(Holding(2, "anew"));
  server_.Start();
  EXPECT_EQ(TextOf(waits), "200 anew HIT 0");
  ASSERT_TRUE(WaitUntilWatched());
  EXPECT_EQ(BeginGet(kX)->Text(), "200 anew HIT 0");
  // Who has seen a higher index than there is does not wait for it.
  EXPECT_EQ(BeginGet(std::string(kX) + "&index=5")->Text(), "200 anew HIT 0");
}

TEST_F(ReadCacheTest, GoesOnWithItsAgeWhileNoServerAnswers) {
  KeepX();
  LoseServer();
  const int age = std::stoi(BeginGet(kX)->Header("Age"));
  clock_.Advance(hours(2));
  EXPECT_EQ(BeginGet(kX)->Text(), "200 one HIT " + std::to_string(age + 7200));
  EXPECT_THAT(Read("/v1/health/service/y?cached"), StartsWith("503 no registry server can be"));
  server_.Start();
  ASSERT_TRUE(WaitUntilWatched());
  EXPECT_EQ(BeginGet(kX)->Text(), "200 one HIT 0");
}

TEST_F(ReadCacheTest, AnswerAgesFromTheBeginOfAWatchThatWasSilentForAllOfItsTime) {
  options_.times.answer = milliseconds(100);
  front_options_.cache.read.watch = seconds(0);
  front_options_.cache.read.min_pause = front_options_.cache.read.max_pause = seconds(60);
  random_ = 0.9;
  KeepX();
  clock_.Advance(seconds(30));
  ASSERT_TRUE(RunUntil(loop_, [&] { return upstream_->pending() == 0; }));
  EXPECT_EQ(BeginGet(kX)->Text(), "200 one HIT 30");
}

TEST_F(ReadCacheTest, StaleAnswersEndWithStaleIfError) {
  front_options_.cache.stale_if_error = hours(1);
  KeepX();
  LoseServer();
  clock_.Advance(minutes(50));
  EXPECT_THAT(Read(kX), StartsWith("200 one HIT 30"));
  EXPECT_THAT(Read(kX, "Cache-Control: stale-if-error=60\r\n"), StartsWith("503 "));
  clock_.Advance(minutes(15));
  EXPECT_THAT(Read(kX), StartsWith("503 no registry server can be reached: " + server_.Url()));
  EXPECT_THAT(Read(kX, "Cache-Control: stale-if-error=7200\r\n"), StartsWith("200 one HIT 39"));
  // Who waits is told so when the time is over.
  EXPECT_THAT(Read(std::string(kX) + "&index=5&wait=10ms"), StartsWith("503 "));
}

TEST_F(ReadCacheTest, MaxAgeAsksAgainOnlyWhatIsOlder) {
  KeepX();
  EXPECT_EQ(BeginGet(kX, "Cache-Control: max-age=1\r\n")->Text(), "200 one HIT 0");
  LoseServer();
  clock_.Advance(seconds(60));
  EXPECT_THAT(BeginGet(kX, "Cache-Control: max-age=3600\r\n")->Text(), StartsWith("200 one HIT "));
  // As in Consul, freshness that cannot be had is an error unless stale-if-error allows it.
  EXPECT_THAT(Read(kX, "Cache-Control: max-age=30\r\n"), StartsWith("503 "));
  EXPECT_THAT(Read(kX, "Cache-Control: max-age=30, stale-if-error=3600\r\n"),
              StartsWith("200 one HIT "));
}

TEST_F(ReadCacheTest, MustRevalidateAsksTheRegistry) {
  KeepX();
  server_.SetScript(Holding(6, "two"));
  for (const char* directive : {"must-revalidate", "no-cache", "max-age=0"}) {
    const size_t before = server_.requests().size();
    EXPECT_EQ(Read(kX, "Cache-Control: " + std::string(directive) + "\r\n"), "200 two MISS");
    EXPECT_EQ(server_.requests().size(), before + 1) << directive;
  }
  EXPECT_EQ(BeginGet(kX)->Text(), "200 two HIT 0");
}

TEST_F(ReadCacheTest, RevalidationIsNotServedByAFetchThatBeganBefore) {
  StartAlone();
  const Held first = BeginGet(kX);
  RunUntil(loop_, [&] { return server_.requests().size() == 1; });
  const Held second = BeginGet(kX, "Cache-Control: must-revalidate\r\n");
  server_.SetScript(Holding(6, "two"));
  EXPECT_EQ(TextOf(first), "200 one MISS");
  EXPECT_EQ(TextOf(second), "200 two MISS");
}

TEST_F(ReadCacheTest, ErrorsAndReadsThatNeverBlockAreNotKept) {
  StartAlone();
  for (const std::string& answer :
       {HttpAnswer(404, "none", "X-Consul-Index: 5\r\n"), HttpAnswer(500, "broken"),
        HttpAnswer(200, "no index"), HttpAnswer(200, "zero", "X-Consul-Index: 0\r\n")}) {
    server_.SetScript(Always(answer));
    const size_t before = server_.requests().size();
    const std::string first = Read(kX);
    EXPECT_THAT(first, HasSubstr(answer.substr(answer.find("\r\n\r\n") + 4)));
    EXPECT_EQ(Read(kX), first);
    EXPECT_EQ(server_.requests().size(), before + 2);
    EXPECT_EQ(front_->cache().read_count(), 0u);
  }
}

TEST_F(ReadCacheTest, FailingRegistryDoesNotTakeWhatIsKeptButARefusalDoes) {
  KeepX();
  server_.SetScript(Always(HttpAnswer(500, "broken")));
  server_.AnswerParked(HttpAnswer(500, "broken"));
  RunFor(milliseconds(50));
  EXPECT_THAT(Read(kX), StartsWith("200 one HIT "));
  server_.SetScript(Always(HttpAnswer(403, "Permission denied")));
  ASSERT_TRUE(RunUntil(loop_, [&] { return front_->cache().read_count() == 0; }));
  EXPECT_EQ(Read(kX), "403 Permission denied");
}

TEST_F(ReadCacheTest, WhatIsWrongIsTheRegistrysToRefuse) {
  StartAlone();
  server_.SetScript(Always(HttpAnswer(400, "no")));
  const std::pair<const char*, const char*> cases[] = {
      {"/v1/x?cached&consistent", ""},
      {"/v1/x?cached&index=four", ""},
      {"/v1/x?cached&wait=four", ""},
      {"/v1/x?cached", "Cache-Control: max-age=x\r\n"},
      {"/v1/x?cached", "Cache-Control: max-age=99999999999999999999\r\n"},
  };
  for (const auto& [target, headers] : cases) {
    EXPECT_EQ(Read(target, headers), "400 no");
    EXPECT_EQ(server_.requests().back().target(), target);
  }
}

TEST_F(ReadCacheTest, ReadsOfDifferentTokensAndQueriesAreDifferent) {
  StartAlone();
  const std::pair<const char*, const char*> cases[] = {
      {"/v1/x?cached", ""},
      {"/v1/x?cached&pretty", ""},
      {"/v1/x?cached&tag=a", ""},
      {"/v1/x?cached&token=t", ""},
      {"/v1/x?cached", "X-Consul-Token: t\r\n"},
      {"/v1/x?cached", "X-Consul-Token: u\r\n"},
      {"/v1/x?cached", "Authorization: Bearer t\r\n"},
      {"/v1/%78?cached", ""},
  };
  for (const auto& [target, headers] : cases) {
    EXPECT_EQ(Read(target, headers), "200 one MISS") << target << headers;
    EXPECT_EQ(Read(target, headers), "200 one HIT 0") << target << headers;
  }
  EXPECT_EQ(Read("/v1/x?index=&c%61ched=1&wait=5s", "User-Agent: y\r\nAccept: z\r\n"),
            "200 one HIT 0");
  // The server was told the token.
  EXPECT_EQ(server_.CountOf("/v1/x"), 4u);
}

TEST_F(ReadCacheTest, WhatTheAgentsTokenMaySeeIsNotAnothers) {
  std::string token = "old";
  options_.token = [&token] { return token; };
  StartAlone();
  EXPECT_EQ(Read(kX), "200 one MISS");
  EXPECT_EQ(Read(kX), "200 one HIT 0");
  EXPECT_EQ(server_.requests()[0]["X-Consul-Token"], "old");
  // Whoever brings that token himself may see the same.
  EXPECT_EQ(Read(kX, "X-Consul-Token: other\r\n"), "200 one MISS");
  server_.SetScript(Holding(6, "two"));
  token = "new";
  EXPECT_EQ(Read(kX), "200 two MISS");
  EXPECT_EQ(server_.requests().back()["X-Consul-Token"], "new");
  token = "";
  EXPECT_EQ(Read(kX), "200 two MISS");
}

TEST_F(ReadCacheTest, ReaderThatHasTheAnswerIsToldSo) {
  server_.SetScript(Holding(5, "one", "ETag: W/\"a\"\r\nAge: 7\r\nX-Cache: HIT\r\n"));
  KeepX();
  EXPECT_EQ(BeginGet(kX, "If-None-Match: W/\"a\"\r\n")->Text(), "304  HIT 0");
  EXPECT_EQ(BeginGet(kX, "If-None-Match: W/\"b\"\r\n")->Text(), "200 one HIT 0");
}

TEST_F(ReadCacheTest, WhatNobodyReadsIsDropped) {
  KeepX();
  clock_.Advance(minutes(9));
  BeginGet(kX);
  clock_.Advance(minutes(9));
  server_.AnswerParked(Indexed(5, "one"));
  ASSERT_TRUE(WaitUntilWatched());
  EXPECT_EQ(front_->cache().read_count(), 1u);
  clock_.Advance(minutes(2));
  server_.AnswerParked(Indexed(5, "one"));
  EXPECT_TRUE(RunUntil(loop_, [&] { return front_->cache().read_count() == 0; }));
  EXPECT_EQ(front_->cache().bytes(), 0u);
  EXPECT_EQ(upstream_->pending(), 0u);
}

TEST_F(ReadCacheTest, WhatWasReadLongestAgoMakesRoom) {
  front_options_.cache.max_bytes = 40'000;
  server_.SetScript(Holding(5, std::string(10'000, 'x')));
  StartAlone();
  for (const char* name : {"a", "b", "c"}) Read(std::string("/v1/") + name + "?cached");
  EXPECT_THAT(Read("/v1/a?cached"), HasSubstr("HIT"));
  const Held waits = BeginGet("/v1/b?cached&index=5");
  Read("/v1/d?cached");  // c goes
  EXPECT_EQ(front_->cache().read_count(), 3u);
  EXPECT_LE(front_->cache().bytes(), 40'000u);
  EXPECT_THAT(Read("/v1/a?cached"), HasSubstr("HIT"));
  EXPECT_THAT(Read("/v1/d?cached"), HasSubstr("HIT"));
  EXPECT_FALSE(waits->is_answered());
  // Now b goes, and its reader waits at the registry.
  Read("/v1/c?cached");
  ASSERT_TRUE(RunUntil(loop_, [&] { return server_.CountOf("/v1/b?cached&index=5") == 1; }));
  EXPECT_FALSE(waits->is_answered());
  server_.AnswerParked(Indexed(6, "changed"));
  EXPECT_EQ(TextOf(waits), "200 changed");
}

TEST_F(ReadCacheTest, AnswerThatIsTooLargeIsPassedOnAndDisplacesNothing) {
  front_options_.cache.max_bytes = 20'000;
  KeepX();
  server_.SetScript(Holding(5, std::string(30'000, 'x')));
  const Held reads = BeginGet("/v1/large?cached");
  const Held waits = BeginGet("/v1/large?cached&index=5");
  EXPECT_THAT(TextOf(reads), StartsWith("200 xxx"));
  ASSERT_TRUE(RunUntil(loop_, [&] { return server_.CountOf("/v1/large?cached&index=5") == 1; }));
  EXPECT_FALSE(waits->is_answered());
  EXPECT_EQ(BeginGet(kX)->Text(), "200 one HIT 0");
  EXPECT_EQ(front_->cache().read_count(), 1u);
}

TEST_F(ReadCacheTest, NothingIsKeptWithoutRoom) {
  front_options_.cache.max_bytes = 0;
  StartAlone();
  EXPECT_EQ(Read("/v1/x?cached"), "200 one");
  EXPECT_EQ(server_.requests()[0].target(), "/v1/x?cached");
  EXPECT_EQ(front_->cache().read_count(), 0u);
}

TEST_F(ReadCacheTest, NumberOfReadsIsBounded) {
  front_options_.cache.max_reads = 3;
  StartAlone();
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Read("/v1/" + std::to_string(i) + "?cached"), "200 one MISS");
  }
  EXPECT_EQ(front_->cache().read_count(), 3u);
  EXPECT_TRUE(WaitUntilWatched(3));
}

TEST_F(ReadCacheTest, RegistryThatDoesNotBlockIsNotAskedInALoop) {
  front_options_.cache.read.min_pause = front_options_.cache.read.max_pause = seconds(60);
  random_ = 0.9;
  server_.SetScript(Always(Indexed(5, "one")));
  StartAlone();
  EXPECT_EQ(Read(kX), "200 one MISS");
  RunFor(milliseconds(50));
  EXPECT_EQ(server_.requests().size(), 2u);
  EXPECT_EQ(BeginGet(kX)->Text(), "200 one HIT 0");
}

TEST_F(ReadCacheTest, PausesBetweenAttemptsGrowAndAreDrawn) {
  front_options_.cache.read.min_pause = front_options_.cache.read.max_pause = seconds(60);
  random_ = 0.9;
  KeepX();
  server_.Stop();
  RunFor(milliseconds(50));
  EXPECT_THAT(BeginGet(kX)->Text(), StartsWith("200 one HIT"));
  EXPECT_EQ(upstream_->pending(), 0u);  // it pauses
}

TEST_F(ReadCacheTest, GoesAwayWithReadersThatWait) {
  KeepX();
  const Held waits = BeginGet(std::string(kX) + "&index=5");
  const Held fetches = BeginGet("/v1/y?cached");
  front_ = nullptr;
  EXPECT_TRUE(RunUntil(loop_, [&] { return server_.parked() == 0; }));
  EXPECT_FALSE(waits->is_answered());
  EXPECT_FALSE(fetches->is_answered());
}

}  // namespace
}  // namespace rollcall::front
