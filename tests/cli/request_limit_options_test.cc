// Limits of requests and the audit log, as flags and files say them.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "cli/server_options.h"
#include "tests/e2e/harness/files.h"

namespace rollcall::cli {
namespace {

using api::Limit;
using api::LimitMode;
using api::RequestRate;

Result<ServerOptions> ResolvedFrom(const ServerSettings& flags, const ServerSettings& file = {}) {
  return ResolveServerOptions(flags, file, Storage::kNothingKept);
}

Result<ServerSettings> ReadText(const std::string& text) {
  const e2e::TempDir dir;
  return ReadServerConfig(dir.Write("server.json", text));
}

// What the file says, resolved.
ServerOptions OptionsOf(const std::string& text) {
  const Result<ServerSettings> file = ReadText(text);
  EXPECT_TRUE(file) << file.error().message;
  if (!file) return {};
  const Result<ServerOptions> options = ResolvedFrom({}, *file);
  EXPECT_TRUE(options) << options.error().message;
  return options ? *options : ServerOptions();
}

// Of reading it, or of resolving what it says.
std::string ErrorOf(const std::string& text) {
  const Result<ServerSettings> file = ReadText(text);
  if (!file) return file.error().message;
  const Result<ServerOptions> options = ResolvedFrom({}, *file);
  return options ? "" : options.error().message;
}

TEST(RequestLimitOptionsTest, NothingIsLimitedByDefaultButFailures) {
  const ServerOptions options = OptionsOf("{}");
  EXPECT_EQ(options.request_limits, api::RequestLimitOptions());
  for (const RequestRate& rate : options.request_limits.rates) EXPECT_EQ(rate.per_second, 0u);
  EXPECT_EQ(options.request_limits.failed_auth_per_minute, 60u);
  EXPECT_EQ(options.request_limits.exempt.ToText(), "127.0.0.0/8,::1/128");
  EXPECT_EQ(options.request_limits.mode, LimitMode::kEnforcing);
  EXPECT_EQ(options.audit, AuditTarget());
  EXPECT_EQ(options.audit.target, "");
}

TEST(RequestLimitOptionsTest, AreTakenFromFlagsAndFromTheFile) {
  const Result<ServerSettings> file = ReadText(R"({
    "limit_reads_per_client": 100, "limit_writes_per_client": "10:50", "LimitReadsPerToken": "7",
    "limit_writes_per_token": 3, "limit_reads": 1000, "limit_writes": 0, "limit_failed_auth": 5,
    "limit_exempt": ["10.0.0.0/8", "fd00::/8"], "limit_mode": "permissive"})");
  ASSERT_TRUE(file) << file.error().message;
  ServerSettings flags;
  flags.limit_writes_per_token = "4:8";
  const Result<ServerOptions> options = ResolvedFrom(flags, *file);
  ASSERT_TRUE(options) << options.error().message;
  const api::RequestLimitOptions& limits = options->request_limits;
  EXPECT_EQ(limits.of(Limit::kReadsPerClient), (RequestRate{100, 100}));
  EXPECT_EQ(limits.of(Limit::kWritesPerClient), (RequestRate{10, 50}));
  EXPECT_EQ(limits.of(Limit::kReadsPerToken), (RequestRate{7, 7}));
  EXPECT_EQ(limits.of(Limit::kWritesPerToken), (RequestRate{4, 8}));
  EXPECT_EQ(limits.of(Limit::kReads), (RequestRate{1000, 1000}));
  EXPECT_EQ(limits.of(Limit::kWrites), (RequestRate{0, 0}));
  EXPECT_EQ(limits.failed_auth_per_minute, 5u);
  EXPECT_EQ(limits.exempt.ToText(), "10.0.0.0/8,fd00::/8");
  EXPECT_EQ(limits.mode, LimitMode::kPermissive);
}

TEST(RequestLimitOptionsTest, NobodyNeedBeExempt) {
  EXPECT_TRUE(OptionsOf(R"({"limit_exempt": []})").request_limits.exempt.empty());
  EXPECT_TRUE(OptionsOf(R"({"limit_exempt": "none"})").request_limits.exempt.empty());
}

TEST(RequestLimitOptionsTest, ConsulsRequestLimitsAreThoseOfAllClientsTogether) {
  const api::RequestLimitOptions limits =
      OptionsOf(R"({"limits": {"http_max_conns_per_client": 9, "request_limits":
                    {"mode": "enforcing", "read_rate": 500.0, "write_rate": -1}}})")
          .request_limits;
  EXPECT_EQ(limits.of(Limit::kReads), (RequestRate{500, 500}));
  EXPECT_EQ(limits.of(Limit::kWrites), (RequestRate{0, 0}));
  EXPECT_EQ(limits.of(Limit::kReadsPerClient), RequestRate());
  EXPECT_EQ(limits.mode, LimitMode::kEnforcing);
}

