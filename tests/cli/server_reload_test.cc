#include "cli/server_reload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollcall::cli {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(PlanReloadTest, NothingChangedIsNothingToDo) {
  ServerOptions options;
  options.dns = ListenAddress{"127.0.0.1", 8600};
  const ReloadPlan plan = PlanReload(options, options);
  EXPECT_THAT(plan.applied, IsEmpty());
  EXPECT_THAT(plan.postponed, IsEmpty());
}

TEST(PlanReloadTest, TheLogLevelAndWhatDnsAnswersAreApplied) {
  const ServerOptions running;
  ServerOptions read = running;
  read.log_level = "debug";
  read.service_ttl = dns::ServiceTtls(seconds(5));
  read.node_ttl = seconds(60);
  read.negative_ttl = seconds(7);
  read.dns_any = "all";
  read.only_passing = true;
  read.dns_max_answers = 4;
  read.allow_recursion = NetworkSet::Parse("::1").value();
  const ReloadPlan plan = PlanReload(running, read);
  EXPECT_THAT(
      plan.applied,
      ElementsAre("log-level info -> debug", "service-ttl 0s -> 5s", "node-ttl 0s -> 60s",
                  "negative-ttl 0s -> 7s", "dns-any minimal -> all", "only-passing false -> true",
                  "dns-max-answers 0 -> 4", testing::EndsWith(" -> ::1/128")));
  EXPECT_THAT(plan.postponed, IsEmpty());
  EXPECT_EQ(plan.options.log_level, "debug");
  EXPECT_EQ(plan.options.service_ttl, dns::ServiceTtls(seconds(5)));
  EXPECT_EQ(plan.options.node_ttl, seconds(60));
  EXPECT_EQ(plan.options.negative_ttl, seconds(7));
}

TEST(PlanReloadTest, WhatNeedsARestartIsNamedAndStaysAsItRuns) {
  const ServerOptions running;
  ServerOptions read = running;
  read.datacenter = "dc2";
  read.domain = "example";
  read.alt_domain = "sd.example";
  read.node = "other";
  read.data_dir = "/elsewhere";
  read.http->port = 1;
  read.dns = ListenAddress{"127.0.0.1", 2};
  read.advertise = "10.0.0.1";
  read.workers = 7;
  read.max_udp_payload = 1232;
  read.dns_order = dns::AnswerOrder::kStable;
  read.dns_rate_limit = 1;
  read.dns_cookie_secret.emplace();
  read.dns_max_connections = 2;
  read.dns_max_connections_per_address = 3;
  read.dns_idle_timeout = seconds(4);
  read.recursors.emplace_back();
  read.recursor_timeout = seconds(5);
  read.limits.max_body_bytes = 1;
  read.limits.max_header_bytes = 2;
  read.max_connections = 3;
  read.max_connections_per_address = 4;
  read.max_parked_queries = 5;
  read.limits.header_timeout = seconds(6);
  read.limits.body_timeout = seconds(7);
  read.limits.idle_timeout = seconds(8);
  read.limits.write_timeout = seconds(9);
  read.drain_grace = seconds(10);
  read.node_ttl = seconds(9);
  const ReloadPlan plan = PlanReload(running, read);
  EXPECT_THAT(
      plan.postponed,
      ElementsAre("datacenter", "domain", "alt-domain", "node", "data-dir", "http", "dns",
                  "advertise", "workers", "max-udp-payload", "dns-order", "dns-rate-limit",
                  "dns-cookie-secret-file", "dns-max-connections",
                  "dns-max-connections-per-address", "dns-idle-timeout", "recursor",
                  "recursor-timeout", "max-body-bytes", "max-header-bytes", "max-connections",
                  "max-connections-per-address", "max-parked-queries", "header-timeout",
                  "body-timeout", "idle-timeout", "write-timeout", "drain-grace"));
  EXPECT_EQ(plan.options.domain, running.domain);
  EXPECT_EQ(plan.options.http, running.http);
  EXPECT_EQ(plan.options.workers, running.workers);
  EXPECT_THAT(plan.applied, ElementsAre("node-ttl 0s -> 9s"));

  // It is still waiting when the settings are read the next time.
  const ReloadPlan again = PlanReload(plan.options, read);
  EXPECT_EQ(again.postponed, plan.postponed);
  EXPECT_THAT(again.applied, IsEmpty());
}

TEST(PlanReloadTest, LimitsOfRequestsAreApplied) {
  const ServerOptions running;
  ServerOptions read = running;
  read.request_limits.of(api::Limit::kWrites) = {5, 50};
  read.request_limits.failed_auth_per_minute = 7;
  read.request_limits.exempt = NetworkSet();
  read.request_limits.mode = api::LimitMode::kPermissive;
  const ReloadPlan plan = PlanReload(running, read);
  EXPECT_THAT(plan.applied, ElementsAre("limit-writes 0:0 -> 5:50", "limit-failed-auth 60 -> 7",
                                        "limit-exempt 127.0.0.0/8,::1/128 -> none",
                                        "limit-mode enforcing -> permissive"));
  EXPECT_THAT(plan.postponed, IsEmpty());
  EXPECT_EQ(plan.options.request_limits, read.request_limits);
}

TEST(PlanReloadTest, AnotherAuditLogWaitsForARestart) {
  const ServerOptions running;
  ServerOptions read = running;
  read.audit.target = "/var/log/audit.log";
  const ReloadPlan plan = PlanReload(running, read);
  EXPECT_THAT(plan.applied, IsEmpty());
  EXPECT_THAT(plan.postponed, ElementsAre("audit-log"));
  EXPECT_EQ(plan.options.audit, running.audit);
}

class TlsReloadTest : public testing::Test {
 protected:
  TlsReloadTest() {
    with_tls_.https = ListenAddress{"127.0.0.1", 8501};
    with_tls_.tls_cert_file = "cert";
    with_tls_.tls_key_file = "key";
  }

  const ServerOptions without_tls_;
  ServerOptions with_tls_;
};

TEST_F(TlsReloadTest, OtherFilesAndClientsAreForConnectionsFromNowOn) {
  ServerOptions read = with_tls_;
  read.tls_cert_file = "new cert";
  read.tls_key_file = "new key";
  read.tls_ca_file = "ca";
  read.tls_verify_incoming = true;
  read.tls_min_version = http::TlsVersion::k13;
  read.https->port = 8502;
  const ReloadPlan plan = PlanReload(with_tls_, read);
  EXPECT_THAT(plan.applied,
              ElementsAre("tls-cert-file cert -> new cert", "tls-key-file key -> new key",
                          "tls-ca-file  -> ca", "tls-verify-incoming false -> true",
                          "tls-min-version TLSv1_2 -> TLSv1_3"));
  EXPECT_THAT(plan.postponed, ElementsAre("https"));
  EXPECT_EQ(plan.options.tls_cert_file, "new cert");
  EXPECT_EQ(plan.options.https, with_tls_.https);
}

TEST_F(TlsReloadTest, BeginningAndEndingWaitForARestartWithTheirFiles) {
  const ReloadPlan begin = PlanReload(without_tls_, with_tls_);
  EXPECT_THAT(begin.applied, IsEmpty());
  EXPECT_THAT(begin.postponed,
              testing::UnorderedElementsAre("https", "tls-cert-file", "tls-key-file"));
  const ReloadPlan end = PlanReload(with_tls_, without_tls_);
  EXPECT_THAT(end.applied, IsEmpty());
  EXPECT_EQ(end.options.tls_cert_file, "cert");
  EXPECT_TRUE(end.options.https);
}

}  // namespace
}  // namespace rollcall::cli
