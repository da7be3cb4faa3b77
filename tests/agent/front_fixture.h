// FrontTest: the front as the agent's HTTP server uses it, before scripted servers, with a clock
// that the test holds.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/front/front.h"
#include "api/http/request_reader.h"
#include "api/http/router.h"
#include "tests/agent/upstream_fixture.h"

namespace rollcall::front {

class FakeClock final : public Clock {
 public:
  TimePoint Now() const override { return now_; }
  void Advance(std::chrono::nanoseconds by) { now_ += by; }

 private:
  TimePoint now_{std::chrono::hours(1)};
};

// A request as the server has read it, and what was answered.
class FakeExchange final : public http::Exchange {
 public:
  FakeExchange(boost::asio::io_context& loop, const std::string& bytes) : loop_(loop) {
    http::RequestReader reader(request_, limits_);
    std::string_view input = bytes;
    EXPECT_EQ(reader.Consume(input), http::RequestReader::State::kComplete) << bytes;
  }

  const http::Request& request() const override { return request_; }
  void Respond(http::Response response) override {
    EXPECT_FALSE(response_) << "answered twice";
    response_ = std::move(response);
    closed_hook_ = shutdown_hook_ = nullptr;
  }
  std::shared_ptr<http::ResponseStream> RespondStream(http::Response) override { return nullptr; }
  void OnClosed(std::function<void()> hook) override { closed_hook_ = std::move(hook); }
  void OnShutdown(std::function<void()> hook) override { shutdown_hook_ = std::move(hook); }
  void OnAnswer(AnswerHook) override {}
  void PostToWorker(std::function<void()>) override {}
  boost::asio::io_context& loop() override { return loop_; }

  void Close() { Call(closed_hook_); }
  void ShutDown() { Call(shutdown_hook_); }
  http::Request& mutable_request() { return request_; }

  bool is_answered() const { return response_.has_value(); }
  const http::Response& response() const { return *response_; }
  std::string body() const { return std::string(response_->body.view()); }
  // The value of the answer's field, or "-".
  std::string Header(const std::string& name) const {
    const std::string& block = response_->header_block;
    const size_t begin = ("\r\n" + block).find("\r\n" + name + ": ");
    if (begin == std::string::npos) return "-";
    const size_t value = begin + name.size() + 2;
    return block.substr(value, block.find("\r\n", value) - value);
  }
  // "200 body HIT 0": status, body, X-Cache and Age.
  std::string Text() const {
    if (!response_) return "no answer";
    std::string text = std::to_string(response_->status) + " " + body();
    if (Header("X-Cache") != "-") text += " " + Header("X-Cache");
    if (Header("Age") != "-") text += " " + Header("Age");
    return text;
  }

 private:
  static void Call(std::function<void()>& hook) {
    if (const auto call = std::exchange(hook, nullptr)) call();
  }

  boost::asio::io_context& loop_;
  const http::Limits limits_;
  http::Request request_{"127.0.0.1"};
  std::optional<http::Response> response_;
  std::function<void()> closed_hook_;
  std::function<void()> shutdown_hook_;
};

class FrontTest : public UpstreamTest {
 protected:
  using Held = std::shared_ptr<FakeExchange>;

  void StartFront(std::vector<std::string> servers) {
    router_ = nullptr;
    front_ = nullptr;
    Start(std::move(servers));
    front_ = std::make_unique<Front>(
        loop_, clock_, [this] { return random_; }, *upstream_, front_options_);
    router_ = std::make_unique<http::Router>(front_->Routes());
  }

  void TearDown() override { front_ = nullptr; }

  // `headers`: "Name: value\r\n" each.
  Held Begin(const std::string& method, const std::string& target, const std::string& headers = "",
             const std::string& body = "") {
    std::string bytes = method + " " + target + " HTTP/1.1\r\nHost: agent\r\n" + headers;
    if (!body.empty()) bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    auto exchange = std::make_shared<FakeExchange>(loop_, bytes + "\r\n" + body);
    const auto match = router_->Find(exchange->request().method(), exchange->request().raw_path());
    if (match.route == nullptr) {
      exchange->Respond(http::AnswerWithoutRoute(match, exchange->request()));
    } else {
      exchange->mutable_request().BindPath(match.parameters);
      match.route->handler(exchange);
    }
    return exchange;
  }
  Held BeginGet(const std::string& target, const std::string& headers = "") {
    return Begin("GET", target, headers);
  }

  bool WaitFor(const Held& exchange) {
    return RunUntil(loop_, [&] { return exchange->is_answered(); });
  }
  std::string TextOf(const Held& exchange) {
    WaitFor(exchange);
    return exchange->Text();
  }
  std::string Read(const std::string& target, const std::string& headers = "") {
    return TextOf(BeginGet(target, headers));
  }

  FakeClock clock_;
  double random_ = 0;
  Front::Options front_options_{
      .escaped_node = "n%201",
      .cache = {.read = {.min_pause = milliseconds(10), .max_pause = milliseconds(20)}}};
  std::unique_ptr<Front> front_;
  std::unique_ptr<http::Router> router_;
};

}  // namespace rollcall::front