TEST(RequestLimitOptionsTest, WhatIsNoLimitIsRefusedInASentence) {
  const struct {
    const char* text;
    const char* named;
  } cases[] = {
      {R"({"limit_reads": "fast"})",
       "limit-reads \"fast\": expected requests a second, up to 100000, or RATE:BURST"},
      {R"({"limit_reads": -1})", "limit-reads \"-1\""},
      {R"({"limit_reads": 100001})", "limit-reads \"100001\""},
      {R"({"limit_reads": "10:"})", "limit-reads \"10:\""},
      {R"({"limit_reads": "10:0"})", "limit-reads \"10:0\""},
      {R"({"limit_reads": "0:10"})", "limit-reads \"0:10\""},
      {R"({"limit_reads": "10:20:30"})", "limit-reads \"10:20:30\""},
      {R"({"limit_reads": 1.5})", "limit_reads: expected a whole number, or a string"},
      {R"({"limit_reads": true})", "limit_reads: expected a whole number, or a string"},
      {R"({"limit_failed_auth": "many"})", "limit-failed-auth \"many\": expected a number from 0"},
      {R"({"limit_exempt": ["10.0.0.1/8"]})", "bits are set beyond the prefix"},
      {R"({"limit_exempt": [1]})", "limit_exempt: expected a list of strings"},
      {R"({"limit_exempt": {}})", "limit_exempt: expected a list of strings"},
      {R"({"limit_exempt": ""})", "expected networks, as in 127.0.0.0/8,::1, or none"},
      {R"({"limit_mode": "on"})", "expected enforcing, permissive or disabled"},
      {R"({"limits": {"request_limits": {"read_rate": 1}}})", "say the mode, too"},
      {R"({"limits": {"request_limits": {"mode": "enforcing", "read_rate": 0.5}}})",
       "read_rate: expected whole requests a second"},
      {R"({"limits": {"request_limits": {"mode": "enforcing", "read_rate": "1"}}})",
       "read_rate: expected a number"},
      {R"({"limits": {"request_limits": {"mode": 1}}})", "mode: expected a string"},
      {R"({"limits": {"request_limits": {"rate": 1}}})", "rate"},
      {R"({"limit_reads": 1, "limits": {"request_limits": {"mode": "enforcing", "read_rate": 1}}})",
       "the same as limit_reads; leave one of them out"},
  };
  for (const auto& c : cases) {
    const std::string error = ErrorOf(c.text);
    EXPECT_NE(error.find(c.named), std::string::npos) << c.text << "\n" << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
}

TEST(AuditOptionsTest, AreTakenFromFlagsAndFromTheFile) {
  const AuditTarget audit = OptionsOf(R"({"audit_log": "/var/log/audit.log",
      "audit_log_max_size": 4096, "audit_log_max_age": "1h", "audit_log_max_files": 0,
      "audit_syslog_socket": "/run/log"})")
                                .audit;
  EXPECT_EQ(audit, (AuditTarget{"/var/log/audit.log", 4096, std::chrono::hours(1), 0, "/run/log"}));
  EXPECT_EQ(OptionsOf(R"({"audit_log": "syslog"})").audit.target, "syslog");
  EXPECT_EQ(OptionsOf(R"({"audit_log": "off"})").audit.target, "");
}

TEST(AuditOptionsTest, ConsulsSinkIsTaken) {
  constexpr const char* kSink = R"({"audit": {"enabled": ENABLED, "sink": {"mine": {
      "type": "file", "format": "json", "path": "data/audit.json",
      "delivery_guarantee": "best-effort", "mode": "0640", "rotate_bytes": 25165824,
      "rotate_duration": "12h", "rotate_max_files": 15}}}})";
  std::string text = kSink;
  text.replace(text.find("ENABLED"), 7, "true");
  EXPECT_EQ(OptionsOf(text).audit,
            (AuditTarget{"data/audit.json", 25165824, std::chrono::hours(12), 15, "/dev/log"}));
  text = kSink;
  text.replace(text.find("ENABLED"), 7, "false");
  EXPECT_EQ(OptionsOf(text).audit.target, "");
}

TEST(AuditOptionsTest, WhatIsNoAuditLogIsRefusedInASentence) {
  const struct {
    const char* text;
    const char* named;
  } cases[] = {
      {R"({"audit_log": ""})", "audit-log \"\": expected the path of a file, syslog or off"},
      {R"({"audit_log": "/var/log/"})", "audit-log \"/var/log/\""},
      {R"({"audit_log_max_size": 10})", "expected bytes, at least 4096; 0 means any size"},
      {R"({"audit_log_max_age": "-1s"})", "expected whole seconds up to 8784h"},
      {R"({"audit_log_max_age": "9000h"})", "expected whole seconds up to 8784h"},
      {R"({"audit_log_max_files": 10001})", "expected a number from 0 to 10000"},
      {R"({"audit_syslog_socket": ""})", "expected the path of a socket"},
      {R"({"audit": {"enabled": true}})", "audit.sink: expected one sink, by its name"},
      {R"({"audit": {"enabled": true, "sink": {"a": {"path": "x"}, "b": {"path": "y"}}}})",
       "audit.sink: expected one sink, by its name"},
      {R"({"audit": {"sink": {"a": {}}}})", "audit.sink.a.path: expected the path of a file"},
      {R"({"audit": {"sink": {"a": {"path": "x", "type": "socket"}}}})",
       "audit.sink.a.type: expected \"file\""},
      {R"({"audit": {"sink": {"a": {"path": "x", "mode": "0666"}}}})",
       "audit.sink.a.mode: expected \"0640\""},
      {R"({"audit": {"sink": {"a": {"path": "x", "rotate_bytes": "1"}}}})",
       "expected a whole number"},
      {R"({"audit": {"enabled": 1}})", "audit.enabled"},
      {R"({"audit": {"filter": []}})", "filter"},
      {R"({"audit_log": "y", "audit": {"enabled": true, "sink": {"a": {"path": "x"}}}})",
       "the same as audit_log; leave one of them out"},
  };
  for (const auto& c : cases) {
    const std::string error = ErrorOf(c.text);
    EXPECT_NE(error.find(c.named), std::string::npos) << c.text << "\n" << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
}

}  // namespace
}  // namespace rollcall::cli
