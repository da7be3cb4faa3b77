#include <fcntl.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <sstream>
#include <string_view>
#include <vector>

#include "tests/api/http/raw_client.h"
#include "tests/api/http/test_server.h"

namespace rollcall::http {
namespace {

// Takes all of the process's file descriptors but the ones that are given back.
class AllDescriptors {
 public:
  AllDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit low = before_;
    low.rlim_cur = 256;
    ::setrlimit(RLIMIT_NOFILE, &low);
    for (int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC); fd >= 0; fd = ::dup(taken_.back())) {
      taken_.push_back(fd);
    }
  }
  ~AllDescriptors() {
    GiveBack(taken_.size());
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }
  AllDescriptors(const AllDescriptors&) = delete;
  AllDescriptors& operator=(const AllDescriptors&) = delete;

  void GiveBack(size_t count) {
    for (; count > 0; --count) {
      ::close(taken_.back());
      taken_.pop_back();
    }
  }

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

// What is logged while it lives.
class CapturedLog {
 public:
  CapturedLog() : before_(spdlog::default_logger()) {
    const auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text_);
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("captured", sink));
    // Before there is need: the sanitizers' first look at a logger takes descriptors itself.
    spdlog::error("captured on port {}: {}", 0, std::string("from here"));
  }
  ~CapturedLog() { spdlog::set_default_logger(before_); }
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;

  // Once nobody logs any more.
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  const std::shared_ptr<spdlog::logger> before_;
};

double CpuSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

TEST(ServerDescriptorsTest, ConnectionsWaitCalmlyWhileNoDescriptorIsLeft) {
  constexpr std::chrono::milliseconds kWait{500};
  const CapturedLog log;
  {
    TestServer server;
    RawClient connected(server.port());
    connected.Send(Get("/hello"));
    ASSERT_EQ(connected.Read().body, "hello");

    AllDescriptors all;
    all.GiveBack(1);
    RawClient waiting(server.port());
    waiting.Send(Get("/hello"));
    const double before = CpuSeconds();
    EXPECT_FALSE(waiting.HasInput(kWait));
    // A loop that tries again at once burns a whole core.
    EXPECT_LT(CpuSeconds() - before, std::chrono::duration<double>(kWait).count() / 4);
    // Who is connected is served.
    connected.Send(Get("/hello"));
    EXPECT_EQ(connected.Read().body, "hello");

    all.GiveBack(3);
    EXPECT_EQ(waiting.Read().body, "hello");
    RawClient late(server.port());
    late.Send(Get("/hello"));
    EXPECT_EQ(late.Read().body, "hello");
  }
  const std::string text = log.text();
  constexpr std::string_view kSaid = "cannot accept connections on port";
  const size_t said = text.find(kSaid);
  ASSERT_NE(said, std::string::npos) << text;
  EXPECT_EQ(text.find(kSaid, said + 1), std::string::npos) << "more than once: " << text;
}

}  // namespace
}  // namespace rollcall::http
