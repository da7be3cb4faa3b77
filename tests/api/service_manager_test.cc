#include "api/shared/service_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include "api/shared/process_log.h"
#include "registry/base/owned_fd.h"

namespace rollcall::api {
namespace {

using ::testing::MatchesRegex;

// A variable of the environment, for the time of a test.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    setenv(name, value.c_str(), 1);
  }
  ~Variable() { unsetenv(name_); }

 private:
  const char* const name_;
};

// systemd's end: a datagram socket in the abstract namespace.
class Manager {
 public:
  Manager() : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    name_ = "@rollcall-test-" + std::to_string(getpid());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name_.data(), name_.size());
    address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    EXPECT_EQ(bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  }

  std::string Heard() {
    std::array<char, 200> text;
    const ssize_t size = recv(fd_.get(), text.data(), text.size(), 0);
    return size < 0 ? "" : std::string(text.data(), static_cast<size_t>(size));
  }
  const std::string& name() const { return name_; }

 private:
  const OwnedFd fd_;
  std::string name_;
};

TEST(ServiceManagerTest, IsToldOverTheSocketThatItNames) {
  Manager manager;
  const Variable socket("NOTIFY_SOCKET", manager.name());
  EXPECT_TRUE(NotifyServiceManager("READY=1"));
  EXPECT_EQ(manager.Heard(), "READY=1");
}

TEST(ServiceManagerTest, NobodyIsToldWhereThereIsNone) {
  EXPECT_FALSE(NotifyServiceManager("READY=1"));
  for (const std::string& name : {std::string(), std::string("@nobody-there"),
                                  std::string("vsock:2:1"), "/" + std::string(200, 'x')}) {
    const Variable socket("NOTIFY_SOCKET", name);
    EXPECT_FALSE(NotifyServiceManager("READY=1")) << name;
  }
}

TEST(ServiceManagerTest, ReloadingHasTheTimeWithIt) {
  EXPECT_THAT(ReloadingState(), MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"));
}

TEST(ServiceManagerTest, WatchdogIsFedTwiceAsOftenAsItBites) {
  EXPECT_FALSE(WatchdogInterval());
  const Variable limit("WATCHDOG_USEC", "10000000");
  EXPECT_EQ(WatchdogInterval(), std::chrono::seconds(5));
  {
    const Variable mine("WATCHDOG_PID", std::to_string(getpid()));
    EXPECT_EQ(WatchdogInterval(), std::chrono::seconds(5));
  }
  const Variable another("WATCHDOG_PID", "1");
  EXPECT_FALSE(WatchdogInterval());
}

TEST(ServiceManagerTest, WatchdogThatMakesNoSenseIsNone) {
  for (const char* value : {"", "0", "-1", "x", "1x"}) {
    const Variable limit("WATCHDOG_USEC", value);
    EXPECT_FALSE(WatchdogInterval()) << value;
  }
}

TEST(ProcessLogTest, JournalIsKnownByItsDeviceAndInode) {
  const OwnedFd file(dup(STDERR_FILENO));
  struct stat status {};
  ASSERT_EQ(fstat(file.get(), &status), 0);
  const std::string stream = std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
  EXPECT_TRUE(IsJournal(file.get(), stream.c_str()));
  EXPECT_FALSE(IsJournal(file.get(), "1:1"));
  EXPECT_FALSE(IsJournal(file.get(), nullptr));
  EXPECT_FALSE(IsJournal(-1, stream.c_str()));
}

TEST(ProcessLogTest, JournalLinesBeginWithTheirSeverity) {
  EXPECT_EQ(JournalLine(spdlog::level::critical, "x"), "<2>x\n");
  EXPECT_EQ(JournalLine(spdlog::level::err, "x"), "<3>x\n");
  EXPECT_EQ(JournalLine(spdlog::level::warn, "x"), "<4>x\n");
  EXPECT_EQ(JournalLine(spdlog::level::info, "x"), "<6>x\n");
  EXPECT_EQ(JournalLine(spdlog::level::debug, "x"), "<7>x\n");
}

}  // namespace
}  // namespace rollcall::api
