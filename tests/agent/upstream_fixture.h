// UpstreamTest: an Upstream with times short enough for a test, and what came back from it.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/front/upstream.h"
#include "tests/agent/little_server.h"
#include "tests/agent/scripted_server.h"

namespace rollcall::front {

using std::chrono::milliseconds;
using test::HttpAnswer;
using test::RunUntil;
using test::ScriptedServer;

class UpstreamTest : public ::testing::Test {
 protected:
  using Outcome = std::shared_ptr<std::optional<Result<UpstreamReply>>>;

  static ScriptedServer::Script Always(std::string answer) {
    return [answer = std::move(answer)](const auto&) { return answer; };
  }

  Upstream& Start(std::vector<std::string> servers) {
    options_.servers = std::move(servers);
    upstream_ = std::make_unique<Upstream>(loop_, options_);
    return *upstream_;
  }

  Outcome Send(UpstreamRequest request) {
    auto outcome = std::make_shared<std::optional<Result<UpstreamReply>>>();
    handle_ = upstream_->Send(std::move(request), [outcome](Result<UpstreamReply> reply) {
      EXPECT_FALSE(outcome->has_value()) << "answered twice";
      outcome->emplace(std::move(reply));
    });
    return outcome;
  }

  bool Wait(const Outcome& outcome) {
    return RunUntil(loop_, [&] { return outcome->has_value(); });
  }

  // "200 body", or the error's text.
  std::string Ask(UpstreamRequest request) { return TextOf(Send(std::move(request))); }
  std::string Get(const std::string& target) { return Ask({.target = target}); }

  std::string TextOf(const Outcome& outcome) {
    if (!Wait(outcome)) return "nothing came";
    const Result<UpstreamReply>& reply = **outcome;
    if (!reply) return reply.error().message;
    return std::to_string(reply->status) + " " + reply->body;
  }

  // A URL where nobody listens.
  std::string ClosedUrl() {
    boost::asio::ip::tcp::acceptor acceptor(loop_, {boost::asio::ip::make_address("127.0.0.1"), 0});
    return "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
  }

  void RunFor(milliseconds time) {
    loop_.restart();
    loop_.run_for(time);
  }

  boost::asio::io_context loop_;
  Upstream::Options options_{.servers = {},
                             .times = {.connect = milliseconds(2000), .answer = milliseconds(5000)},
                             .second_after = milliseconds(50),
                             .probe_interval = milliseconds(100),
                             .probe_timeout = milliseconds(300)};
  std::unique_ptr<Upstream> upstream_;
  Upstream::Handle handle_;
};

}  // namespace rollcall::front
