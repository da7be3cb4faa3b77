// The real server's HTTPS, with curl, openssl s_client, rollcall and an agent as its clients.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/page.h"
#include "tests/e2e/https_server.h"

namespace rollcall::e2e {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

class HttpsServerTest : public HttpsTest {
 protected:
  HttpsServerTest() { Install(pair_); }

  KeyPair MakeClient(const Authority& authority, const std::string& name, int days = 2) const {
    return authority.Sign({.name = name,
                           .subject = "/O=Example/CN=" + name,
                           .extensions = "extendedKeyUsage=clientAuth\n",
                           .days = days});
  }
};

TEST_F(HttpsServerTest, CurlSpeaksHttp11WithIt) {
  Start();
  const Finished done =
      Curl({"-v", "-w", "|%{http_version}|%{ssl_verify_result}", Url("/v1/catalog/datacenters")});
  EXPECT_EQ(done.output, "[\"dc1\"]|1.1|0");
  EXPECT_THAT(done.errors, HasSubstr("ALPN: server accepted http/1.1"));
  EXPECT_THAT(Log(), HasSubstr("HTTPS on " + https_.address()));
  EXPECT_EQ(Metric("rollcall_tls_handshakes_total{result=\"full\"}"), 1);
  // Of one process of curl, the second request goes over the same connection.
  const Finished twice =
      Curl({"-w", "|%{num_connects}\n", Url("/v1/status/leader"), Url("/v1/catalog/datacenters")});
  EXPECT_THAT(twice.output, testing::EndsWith("[\"dc1\"]|0\n"));
}

TEST_F(HttpsServerTest, CurlRefusesANameThatIsNotInTheCertificate) {
  Start();
  const std::string port = https_.text();
  const Finished wrong = Curl({"--resolve", "wrong.example:" + port + ":127.0.0.1",
                               "https://wrong.example:" + port + "/v1/status/leader"});
  EXPECT_EQ(wrong.code, 60);
  const Finished right = Curl({"--resolve", "localhost:" + port + ":127.0.0.1",
                               "https://localhost:" + port + "/v1/catalog/datacenters"});
  EXPECT_EQ(right.output, "[\"dc1\"]");
  const Finished distrustful = Run({"curl", "-sS", Url("/v1/status/leader")});
  EXPECT_EQ(distrustful.code, 60);
}

TEST_F(HttpsServerTest, PlainRequestIsToldWhatThePortSpeaks) {
  Start();
  const Finished done = Run(
      {"curl", "-sS", "-w", "|%{http_code}", "http://" + https_.address() + "/v1/status/leader"});
  EXPECT_EQ(done.output, "This port speaks TLS alone: ask it with https://|400");
}

TEST_F(HttpsServerTest, Tls12And13AreSpokenAndNothingOlder) {
  Start();
  for (const std::string version : {"-tls1_2", "-tls1_3"}) {
    const Finished done = SClient({version, "-alpn", "http/1.1"});
    EXPECT_EQ(done.code, 0) << done.errors;
    EXPECT_THAT(done.output,
                AllOf(HasSubstr("HTTP/1.1 200 OK"), HasSubstr("ALPN protocol: http/1.1"),
                      HasSubstr("Compression: NONE")));
  }
  for (const std::string version : {"-tls1", "-tls1_1"}) {
    const Finished done = SClient({version, "-cipher", "ALL:@SECLEVEL=0"});
    EXPECT_EQ(done.code, 1);
    EXPECT_THAT(done.errors, HasSubstr("alert protocol version"));
    EXPECT_THAT(done.output, Not(HasSubstr("HTTP/1.1")));
  }
}

TEST_F(HttpsServerTest, OldestVersionMayBeANewerOne) {
  Start({"--tls-min-version", "TLSv1_3"});
  EXPECT_THAT(SClient({"-tls1_3"}).output, HasSubstr("HTTP/1.1 200 OK"));
  const Finished done = SClient({"-tls1_2"});
  EXPECT_EQ(done.code, 1);
  EXPECT_THAT(done.errors, HasSubstr("alert protocol version"));
}

TEST_F(HttpsServerTest, SessionIsResumedByAnyWorker) {
  Start({"--workers", "4"});
  for (const std::string version : {"-tls1_2", "-tls1_3"}) {
    const std::string session = dir_.File("session" + version);
    EXPECT_THAT(SClient({version, "-sess_out", session}).output, HasSubstr("\nNew, TLS"));
    // Each is another connection, so that the kernel picks among the workers.
    for (int i = 0; i < 12; ++i) {
      const Finished done = SClient({version, "-sess_in", session});
      EXPECT_THAT(done.output, AllOf(HasSubstr("\nReused, TLS"), HasSubstr("HTTP/1.1 200 OK")));
    }
  }
  EXPECT_EQ(Metric("rollcall_tls_handshakes_total{result=\"full\"}"), 2);
  EXPECT_EQ(Metric("rollcall_tls_handshakes_total{result=\"resumed\"}"), 24);
  const std::string output = SClient({"-tls1_2", "-reconnect"}).output;
  int reused = 0;
  for (size_t at = output.find("\nReused, TLS"); at != std::string::npos;
       at = output.find("\nReused, TLS", at + 1)) {
    ++reused;
  }
  EXPECT_EQ(reused, 5);
}

TEST_F(HttpsServerTest, OnlyClientsWithACertificateAreServedWhenThatIsAsked) {
  Start({"--tls-ca-file", authority_.file(), "--tls-verify-incoming", "--log-level", "debug"});
  const auto with = [](const KeyPair& pair) {
    return std::vector<std::string>{"--cert", pair.certificate, "--key", pair.key};
  };
  const auto ask = [&](std::vector<std::string> arguments) {
    arguments.push_back(Url("/v1/catalog/datacenters"));
    return Curl(arguments);
  };
  EXPECT_EQ(ask(with(MakeClient(authority_, "web-1"))).output, "[\"dc1\"]");
  EXPECT_THAT(Log(), HasSubstr("/v1/catalog/datacenters from 127.0.0.1 (CN=web-1,O=Example): 200"));

  const Authority other(dir_, "other-ca");
  const struct {
    std::vector<std::string> arguments;
    const char* logged;
  } cases[] = {
      {{}, "peer did not return a certificate"},
      {with(MakeClient(other, "stranger")), "unable to get local issuer certificate"},
      {with(MakeClient(authority_, "late", -1)), "certificate has expired"},
      {with(pair_), "certificate purpose"},
  };
  for (const auto& each : cases) {
    for (const std::string version : {"1.2", "1.3"}) {
      std::vector<std::string> arguments = each.arguments;
      arguments.insert(arguments.end(), {"--tlsv" + version, "--tls-max", version});
      const Finished done = ask(arguments);
      // Its words for an alert in the handshake, for one about a certificate that has expired, and
      // for one behind the handshake, which in TLS 1.3 the client has done by then.
      EXPECT_THAT(done.code, AnyOf(35, 60, 56)) << done.errors;
      EXPECT_EQ(done.output, "");
    }
    EXPECT_THAT(Log(), HasSubstr(each.logged));
  }
  EXPECT_EQ(Metric("rollcall_tls_handshakes_total{result=\"failed\"}"), 8);
}

TEST_F(HttpsServerTest, LongAnswersAreTheSame) {
  Start();
  // Beyond what a body in memory is.
  for (int i = 0; i < 700; ++i) {
    ASSERT_TRUE(server_
                    .Put("/v1/catalog/register", {{"Node", "node-" + std::to_string(i)},
                                                  {"Address", "10.0.0.1"},
                                                  {"Service", {{"Service", "web"}, {"Port", 80}}}})
                    .ok());
  }
  const std::string plain = server_.Get("/v1/health/service/web").body;
  ASSERT_GT(plain.size(), 200'000u);
  EXPECT_TRUE(Curl({Url("/v1/health/service/web")}).output == plain);
  EXPECT_TRUE(Curl({"--compressed", Url("/v1/health/service/web")}).output == plain);
  const Finished sizes = Curl({"-o", dir_.File("body"), "-H", "Accept-Encoding: gzip", "-w",
                               "%{size_download}", Url("/v1/health/service/web")});
  EXPECT_LT(std::stoul(sizes.output), plain.size() / 3);
}

TEST_F(HttpsServerTest, RollcallAndAnAgentComeByIt) {
  StartWithoutHttp();
  const std::vector<std::string> trusting = {"SSL_CERT_FILE=" + authority_.file()};
  const Finished services = Run({ROLLCALL_PROGRAM, "services", "--http-addr", Url()}, "", trusting);
  EXPECT_EQ(services.code, 0) << services.errors;
  EXPECT_THAT(services.output, HasSubstr("consul"));
  const Finished distrustful = Run({ROLLCALL_PROGRAM, "services", "--http-addr", Url()});
  EXPECT_EQ(distrustful.code, 1);
  EXPECT_THAT(distrustful.errors, HasSubstr("no TLS connection with " + Url()));
  const Finished exported =
      Run({ROLLCALL_PROGRAM, "export", dir_.File("catalog"), "--http-addr", Url()}, "", trusting);
  EXPECT_EQ(exported.code, 0) << exported.errors;
  const Finished servers = Run({ROLLCALL_PROGRAM, "servers", "--http-addr", Url()}, "", trusting);
  EXPECT_THAT(servers.output, HasSubstr(https_.address()));

  Agent agent({.server_url = Url(),
               .definitions = {{"service", {{"name", "web"}, {"port", 80}}}},
               .environment = trusting});
  agent.Start();
  EXPECT_TRUE(Eventually([&] {
    return Curl({Url("/v1/health/service/web?passing")}).output.find("\"a1\"") != std::string::npos;
  })) << agent.process().Output();
}

TEST_F(HttpsServerTest, HttpIsOffWhenThatIsAsked) {
  StartWithoutHttp();
  EXPECT_EQ(server_.Get("/v1/status/leader").status, 0);
  const Json self = Json::parse(Curl({Url("/v1/agent/self")}).output);
  EXPECT_EQ(self["DebugConfig"]["HTTPPort"], -1);
  EXPECT_EQ(self["DebugConfig"]["HTTPSPort"], https_.number());
  const Json consul = Json::parse(Curl({Url("/v1/catalog/service/consul")}).output);
  EXPECT_EQ(consul.at(0)["ServicePort"], https_.number());
  EXPECT_THAT(without_http_->Output(),
              HasSubstr("HTTP on no address, HTTPS on " + https_.address()));
  EXPECT_EQ(without_http_->Stop(), 0);
}

TEST_F(HttpsServerTest, ItsMetricsAreOnTheirPage) {
  Start();
  const std::string text = server_.Get("/v1/agent/metrics?format=prometheus").body;
  EXPECT_GT(ExpectMetricsOnPage(text, ROLLCALL_METRICS_PAGE), 20);
  EXPECT_THAT(text, HasSubstr("rollcall_tls_handshakes_total"));
  const double left = Metric("rollcall_tls_certificate_expiry_time_seconds") -
                      static_cast<double>(std::time(nullptr));
  EXPECT_GT(left, 47 * 3600);
  EXPECT_LE(left, 48 * 3600);
  const Finished checked = Run({"promtool", "check", "metrics"}, text);
  EXPECT_EQ(checked.code, 0) << checked.errors;
}

TEST_F(HttpsServerTest, StopAnswersWhoWaits) {
  Start();
  const std::string index = std::to_string(server_.Get("/v1/catalog/services").index);
  Process waiting(
      {.argv = {"curl", "-sS", "--max-time", "15", "--cacert", authority_.file(), "-w",
                "|%{http_code}", Url("/v1/catalog/services?index=" + index + "&wait=5m")},
       .output_path = dir_.File("waiting.out")});
  ASSERT_TRUE(Eventually([&] { return Metric("rollcall_http_parked_queries") == 1; }));
  EXPECT_EQ(server_.Stop(), 0);
  EXPECT_EQ(waiting.Wait(std::chrono::seconds(10)), 0);
  EXPECT_THAT(waiting.Output(), testing::EndsWith("|200"));
}

class HttpsStartErrorTest : public HttpsTest {
 protected:
  // That the server does not start with these flags, and says in one line why.
  void ExpectRefused(const std::vector<std::string>& flags,
                     const std::vector<std::string>& named) const {
    std::vector<std::string> argv = {ROLLCALL_PROGRAM, "server", "--dev", "--dns", "off"};
    argv.insert(argv.end(), flags.begin(), flags.end());
    if (std::find(argv.begin(), argv.end(), "--http") == argv.end()) {
      argv.insert(argv.end(), {"--http", http_.address()});
    }
    const Finished done = Run(argv);
    EXPECT_EQ(done.code, 1);
    for (const std::string& name : named) EXPECT_THAT(done.errors, HasSubstr(name));
    EXPECT_EQ(std::count(done.errors.begin(), done.errors.end(), '\n'), 1) << done.errors;
  }
  std::vector<std::string> With(const KeyPair& pair) const {
    return {"--https",        https_.address(), "--tls-cert-file",
            pair.certificate, "--tls-key-file", pair.key};
  }

  const Port http_;
};

TEST_F(HttpsStartErrorTest, FilesThatCannotBeUsedAreNamedWithTheReason) {
  const KeyPair expired = authority_.Sign({.name = "expired", .subject = "/CN=x", .days = -1});
  ExpectRefused(With(expired), {expired.certificate, "expired on"});
  const KeyPair other = authority_.SignServer("other");
  ExpectRefused(With({pair_.certificate, other.key}), {other.key, pair_.certificate});
  const std::string encrypted = dir_.File("encrypted.key");
  Openssl(dir_,
          {"pkey", "-in", pair_.key, "-aes256", "-passout", "pass:secret", "-out", encrypted});
  ExpectRefused(With({pair_.certificate, encrypted}), {encrypted, "encrypted"});
  const std::string missing = dir_.File("missing.pem");
  ExpectRefused(With({missing, pair_.key}), {missing, "No such file"});
}

TEST_F(HttpsStartErrorTest, WhatDoesNotGoTogetherIsSaid) {
  ExpectRefused({"--https", https_.address()}, {"--tls-cert-file"});
  ExpectRefused({"--https", https_.address(), "--tls-cert-file", pair_.certificate},
                {"--tls-key-file"});
  ExpectRefused({"--tls-cert-file", pair_.certificate, "--tls-key-file", pair_.key}, {"--https"});
  ExpectRefused({"--http", "off"}, {"--https"});
  std::vector<std::string> verifying = With(pair_);
  verifying.insert(verifying.end(), {"--tls-verify-incoming", "true"});
  ExpectRefused(verifying, {"--tls-ca-file"});
  // One of the two is in use.
  Install(pair_);
  Start();
  ExpectRefused(With(pair_), {https_.address(), "in use"});
}

}  // namespace
}  // namespace rollcall::e2e
