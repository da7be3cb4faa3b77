#include "agent/registry_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "tests/agent/scripted_server.h"

namespace rollcall::agent {
namespace {

using std::chrono::milliseconds;
using test::HttpAnswer;
using test::ScriptedServer;
using testing::HasSubstr;

// Runs on a thread of its own, since the client blocks.
class RunningServer {
 public:
  explicit RunningServer(ScriptedServer::Script script)
      : server_(loop_, std::move(script)), thread_([this] { loop_.run(); }) {}
  ~RunningServer() { End(); }

  std::string Url() const { return server_.Url(); }
  // What has come, for good: it answers no more.
  const ScriptedServer& End() {
    loop_.stop();
    if (thread_.joinable()) thread_.join();
    return server_;
  }

 private:
  boost::asio::io_context loop_;
  ScriptedServer server_;
  std::thread thread_;
};

RegistryRequest Read() { return {http::Method::kGet, "/v1/status/leader", ""}; }

std::string TextOf(const Result<RegistryAnswer>& answer) {
  if (!answer) return answer.error().message;
  return std::to_string(answer->status) + " " + answer->body;
}

ScriptedServer::Script Always(std::string answer) {
  return [answer = std::move(answer)](const auto&) { return answer; };
}

TEST(RegistryClientTest, KeepsItsConnection) {
  RunningServer server(Always(HttpAnswer(200, "fine")));
  RegistryClient client({.servers = {server.Url()}});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(TextOf(client.Send(Read())), "200 fine");
  EXPECT_EQ(TextOf(client.Send({http::Method::kPut, "/v1/x?a=b", "{}"})), "200 fine");
  const ScriptedServer& seen = server.End();
  EXPECT_EQ(seen.accepted(), 1);
  ASSERT_EQ(seen.requests().size(), 4u);
  const auto& put = seen.requests().back();
  EXPECT_EQ(put.method_string(), "PUT");
  EXPECT_EQ(put.target(), "/v1/x?a=b");
  EXPECT_EQ(put.body(), "{}");
  EXPECT_EQ(put["Content-Type"], "application/json");
}

TEST(RegistryClientTest, AsksOnceMoreWhenAKeptConnectionIsClosedAsItIsUsed) {
  std::atomic<int> requests = 0;
  RunningServer server([&](const auto&) {
    return ++requests == 2 ? ScriptedServer::kClose : HttpAnswer(200, "fine");
  });
  RegistryClient client({.servers = {server.Url()}});
  EXPECT_EQ(TextOf(client.Send(Read())), "200 fine");
  EXPECT_EQ(TextOf(client.Send(Read())), "200 fine");
  EXPECT_EQ(requests, 3);
}

TEST(RegistryClientTest, AServerThatClosesANewConnectionIsAskedOnce) {
  std::atomic<int> requests = 0;
  RunningServer server([&](const auto&) {
    ++requests;
    return ScriptedServer::kClose;
  });
  RegistryClient client({.servers = {server.Url()}});
  EXPECT_THAT(TextOf(client.Send(Read())), HasSubstr(server.Url() + ": connection closed"));
  EXPECT_EQ(requests, 1);
}

TEST(RegistryClientTest, OneThatIsSilentOrOverloadedIsLeftForTheNext) {
  RunningServer silent(Always(ScriptedServer::kPark));
  RunningServer overloaded(Always(HttpAnswer(429, "slow down")));
  RunningServer good(Always(HttpAnswer(404, "no such thing")));
  RegistryClient client({.servers = {silent.Url(), overloaded.Url(), good.Url()},
                         .answer_timeout = milliseconds(500)});
  EXPECT_EQ(TextOf(client.Send(Read())), "404 no such thing");
  EXPECT_EQ(client.server(), good.Url());
  EXPECT_EQ(TextOf(client.Send(Read())), "404 no such thing");
  EXPECT_EQ(silent.End().requests().size(), 1u);
  EXPECT_EQ(overloaded.End().requests().size(), 1u);
}

TEST(RegistryClientTest, IsUnavailableWithTheWordsOfTheLastServer) {
  RunningServer server(Always(HttpAnswer(500, "no disk")));
  RegistryClient client({.servers = {server.Url()}});
  const auto answer = client.Send(Read());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(answer.error().message, server.Url() + " answers 500: no disk");
}

TEST(RegistryClientTest, InterruptEndsWhatIsUnderWayAndAllElseUntilItIsToHurry) {
  std::promise<void> asked;
  std::atomic<int> requests = 0;
  RunningServer server([&](const auto&) -> std::string {
    if (++requests > 1) return HttpAnswer(200, "fine");
    asked.set_value();
    return ScriptedServer::kPark;
  });
  RegistryClient client({.servers = {server.Url()}, .answer_timeout = std::chrono::minutes(10)});
  std::thread other([&] {
    asked.get_future().wait();
    client.Interrupt();
  });
  EXPECT_EQ(TextOf(client.Send(Read())), "interrupted");
  other.join();
  EXPECT_EQ(TextOf(client.Send(Read())), "interrupted");
  client.Hurry(std::chrono::seconds(20));
  EXPECT_EQ(TextOf(client.Send(Read())), "200 fine");
  EXPECT_EQ(requests, 2);
}

}  // namespace
}  // namespace rollcall::agent
