#include "agent/registry_view.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "registry/model/json.h"
#include "tests/registry/catalog/fake_clock.h"

namespace rollcall::agent {
namespace {

using nlohmann::json;

class RegistryViewTest : public ::testing::Test {
 protected:
  RegistryViewTest() {
    desired_.node.name = "n1";
    desired_.node.address = "10.0.0.1";
    model::Instance web;
    web.id = "web-1";
    web.service = "web";
    web.tags = {"a"};
    PutInstance(web);
    model::Check check;
    check.check_id = check.name = "c1";
    check.service_id = "web-1";
    check.status = model::CheckStatus::kPassing;
    PutCheck(check);
    model::Check node_check;
    node_check.check_id = node_check.name = kNodeCheckId;
    node_check.status = model::CheckStatus::kPassing;
    PutCheck(node_check);
    ShowEverything();
  }

  void PutInstance(const model::Instance& instance) {
    desired_.instances[instance.id.str()] = std::make_shared<const model::Instance>(instance);
  }
  void PutCheck(const model::Check& check) {
    desired_.checks[check.check_id.str()] = std::make_shared<const model::Check>(check);
  }

  // What a registry that has everything answers.
  void ShowEverything() {
    node_answer_ = {{"Node", model::NodeJson(desired_.node, "dc1")}, {"Services", json::object()}};
    checks_answer_ = json::array();
    for (const auto& [id, instance] : desired_.instances) {
      node_answer_["Services"][id] = json::parse(model::Dump(model::NodeServiceJson(*instance)));
    }
    for (const auto& [id, check] : desired_.checks) {
      checks_answer_.push_back(json::parse(model::Dump(model::CheckJson(*check))));
    }
  }

  Result<void> Compare() {
    return view_.Compare(desired_, node_answer_.dump(), checks_answer_.dump());
  }

  // "node", "web-1", "web-1: c1", "-web-1"... for each planned write.
  std::vector<std::string> Plan() const {
    std::vector<std::string> lines;
    for (const RegistryWrite& write : view_.Plan(desired_)) {
      if (const auto* removed = std::get_if<model::Deregister>(&write)) {
        lines.push_back("-" + removed->service_id + removed->check_id);
        continue;
      }
      const auto& registered = std::get<model::Register>(write);
      std::string line = registered.skip_node_update ? "" : "node ";
      if (registered.instance) line += registered.instance->id + " ";
      for (const model::Check& check : registered.checks) line += "+" + check.check_id;
      lines.push_back(line);
    }
    return lines;
  }

  void ConfirmAll() {
    for (const RegistryWrite& write : view_.Plan(desired_)) view_.Confirm(write, desired_);
  }

