#include <gmock/gmock.h>

#include <functional>

#include "tests/agent/prober_fixture.h"

namespace rollcall::probe {
namespace {

using boost::asio::ip::udp;
using model::CheckStatus;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

// Takes datagrams at a port of `address`, and answers each one where it is told to.
class UdpServer {
 public:
  enum class Manner { kAnswers, kAnswersWithNothing, kIsSilent };

  UdpServer(boost::asio::io_context& loop, const std::string& address, Manner manner)
      : manner_(manner), socket_(loop, {boost::asio::ip::make_address(address), 0}) {
    Receive();
  }

  std::string port() const { return std::to_string(socket_.local_endpoint().port()); }
  const std::vector<size_t>& sizes() const { return sizes_; }

 private:
  void Receive() {
    socket_.async_receive_from(boost::asio::buffer(buffer_), from_,
                               [this](boost::system::error_code error, size_t size) {
                                 if (error) return;
                                 sizes_.push_back(size);
                                 Answer();
                                 Receive();
                               });
  }

  void Answer() {
    if (manner_ == Manner::kAnswers) socket_.send_to(boost::asio::buffer("pong", 4), from_);
    if (manner_ == Manner::kAnswersWithNothing) {
      socket_.send_to(boost::asio::const_buffer(), from_);
    }
  }

  const Manner manner_;
  udp::socket socket_;
  udp::endpoint from_;
  std::array<char, 16> buffer_;
  std::vector<size_t> sizes_;
};

class UdpProbeTest : public ProberFixture {
 protected:
  static model::CheckRun Udp(const std::string& target) {
    model::CheckRun run = RunOf(model::CheckKind::kUdp);
    run.udp = target;
    return run;
  }

  static std::string ClosedPort() {
    boost::asio::io_context loop;
    return UdpServer(loop, "127.0.0.1", UdpServer::Manner::kIsSilent).port();
  }
};

TEST_F(UdpProbeTest, AnswerIsPassing) {
  UdpServer server(loop_, "127.0.0.1", UdpServer::Manner::kAnswers);
  const ProbeResult result = FirstResult(Udp("127.0.0.1:" + server.port()));
  EXPECT_EQ(result.status, CheckStatus::kPassing);
  EXPECT_EQ(result.output, "UDP connect 127.0.0.1:" + server.port() + ": Success");
  EXPECT_THAT(server.sizes(), ::testing::ElementsAre(0));
}

TEST_F(UdpProbeTest, EmptyAnswerIsAnAnswer) {
  UdpServer server(loop_, "127.0.0.1", UdpServer::Manner::kAnswersWithNothing);
  EXPECT_EQ(FirstResult(Udp("127.0.0.1:" + server.port())).status, CheckStatus::kPassing);
}

TEST_F(UdpProbeTest, SilenceIsPassingWhenTheTimeIsUp) {
  UdpServer server(loop_, "127.0.0.1", UdpServer::Manner::kIsSilent);
  model::CheckRun run = Udp("127.0.0.1:" + server.port());
  run.timeout = milliseconds(50);
  const ProbeResult result = FirstResult(run);
  EXPECT_EQ(result.status, CheckStatus::kPassing);
  EXPECT_EQ(result.output, "UDP connect 127.0.0.1:" + server.port() + ": Success");
  EXPECT_EQ(server.sizes().size(), 1u);
}

TEST_F(UdpProbeTest, ClosedPortIsCritical) {
  const std::string target = "127.0.0.1:" + ClosedPort();
  const ProbeResult result = FirstResult(Udp(target));
  EXPECT_EQ(result.status, CheckStatus::kCritical);
  EXPECT_EQ(result.output, "UDP connect " + target + ": Connection refused");
}

// Where "localhost" is ::1 too, that one refuses and comes first.
TEST_F(UdpProbeTest, NameIsPassingWhenOneOfItsAddressesIsOpen) {
  UdpServer server(loop_, "127.0.0.1", UdpServer::Manner::kAnswers);
  const ProbeResult result = FirstResult(Udp("localhost:" + server.port()));
  EXPECT_EQ(result.output, "UDP connect localhost:" + server.port() + ": Success");
  EXPECT_EQ(FirstResult(Udp("localhost:" + ClosedPort())).status, CheckStatus::kCritical);
}

TEST_F(UdpProbeTest, WhatCannotBeAskedIsCriticalAndSaysWhy) {
  EXPECT_THAT(FirstResult(Udp("no-port")).output, HasSubstr("expected HOST:PORT"));
  // A broadcast address may not be sent to without asking for it (udp(7)).
  const ProbeResult forbidden = FirstResult(Udp("255.255.255.255:9"));
  EXPECT_EQ(forbidden.status, CheckStatus::kCritical);
  EXPECT_THAT(forbidden.output, ::testing::StartsWith("UDP connect 255.255.255.255:9: "));
}

TEST_F(UdpProbeTest, RemovedWhileItWaitsReportsNothing) {
  UdpServer silent(loop_, "127.0.0.1", UdpServer::Manner::kIsSilent);
  UdpServer server(loop_, "127.0.0.1", UdpServer::Manner::kAnswers);
  model::CheckRun run = Udp("127.0.0.1:" + silent.port());
  run.timeout = milliseconds(100);
  prober_.Ensure("removed", run);
  ASSERT_TRUE(test::RunUntil(loop_, [&] { return !silent.sizes().empty(); }));
  prober_.Remove("removed");
  prober_.Ensure("other", Udp("127.0.0.1:" + server.port()));
  ASSERT_TRUE(test::RunUntil(loop_, [this] { return CountOf("other") >= 8; }));
  EXPECT_EQ(CountOf("removed"), 0u);
}

}  // namespace
}  // namespace rollcall::probe
