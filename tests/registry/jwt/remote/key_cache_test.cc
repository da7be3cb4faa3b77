#include "registry/jwt/remote/key_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/registry/catalog/fake_clock.h"
#include "tests/registry/jwt/issuer.h"

namespace rollcall::jwt {
namespace {

using catalog::FakeClock;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

// Answers are given by hand.
class KeyCacheTest : public testing::Test {
 protected:
  KeyCacheTest() {
    KeyCacheOptions options;
    options.max_waiting = 3;
    options.max_in_pause = 2;
    options.origin = "https://a.example/keys";
    options.on_trouble = [this](const std::string& what) { troubles_.push_back(what); };
    cache_ =
        KeyCache::Make([this](KeyCache::OnText on_text) { asked_.push_back(std::move(on_text)); },
                       [this](std::chrono::nanoseconds time, std::function<void()> then) {
                         later_.emplace_back(time, std::move(then));
                       },
                       options, clock_);
  }

  // Its answer will be at this place of answers_: "" while there is none, "keys" where it knows the
  // key, "other keys" where not, else the error.
  size_t Find(const std::optional<std::string>& id) {
    const size_t place = answers_.size();
    answers_.emplace_back();
    cache_->Find(id, [this, place, id](const Result<std::shared_ptr<const KeySet>>& keys) {
      EXPECT_EQ(answers_[place], "") << "answered twice";
      if (!keys) {
        EXPECT_EQ(keys.error().code, ErrorCode::kUnavailable);
        answers_[place] = keys.error().message;
      } else {
        answers_[place] = !id || (*keys)->Knows(*id) ? "keys" : "other keys";
      }
    });
    return place;
  }

  std::string Answer(const std::optional<std::string>& id) { return answers_[Find(id)]; }

  // To the question that has been asked, of which there must be one.
  void Reply(const Result<std::string>& text) {
    ASSERT_EQ(asked_.size(), 1U);
    const KeyCache::OnText on_text = std::move(asked_.front());
    asked_.clear();
    on_text(text);
  }

  static Result<std::string> Keys(const std::string& id) {
    return Issuer::For(Algorithm::kEs256).JwksOf(id);
  }

  // Lets the time go by that somebody waits for, of whom there must be one.
  void AwaitLater() {
    ASSERT_EQ(later_.size(), 1U);
    const auto [time, then] = std::move(later_.front());
    later_.clear();
    clock_.Advance(time);
    then();
  }

