#include "cli/server_options.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <utility>
#include <vector>

#include "cli/connection_limits.h"
#include "tests/e2e/harness/files.h"

namespace rollcall::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Result<ServerOptions> Resolved(const ServerSettings& flags, const ServerSettings& file = {}) {
  return ResolveServerOptions(flags, file, Storage::kNothingKept);
}

Result<ServerOptions> ResolvedWith(
    const std::vector<std::pair<std::optional<std::string> ServerSettings::*, const char*>>& set) {
  ServerSettings flags;
  for (const auto& [setting, value] : set) flags.*setting = value;
  return Resolved(flags);
}

Result<ServerSettings> Read(const std::string& text) {
  const e2e::TempDir dir;
  return ReadServerConfig(dir.Write("server.json", text));
}

TEST(ServerLimitOptionsTest, LimitsAreTakenFromFlagsAndFromTheFile) {
  const Result<ServerSettings> file = Read(R"({
    "max_body_bytes": 1000, "max_header_bytes": 2000, "max_connections": 30,
    "MaxConnectionsPerAddress": 4, "max_parked_queries": 0, "header_timeout": "1s",
    "body_timeout": "2m", "idle_timeout": "0s", "write_timeout": "250ms", "drain_grace": "0s"})");
  ASSERT_TRUE(file) << file.error().message;
  ServerSettings flags;
  flags.max_header_bytes = "3000";
  flags.header_timeout = "1500ms";
  const Result<ServerOptions> options = Resolved(flags, *file);
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->limits.max_body_bytes, 1000u);
  EXPECT_EQ(options->limits.max_header_bytes, 3000u);
  EXPECT_EQ(options->max_connections, 30u);
  EXPECT_EQ(options->max_connections_per_address, 4u);
  EXPECT_EQ(options->max_parked_queries, 0u);
  EXPECT_EQ(options->limits.header_timeout, milliseconds(1500));
  EXPECT_EQ(options->limits.body_timeout, seconds(120));
  EXPECT_EQ(options->limits.idle_timeout, seconds(0));
  EXPECT_EQ(options->limits.write_timeout, milliseconds(250));
  EXPECT_EQ(options->drain_grace, seconds(0));
}

TEST(ServerLimitOptionsTest, LimitsThatAreNoneAreRefusedInOneLine) {
  struct Case {
    std::optional<std::string> ServerSettings::*setting;
    const char* value;
    const char* error;
  };
  for (const Case& c : {
           Case{&ServerSettings::max_body_bytes, "0",
                "max-body-bytes \"0\": expected a number from 1 to 1073741824"},
           Case{&ServerSettings::max_header_bytes, "99",
                "max-header-bytes \"99\": expected a number from 1024 to 16777216"},
           Case{&ServerSettings::max_connections, "-1",
                "max-connections \"-1\": expected a number from 0 to 1000000000"},
           Case{&ServerSettings::max_connections_per_address, "many",
                "max-connections-per-address \"many\": expected a number from 0 to 1000000000"},
           Case{&ServerSettings::max_parked_queries, "99999999999999999999",
                "max-parked-queries \"99999999999999999999\": "
                "expected a number from 0 to 1000000000"},
           Case{&ServerSettings::header_timeout, "10",
                "header-timeout \"10\": expected whole milliseconds up to 24h, as in 10s or "
                "500ms; 0s means no limit"},
           Case{&ServerSettings::body_timeout, "-1s",
                "body-timeout \"-1s\": expected whole milliseconds up to 24h, as in 10s or "
                "500ms; 0s means no limit"},
           Case{&ServerSettings::idle_timeout, "25h",
                "idle-timeout \"25h\": expected whole milliseconds up to 24h, as in 10s or "
                "500ms; 0s means no limit"},
           Case{&ServerSettings::write_timeout, "1us",
                "write-timeout \"1us\": expected whole milliseconds up to 24h, as in 10s or "
                "500ms; 0s means no limit"},
           Case{&ServerSettings::drain_grace, "",
                "drain-grace \"\": expected whole milliseconds up to 24h, as in 10s or 500ms; "
                "0s means no waiting"},
       }) {
    ServerSettings flags;
    flags.*c.setting = c.value;
    const Result<ServerOptions> options = Resolved(flags);
    ASSERT_FALSE(options) << c.error;
    EXPECT_EQ(options.error().message, c.error);
  }
}

