// What systemd hears of a service of Type=notify, with this test in its place.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <string>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

class Manager {
 public:
  Manager() : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    path_ = dir_.File("notify");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.data(), path_.size());
    EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  ~Manager() { close(fd_); }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  // Waits for a message that begins with `state`.
  bool Hears(const std::string& state) {
    return Eventually([&] {
      std::array<char, 200> text;
      ssize_t size = 0;
      while ((size = recv(fd_, text.data(), text.size(), 0)) >= 0) {
        if (std::string(text.data(), static_cast<size_t>(size)).starts_with(state)) return true;
      }
      return false;
    });
  }
  const std::string& path() const { return path_; }

 private:
  const TempDir dir_;
  const int fd_;
  std::string path_;
};

TEST(ServiceManagerTest, AgentTellsOfItsLife) {
  Manager manager;
  // No registry answers: that is no reason not to be ready.
  Agent agent({.server_url = "http://127.0.0.1:1",
               .environment = {"NOTIFY_SOCKET=" + manager.path(), "WATCHDOG_USEC=200000"}});
  agent.Start();
  EXPECT_TRUE(manager.Hears("READY=1"));
  EXPECT_TRUE(Http(agent.http_port()).Get("/v1/agent/self").ok());
  EXPECT_TRUE(manager.Hears("WATCHDOG=1"));
  agent.process().Signal(SIGHUP);
  EXPECT_TRUE(manager.Hears("RELOADING=1\nMONOTONIC_USEC="));
  EXPECT_TRUE(manager.Hears("READY=1"));
  EXPECT_TRUE(manager.Hears("WATCHDOG=1"));
  agent.process().Signal(SIGTERM);
  EXPECT_TRUE(manager.Hears("STOPPING=1"));
}

}  // namespace
}  // namespace rollcall::e2e
