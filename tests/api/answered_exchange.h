// AnsweredExchange: a request without a connection, whose answer a test waits for; or without one,
// for what posts to a worker and is answered otherwise.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <future>
#include <memory>
#include <utility>

#include "api/http/exchange.h"

namespace rollcall::api {

class AnsweredExchange final : public http::Exchange {
 public:
  // `loop`: of its worker, outlives it.
  explicit AnsweredExchange(boost::asio::io_context& loop, std::promise<http::Response> answer = {})
      : loop_(loop), answer_(std::move(answer)) {}

  const http::Request& request() const override { return request_; }
  void Respond(http::Response response) override { answer_.set_value(std::move(response)); }
  std::shared_ptr<http::ResponseStream> RespondStream(http::Response) override { return nullptr; }
  void OnClosed(std::function<void()>) override {}
  void OnShutdown(std::function<void()>) override {}
  void OnAnswer(AnswerHook) override {}
  void PostToWorker(std::function<void()> work) override {
    boost::asio::post(loop_, std::move(work));
  }
  boost::asio::io_context& loop() override { return loop_; }

 private:
  const http::Request request_{"127.0.0.1"};
  boost::asio::io_context& loop_;
  std::promise<http::Response> answer_;
};

}  // namespace rollcall::api
