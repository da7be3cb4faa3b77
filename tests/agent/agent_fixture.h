// The whole agent against a fake registry, spoken to over its own HTTP API.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "agent/agent.h"
#include "tests/agent/fake_registry.h"

namespace rollcall::agent {

class AgentTest : public ::testing::Test {
 protected:
  // What the agent is started with beside the fixture's own.
  virtual void Adjust(Options&) {}
  // What is in its files beside a service "from-file".
  virtual void Define(Definitions&) {}

  void SetUp() override {
    Options options;
    options.node.name = "n1";
    options.node.address = "10.0.0.1";
    options.servers = {registry_.Url()};
    options.http = ListenAddress{"127.0.0.1", 0};
    Adjust(options);
    Definitions definitions;
    definitions.services.push_back(
        model::ParseAgentService(nlohmann::json::parse(R"({"name": "from-file"})")).value());
    Define(definitions);
    Result<std::unique_ptr<Agent>> agent =
        Agent::Start(loop_, options, definitions,
                     {.build = {"1.2.3", "", ""},
                      .log = &log_,
                      .read_definitions = [this] { return files_; },
                      .read_security = read_security_,
                      .leave = [this] { loop_.stop(); }});
    ASSERT_TRUE(agent.has_value()) << agent.error().message;
    agent_ = std::move(*agent);
    client_ = std::make_unique<httplib::Client>("127.0.0.1", agent_->http_port());
    thread_ = std::thread([this] { loop_.run(); });
  }

  void TearDown() override {
    StopLoop();
    agent_ = nullptr;
  }

  void StopLoop() {
    loop_.stop();
    if (thread_.joinable()) thread_.join();
  }

  // Runs `work` on the agent's loop and waits for it.
  template <typename Work>
  auto OnLoop(Work work) {
    std::packaged_task<decltype(work())()> task(std::move(work));
    auto result = task.get_future();
    boost::asio::post(loop_, [&task] { task(); });
    return result.get();
  }

  // What the next reload reads.
  void SayInFiles(const char* service, const char* check = nullptr) {
    Definitions definitions;
    definitions.services.push_back(
        model::ParseAgentService(nlohmann::json::parse(service)).value());
    if (check != nullptr) {
      definitions.checks.push_back(model::ParseAgentCheck(nlohmann::json::parse(check)).value());
    }
    OnLoop([&] { files_ = definitions; });
  }

  // "200 text".
  std::string Put(const std::string& path, const std::string& body = "") {
    const auto result = client_->Put(path, body, "application/json");
    return result ? std::to_string(result->status) + " " + result->body : "no answer";
  }

  nlohmann::json Get(const std::string& path) {
    const auto result = client_->Get(path);
    return result ? nlohmann::json::parse(result->body) : nlohmann::json();
  }

  Result<Definitions> files_ = Definitions();               // the loop's: what it reads on a reload
  std::function<Result<SecurityOptions>()> read_security_;  // null: it stays as it is
  api::LogMonitor log_;
  FakeRegistry registry_;
  boost::asio::io_context loop_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      loop_.get_executor()};
  std::unique_ptr<Agent> agent_;
  std::unique_ptr<httplib::Client> client_;
  std::thread thread_;
};

}  // namespace rollcall::agent
