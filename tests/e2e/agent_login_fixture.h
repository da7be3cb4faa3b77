// An agent that logs in by itself at a closed server, with JWTs that the test signs and puts into a
// file as an orchestrator does.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include "tests/e2e/login_fixture.h"

namespace rollcall::e2e {

class AgentLoginE2eTest : public LoginE2eTest {
 protected:
  static constexpr std::chrono::seconds kPatience{60};

  using LoginE2eTest::LoginE2eTest;

  // As a whole, so that nobody reads half of one.
  void PutJwt(const std::string& content) const {
    const std::string next = dir_.Write("jwt.next", content);
    ASSERT_EQ(std::rename(next.c_str(), dir_.File("jwt").c_str()), 0);
  }
  void StartAgent() { StartAgent({server_.Url()}); }
  // `more`: of its file.
  void StartAgent(const std::vector<std::string>& servers, const Json& more = Json::object()) {
    const Json login = {{"auth_method", "ci"},
                        {"bearer_token_file", dir_.File("jwt")},
                        {"meta", {{"pod", "web-1"}}}};
    Json definitions = {{"acl", {{"login", login}}}, {"service", {{"name", "web"}, {"port", 80}}}};
    definitions.update(more);
    std::vector<std::string> flags = {"--node-ttl", "10s"};
    for (size_t i = 1; i < servers.size(); ++i) flags.insert(flags.end(), {"--server", servers[i]});
    agent_ = std::make_unique<Agent>(Agent::Options{
        .server_url = servers.at(0), .definitions = definitions, .more_flags = flags});
    agent_->Start();
  }
  // All of it: the node, with a heartbeat, and its service.
  bool IsPassing() {
    const Json instances = Get("/v1/health/service/web?passing").json();
    return instances.is_array() && instances.size() == 1;
  }
  std::string MetricsOfAgent() const {
    return Http(agent_->http_port()).Get("/v1/agent/metrics?format=prometheus").body;
  }
  // How many were "made", or "failed".
  int Logins(const std::string& result) const {
    std::smatch found;
    const std::string metrics = MetricsOfAgent();
    const std::regex line(R"(rollcall_agent_logins_total\{result=")" + result + R"("\} (\d+))");
    return std::regex_search(metrics, found, line) ? std::stoi(found[1]) : 0;
  }
  int LoginsMade() const { return Logins("made"); }
  // What shows whether it has ever been registered anew.
  Json IndexesOfService() {
    const Json services = Get("/v1/catalog/service/web").json();
    if (!services.is_array() || services.empty()) return Json();
    return {services[0].at("CreateIndex"), services[0].at("ModifyIndex")};
  }
  std::string AgentLog() const { return agent_->process().Output(); }
  bool LogSays(const std::string& words) const {
    return AgentLog().find(words) != std::string::npos;
  }

  std::unique_ptr<Agent> agent_;
};

}  // namespace rollcall::e2e