  FakeClock clock_;
  std::vector<KeyCache::OnText> asked_;
  std::vector<std::pair<std::chrono::nanoseconds, std::function<void()>>> later_;
  std::vector<std::string> answers_;
  std::vector<std::string> troubles_;
  std::shared_ptr<KeyCache> cache_;
};

TEST_F(KeyCacheTest, AsksOnceForAllWhoWait) {
  Find("a");
  Find("b");
  Find(std::nullopt);
  EXPECT_THAT(answers_, ElementsAre("", "", ""));
  EXPECT_THAT(Answer("a"), HasSubstr("too many logins wait"));
  Reply(Keys("a"));
  EXPECT_THAT(answers_[0], "keys");
  EXPECT_THAT(answers_[1], "other keys");
  EXPECT_THAT(answers_[2], "keys");
  EXPECT_THAT(asked_, testing::IsEmpty());
}

TEST_F(KeyCacheTest, AnswersFromWhatItHasForItsLifetime) {
  Find("a");
  Reply(Keys("a"));
  clock_.Advance(seconds(299));
  EXPECT_EQ(Answer("a"), "keys");
  EXPECT_EQ(Answer(std::nullopt), "keys");
  EXPECT_THAT(asked_, testing::IsEmpty());
  clock_.Advance(seconds(1));
  const size_t later = Find("a");
  EXPECT_EQ(answers_[later], "") << "waits for the newer ones";
  Reply(Keys("b"));
  EXPECT_EQ(answers_[later], "other keys") << "which its issuer has taken out";
}

TEST_F(KeyCacheTest, AsksAnewForAKeyThatItDoesNotKnow) {
  Find("a");
  Reply(Keys("a"));
  clock_.Advance(seconds(10));
  const size_t unknown = Find("b");
  EXPECT_EQ(answers_[unknown], "");
  EXPECT_EQ(Answer("a"), "keys") << "those who need no new key do not wait";
  Reply(Keys("b"));
  EXPECT_EQ(answers_[unknown], "keys");
}

TEST_F(KeyCacheTest, NamesThatStrangersMakeUpCostOneQuestionAPause) {
  Find("a");
  Reply(Keys("a"));
  for (int round = 0; round < 3; ++round) {
    const size_t first = Find("x");
    const size_t second = Find("y");
    for (int i = 0; i < 100; ++i) {
      EXPECT_THAT(Answer("x" + std::to_string(i)), HasSubstr("too many logins wait"));
    }
    EXPECT_EQ(Answer("a"), "keys") << "those who need no new key do not wait";
    EXPECT_THAT(asked_, testing::IsEmpty());
    AwaitLater();
    EXPECT_EQ(answers_[first] + answers_[second], "");
    const size_t honest = Find("a2");
    EXPECT_EQ(answers_[honest], "") << "there is room for those who wait for the answer";
    Reply(Keys("a"));
    EXPECT_EQ(answers_[first], "other keys") << "refused for good";
    EXPECT_EQ(answers_[second], "other keys");
    EXPECT_EQ(answers_[honest], "other keys");
  }
}

TEST_F(KeyCacheTest, AKeyThatIsPublishedWithinThePauseIsWaitedFor) {
  Find("a");
  Reply(Keys("a"));
  clock_.Advance(seconds(4));
  const size_t fresh = Find("b");
  EXPECT_EQ(answers_[fresh], "") << "it may have been published since";
  ASSERT_EQ(later_.size(), 1U);
  EXPECT_EQ(later_[0].first, seconds(6));
  AwaitLater();
  Reply(Keys("b"));
  EXPECT_EQ(answers_[fresh], "keys");
}

TEST_F(KeyCacheTest, WhoeverComesWhenThePauseIsOverAsksForThoseWhoWaitForThat) {
  Find("a");
  Reply(Keys("a"));
  const size_t early = Find("b");
  clock_.Advance(seconds(10));
  const size_t late = Find("b");
  EXPECT_EQ(answers_[late], "");
  AwaitLater();
  Reply(Keys("b"));
  EXPECT_EQ(answers_[early], "keys");
  EXPECT_EQ(answers_[late], "keys");
}

TEST_F(KeyCacheTest, AWaitThatEndsAfterTheNextAnswerAsksNothing) {
  Find("a");
  Reply(Keys("a"));
  Find("b");
  const auto late = std::move(later_.front().second);
  later_.clear();
  clock_.Advance(seconds(10));
  Find("b");
  Reply(Keys("b"));
  const size_t next = Find("c");
  late();
  EXPECT_THAT(asked_, testing::IsEmpty());
  AwaitLater();
  Reply(Keys("c"));
  EXPECT_EQ(answers_[next], "keys");
}

TEST_F(KeyCacheTest, WhileAskingFailsAnUnknownKeyIsNobodysFault) {
  Find("a");
  Reply(Keys("a"));
  clock_.Advance(seconds(10));
  const size_t unknown = Find("b");
  const size_t known = Find(std::nullopt);
  Reply(Unavailable("connection refused"));
  EXPECT_EQ(answers_[unknown], "whether there is a key \"b\" is not known: connection refused");
  EXPECT_EQ(answers_[known], "keys");
  EXPECT_THAT(Answer("c"), HasSubstr("is not known: connection refused")) << "at once";
  EXPECT_EQ(Answer("a"), "keys");
  EXPECT_THAT(later_, testing::IsEmpty());
}

TEST_F(KeyCacheTest, KeepsItsKeysForAnHourWhileAskingFails) {
  Find("a");
  Reply(Keys("a"));
  clock_.Advance(seconds(3589));
  const size_t late = Find("a");
  Reply(Unavailable("connection refused"));
  EXPECT_EQ(answers_[late], "keys");
  EXPECT_EQ(Answer("a"), "keys") << "at once, within the pause";
  EXPECT_THAT(troubles_, ElementsAre("connection refused"));
  clock_.Advance(seconds(11));
  const size_t too_late = Find("a");
  Reply(Unavailable("connection refused"));
  EXPECT_THAT(answers_[too_late], HasSubstr("no keys to verify tokens with: connection refused"));
  EXPECT_THAT(Answer("a"), HasSubstr("connection refused"));
  clock_.Advance(seconds(10));
  const size_t again = Find("a");
  Reply(Keys("a"));
  EXPECT_EQ(answers_[again], "keys");
}

TEST_F(KeyCacheTest, WithoutAnyKeysItSaysWhyAndAsksAgainAfterThePause) {
  const size_t first = Find("a");
  Reply(Unavailable("it answered 500"));
  EXPECT_THAT(answers_[first], HasSubstr("it answered 500"));
  EXPECT_THAT(Answer("a"), HasSubstr("it answered 500"));
  EXPECT_THAT(asked_, testing::IsEmpty());
  clock_.Advance(seconds(10));
  const size_t second = Find("a");
  Reply(Keys("a"));
  EXPECT_EQ(answers_[second], "keys");
}

TEST_F(KeyCacheTest, WhatIsNoKeySetIsAFailure) {
  Find("a");
  Reply(Keys("a"));
  clock_.Advance(seconds(300));
  const size_t place = Find("a");
  Reply(std::string("<html>"));
  EXPECT_EQ(answers_[place], "keys") << "of before";
  EXPECT_THAT(troubles_,
              ElementsAre(HasSubstr("the key set of \"https://a.example/keys\": the JWKS is "
                                    "not JSON")));
}

TEST_F(KeyCacheTest, AnIssuerCanTakeAllKeysBack) {
  Find("a");
  Reply(Keys("a"));
  clock_.Advance(seconds(300));
  const size_t place = Find("a");
  Reply(std::string(R"({"keys":[]})"));
  EXPECT_EQ(answers_[place], "other keys");
}

TEST_F(KeyCacheTest, SaysWhichKeysItPassesOver) {
  Find("a");
  Reply(std::string(R"({"keys":[{"kty":"oct","kid":"s","k":"AA"}]})"));
  EXPECT_THAT(troubles_,
              ElementsAre(HasSubstr("the key set of \"https://a.example/keys\": key 0 (\"s\"): it "
                                    "is a shared secret")));
}

TEST_F(KeyCacheTest, OutlivesItsOwnerWhileItAsks) {
  const size_t place = Find("a");
  cache_.reset();
  Reply(Keys("a"));
  EXPECT_EQ(answers_[place], "keys");
}

TEST(KeyCacheAtOnceTest, TakesAnAnswerThatComesBeforeTheQuestionIsOver) {
  FakeClock clock;
  int answers = 0;
  const auto cache = KeyCache::Make(
      [](const KeyCache::OnText& on_text) { on_text(Issuer::For(Algorithm::kEs256).JwksOf("a")); },
      [](std::chrono::nanoseconds, const std::function<void()>&) { ADD_FAILURE(); }, {}, clock);
  cache->Find("a", [&](const Result<std::shared_ptr<const KeySet>>& keys) {
    EXPECT_TRUE(keys && (*keys)->Knows("a"));
    ++answers;
  });
  EXPECT_EQ(answers, 1);
}

}  // namespace
}  // namespace rollcall::jwt
