#include "api/parked_queries.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "registry/store/volatile_store.h"

namespace rollcall::api {
namespace {

using catalog::Snapshot;
using catalog::WatchKey;

// Counts the answers.
class CountedExchange final : public http::Exchange {
 public:
  CountedExchange(boost::asio::io_context& loop, int* answers)
      : loop_(loop), request_("127.0.0.1"), answers_(answers) {}

  const http::Request& request() const override { return request_; }
  void Respond(http::Response /*response*/) override { ++*answers_; }
  std::shared_ptr<http::ResponseStream> RespondStream(http::Response /*head*/) override {
    return nullptr;
  }
  void OnClosed(std::function<void()> hook) override { closed_ = std::move(hook); }
  void OnShutdown(std::function<void()> /*hook*/) override {}
  void OnAnswer(AnswerHook /*hook*/) override {}
  void PostToWorker(std::function<void()> work) override { boost::asio::post(loop_, work); }
  boost::asio::io_context& loop() override { return loop_; }

  void Close() { closed_(); }

 private:
  boost::asio::io_context& loop_;
  http::Request request_;
  int* const answers_;
  std::function<void()> closed_;
};

class ParkedQueriesTest : public testing::Test {
 protected:
  std::shared_ptr<CountedExchange> Park() {
    auto exchange = std::make_shared<CountedExchange>(loop_, &answers_);
    queries_.Answer(exchange, {key_, std::chrono::minutes(10),
                               [this](const Snapshot&) {
                                 ++looks_;
                                 return due_;
                               },
                               [](const Snapshot&) { return http::EmptyResponse(200); }});
    return exchange;
  }

  const SteadyClock clock_{};
  const std::unique_ptr<catalog::Catalog> catalog_ =
      std::move(*catalog::Catalog::Open(std::make_unique<store::VolatileStore>(), clock_, {}));
  const WatchKey key_ = WatchKey::Outside("news");
  boost::asio::io_context loop_;
  catalog::SnapshotReader reader_{catalog_->snapshots()};
  ParkedLimit limit_{0};
  ParkedQueries queries_{loop_, *catalog_, reader_, limit_, 1};
  bool due_ = false;
  int answers_ = 0;
  int looks_ = 0;  // whether one is due
};

TEST_F(ParkedQueriesTest, OtherTasksGetTheirTurnsWhileAChangeWakesMany) {
  constexpr int kMany = 1000;
  for (int i = 0; i < kMany; ++i) Park();
  due_ = true;
  queries_.Wake(key_);
  int answered_before_the_task = -1;
  boost::asio::post(loop_, [&] { answered_before_the_task = answers_; });
  while (answers_ < kMany) ASSERT_EQ(loop_.run_one_for(std::chrono::seconds(20)), 1u);
  EXPECT_GT(answered_before_the_task, 0);
  EXPECT_LT(answered_before_the_task, kMany / 2);
  EXPECT_EQ(queries_.size(), 0u);
}

TEST_F(ParkedQueriesTest, WhoIsWokenAgainOrLeavesMeanwhileIsAnsweredOnceOrNotAtAll) {
  constexpr int kMany = 300;
  std::vector<std::shared_ptr<CountedExchange>> exchanges;
  for (int i = 0; i < kMany; ++i) exchanges.push_back(Park());
  due_ = true;
  queries_.Wake(key_);
  queries_.Wake(key_);
  loop_.run_one();
  ASSERT_LT(answers_, kMany);
  exchanges.back()->Close();
  while (queries_.size() > 0) ASSERT_EQ(loop_.run_one_for(std::chrono::seconds(20)), 1u);
  loop_.poll();
  EXPECT_EQ(answers_, kMany - 1);
}

TEST_F(ParkedQueriesTest, WhoIsWokenTwiceBeforeItsTurnIsLookedAtOnce) {
  for (int i = 0; i < 200; ++i) Park();
  looks_ = 0;
  queries_.Wake(key_);
  queries_.Wake(key_);
  loop_.run_one();  // the first of them, with a turn of answers
  const int in_the_first_turn = looks_;
  ASSERT_LT(in_the_first_turn, 200);
  loop_.poll();
  // Those of the first turn are woken again by the second.
  EXPECT_EQ(looks_, 200 + in_the_first_turn);
  EXPECT_EQ(answers_, 0);
}

TEST_F(ParkedQueriesTest, AnErrorOfOneKeepsNoOtherFromItsAnswer) {
  queries_.Answer(std::make_shared<CountedExchange>(loop_, &answers_),
                  {key_, std::chrono::minutes(10),
                   [this](const Snapshot&) {
                     if (due_) throw std::bad_alloc();
                     return false;
                   },
                   [](const Snapshot&) { return http::EmptyResponse(200); }});
  for (int i = 0; i < 200; ++i) Park();
  due_ = true;
  queries_.Wake(key_);
  loop_.poll();
  EXPECT_EQ(answers_, 200);
  EXPECT_EQ(queries_.size(), 1u);
}

TEST_F(ParkedQueriesTest, WhoIsWokenForNothingWaitsOn) {
  for (int i = 0; i < 200; ++i) Park();
  for (int wake = 0; wake < 3; ++wake) {
    queries_.Wake(key_);
    loop_.poll();
    EXPECT_EQ(answers_, 0);
  }
  due_ = true;
  queries_.Wake(key_);
  loop_.poll();
  EXPECT_EQ(answers_, 200);
}

}  // namespace
}  // namespace rollcall::api
