#include "api/http/socket_poller.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "registry/base/owned_fd.h"

namespace rollcall::http {
namespace {

// Two connected stream sockets; `ours` does not block and is watched for `on_ready`.
class Watched final : public SocketPoller::Member {
 public:
  explicit Watched(SocketPoller& poller) {
    std::array<int, 2> pair{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair.data()), 0);
    ours_ = OwnedFd(pair[0]);
    peer_ = OwnedFd(pair[1]);
    EXPECT_TRUE(poller.Add(ours_.get(), *this));
  }

  void OnReady(SocketPoller::Ready ready) noexcept override {
    told.push_back(ready);
    if (on_ready) on_ready();
  }

  int ours() const { return ours_.get(); }
  void CloseOurs() { ours_ = OwnedFd(); }
  void PeerSends() { EXPECT_EQ(::write(peer_.get(), "x", 1), 1); }
  void PeerEndsSending() { ::shutdown(peer_.get(), SHUT_WR); }
  void PeerReadsAll() {
    std::array<char, 4096> room{};
    while (::read(peer_.get(), room.data(), room.size()) > 0) {
    }
  }
  void Fill() {
    const std::string bytes(4096, 'x');
    while (::write(ours_.get(), bytes.data(), bytes.size()) > 0) {
    }
  }

  std::vector<SocketPoller::Ready> told;
  std::function<void()> on_ready;

 private:
  OwnedFd ours_;
  OwnedFd peer_;
};

struct Polling {
  // What is ready by now is told.
  void Run() {
    for (int turn = 0; turn < 10; ++turn) loop.poll();
  }

  boost::asio::io_context loop;
  std::unique_ptr<SocketPoller> poller = std::make_unique<SocketPoller>(loop);
};

TEST(SocketPollerTest, TellsOfEachArrivalOnce) {
  Polling polling;
  Watched one(*polling.poller);
  polling.Run();
  EXPECT_TRUE(one.told.empty());
  one.PeerSends();
  polling.Run();
  ASSERT_EQ(one.told.size(), 1u);  // though nobody has read it
  EXPECT_TRUE(one.told[0].input);
  EXPECT_FALSE(one.told[0].output);
  EXPECT_FALSE(one.told[0].ended);
  one.PeerSends();
  polling.Run();
  EXPECT_EQ(one.told.size(), 2u);
}

TEST(SocketPollerTest, TellsOfTheEnd) {
  Polling polling;
  Watched one(*polling.poller);
  one.PeerSends();
  one.PeerEndsSending();
  polling.Run();
  ASSERT_EQ(one.told.size(), 1u);
  EXPECT_TRUE(one.told[0].input);
  EXPECT_TRUE(one.told[0].ended);
}

TEST(SocketPollerTest, TellsOfRoomForOutputWhenAsked) {
  Polling polling;
  Watched one(*polling.poller);
  one.Fill();
  ASSERT_TRUE(polling.poller->AlsoWatchOutput(one.ours(), one));
  polling.Run();
  EXPECT_TRUE(one.told.empty());
  one.PeerReadsAll();
  polling.Run();
  ASSERT_FALSE(one.told.empty());
  EXPECT_TRUE(one.told[0].output);
  EXPECT_FALSE(one.told[0].input);
}

TEST(SocketPollerTest, TellsMoreThanOneTurnHolds) {
  Polling polling;
  std::vector<std::unique_ptr<Watched>> all;
  for (int i = 0; i < 150; ++i) {
    all.push_back(std::make_unique<Watched>(*polling.poller));
    all.back()->PeerSends();
  }
  polling.Run();
  for (const auto& each : all) EXPECT_EQ(each->told.size(), 1u);
}

TEST(SocketPollerTest, WhoIsForgottenInATurnIsNotTold) {
  Polling polling;
  auto first = std::make_unique<Watched>(*polling.poller);
  auto second = std::make_unique<Watched>(*polling.poller);
  int told = 0;
  // Whichever of them comes first takes the other one away.
  const auto forgets = [&](std::unique_ptr<Watched>& other) {
    return [&] {
      ++told;
      if (other == nullptr) return;
      polling.poller->Forget(other->ours(), *other);
      other.reset();
    };
  };
  first->on_ready = forgets(second);
  second->on_ready = forgets(first);
  first->PeerSends();
  second->PeerSends();
  polling.Run();
  EXPECT_EQ(told, 1);
}

// As long as a process that has just begun holds one.
TEST(SocketPollerTest, WhoIsForgottenIsNotToldThroughACopyOfItsSocket) {
  Polling polling;
  Watched one(*polling.poller);
  const OwnedFd copy(::dup(one.ours()));
  polling.poller->Forget(one.ours(), one);
  one.CloseOurs();
  one.PeerSends();
  polling.Run();
  EXPECT_TRUE(one.told.empty());
}

TEST(SocketPollerTest, MayEndInATurn) {
  Polling polling;
  Watched first(*polling.poller);
  Watched second(*polling.poller);
  int told = 0;
  const auto ends = [&] {
    ++told;
    polling.poller.reset();
  };
  first.on_ready = ends;
  second.on_ready = ends;
  first.PeerSends();
  second.PeerSends();
  polling.Run();
  EXPECT_EQ(told, 1);
}

TEST(SocketPollerTest, OthersGetTheirTurnsWhileManyThatTakeLongAreTold) {
  Polling polling;
  std::vector<std::unique_ptr<Watched>> many;
  size_t told = 0;
  size_t told_before_the_other = 0;
  for (int i = 0; i < 10; ++i) {
    many.push_back(std::make_unique<Watched>(*polling.poller));
    many.back()->on_ready = [&] {
      if (++told == 1) {
        boost::asio::post(polling.loop, [&] { told_before_the_other = told; });
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(3));
    };
    many.back()->PeerSends();
  }
  polling.Run();
  EXPECT_EQ(told, many.size());
  EXPECT_GE(told_before_the_other, 1u);
  EXPECT_LT(told_before_the_other, many.size());
}

}  // namespace
}  // namespace rollcall::http