  using Lines = std::vector<std::string>;
  DesiredState desired_;
  json node_answer_;
  json checks_answer_;
  RegistryView view_;
};

TEST_F(RegistryViewTest, PlansEverythingForARegistryThatHasNothing) {
  EXPECT_EQ(Plan(), (Lines{"node +serfHealth", "web-1 +c1"}));
  ConfirmAll();
  EXPECT_EQ(Plan(), Lines{});
  view_.Forget();
  EXPECT_EQ(Plan(), (Lines{"node +serfHealth", "web-1 +c1"}));
}

TEST_F(RegistryViewTest, ManyChecksTravelInSeveralWrites) {
  for (int i = 0; i < 70; ++i) {
    model::Check check = *desired_.checks.at("c1");
    check.check_id = "many-" + std::to_string(i);
    PutCheck(check);
  }
  const auto writes = view_.Plan(desired_);
  ASSERT_EQ(writes.size(), 4u);  // the node, and 71 checks in three
  EXPECT_TRUE(std::get<model::Register>(writes[1]).instance.has_value());
  EXPECT_FALSE(std::get<model::Register>(writes[2]).instance.has_value());
  EXPECT_EQ(std::get<model::Register>(writes[3]).checks.size(), 7u);
  ConfirmAll();
  EXPECT_EQ(Plan(), Lines{});
}

TEST_F(RegistryViewTest, PlansNothingWhereEverythingIsShown) {
  ASSERT_TRUE(Compare());
  EXPECT_EQ(Plan(), Lines{});
  EXPECT_TRUE(view_.knows_node());
}

TEST_F(RegistryViewTest, NullAnswerMeansNothingIsThere) {
  ASSERT_TRUE(Compare());
  ASSERT_TRUE(view_.Compare(desired_, "null", "[]"));
  EXPECT_FALSE(view_.knows_node());
  EXPECT_EQ(Plan(), (Lines{"node +serfHealth", "web-1 +c1"}));
}

TEST_F(RegistryViewTest, PlansWhatDiffers) {
  node_answer_["Node"]["Address"] = "10.0.0.9";
  ASSERT_TRUE(Compare());
  EXPECT_EQ(Plan(), Lines{"node "});
  ShowEverything();
  node_answer_["Services"]["web-1"]["Port"] = 1;
  ASSERT_TRUE(Compare());
  EXPECT_EQ(Plan(), Lines{"web-1 "});
  ShowEverything();
  checks_answer_[0]["Output"] = "other";
  ASSERT_TRUE(Compare());
  EXPECT_EQ(Plan(), Lines{"+c1"});
}

TEST_F(RegistryViewTest, StateOfTheNodesCheckIsTheRegistrysOwn) {
  checks_answer_[1]["Status"] = "critical";
  checks_answer_[1]["Output"] = "TTL expired";
  ASSERT_TRUE(Compare());
  EXPECT_EQ(Plan(), Lines{});
}

TEST_F(RegistryViewTest, TagsMayBeOverriddenWhereAllowed) {
  node_answer_["Services"]["web-1"]["Tags"] = json::array({"b"});
  ASSERT_TRUE(Compare());
  EXPECT_EQ(Plan(), Lines{"web-1 "});
  model::Instance web = *desired_.instances.at("web-1");
  web.enable_tag_override = true;
  PutInstance(web);
  ShowEverything();
  node_answer_["Services"]["web-1"]["Tags"] = json::array({"b"});
  ASSERT_TRUE(Compare());
  EXPECT_EQ(Plan(), Lines{});
}

TEST_F(RegistryViewTest, BytesThatAreNotUtf8CompareAsTheyTravel) {
  model::Check check = *desired_.checks.at("c1");
  check.output = "caf\xe9";
  PutCheck(check);
  ShowEverything();
  ASSERT_TRUE(Compare());
  EXPECT_EQ(Plan(), Lines{});
}

TEST_F(RegistryViewTest, RemovesOnlyWhatWasOurs) {
  node_answer_["Services"]["foreign"] = node_answer_["Services"]["web-1"];
  node_answer_["Services"]["foreign"]["ID"] = "foreign";
  ASSERT_TRUE(Compare());
  EXPECT_EQ(Plan(), Lines{});
  ConfirmAll();
  view_.Forget();
  ConfirmAll();  // now web-1 and c1 have been registered by us
  desired_.instances.erase("web-1");
  desired_.checks.erase("c1");
  EXPECT_EQ(Plan(), Lines{"-web-1"});
  ASSERT_TRUE(Compare());  // still shown, with the foreign one
  EXPECT_EQ(Plan(), Lines{"-web-1"});
}

TEST_F(RegistryViewTest, RefusedWriteWaitsForAChange) {
  for (const RegistryWrite& write : view_.Plan(desired_)) {
    const bool is_node = !std::get<model::Register>(write).instance;
    if (is_node) {
      view_.Confirm(write, desired_);
    } else {
      view_.Refuse(write, desired_);
    }
  }
  EXPECT_EQ(Plan(), Lines{});
  model::Check check = *desired_.checks.at("c1");
  check.output = "changed";
  PutCheck(check);
  model::Instance web = *desired_.instances.at("web-1");
  web.port = 81;
  PutInstance(web);
  EXPECT_EQ(Plan(), Lines{"web-1 +c1"});
}

TEST_F(RegistryViewTest, NothingIsPutOnARefusedNode) {
  view_.Refuse(view_.Plan(desired_).front(), desired_);
  EXPECT_EQ(Plan(), Lines{});
  ASSERT_TRUE(view_.Compare(desired_, "null", "[]"));
  EXPECT_EQ(Plan().size(), 2u);
}

TEST_F(RegistryViewTest, AnswersThatMakeNoSenseAreErrors) {
  const std::pair<const char*, const char*> table[] = {
      {"", "[]"},   {"<html>", "[]"}, {"{}", "[]"},
      {"[]", "[]"}, {"null", "{}"},   {R"({"Node": {}, "Services": {"a": 1}})", R"([{"x": 1}])"},
  };
  for (const auto& [node, checks] : table) {
    EXPECT_FALSE(view_.Compare(desired_, node, checks)) << node << " " << checks;
  }
}

class HeldOutputsTest : public RegistryViewTest {
 protected:
  void SetUp() override {
    RegistryViewTest::SetUp();
    ConfirmAll();
  }
  void SayInCheck(const char* output, model::CheckStatus status = model::CheckStatus::kPassing) {
    model::Check check = *desired_.checks.at("c1");
    check.output = output;
    check.status = status;
    PutCheck(check);
  }
  size_t Planned() { return view_.Plan(desired_, &held_).size(); }

