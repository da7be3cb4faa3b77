// The settings of the DNS server that are lists, files or limits.
#include "cli/dns_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/connection_limits.h"
#include "tests/e2e/harness/files.h"

namespace rollcall::cli {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class DnsSettingsTest : public testing::Test {
 protected:
  Result<ServerOptions> Resolve(std::optional<std::string> ServerSettings::*setting,
                                const std::string& value) const {
    ServerSettings flags;
    flags.*setting = value;
    return ResolveServerOptions(flags, {}, Storage::kNothingKept);
  }
  Result<ServerOptions> ResolveFile(const std::string& text) const {
    const Result<ServerSettings> file = ReadServerConfig(dir_.Write("server.json", text));
    if (!file) return file.error();
    return ResolveServerOptions({}, *file, Storage::kNothingKept);
  }
  static std::string Error(const Result<ServerOptions>& result) {
    return result ? "no error" : result.error().message;
  }

  const e2e::TempDir dir_;
};

TEST_F(DnsSettingsTest, WithoutAnyNothingIsForwardedOrLimitedByRate) {
  const auto options = ResolveServerOptions({}, {}, Storage::kNothingKept);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->dns_order, dns::AnswerOrder::kRandom);
  EXPECT_EQ(options->dns_max_answers, 0u);
  EXPECT_EQ(options->dns_rate_limit, 0u);
  EXPECT_FALSE(options->dns_cookie_secret);
  EXPECT_TRUE(options->recursors.empty());
  EXPECT_EQ(options->allow_recursion, NetworkSet::LocalNetworks());
}

TEST_F(DnsSettingsTest, AreReadFromTheFile) {
  const auto options = ResolveFile(R"({
    "dns_order": "stable", "dns_max_answers": 5, "dns_rate_limit": 200,
    "dns_max_connections": 10, "dns_max_connections_per_address": 3, "dns_idle_timeout": "3s",
    "recursors": ["192.0.2.1", "[2001:db8::1]:5353"], "recursor_timeout": "500ms",
    "allow_recursion": ["10.0.0.0/8", "::1"]})");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->dns_order, dns::AnswerOrder::kStable);
  EXPECT_EQ(options->dns_max_answers, 5u);
  EXPECT_EQ(options->dns_rate_limit, 200u);
  EXPECT_EQ(options->dns_max_connections, 10u);
  EXPECT_EQ(options->dns_max_connections_per_address, 3u);
  EXPECT_EQ(options->dns_idle_timeout, milliseconds(3000));
  ASSERT_EQ(options->recursors.size(), 2u);
  EXPECT_EQ(options->recursors[0].ToText(), "192.0.2.1:53");
  EXPECT_EQ(options->recursors[1].ToText(), "[2001:db8::1]:5353");
  EXPECT_EQ(options->recursor_timeout, milliseconds(500));
  EXPECT_EQ(options->allow_recursion, NetworkSet::Parse("10.0.0.0/8,::1").value());
}

TEST_F(DnsSettingsTest, ListsAreWrittenWithCommasToo) {
  const auto options = Resolve(&ServerSettings::recursors, "192.0.2.1,192.0.2.2:54");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->recursors.size(), 2u);
  EXPECT_TRUE(Resolve(&ServerSettings::allow_recursion, "")->allow_recursion.empty());
  EXPECT_EQ(ResolveFile(R"({"allow_recursion": "10.0.0.0/8"})")->allow_recursion.ToText(),
            "10.0.0.0/8");
}

TEST_F(DnsSettingsTest, WhatIsWrittenWrongIsNamed) {
  using S = ServerSettings;
  struct Case {
    std::optional<std::string> ServerSettings::*setting;
    const char* value;
    const char* named;
  };
  for (const Case& c : std::vector<Case>{
           {&S::dns_order, "fair", "dns-order \"fair\""},
           {&S::dns_max_answers, "-1", "dns-max-answers \"-1\""},
           {&S::dns_rate_limit, "100001", "dns-rate-limit \"100001\""},
           {&S::dns_max_connections, "all", "dns-max-connections \"all\""},
           {&S::dns_max_connections_per_address, "", "dns-max-connections-per-address"},
           {&S::dns_idle_timeout, "0s", "dns-idle-timeout \"0s\""},
           {&S::dns_idle_timeout, "10", "dns-idle-timeout \"10\""},
           {&S::recursor_timeout, "0s", "recursor-timeout \"0s\""},
           {&S::recursor_timeout, "25h", "recursor-timeout \"25h\""},
           {&S::recursors, "dns.example.com", "dns.example.com"},
           {&S::recursors, "192.0.2.1,,192.0.2.2", "recursor"},
           {&S::recursors, "192.0.2.1:0", "192.0.2.1:0"},
           {&S::allow_recursion, "10.0.0.1/8", "allow-recursion"},
           {&S::allow_recursion, "everybody", "everybody"},
       }) {
    EXPECT_THAT(Error(Resolve(c.setting, c.value)), HasSubstr(c.named)) << c.value;
  }
  for (const char* bad : {R"({"recursors": [53]})", R"({"recursors": {}})",
                          R"({"recursors": ["192.0.2.1,192.0.2.2"]})", R"({"recursors": 5})"}) {
    EXPECT_THAT(Error(ResolveFile(bad)), HasSubstr("recursors")) << bad;
  }
}

TEST_F(DnsSettingsTest, TheCookieSecretIsReadFromAFileAndNeverTold) {
  const std::string good = dir_.Write("good", "e5e973e5a6b2a43f48e7dc849e37bfcf\n");
  const auto options = Resolve(&ServerSettings::dns_cookie_secret_file, good);
  ASSERT_TRUE(options) << options.error().message;
  ASSERT_TRUE(options->dns_cookie_secret);
  EXPECT_EQ(options->dns_cookie_secret->front(), 0xe5);
  EXPECT_EQ(options->dns_cookie_secret->back(), 0xcf);
  for (const char* bad :
       {"", "e5e9", "e5e973e5a6b2a43f48e7dc849e37bfcfff", "e5e973e5a6b2a43f48e7dc849e37bfcg",
        "e5e973e5a6b2a43f48e7dc849e37bfcf e5"}) {
    const std::string error =
        Error(Resolve(&ServerSettings::dns_cookie_secret_file, dir_.Write("bad", bad)));
    EXPECT_THAT(error, HasSubstr("dns-cookie-secret-file")) << bad;
    EXPECT_THAT(error, testing::Not(HasSubstr("e5e9"))) << bad;
  }
  EXPECT_THAT(Error(Resolve(&ServerSettings::dns_cookie_secret_file, "/nowhere")),
              HasSubstr("/nowhere"));
}

TEST_F(DnsSettingsTest, QueriesThatWaitForRecursorsLeaveHttpFewerFiles) {
  const auto with = ResolveFile(R"({"workers": 2, "recursors": ["192.0.2.1"]})");
  const auto without = ResolveFile(R"({"workers": 2})");
  EXPECT_EQ(ResolveLimits(*without, 20000)->max_connections -
                ResolveLimits(*with, 20000)->max_connections,
            2 * dns::RecursorOptions().max_in_flight);
}

}  // namespace
}  // namespace rollcall::cli
