// The network that the chaos test breaks: what is cut is cut, in that direction alone.
#include "tests/chaos/network.h"

#include <gtest/gtest.h>

#include <fstream>
#include <memory>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/process.h"

namespace rollcall::chaos {
namespace {

class NetworkTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(network_.good()); }

  std::unique_ptr<e2e::Process> Start(std::vector<std::string> argv, const std::string& program,
                                      const std::string& log) {
    argv.insert(argv.end(), {"python3", "-c", program});
    return std::make_unique<e2e::Process>(
        e2e::ProcessOptions{.argv = argv, .output_path = dir_.File(log)});
  }
  void Send(const std::vector<std::string>& on, size_t to, const std::string& text) {
    const std::string send =
        "import socket\n"
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'" +
        text + "', ('" + network_.Address(to) + "', 99))\n";
    EXPECT_EQ(Start(on, send, "sender.log")->Wait(std::chrono::seconds(10)), 0);
  }
  // Whether a datagram from one host comes to another one, before one that the test itself sends
  // when it has left.
  bool Arrives(size_t from, size_t to) {
    const std::string receive =
        "import socket\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "s.bind(('" +
        network_.Address(to) +
        "', 99))\n"
        "print('ready', flush=True)\n"
        "print(s.recv(9))\n";
    const auto receiver = Start(network_.On(to), receive, "receiver.log");
    const auto says = [&](const char* what) {
      return e2e::Eventually([&] { return receiver->Output().find(what) != std::string::npos; });
    };
    EXPECT_TRUE(says("ready"));
    Send(network_.On(from), to, "sent");
    Send({}, to, "end");
    EXPECT_TRUE(says("b'"));
    return receiver->Output().find("b'sent'") != std::string::npos;
  }

  const e2e::TempDir dir_;
  Network network_{{"a", "b", "c"}};
};

TEST_F(NetworkTest, CutsOneWayAloneAndHeals) {
  EXPECT_TRUE(Arrives(0, 1));
  network_.Cut(0, 1);
  EXPECT_FALSE(Arrives(0, 1));
  EXPECT_TRUE(Arrives(1, 0));
  EXPECT_TRUE(Arrives(2, 1));
  network_.HealAll();
  EXPECT_TRUE(Arrives(0, 1));
}

TEST_F(NetworkTest, LeavesTheMachineAsItIs) {
  const Network second({"a"});
  EXPECT_TRUE(second.good()) << "the same names again, beside the first";
  std::ifstream machine("/proc/1/net/dev");
  const std::string devices(std::istreambuf_iterator<char>(machine), {});
  EXPECT_FALSE(devices.empty());
  EXPECT_EQ(devices.find("to-host"), std::string::npos);
}

}  // namespace
}  // namespace rollcall::chaos
