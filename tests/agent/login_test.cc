// From one login to the next: a registry that answers when the test says so, and a clock that the
// test holds.
#include "agent/login/login.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace rollcall::login {
namespace {

using front::UpstreamReply;
using front::UpstreamRequest;
using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class HeldClock final : public Clock {
 public:
  TimePoint Now() const override { return now_; }
  void Set(TimePoint now) { now_ = now; }

 private:
  TimePoint now_{std::chrono::hours(1)};
};

// What is logged while it lives.
class LoginLog {
 public:
  LoginLog() : before_(spdlog::default_logger()) {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)));
  }
  ~LoginLog() { spdlog::set_default_logger(before_); }
  LoginLog(const LoginLog&) = delete;
  LoginLog& operator=(const LoginLog&) = delete;
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  const std::shared_ptr<spdlog::logger> before_;
};

// The answer to a login that made a token which is good for a minute.
json TokenAnswer(const std::string& secret) {
  return {{"AccessorID", "accessor"},
          {"SecretID", secret},
          {"CreateTime", "2026-01-01T00:00:00Z"},
          {"ExpirationTime", "2026-01-01T00:01:00Z"}};
}

class LoginTest : public testing::Test {
 protected:
  struct Sent {
    UpstreamRequest request;
    front::Upstream::Callback callback;
  };

  LoginTest() { Begin({.auth_method = "ci", .bearer_token_file = "/jwt"}); }

  void Begin(LoginOptions options) {
    login_ = std::make_unique<Login>(
        std::move(options),
        Login::Tools{.clock = clock_,
                     .random = [this] { return random_; },
                     .send =
                         [this](UpstreamRequest request, front::Upstream::Callback callback) {
                           sent_.push_back({std::move(request), std::move(callback)});
                         },
                     .wake_at = [this](std::optional<Clock::TimePoint> time) { wake_ = time; },
                     .read =
                         [this](const std::string& file) {
                           files_read_.push_back(file);
                           return file_;
                         }},
        Login::Listener{
            .on_token = [this](const std::string& secret, bool) { told_.push_back(secret); },
            .on_first_outcome = [this] { ++first_outcomes_; }});
  }

  void Answer(size_t which, int status, const std::string& body,
              std::vector<front::HeaderField> headers = {}) {
    UpstreamReply reply{status, std::move(headers), body, "http://r"};
    std::exchange(sent_.at(which).callback, nullptr)(std::move(reply));
  }
  void AnswerToken(const std::string& secret) {
    Answer(sent_.size() - 1, 200, TokenAnswer(secret).dump());
  }
  void Refuse() { Answer(sent_.size() - 1, 403, "Permission denied"); }

  // From now until the next thing is due; nothing: nothing is.
  std::optional<milliseconds> UntilDue() const {
    if (!wake_) return std::nullopt;
    return std::chrono::duration_cast<milliseconds>(*wake_ - clock_.Now());
  }
  void GoOn() {
    ASSERT_TRUE(wake_);
    clock_.Set(*std::exchange(wake_, std::nullopt));
    login_->Wake();
  }
  void Pass(milliseconds time) { clock_.Set(clock_.Now() + time); }

  // "BEARER" of each login, "-SECRET" of each logout.
  std::vector<std::string> Asked() const {
    std::vector<std::string> all;
    for (const Sent& each : sent_) {
      const UpstreamRequest& request = each.request;
      EXPECT_EQ(request.method, "POST");
      if (request.target == "/v1/acl/login") {
        EXPECT_FALSE(front::HasToken(request));
        all.push_back(json::parse(request.body).at("BearerToken"));
      } else {
        EXPECT_EQ(request.target, "/v1/acl/logout");
        all.push_back("-" + request.headers.at(0).value);
      }
    }
    return all;
  }

