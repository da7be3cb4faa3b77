#include "api/shared/log_monitor.h"

#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <vector>

namespace rollcall::api {
namespace {

namespace level = spdlog::level;

// A log as the server's: of level info, into a text, with a monitor.
class LogMonitorTest : public testing::Test {
 protected:
  LogMonitorTest() {
    const auto own = std::make_shared<spdlog::sinks::ostream_sink_mt>(own_text_);
    own->set_level(level::info);
    log_ = std::make_shared<spdlog::logger>("log", spdlog::sinks_init_list{own, monitor_.sink()});
    log_->set_level(level::info);
    log_->set_pattern("%l %v");
    monitor_.Control(log_);
  }

  std::unique_ptr<LogMonitor::Subscription> Subscribe(const LogMonitor::Options& options) {
    return monitor_.Subscribe(options, [this] { ++wakes_; });
  }

  LogMonitor monitor_;
  std::ostringstream own_text_;
  std::shared_ptr<spdlog::logger> log_;
  std::atomic<int> wakes_ = 0;
};

TEST_F(LogMonitorTest, EachSubscriptionGetsLinesFromItsOwnLevelOn) {
  const auto curious = Subscribe({.level = level::debug});
  const auto worried = Subscribe({.level = level::warn});
  log_->trace("one");
  log_->debug("two");
  log_->info("three");
  log_->critical("four");
  EXPECT_EQ(curious->Take().text, "debug two\ninfo three\ncritical four\n");
  EXPECT_EQ(worried->Take().text, "critical four\n");
  EXPECT_EQ(own_text_.str(), "info three\ncritical four\n");
  EXPECT_EQ(curious->Take().lines, 0u);
}

TEST_F(LogMonitorTest, LogIsMoreTalkativeOnlyAsLongAsSomebodyListens) {
  EXPECT_FALSE(monitor_.sink()->should_log(level::critical));
  auto curious = Subscribe({.level = level::trace});
  const auto worried = Subscribe({.level = level::err});
  EXPECT_EQ(log_->level(), level::trace);
  curious.reset();
  EXPECT_EQ(log_->level(), level::info);
  EXPECT_FALSE(monitor_.sink()->should_log(level::warn));
  EXPECT_TRUE(monitor_.sink()->should_log(level::err));
}

TEST_F(LogMonitorTest, LevelOfTheLogChangesUnderSubscriptionsWithoutDisturbingThem) {
  auto curious = Subscribe({.level = level::debug});
  monitor_.SetLogLevel(level::err);
  EXPECT_EQ(log_->level(), level::debug);
  EXPECT_FALSE(log_->sinks().front()->should_log(level::warn));
  log_->debug("heard");
  EXPECT_EQ(curious->Take().lines, 1u);
  curious.reset();
  EXPECT_EQ(log_->level(), level::err);
}

TEST_F(LogMonitorTest, LogThatIsOffCanBeFollowedAllTheSame) {
  LogMonitor monitor;
  const auto log = std::make_shared<spdlog::logger>("off", monitor.sink());
  log->set_level(level::off);
  log->set_pattern("%v");
  monitor.Control(log);
  auto subscription = monitor.Subscribe({}, [] {});
  log->info("heard");
  EXPECT_EQ(subscription->Take().text, "heard\n");
  subscription.reset();
  EXPECT_EQ(log->level(), level::off);
}

TEST_F(LogMonitorTest, ItWakesOnceForAllThatWaits) {
  const auto subscription = Subscribe({});
  log_->info("one");
  log_->info("two");
  EXPECT_EQ(wakes_, 1);
  EXPECT_EQ(subscription->Take().lines, 2u);
  log_->info("three");
  EXPECT_EQ(wakes_, 2);
}

TEST_F(LogMonitorTest, LinesWithoutRoomAreLostAndCounted) {
  const auto subscription = Subscribe({.max_queued_bytes = 25});
  for (int i = 0; i < 10; ++i) log_->info("line {}", i);
  const LogMonitor::Taken taken = subscription->Take();
  EXPECT_EQ(taken.text, "info line 0\ninfo line 1\n");
  EXPECT_EQ(taken.lines, 2u);
  EXPECT_EQ(taken.lost, 8u);
  log_->info("again");
  EXPECT_EQ(subscription->Take().text, "info again\n");
  // A line that never fits wakes its reader too: it is to hear of it.
  const int wakes = wakes_;
  log_->info("{}", std::string(100, 'x'));
  EXPECT_EQ(wakes_, wakes + 1);
  EXPECT_EQ(subscription->Take().lost, 1u);
}

TEST_F(LogMonitorTest, OneMessageIsOneLine) {
  const auto text = Subscribe({});
  const auto as_json = Subscribe({.format = LogMonitor::Format::kJson});
  log_->warn("two\r\nlines, \"quoted\" \xff");
  EXPECT_EQ(text->Take().text, "warning two  lines, \"quoted\" \xff\n");
  const std::string line = as_json->Take().text;
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto parsed = nlohmann::json::parse(line);
  EXPECT_EQ(parsed.size(), 3u);
  EXPECT_EQ(parsed["@level"], "warn");
  EXPECT_EQ(parsed["@message"], "two\r\nlines, \"quoted\" \xEF\xBF\xBD");
  EXPECT_EQ(parsed["@timestamp"].get<std::string>().find_first_not_of("0123456789-T:.+"),
            std::string::npos);
  EXPECT_EQ(text->Line(level::info, "own"), "info own\n");
}

TEST_F(LogMonitorTest, NoLockIsHeldWhileItWakes) {
  std::unique_ptr<LogMonitor::Subscription> second;
  const auto first = monitor_.Subscribe({}, [&] { second = Subscribe({}); });
  log_->info("one");
  log_->info("two");
  EXPECT_EQ(first->Take().lines, 2u);
  EXPECT_EQ(second->Take().lines, 1u);
}

TEST_F(LogMonitorTest, ManyThreadsMayLogWhileSubscriptionsComeAndGo) {
  constexpr int kLines = 2000;
  const auto steady = Subscribe({.max_queued_bytes = 100'000'000});
  std::vector<std::thread> threads;
  threads.reserve(3);
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([this] {
      for (int n = 0; n < kLines; ++n) log_->info("line");
    });
  }
  for (int i = 0; i < 200; ++i) {
    const auto passing = Subscribe({.level = level::debug});
    passing->Take();
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(steady->Take().lines, static_cast<size_t>(3 * kLines));
}

}  // namespace
}  // namespace rollcall::api
