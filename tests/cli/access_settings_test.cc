// How a server is told who may do what.
#include "cli/access_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "cli/server_reload.h"

namespace rollcall::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class AccessSettingsTest : public testing::Test {
 protected:
  static Result<ServerOptions> Read(const std::string& config, const ServerSettings& flags = {}) {
    const std::string path = testing::TempDir() + "rollcall-access.json";
    std::ofstream(path) << config;
    const Result<ServerSettings> file = ReadServerConfig(path);
    if (!file) return file.error();
    return ResolveServerOptions(flags, *file, Storage::kNothingKept);
  }
  static std::string ErrorIn(const std::string& config) {
    const Result<ServerOptions> options = Read(config);
    return options ? "" : options.error().message;
  }
};

TEST_F(AccessSettingsTest, IsOffUnlessAskedFor) {
  const Result<ServerOptions> options = Read("{}");
  ASSERT_TRUE(options);
  EXPECT_FALSE(options->access.enabled);
  EXPECT_FALSE(BearerOptionsOf(*options).enabled);
}

TEST_F(AccessSettingsTest, IsClosedWhenEnabled) {
  ServerSettings flags;
  flags.acl = "";  // --acl by itself
  const Result<ServerOptions> options = Read("{}", flags);
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_TRUE(options->access.enabled);
  EXPECT_EQ(BearerOptionsOf(*options).otherwise, acl::DefaultPolicy::kDeny);
}

TEST_F(AccessSettingsTest, TakesConsulsWords) {
  const Result<ServerOptions> options = Read(R"({"datacenter": "dc7", "acl": {"enabled": true,
      "default_policy": "allow", "down_policy": "extend-cache",
      "tokens": {"agent": "a", "default": "d", "dns": "n", "replication": "r"}}})");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_TRUE(options->access.enabled);
  EXPECT_EQ(options->access.default_token, "d");
  EXPECT_EQ(options->access.dns_token, "n");
  EXPECT_EQ(BearerOptionsOf(*options).otherwise, acl::DefaultPolicy::kAllow);
  EXPECT_EQ(BearerOptionsOf(*options).datacenter, "dc7");
}

TEST_F(AccessSettingsTest, WhatIsNotUnderstoodIsRefusedWithItsPlace) {
  EXPECT_THAT(ErrorIn(R"({"acl": {"enabled": "yes"}})"), HasSubstr("expected true or false"));
  EXPECT_THAT(ErrorIn(R"({"acl": {"enabled": true, "default_policy": "maybe"}})"),
              HasSubstr("expected allow or deny"));
  EXPECT_THAT(ErrorIn(R"({"acl": {"down_policy": "maybe"}})"), HasSubstr("extend-cache"));
  EXPECT_THAT(ErrorIn(R"({"acl": {"enable": true}})"), HasSubstr("enable"));
  EXPECT_THAT(ErrorIn(R"({"acl": {"enabled": true, "tokens": {"defualt": "x"}}})"),
              HasSubstr("defualt"));
  EXPECT_THAT(ErrorIn(R"({"acl": true})"), HasSubstr("acl"));
  EXPECT_THAT(ErrorIn(R"({"acl": {"tokens": {"default": "x"}}})"), HasSubstr("--acl"));
}

TEST_F(AccessSettingsTest, ErrorsNeverShowASecret) {
  const std::string error =
      ErrorIn("{\"acl\": {\"enabled\": true, \"tokens\": {\"dns\": \"hunter2\\nhunter3\"}}}");
  EXPECT_THAT(error, HasSubstr("acl.tokens.dns"));
  EXPECT_THAT(error, Not(HasSubstr("hunter")));
}

TEST_F(AccessSettingsTest, ReloadAppliesTokensAndShowsNone) {
  const Result<ServerOptions> running =
      Read(R"({"acl": {"enabled": true, "tokens": {"default": "hunter2"}}})");
  const Result<ServerOptions> read = Read(
      R"({"acl": {"enabled": true, "default_policy": "allow",
          "tokens": {"default": "hunter3", "dns": "hunter4"}}})");
  ASSERT_TRUE(running && read);
  const ReloadPlan plan = PlanReload(*running, *read);
  EXPECT_THAT(plan.applied, ElementsAre("acl.tokens.default", "acl.tokens.dns"));
  EXPECT_THAT(plan.postponed, ElementsAre("acl-default-policy"));
  EXPECT_EQ(plan.options.access.default_token, "hunter3");
  EXPECT_EQ(plan.options.access.dns_token, "hunter4");
  EXPECT_EQ(plan.options.access.default_policy, "deny");
}

}  // namespace
}  // namespace rollcall::cli
