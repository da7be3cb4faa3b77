#include "cli/server_nodes.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/cli/group_fixture.h"

namespace rollcall::cli {
namespace {

using model::CheckStatus;
using std::chrono_literals::operator""s;

class ServerNodesTest : public GroupTest {
 protected:
  void SetUp() override {
    Join();
    Register("own");
    Register("node-b");
  }
  void Register(const std::string& node) {
    model::Register command = catalog::RegisterService(node, "consul");
    command.checks.push_back(catalog::CheckOf("serfHealth", "", CheckStatus::kPassing));
    ASSERT_TRUE(catalog_->SubmitAndWait(std::move(command)));
  }
  void Look() {
    nodes_.Look(heard_.group());
    Settle();
  }
  CheckStatus StatusOf(const std::string& node) {
    return catalog_->snapshots().Get()->FindCheck(node, "serfHealth")->check->status;
  }

  int registrations_ = 0;
  ServerNodes nodes_{*catalog_, clock_, "own", [this](const std::function<void()>& done) {
                       ++registrations_;
                       Register("own");
                       done();
                     }};
};

TEST_F(ServerNodesTest, NodeOfAServerThatIsGoneGoesCritical) {
  Look();
  EXPECT_EQ(StatusOf("node-b"), CheckStatus::kPassing);
  Advance(ServerNodes::kGrace);
  Look();
  EXPECT_EQ(StatusOf("node-b"), CheckStatus::kCritical);
  EXPECT_EQ(StatusOf("own"), CheckStatus::kPassing);
}

TEST_F(ServerNodesTest, ServerThatComesBackInTimeWasNeverAway) {
  Look();
  Advance(ServerNodes::kGrace - 1s);
  Other("b", HeartbeatDuty::kApart);
  Look();
  Advance(ServerNodes::kGrace);
  Look();
  EXPECT_EQ(StatusOf("node-b"), CheckStatus::kPassing);
}

TEST_F(ServerNodesTest, OnlyTheOwnerOfExpirySaysThatAServerIsGone) {
  SetOwner("b");
  Look();
  Advance(ServerNodes::kGrace);
  Look();
  EXPECT_EQ(StatusOf("node-b"), CheckStatus::kPassing);
}

TEST_F(ServerNodesTest, ServiceOfThatNameThatIsNoServersIsLeftAlone) {
  model::Register command = catalog::RegisterService("host", "consul", "consul-exporter");
  command.checks.push_back(catalog::CheckOf("serfHealth", "", CheckStatus::kPassing));
  ASSERT_TRUE(catalog_->SubmitAndWait(std::move(command)));
  Look();
  Advance(ServerNodes::kGrace);
  Look();
  EXPECT_EQ(StatusOf("host"), CheckStatus::kPassing);
}

TEST_F(ServerNodesTest, OwnNodeIsPutBack) {
  Look();
  EXPECT_EQ(registrations_, 0);
  ASSERT_TRUE(catalog_->SubmitAndWait(
      model::UpdateCheck{"own", "serfHealth", CheckStatus::kCritical, "gone"}));
  Look();
  EXPECT_EQ(registrations_, 1);
  EXPECT_EQ(StatusOf("own"), CheckStatus::kPassing);
  ASSERT_TRUE(catalog_->SubmitAndWait(model::Deregister{"own", "", ""}));
  Advance(ServerNodes::kGrace);
  Look();
  EXPECT_EQ(registrations_, 2);
  Look();
  EXPECT_EQ(registrations_, 2);
}

}  // namespace
}  // namespace rollcall::cli
