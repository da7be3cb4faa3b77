#include "api/audit/audit_syslog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "registry/base/owned_fd.h"
#include "tests/e2e/harness/files.h"

namespace rollcall::api {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

// What listens at /dev/log, at another place.
class AuditSyslogTest : public testing::Test {
 protected:
  void Listen() {
    unlink(path_.c_str());
    daemon_ = OwnedFd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(bind(daemon_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const timeval patience = {10, 0};
    setsockopt(daemon_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  std::string Receive() const {
    std::array<char, 4096> room{};
    const ssize_t size = recv(daemon_.get(), room.data(), room.size(), 0);
    return size < 0 ? "nothing" : std::string(room.data(), static_cast<size_t>(size));
  }
  static size_t Write(AuditSyslog& syslog, const std::vector<std::string>& lines) {
    return syslog.Write(lines).lines;
  }

  const e2e::TempDir dir_;
  const std::string path_ = dir_.File("log");
  OwnedFd daemon_;
};

TEST_F(AuditSyslogTest, EachLineIsAMessage) {
  Listen();
  auto syslog = AuditSyslog::Open(path_);
  ASSERT_TRUE(syslog) << syslog.error().message;
  EXPECT_EQ(Write(**syslog, {"{\"a\":1}\n", "{\"b\":2}\n"}), 2u);
  // authpriv.notice is 10 * 8 + 5.
  EXPECT_THAT(Receive(), MatchesRegex("<85>[A-Z][a-z][a-z] [ 0-9][0-9] [0-9:]+ "
                                      "rollcall-audit.[0-9]+.: .\"a\":1."));
  EXPECT_THAT(Receive(), testing::EndsWith(": {\"b\":2}"));
}

TEST_F(AuditSyslogTest, ADaemonThatWasStartedAnewIsFoundAgain) {
  Listen();
  auto syslog = AuditSyslog::Open(path_);
  ASSERT_TRUE(syslog);
  EXPECT_EQ(Write(**syslog, {"1\n"}), 1u);
  Listen();
  EXPECT_EQ(Write(**syslog, {"2\n"}), 1u);
  EXPECT_THAT(Receive(), HasSubstr(": 2"));
}

TEST_F(AuditSyslogTest, WithoutADaemonLinesAreKeptAndSentLater) {
  Listen();
  auto syslog = AuditSyslog::Open(path_);
  ASSERT_TRUE(syslog);
  daemon_ = OwnedFd();
  unlink(path_.c_str());
  const AuditSink::Progress progress = (*syslog)->Write(std::vector<std::string>{"1\n"});
  EXPECT_EQ(progress.lines, 0u);
  ASSERT_TRUE(progress.error);
  EXPECT_THAT(progress.error->message, HasSubstr(path_));
  Listen();
  EXPECT_EQ(Write(**syslog, {"1\n"}), 1u);
  EXPECT_THAT(Receive(), HasSubstr(": 1"));
}

TEST_F(AuditSyslogTest, WhereNobodyListensItCannotBegin) {
  const auto nobody = AuditSyslog::Open(path_);
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().message,
            "cannot reach syslog at " + path_ + ": No such file or directory");
  EXPECT_FALSE(AuditSyslog::Open(std::string(300, 'x')));
  EXPECT_FALSE(AuditSyslog::Open(""));
}

}  // namespace
}  // namespace rollcall::api
