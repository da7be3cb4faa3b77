#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "tests/api/api_fixture.h"
#include "tests/api/http/raw_client.h"

namespace rollcall::api {
namespace {

using http::RawClient;

class MonitorTest : public ApiTest {
 protected:
  MonitorTest() : before_(spdlog::default_logger()) {
    auto log = std::make_shared<spdlog::logger>(
        "monitored", spdlog::sinks_init_list{std::make_shared<spdlog::sinks::null_sink_mt>(),
                                             shared().log.sink()});
    log->set_pattern("%l %v");
    shared().log.Control(log);
    // The worker logs too, and nothing else orders its look at the logger and this change.
    OnWorker([&] {
      spdlog::set_default_logger(log);
      return 0;
    });
  }
  ~MonitorTest() override {
    StopServer();
    spdlog::set_default_logger(before_);
  }

  // A client that follows: what is logged once it has the header reaches it.
  RawClient Follow(const std::string& query) {
    RawClient client(port());
    client.Send(http::Get("/v1/agent/monitor" + query));
    head_ = client.ReadHead();
    return client;
  }

  http::Answer head_;

 private:
  const std::shared_ptr<spdlog::logger> before_;
};

TEST_F(MonitorTest, LinesReachTheClientAsTheyAreLogged) {
  RawClient client = Follow("");
  EXPECT_EQ(head_.status, 200);
  EXPECT_EQ(head_.Header("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(head_.Header("Transfer-Encoding"), "chunked");
  spdlog::debug("not asked for");
  spdlog::info("first {}", 1);
  EXPECT_EQ(client.ReadChunk(), "info first 1\n");
  std::thread([] { spdlog::error("from another thread"); }).join();
  EXPECT_EQ(client.ReadChunk(), "error from another thread\n");
}

TEST_F(MonitorTest, LevelMayBeBelowThatOfTheLog) {
  RawClient debugging = Follow("?loglevel=DEBUG");
  RawClient worried = Follow("?loglevel=err");
  spdlog::trace("finer still");
  spdlog::debug("fine");
  spdlog::error("coarse");
  std::string lines;
  while (lines.find("coarse") == std::string::npos) {
    const std::string chunk = debugging.ReadChunk();
    ASSERT_NE(chunk, "<none>");
    lines += chunk;
  }
  // Requests are debug lines, also those of the two clients themselves.
  const std::string request = "debug http: GET /v1/agent/monitor from 127.0.0.1: 200\n";
  EXPECT_EQ(lines, request + request + "debug fine\nerror coarse\n");
  EXPECT_EQ(worried.ReadChunk(), "error coarse\n");
}

TEST_F(MonitorTest, JsonIsOneObjectALine) {
  RawClient client = Follow("?logjson");
  EXPECT_EQ(head_.Header("Content-Type"), "application/x-ndjson");
  spdlog::warn("odd");
  const auto line = nlohmann::json::parse(client.ReadChunk());
  EXPECT_EQ(line["@level"], "warn");
  EXPECT_EQ(line["@message"], "odd");
}

TEST_F(MonitorTest, UnknownLevelIsRefused) {
  for (const char* level : {"loud", "off", "critical", "info,warn"}) {
    const Answer answer = Get(std::string("/v1/agent/monitor?loglevel=") + level);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, std::string("Unknown log level: ") + level);
  }
  EXPECT_EQ(spdlog::default_logger()->level(), spdlog::level::info);
}

TEST_F(MonitorTest, ClientThatGoesAwayIsForgotten) {
  RawClient client = Follow("?loglevel=trace");
  EXPECT_EQ(spdlog::default_logger()->level(), spdlog::level::trace);
  client.Close();
  const auto until = std::chrono::steady_clock::now() + RawClient::kPatience;
  while (spdlog::default_logger()->level() != spdlog::level::info &&
         std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(spdlog::default_logger()->level(), spdlog::level::info);
  EXPECT_FALSE(shared().log.sink()->should_log(spdlog::level::critical));
}

TEST_F(MonitorTest, HeadFollowsNothing) {
  RawClient client(port());
  client.Send("HEAD /v1/agent/monitor HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.ReadHead().status, 200);
  client.Send(http::Get("/v1/status/leader"));
  EXPECT_EQ(client.Read().status, 200);
}

TEST_F(MonitorTest, ClientThatReadsSlowlyLosesLinesAndIsToldHowMany) {
  RawClient client(port(), 4096);
  client.Send(http::Get("/v1/agent/monitor"));
  ASSERT_EQ(client.ReadHead().status, 200);
  // Far more than what socket buffers and queues hold together.
  constexpr size_t kLines = 40000;
  const std::string filler(1000, 'x');
  for (size_t i = 0; i < kLines; ++i) spdlog::info("{} {}", i, filler);
  EXPECT_EQ(Get("/v1/status/leader").status, 200);  // the worker is not held up
  size_t read = 0;
  size_t missing = 0;
  bool last_seen = false;
  while (!last_seen) {
    spdlog::info("last");
    const std::string chunk = client.ReadChunk();
    ASSERT_NE(chunk, "<none>");
    for (size_t begin = 0; begin < chunk.size();) {
      const size_t end = chunk.find('\n', begin);
      const std::string line = chunk.substr(begin, end - begin);
      begin = end + 1;
      if (line.find(" log lines are missing here") != std::string::npos) {
        missing += std::stoul(line.substr(line.find(' ')));
        continue;
      }
      if (line == "info last") {
        last_seen = true;
      } else {
        ++read;
      }
    }
  }
  EXPECT_GT(missing, 0u);
  EXPECT_LT(read, kLines);
  EXPECT_GE(read + missing, kLines);
}

TEST_F(MonitorTest, StreamEndsInGoodOrderWhenTheServerStops) {
  RawClient client = Follow("");
  spdlog::info("before");
  EXPECT_EQ(client.ReadChunk(), "info before\n");
  StopServer();
  EXPECT_EQ(client.ReadChunk(), "");
  EXPECT_TRUE(client.IsClosed());
}

}  // namespace
}  // namespace rollcall::api
