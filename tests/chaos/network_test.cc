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

  std::unique_ptr<e2e::Process> Start(size_t host, const std::vector<std::string>& command,
                                      const std::string& log) {
    std::vector<std::string> argv = network_.On(host);
    argv.insert(argv.end(), command.begin(), command.end());
    return std::make_unique<e2e::Process>(
        e2e::ProcessOptions{.argv = argv, .output_path = dir_.File(log)});
  }
  // Whether a datagram from one host is there, on another one, when some time has passed.
  bool Arrives(size_t from, size_t to) {
    const std::string receive =
        "import socket\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "s.bind(('" +
        network_.Address(to) +
        "', 99))\n"
        "print('ready', flush=True)\n"
        "s.settimeout(0.5)\n"
        "print(s.recv(9))\n";
    const auto receiver = Start(to, {"python3", "-c", receive}, "receiver.log");
    EXPECT_TRUE(
        e2e::Eventually([&] { return receiver->Output().find("ready") != std::string::npos; }));
    const std::string send =
        "import socket\n"
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('" +
        network_.Address(to) + "', 99))\n";
    EXPECT_EQ(Start(from, {"python3", "-c", send}, "sender.log")->Wait(std::chrono::seconds(10)),
              0);
    return receiver->Wait(std::chrono::seconds(10)) == 0;
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
