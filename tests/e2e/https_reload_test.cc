// Certificates that are read again while the server runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/https_server.h"

namespace rollcall::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class HttpsReloadTest : public HttpsTest {
 protected:
  HttpsReloadTest() { Install(pair_); }

  // What curl makes of the server when it trusts that authority alone: 60 is distrust.
  int TrustedBy(const Authority& authority) const {
    return Run({"curl", "-sS", "--max-time", "15", "--cacert", authority.file(), "-o",
                dir_.File("body"), Url("/v1/status/leader")})
        .code;
  }
  Reply Reload() { return server_.Put("/v1/agent/reload"); }

  const Authority new_authority_{dir_, "new-ca"};
  const KeyPair new_pair_ = new_authority_.SignServer("new-server");
};

TEST_F(HttpsReloadTest, SignalBringsNewCertificatesAndKeptConnectionsGoOn) {
  Start({"--workers", "3"});
  Http kept(Url(), authority_.file());
  ASSERT_TRUE(kept.Get("/v1/status/leader").ok());
  const double handshakes = Metric("rollcall_tls_handshakes_total{result=\"full\"}");
  Install(new_pair_);
  EXPECT_EQ(TrustedBy(authority_), 0);  // nobody has read them yet
  server_.process().Signal(SIGHUP);
  ASSERT_TRUE(Eventually([&] { return Log().find("reload: certificates") != std::string::npos; }))
      << Log();
  // Each curl is another connection, so that the kernel picks among the workers.
  for (int i = 0; i < 10; ++i) EXPECT_EQ(TrustedBy(new_authority_), 0);
  EXPECT_EQ(TrustedBy(authority_), 60);
  // It could not connect anew.
  EXPECT_TRUE(kept.Get("/v1/catalog/datacenters").ok());
  EXPECT_EQ(Metric("rollcall_tls_handshakes_total{result=\"full\"}"), handshakes + 11);
  EXPECT_EQ(Http(Url(), authority_.file()).Get("/v1/status/leader").status, 0);
}

TEST_F(HttpsReloadTest, RequestBringsThemToo) {
  Start();
  Install(new_pair_);
  EXPECT_EQ(Reload().status, 200);
  EXPECT_EQ(TrustedBy(new_authority_), 0);
}

TEST_F(HttpsReloadTest, PairThatCannotBeUsedIsRefusedAndTheOldOneStays) {
  const std::string config = dir_.Write("server.json", R"({"service_ttl": "5s"})");
  Start({"--config", config});
  dir_.Write("server.json", R"({"service_ttl": "9s"})");
  const KeyPair expired =
      authority_.Sign({.name = "expired", .subject = "/CN=expired", .days = -1});
  const struct {
    KeyPair pair;
    std::string named;
    const char* reason;
  } cases[] = {
      {{new_pair_.certificate, pair_.key}, installed_key(), "not that of the certificate"},
      {expired, installed_certificate(), "expired on"},
      {{dir_.Write("nothing", ""), pair_.key}, installed_certificate(), "no certificate"},
  };
  for (const auto& each : cases) {
    Install(each.pair);
    const Reply reply = Reload();
    EXPECT_EQ(reply.status, 400);
    EXPECT_THAT(reply.body, AllOf(HasSubstr(each.named), HasSubstr(each.reason)));
    EXPECT_EQ(TrustedBy(authority_), 0);
    EXPECT_THAT(Log(), testing::Not(HasSubstr("service-ttl")));  // all or nothing
    server_.process().Signal(SIGHUP);
    EXPECT_TRUE(Eventually([&] {
      return Log().find("reload refused, nothing was changed: HTTPS: " + each.named) !=
             std::string::npos;
    }));
  }
  Install(new_pair_);
  EXPECT_EQ(Reload().status, 200);
  EXPECT_EQ(TrustedBy(new_authority_), 0);
  EXPECT_THAT(Log(), HasSubstr("service-ttl 5s -> 9s"));
}

TEST_F(HttpsReloadTest, OtherPathsAndWhoIsServedAreSettingsOfTheFile) {
  const auto configure = [&](const KeyPair& pair, bool verify_incoming) {
    return dir_.Write("server.json", Json{{"https", https_.address()},
                                          {"tls",
                                           {{"defaults",
                                             {{"cert_file", pair.certificate},
                                              {"key_file", pair.key},
                                              {"ca_file", authority_.file()},
                                              {"verify_incoming", verify_incoming}}}}}}
                                         .dump());
  };
  ASSERT_TRUE(server_.Start({"--config", configure(pair_, false)}));
  EXPECT_EQ(TrustedBy(authority_), 0);
  configure(new_pair_, true);
  EXPECT_EQ(Reload().status, 200);
  const KeyPair client = authority_.Sign({.name = "client", .subject = "/CN=client"});
  EXPECT_EQ(TrustedBy(new_authority_), 56);  // which has no certificate itself
  EXPECT_EQ(Run({"curl", "-sS", "--cacert", new_authority_.file(), "--cert", client.certificate,
                 "--key", client.key, Url("/v1/catalog/datacenters")})
                .output,
            "[\"dc1\"]");
  // To end HTTPS takes a restart.
  dir_.Write("server.json", "{}");
  EXPECT_EQ(Reload().status, 200);
  EXPECT_THAT(Log(), HasSubstr("only a restart applies it: "));
  EXPECT_EQ(TrustedBy(new_authority_), 56);
}

}  // namespace
}  // namespace rollcall::e2e
