#include "cli/server_control.h"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace rollcall::cli {
namespace {

Result<void> Ok() { return {}; }

TEST(ServerControlTest, RunsUntilAStopIsRequested) {
  ServerControl control;
  std::thread other([&control] { control.RequestStop(); });
  control.Run(Ok);
  other.join();
}

TEST(ServerControlTest, RunsUntilASignal) {
  for (const int signal : {SIGTERM, SIGINT}) {
    ServerControl control;
    // The signal is raised once Run listens for it: from a reload.
    control.RequestReload([](const Result<void>&) {});
    control.Run([signal] {
      std::raise(signal);
      return Ok();
    });
  }
}

TEST(ServerControlTest, AHangupReloadsAlsoOneBeforeRun) {
  ServerControl control;
  std::raise(SIGHUP);
  int reloads = 0;
  control.Run([&] {
    if (++reloads == 1) {
      std::raise(SIGHUP);
    } else {
      control.RequestStop();
    }
    return Ok();
  });
  EXPECT_EQ(reloads, 2);
}

TEST(ServerControlTest, ARefusedReloadIsAnsweredWithItsReasonAndTheNextOneRuns) {
  ServerControl control;
  std::vector<std::string> answers;
  const auto note = [&answers](const Result<void>& done) {
    answers.push_back(done ? "done" : done.error().message);
  };
  control.RequestReload(note);
  control.RequestReload(note);
  bool refuse = true;
  control.Run([&]() -> Result<void> {
    if (std::exchange(refuse, false)) return InvalidArgument("no");
    control.RequestStop();
    return {};
  });
  EXPECT_EQ(answers, (std::vector<std::string>{"no", "done"}));
}

TEST(ServerControlTest, ReloadsOfManyThreadsRunOneAtATimeAndEachIsAnsweredOnce) {
  constexpr int kThreads = 4;
  constexpr int kEach = 50;
  ServerControl control;
  std::atomic<int> inside{0};
  std::atomic<int> answered{0};
  int reloads = 0;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < kEach; ++j) {
        control.RequestReload([&](const Result<void>& done) {
          EXPECT_TRUE(done);
          if (++answered == kThreads * kEach) control.RequestStop();
        });
      }
    });
  }
  control.Run([&] {
    EXPECT_EQ(++inside, 1);
    ++reloads;
    --inside;
    return Ok();
  });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(reloads, kThreads * kEach);
  EXPECT_EQ(answered, kThreads * kEach);
}

TEST(ServerControlTest, WhatWasAskedForBeforeTheStopIsAnsweredAndWhatComesLaterIsRefused) {
  ServerControl control;
  int done = 0;
  control.RequestStop();
  control.RequestReload([&done](const Result<void>& answer) { done += answer ? 1 : 0; });
  control.RequestStop();
  control.RequestReload([&done](const Result<void>& answer) { done += answer ? 1 : 0; });
  control.Run(Ok);
  EXPECT_EQ(done, 2);

  std::string refusal;
  control.RequestReload([&refusal](const Result<void>& answer) {
    ASSERT_FALSE(answer);
    refusal = answer.error().message;
  });
  EXPECT_EQ(refusal, "the server is stopping");
}

}  // namespace
}  // namespace rollcall::cli
