// LocalStateTest: a local state with a clock that the test holds, and what its listener was told.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "agent/local_state.h"

namespace rollcall::agent {

class HeldClock final : public Clock {
 public:
  TimePoint Now() const override { return now_; }
  void Advance(std::chrono::nanoseconds by) { now_ += by; }

 private:
  TimePoint now_ = TimePoint(std::chrono::hours(1));
};

inline model::AgentService Service(const char* json) {
  return model::ParseAgentService(nlohmann::json::parse(json), {.all_kinds = true}).value();
}

inline model::AgentCheck CheckOf(const char* json) {
  return model::ParseAgentCheck(nlohmann::json::parse(json), {.all_kinds = true}).value();
}

class LocalStateTest : public ::testing::Test {
 protected:
  void Register(const char* json, Origin origin = Origin::kApi,
                UnnamedChecks unnamed = UnnamedChecks::kKeep) {
    Result<void> done = state_.EnsureService(Service(json), origin, unnamed);
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }

  void RegisterCheck(const char* json) {
    Result<void> done = state_.EnsureCheck(CheckOf(json), Origin::kApi);
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }

  std::vector<std::string> CheckIds() const {
    std::vector<std::string> ids;
    for (const auto& check : state_.Checks()) ids.push_back(check->check_id.str());
    return ids;
  }

  std::vector<std::string> ServiceIds() const {
    std::vector<std::string> ids;
    for (const auto& [id, instance] : state_.instances()) ids.push_back(id);
    return ids;
  }

  const model::Check& CheckRecord(const std::string& id) const {
    return *state_.Desired()->checks.at(id);
  }

  static model::Node TheNode() {
    model::Node node;
    node.name = "n1";
    node.address = "10.0.0.1";
    return node;
  }

  void LogKept(const KeptChange& change) {
    struct Line {
      std::string operator()(const std::shared_ptr<const model::Instance>& instance) const {
        return "service " + instance->id.str();
      }
      std::string operator()(const model::AgentCheck& check) const {
        return "check " + check.check_id;
      }
      std::string operator()(const ForgottenService& gone) const { return "no service " + gone.id; }
      std::string operator()(const ForgottenCheck& gone) const { return "no check " + gone.id; }
    };
    kept_.push_back(std::visit(Line(), change));
  }

  HeldClock clock_;
  std::vector<std::string> kept_;  // what was kept and forgotten
  std::vector<std::string> started_;
  std::vector<std::string> removed_;
  int changes_ = 0;
  LocalState state_{TheNode(),
                    std::chrono::seconds(15),
                    clock_,
                    {.on_check = [this](const auto& check) { started_.push_back(check.check_id); },
                     .on_check_removed = [this](const auto& id) { removed_.push_back(id); },
                     .on_kept = [this](const KeptChange& change) { LogKept(change); },
                     .on_change = [this] { ++changes_; }}};
};

}  // namespace rollcall::agent