TEST(ServerLimitOptionsTest, ConsulsLimitOfConnectionsMeansTheSame) {
  const Result<ServerSettings> file = Read(R"({"limits": {"http_max_conns_per_client": 77}})");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(Resolved({}, *file)->max_connections_per_address, 77u);

  struct Case {
    const char* text;
    const char* named;
  };
  for (const Case& c : {
           Case{R"({"limits": {"http_max_conns_per_client": "77"}})",
                "limits.http_max_conns_per_client: expected a whole number"},
           Case{R"({"limits": {"rpc_rate": 1}})", "rpc_rate"},
           Case{R"({"limits": 77})", "limits: expected an object"},
           Case{R"({"limits": {"http_max_conns_per_client": 1}, "max_connections_per_address": 1})",
                "leave one of them out"},
       }) {
    const Result<ServerSettings> bad = Read(c.text);
    ASSERT_FALSE(bad) << c.text;
    EXPECT_NE(bad.error().message.find(c.named), std::string::npos) << bad.error().message;
  }
}

TEST(ConnectionLimitsTest, ConnectionsAreWhatOpenFilesLeaveAndHalfOfThatForOneAddress) {
  const Result<ServerOptions> options = ResolvedWith({{&ServerSettings::workers, "2"}});
  const Result<http::Limits> limits = ResolveLimits(*options, 524288);
  ASSERT_TRUE(limits);
  EXPECT_GT(limits->max_connections, 500000u);
  EXPECT_LT(limits->max_connections, 524288u - 1024);  // DNS over TCP
  EXPECT_EQ(limits->max_connections_per_address, limits->max_connections / 2);
  // Where files are few the reserve is not all.
  EXPECT_EQ(ResolveLimits(*options, 1024)->max_connections, 512u);
  EXPECT_EQ(ResolveLimits(*options, 1)->max_connections_per_address, 1u);
}

TEST(ConnectionLimitsTest, WhatIsSetIsTakenWhenItCanBe) {
  const Result<ServerOptions> some =
      ResolvedWith({{&ServerSettings::workers, "1"}, {&ServerSettings::max_connections, "100"}});
  EXPECT_EQ(ResolveLimits(*some, 524288)->max_connections, 100u);
  EXPECT_EQ(ResolveLimits(*some, 524288)->max_connections_per_address, 50u);
  const Result<http::Limits> impossible = ResolveLimits(*some, 150);
  ASSERT_FALSE(impossible);
  EXPECT_EQ(impossible.error().message,
            "max-connections \"100\": no more than 75 fit into this process's limit of 150 open "
            "files; raise that (LimitNOFILE=, ulimit -Hn)");

  const Result<ServerOptions> none =
      ResolvedWith({{&ServerSettings::max_connections, "0"},
                    {&ServerSettings::max_connections_per_address, "0"}});
  EXPECT_EQ(ResolveLimits(*none, 1024)->max_connections, 0u);
  EXPECT_EQ(ResolveLimits(*none, 1024)->max_connections_per_address, 0u);
  const Result<ServerOptions> fair = ResolvedWith({{&ServerSettings::max_connections, "0"}});
  EXPECT_EQ(ResolveLimits(*fair, 1024)->max_connections_per_address, 256u);
}

TEST(ConnectionLimitsTest, SoftLimitOnOpenFilesIsRaisedToTheHardOne) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{64, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(RaiseOpenFileLimit(), before.rlim_max);
  rlimit after{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace rollcall::cli