  HeldClock clock_;
  double random_ = 0.5;
  Result<std::string> file_ = std::string("jwt-1");
  std::vector<std::string> files_read_;
  std::vector<Sent> sent_;
  std::vector<std::string> told_;
  int first_outcomes_ = 0;
  std::optional<Clock::TimePoint> wake_;
  std::unique_ptr<Login> login_;
};

TEST_F(LoginTest, AsksWithWhatTheFileHoldsAndTellsTheSecret) {
  Begin({.auth_method = "ci", .bearer_token_file = "/jwt", .meta = {{"pod", "web-1"}}});
  login_->Start();
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(json::parse(sent_[0].request.body),
            (json{{"AuthMethod", "ci"}, {"BearerToken", "jwt-1"}, {"Meta", {{"pod", "web-1"}}}}));
  EXPECT_EQ(first_outcomes_, 0);
  AnswerToken("s1");
  EXPECT_THAT(told_, ElementsAre("s1"));
  EXPECT_EQ(login_->secret(), "s1");
  EXPECT_EQ(login_->Left(), milliseconds(60'000));
  EXPECT_EQ(first_outcomes_, 1);
  EXPECT_EQ(login_->counters().made.value(), 1U);
}

TEST_F(LoginTest, RenewsAtTwoThirdsOfTheLifeWithWhatTheFileHoldsThen) {
  login_->Start();
  AnswerToken("s1");
  EXPECT_EQ(UntilDue(), milliseconds(40'000));
  file_ = std::string("jwt-2");
  GoOn();
  EXPECT_THAT(Asked(), ElementsAre("jwt-1", "jwt-2"));
  // The old one counts until there is the new one.
  EXPECT_THAT(told_, ElementsAre("s1"));
  EXPECT_EQ(login_->Left(), milliseconds(20'000));
  AnswerToken("s2");
  EXPECT_THAT(told_, ElementsAre("s1", "s2"));
  EXPECT_EQ(login_->Left(), milliseconds(60'000));
  EXPECT_EQ(UntilDue(), milliseconds(40'000));
  // It is left to expire.
  EXPECT_EQ(sent_.size(), 2U);
}

TEST_F(LoginTest, TokenThatNeverExpiresIsNotRenewed) {
  login_->Start();
  json answer = TokenAnswer("s1");
  answer.erase("ExpirationTime");
  Answer(0, 200, answer.dump());
  EXPECT_THAT(told_, ElementsAre("s1"));
  EXPECT_EQ(UntilDue(), std::nullopt);
  EXPECT_EQ(login_->Left(), std::nullopt);
}

TEST_F(LoginTest, FailuresAreTriedAgainWithGrowingPausesUpToAMinute) {
  random_ = 0.999999;
  login_->Start();
  for (const int pause : {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
    Refuse();
    ASSERT_TRUE(UntilDue());
    EXPECT_NEAR(static_cast<double>(UntilDue()->count()), pause * 1000.0, 1.0);
    GoOn();
  }
  AnswerToken("s1");
  EXPECT_THAT(told_, ElementsAre("s1"));
  EXPECT_EQ(login_->counters().failed.value(), 9U);
  // And from the beginning after it has worked.
  GoOn();
  Refuse();
  EXPECT_LE(UntilDue(), seconds(1));
  EXPECT_EQ(first_outcomes_, 1);
}

TEST_F(LoginTest, PausesAreDrawnAtRandomFromTheirHalf) {
  random_ = 0;
  login_->Start();
  Refuse();
  EXPECT_EQ(UntilDue(), milliseconds(500));
  GoOn();
  Refuse();
  EXPECT_EQ(UntilDue(), milliseconds(1000));
}

TEST_F(LoginTest, WhatCannotBeAskedIsTriedAgainToo) {
  login_->Start();
  sent_[0].callback(Unavailable("no registry server can be reached"));
  EXPECT_THAT(told_, IsEmpty());
  GoOn();
  EXPECT_EQ(sent_.size(), 2U);
}

TEST_F(LoginTest, ServerThatIsAskedTooOftenIsLeftAloneForAsLongAsItSays) {
  login_->Start();
  Answer(0, 429, "Too many requests", {{"Retry-After", "30"}});
  EXPECT_EQ(UntilDue(), seconds(30));
  for (const char* nonsense : {"99999999999", "-5", "soon", ""}) {
    GoOn();
    Answer(sent_.size() - 1, 429, "Too many requests", {{"Retry-After", nonsense}});
    EXPECT_LE(UntilDue(), minutes(1)) << nonsense;
    EXPECT_GT(UntilDue(), seconds(0)) << nonsense;
  }
}

TEST_F(LoginTest, FileThatCannotBeReadIsLookedAtAgainWithinSeconds) {
  random_ = 0.999999;
  file_ = IoError("cannot read /jwt: No such file or directory");
  login_->Start();
  EXPECT_EQ(first_outcomes_, 1);
  for (const int pause : {1, 2, 4, 5, 5}) {
    ASSERT_TRUE(UntilDue());
    EXPECT_NEAR(static_cast<double>(UntilDue()->count()), pause * 1000.0, 1.0);
    GoOn();
  }
  EXPECT_THAT(sent_, IsEmpty());
  file_ = std::string("jwt-2");
  GoOn();
  EXPECT_THAT(Asked(), ElementsAre("jwt-2"));
}

TEST_F(LoginTest, TokenStaysAsLongAsItLivesAndNoLonger) {
  login_->Start();
  AnswerToken("s1");
  GoOn();  // at 40 s
  while (login_->Left()) {
    if (sent_.back().callback) Refuse();
    ASSERT_THAT(told_, ElementsAre("s1"));
    GoOn();
    if (told_.size() > 1) break;
  }
  EXPECT_THAT(told_, ElementsAre("s1", ""));
  EXPECT_EQ(login_->secret(), "");
  EXPECT_EQ(login_->Left(), std::nullopt);
  // It goes on trying.
  while (sent_.back().callback == nullptr) GoOn();
  AnswerToken("s2");
  EXPECT_THAT(told_, ElementsAre("s1", "", "s2"));
}

TEST_F(LoginTest, TokenExpiresWhileItsRenewalIsNotAnswered) {
  login_->Start();
  AnswerToken("s1");
  GoOn();
  EXPECT_EQ(UntilDue(), seconds(20));
  GoOn();
  EXPECT_THAT(told_, ElementsAre("s1", ""));
  EXPECT_EQ(sent_.size(), 2U);  // no second one beside it
  AnswerToken("s2");
  EXPECT_THAT(told_, ElementsAre("s1", "", "s2"));
}

TEST_F(LoginTest, TokenThatTheRegistryDoesNotKnowIsReplacedAtOnce) {
  login_->Start();
  AnswerToken("s1");
  Pass(seconds(10));
  login_->OnUnknown("another one");
  EXPECT_EQ(sent_.size(), 1U);
  login_->OnUnknown("s1");
  login_->OnUnknown("s1");
  ASSERT_EQ(sent_.size(), 2U);
  EXPECT_THAT(told_, ElementsAre("s1"));
  AnswerToken("s2");
  EXPECT_THAT(told_, ElementsAre("s1", "s2"));
}

TEST_F(LoginTest, TokenThatTheRegistryDoesNotKnowIsNotUsedOnWhenThereIsNoOther) {
  login_->Start();
  AnswerToken("s1");
  Pass(seconds(10));
  login_->OnUnknown("s1");
  Refuse();
  EXPECT_THAT(told_, ElementsAre("s1", ""));
  EXPECT_LE(UntilDue(), seconds(1));
  login_->OnUnknown("s1");  // of a request that was under way
  EXPECT_EQ(sent_.size(), 2U);
  GoOn();
  AnswerToken("s2");
  EXPECT_THAT(told_, ElementsAre("s1", "", "s2"));
}

TEST_F(LoginTest, WhileRenewalFailsAnUnknownTokenDoesNotShortenThePauses) {
  login_->Start();
  AnswerToken("s1");
  GoOn();
  for (int i = 0; i < 4; ++i) {
    Refuse();
    if (i < 3) GoOn();
  }
  const auto due = wake_;
  login_->OnUnknown("s1");
  EXPECT_THAT(told_, ElementsAre("s1", ""));
  EXPECT_EQ(wake_, due);
}

TEST_F(LoginTest, ServerThatHasNotHeardOfANewTokenYetIsForgiven) {
  login_->Start();
  AnswerToken("s1");
  Pass(milliseconds(4'999));
  login_->OnUnknown("s1");
  EXPECT_EQ(sent_.size(), 1U);
  Pass(milliseconds(1));
  login_->OnUnknown("s1");
  EXPECT_EQ(sent_.size(), 2U);
}

TEST_F(LoginTest, AnswersThatAreNoneAreFailures) {
  login_->Start();
  json expired = TokenAnswer("s1");
  expired["ExpirationTime"] = expired["CreateTime"];
  json timeless = TokenAnswer("s1");
  timeless["CreateTime"] = "yesterday";
  for (const std::string& body :
       {std::string("<html>"), std::string("[]"), std::string("{}"),
        std::string(R"({"SecretID":1})"), TokenAnswer("").dump(), TokenAnswer("a b").dump(),
        TokenAnswer("a\r\nb").dump(), TokenAnswer(std::string(5000, 'a')).dump(), expired.dump(),
        timeless.dump()}) {
    Answer(sent_.size() - 1, 200, body);
    ASSERT_TRUE(wake_) << body;
    EXPECT_EQ(login_->secret(), "") << body;
    GoOn();
  }
  EXPECT_EQ(login_->counters().failed.value(), 10U);
}

TEST_F(LoginTest, LogHasEachReasonOnceAndNeitherJwtNorSecret) {
  const LoginLog log;
  file_ = std::string("eyJhbGciOi.hush.hush");
  login_->Start();
  const std::string echo = sent_[0].request.body;
  Refuse();
  GoOn();
  Refuse();
  GoOn();
  Answer(2, 400, "what is " + echo + "?");
  GoOn();
  AnswerToken("hush");
  Pass(seconds(10));
  login_->OnUnknown("hush");
  Refuse();
  const std::string text = log.text();
  EXPECT_THAT(text, HasSubstr("http://r answers 400; trying"));
  EXPECT_THAT(text, HasSubstr("as token accessor, until 2026-01-01T00:01:00Z"));
  EXPECT_THAT(text, Not(HasSubstr("hush")));
  size_t refusals = 0;
  for (size_t at = 0; (at = text.find("answers 403", at)) != std::string::npos; ++at) ++refusals;
  EXPECT_EQ(refusals, 2U);
}

TEST_F(LoginTest, LifeOfCenturiesIsNoMistake) {
  login_->Start();
  json answer = TokenAnswer("s1");
  answer["CreateTime"] = "1700-01-01T00:00:00Z";
  answer["ExpirationTime"] = "2261-01-01T00:00:00Z";
  Answer(0, 200, answer.dump());
  EXPECT_GT(login_->Left(), std::chrono::hours(24 * 365));
  EXPECT_GT(UntilDue(), std::chrono::hours(24 * 365));
}

TEST_F(LoginTest, ShortLifeIsRenewedAfterASecondAtTheSoonest) {
  login_->Start();
  json answer = TokenAnswer("s1");
  answer["ExpirationTime"] = "2026-01-01T00:00:00.05Z";
  Answer(0, 200, answer.dump());
  // It expires, and is not there when the next one is due.
  EXPECT_EQ(UntilDue(), milliseconds(50));
  GoOn();
  EXPECT_EQ(UntilDue(), milliseconds(950));
  EXPECT_EQ(sent_.size(), 1U);
}

TEST_F(LoginTest, OtherOptionsAreLoggedInWithAtOnceAndTheTokenStaysMeanwhile) {
  login_->Start();
  AnswerToken("s1");
  login_->Replace({.auth_method = "other", .bearer_token_file = "/other"});
  EXPECT_EQ(files_read_.back(), "/other");
  ASSERT_EQ(sent_.size(), 2U);
  EXPECT_EQ(json::parse(sent_[1].request.body).at("AuthMethod"), "other");
  Refuse();
  EXPECT_EQ(login_->secret(), "s1");
  GoOn();
  AnswerToken("s2");
  EXPECT_THAT(told_, ElementsAre("s1", "s2"));
  // What is under way with the other one has some seconds.
  EXPECT_EQ(login_->left_secret(), "s1");
  EXPECT_EQ(UntilDue(), seconds(5));
  EXPECT_THAT(Asked(), ElementsAre("jwt-1", "jwt-1", "jwt-1"));
  GoOn();
  EXPECT_THAT(Asked(), ElementsAre("jwt-1", "jwt-1", "jwt-1", "-s1"));
  EXPECT_EQ(login_->left_secret(), "");
  EXPECT_EQ(login_->secret(), "s2");
}

TEST_F(LoginTest, TokensOfOtherOptionsAreLoggedOutAtTheEndAtTheLatest) {
  login_->Start();
  AnswerToken("s1");
  login_->Replace({.auth_method = "other", .bearer_token_file = "/other"});
  AnswerToken("s2");
  login_->Replace({.auth_method = "third", .bearer_token_file = "/third"});
  AnswerToken("s3");
  EXPECT_THAT(Asked(), ElementsAre("jwt-1", "jwt-1", "jwt-1", "-s1"));
  login_->End();
  EXPECT_THAT(Asked(), ElementsAre("jwt-1", "jwt-1", "jwt-1", "-s1", "-s2", "-s3"));
  EXPECT_EQ(wake_, std::nullopt);
}

TEST_F(LoginTest, AnswerToOptionsOfBeforeIsTakenBack) {
  login_->Start();
  login_->Replace({.auth_method = "other", .bearer_token_file = "/other"});
  Answer(0, 200, TokenAnswer("s0").dump());
  EXPECT_THAT(Asked(), ElementsAre("jwt-1", "jwt-1", "-s0"));
  EXPECT_THAT(told_, IsEmpty());
  Answer(1, 200, TokenAnswer("s1").dump());
  EXPECT_THAT(told_, ElementsAre("s1"));
}

TEST_F(LoginTest, SameOptionsAreTriedAtOnceOnlyWhereTheyHaveFailed) {
  const LoginOptions same{.auth_method = "ci", .bearer_token_file = "/jwt"};
  login_->Start();
  login_->Replace(same);
  EXPECT_EQ(sent_.size(), 1U);
  Refuse();
  login_->Replace(same);
  EXPECT_EQ(sent_.size(), 2U);
  AnswerToken("s1");
  login_->Replace(same);
  EXPECT_EQ(sent_.size(), 2U);
}

TEST_F(LoginTest, EndTakesTheTokenBack) {
  login_->Start();
  AnswerToken("s1");
  login_->End();
  EXPECT_THAT(Asked(), ElementsAre("jwt-1", "-s1"));
  EXPECT_THAT(told_, ElementsAre("s1", ""));
  EXPECT_EQ(wake_, std::nullopt);
}

TEST_F(LoginTest, AnswerThatComesAfterItIsGoneIsDropped) {
  login_->Start();
  login_ = nullptr;
  Answer(0, 200, TokenAnswer("s1").dump());
  EXPECT_THAT(told_, IsEmpty());
}

}  // namespace
}  // namespace rollcall::login
