// An agent that logs in by itself, with JWTs that the test puts into a file as an orchestrator
// does.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/login_fixture.h"

namespace rollcall::e2e {

class AgentLoginE2eTest : public LoginE2eTest {
 protected:
  using LoginE2eTest::LoginE2eTest;

  static constexpr auto kPatience = std::chrono::seconds(60);

  // As a whole, so that nobody reads half of one.
  void PutJwt(const std::string& content) const {
    const std::string next = dir_.Write("jwt.next", content);
    ASSERT_EQ(std::rename(next.c_str(), dir_.File("jwt").c_str()), 0);
  }
  Json Definitions(const Json& services) const {
    const Json login = {{"auth_method", "ci"},
                        {"bearer_token_file", dir_.File("jwt")},
                        {"meta", {{"pod", "web-1"}}}};
    return {{"acl", {{"login", login}}}, {"services", services}};
  }
  // `url`: of the server that it tries first; empty: that of the fixture.
  void StartAgent(const std::string& url = "", const std::vector<std::string>& more_flags = {}) {
    std::vector<std::string> flags = {"--node-ttl", "10s"};
    flags.insert(flags.end(), more_flags.begin(), more_flags.end());
    agent_ = std::make_unique<Agent>(
        Agent::Options{.server_url = url.empty() ? server_.Url() : url,
                       .definitions = Definitions({{{"name", "web"}, {"port", 80}}}),
                       .more_flags = flags});
    agent_->Start();
  }
  // All of it: the node, with a heartbeat, and its service, of so many instances.
  bool IsPassing(size_t count = 1) {
    const Json instances = Get("/v1/health/service/web?passing").json();
    return instances.is_array() && instances.size() == count;
  }
  std::string MetricsOfAgent() const {
    return Http(agent_->http_port()).Get("/v1/agent/metrics?format=prometheus").body;
  }
  int LoginsMade() const {
    std::smatch found;
    const std::string metrics = MetricsOfAgent();
    const std::regex made(R"(rollcall_agent_logins_total\{result="made"\} (\d+))");
    return std::regex_search(metrics, found, made) ? std::stoi(found[1]) : 0;
  }
  // Of the first instance: what shows whether it has ever been registered anew.
  Json IndexesOfService() {
    const Json services = Get("/v1/catalog/service/web").json();
    if (!services.is_array() || services.empty()) return Json();
    return {services[0].at("CreateIndex"), services[0].at("ModifyIndex")};
  }
  bool LogSays(const std::string& words) const {
    return agent_->process().Output().find(words) != std::string::npos;
  }

  std::unique_ptr<Agent> agent_;
};

}  // namespace rollcall::e2e