  catalog::FakeClock clock_;
  HeldOutputs held_{clock_, std::chrono::minutes(5), [] { return 0.5; }};
};

TEST_F(HeldOutputsTest, AnOutputWaitsWhileTheStatusStays) {
  SayInCheck("one");
  EXPECT_EQ(Planned(), 0u);
  EXPECT_EQ(held_.Next(), clock_.Now() + std::chrono::minutes(5));
  clock_.Advance(std::chrono::minutes(4));
  SayInCheck("two");
  EXPECT_EQ(Planned(), 0u);  // it waits since the first
  clock_.Advance(std::chrono::minutes(1));
  EXPECT_EQ(Planned(), 1u);
  EXPECT_EQ(Planned(), 1u);  // until it has been sent
  ConfirmAll();
  held_.Release("c1");
  EXPECT_EQ(held_.Next(), Clock::TimePoint::max());
  SayInCheck("three");
  EXPECT_EQ(Planned(), 0u);
}

TEST_F(HeldOutputsTest, AStatusGoesAtOnceAndTakesTheOutputAlong) {
  SayInCheck("one");
  EXPECT_EQ(Planned(), 0u);
  SayInCheck("down", model::CheckStatus::kCritical);
  EXPECT_EQ(Planned(), 1u);
  ConfirmAll();
  EXPECT_EQ(Planned(), 0u);
  EXPECT_EQ(held_.Next(), Clock::TimePoint::max());
}

TEST_F(HeldOutputsTest, AComparisonDoesNotSendWhatWaits) {
  ShowEverything();
  SayInCheck("one");
  EXPECT_EQ(Planned(), 0u);
  ASSERT_TRUE(Compare());
  EXPECT_EQ(Planned(), 0u);
  clock_.Advance(std::chrono::minutes(5));
  EXPECT_EQ(Planned(), 1u);
  // What else is different goes at once.
  checks_answer_[0]["Status"] = "critical";
  held_.ReleasePassed();
  ASSERT_TRUE(Compare());
  EXPECT_EQ(Planned(), 1u);
}

TEST_F(HeldOutputsTest, WhatIsGoneIsForgotten) {
  SayInCheck("one");
  EXPECT_EQ(Planned(), 0u);
  desired_.checks.erase("c1");
  clock_.Advance(std::chrono::minutes(5));
  held_.ReleasePassed();
  EXPECT_EQ(held_.Next(), Clock::TimePoint::max());
}

TEST_F(HeldOutputsTest, AnIntervalOfZeroHoldsNothing) {
  HeldOutputs none(clock_, std::chrono::milliseconds(0), [] { return 0.5; });
  SayInCheck("one");
  EXPECT_EQ(view_.Plan(desired_, &none).size(), 1u);
}

TEST_F(RegistryViewTest, LargeOutputsAreSpreadOverSeveralWrites) {
  RegistryView view;
  model::Instance large;
  large.id = large.service = "large";
  PutInstance(large);
  for (int i = 0; i < 8; ++i) {
    model::Check check;
    check.check_id = check.name = "large-" + std::to_string(i);
    check.service_id = "large";
    check.output = std::string(64 << 10, '\x01');
    PutCheck(check);
  }
  size_t checks = 0;
  for (const RegistryWrite& write : view.Plan(desired_)) {
    const auto& registered = std::get<model::Register>(write);
    EXPECT_LT(model::Dump(model::RegisterJson(registered)).size(), 512u << 10);
    for (const model::Check& check : registered.checks) checks += check.service_id == "large";
  }
  EXPECT_EQ(checks, 8u);
}

}  // namespace
}  // namespace rollcall::agent
