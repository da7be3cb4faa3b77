// Answers that go on for long: what becomes of them when their token goes, or may less.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/null_sink.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "registry/store/snapshot_reader.h"
#include "tests/api/access_fixture.h"
#include "tests/api/http/raw_client.h"

namespace rollcall::api {
namespace {

using http::RawClient;
using testing::HasSubstr;

constexpr const char* kReadsAgent = R"(agent_prefix "" { policy = "read" })";

class StreamRightsTest : public AccessApiTest {
 protected:
  using Seconds = std::shared_ptr<std::atomic<int64_t>>;

  explicit StreamRightsTest(Seconds seconds = std::make_shared<std::atomic<int64_t>>(1'800'000'000))
      : AccessApiTest(ClosedAt(seconds)), seconds_(std::move(seconds)) {
    log_->set_pattern("%v");
    shared().log.Control(log_);
  }
  ~StreamRightsTest() override { StopServer(); }

  static acl::BearerCache::Options ClosedAt(const Seconds& seconds) {
    acl::BearerCache::Options access = Closed();
    access.now = [seconds] { return UtcTime(std::chrono::seconds(seconds->load())); };
    return access;
  }

  RawClient Ask(const std::string& secret, const std::string& target, int receive_buffer = 0) {
    RawClient client = receive_buffer == 0 ? RawClient(port()) : RawClient(port(), receive_buffer);
    client.Send("GET " + target + " HTTP/1.1\r\nHost: h\r\nX-Consul-Token: " + secret + "\r\n\r\n");
    EXPECT_EQ(client.ReadHead().status, 200);
    return client;
  }
  // A client that follows the log, and has had a line of it.
  RawClient Follow(const std::string& secret) {
    RawClient client = Ask(secret, "/v1/agent/monitor");
    log_->info("first");
    EXPECT_EQ(client.ReadChunk(), "first\n");
    return client;
  }

  const Seconds seconds_;
  const std::shared_ptr<spdlog::logger> log_ = std::make_shared<spdlog::logger>(
      "monitored", spdlog::sinks_init_list{std::make_shared<spdlog::sinks::null_sink_mt>(),
                                           shared().log.sink()});
};

TEST_F(StreamRightsTest, MonitorHasNoLineForATokenThatIsGone) {
  PutRules("reader", kReadsAgent);
  PutRules("other", kReadsAgent);
  RawClient client = Follow("reader");
  RemoveToken("other");
  log_->info("second");
  EXPECT_EQ(client.ReadChunk(), "second\n");
  RemoveToken("reader");
  log_->info("secret");
  EXPECT_EQ(client.ReadChunk(), "");  // the end, in good order
  client.Send(http::Get("/v1/status/leader"));
  EXPECT_EQ(client.Read().status, 200);
}

TEST_F(StreamRightsTest, MonitorEndsAlsoWhereTheLogIsSilent) {
  PutRules("reader", kReadsAgent);
  RawClient gone = Follow("reader");
  RemoveToken("reader");
  EXPECT_EQ(gone.ReadChunk(), "");
  PutRules("reader", kReadsAgent);
  RawClient narrowed = Follow("reader");
  PutRules("reader", R"(agent_prefix "" { policy = "deny" })");
  EXPECT_EQ(narrowed.ReadChunk(), "");
  PutRules("reader", kReadsAgent, UtcTime(std::chrono::seconds(seconds_->load() + 60)));
  RawClient expired = Follow("reader");
  *seconds_ += 61;
  EXPECT_EQ(expired.ReadChunk(), "");
  EXPECT_FALSE(shared().log.sink()->should_log(spdlog::level::critical));  // nobody follows
}

TEST_F(StreamRightsTest, MonitorGoesOnForWhoMay) {
  PutRules("reader", kReadsAgent);
  RawClient client = Follow("reader");
  // Longer than between two looks.
  EXPECT_FALSE(client.HasInput(std::chrono::milliseconds(1500)));
  log_->info("later");
  EXPECT_EQ(client.ReadChunk(), "later\n");
}

TEST_F(StreamRightsTest, SnapshotIsCutShortOnceItsTokenIsGone) {
  const std::string notes(100'000, 'n');
  for (int i = 0; i < 200; ++i) {
    model::Register command;
    command.node.name = "w" + std::to_string(i);
    command.node.address = "10.0.0.1";
    command.checks.emplace_back().check_id = "c";
    command.checks.back().notes = notes;
    Write(std::move(command));
  }
  PutRules("keeper", R"(acl = "write")");
  RawClient client = Ask("keeper", "/v1/snapshot", 4096);
  std::string bytes = client.ReadChunk();
  RemoveToken("keeper");
  std::string chunk;
  for (chunk = client.ReadChunk(); !chunk.empty() && chunk != "<none>";
       chunk = client.ReadChunk()) {
    bytes += chunk;
  }
  EXPECT_EQ(chunk, "<none>");  // no end of the answer has come
  store::SnapshotReader reader([](const auto&) { return Result<void>(); });
  ASSERT_TRUE(reader.Feed(bytes));
  const auto counts = reader.Finish();
  ASSERT_FALSE(counts);
  EXPECT_THAT(counts.error().message, HasSubstr("it is cut short"));
}

TEST_F(StreamRightsTest, QueryWhoseTokenExpiresWhileItWaitsIsRefusedWhenItWakes) {
  PutRules("reader", R"(service_prefix "" { policy = "read" }  node_prefix "" { policy = "read" }
                        event_prefix "" { policy = "read" })",
           UtcTime(std::chrono::seconds(seconds_->load() + 60)));
  const std::string nodes = std::to_string(GetAs("reader", "/v1/catalog/nodes").index);
  std::vector<std::future<Answer>> waiting;
  waiting.push_back(Start("/v1/catalog/nodes?token=reader&index=" + nodes));
  waiting.push_back(Start("/v1/event/list?token=reader&index=1"));
  AwaitParked(2);
  *seconds_ += 61;
  model::Register node;
  node.node.name = "n2";
  node.node.address = "10.0.0.2";
  Write(std::move(node));
  ASSERT_EQ(PutAs("management", "/v1/event/fire/deploy").status, 200);
  for (auto& each : waiting) {
    const Answer answer = each.get();
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.body, "ACL not found");
  }
}

}  // namespace
}  // namespace rollcall::api
