// Who asks over HTTPS, with certificates of `rollcall tls`: the command line, and what it says when
// it does not work, against rollcall's server and openssl's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/https_server.h"

namespace rollcall::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class HttpsClientsTest : public HttpsTest {
 protected:
  HttpsClientsTest() {
    Make(
        "rollcall tls ca create; rollcall tls cert create -server; rollcall tls cert create "
        "-client; rollcall tls cert create -cli");
    Install({Made("dc1-server-consul-0.pem"), Made("dc1-server-consul-0-key.pem")});
  }

  void Make(const std::string& script) const {
    const std::string program = ROLLCALL_PROGRAM;
    const Finished done = Run({"bash", "-euc", "cd \"$0\"; export PATH=\"$1:$PATH\"\n" + script,
                               dir_.path(), program.substr(0, program.rfind('/'))});
    ASSERT_EQ(done.code, 0) << done.errors;
  }
  std::string Made(const std::string& file) const { return dir_.File(file); }
  std::string CaFile() const { return Made("consul-agent-ca.pem"); }

  // `rollcall services` at the HTTPS port.
  Finished Services(const std::vector<std::string>& flags,
                    const std::vector<std::string>& environment = {}) const {
    return ServicesAt(Url(), flags, environment);
  }
  Finished ServicesAt(const std::string& url, const std::vector<std::string>& flags,
                      const std::vector<std::string>& environment = {}) const {
    std::vector<std::string> argv = {ROLLCALL_PROGRAM, "services", "--http-addr", url};
    argv.insert(argv.end(), flags.begin(), flags.end());
    return Run(argv, "", environment);
  }
  // That it fails with one line, which holds all of these.
  static void ExpectRefused(const Finished& done, const std::vector<std::string>& words) {
    EXPECT_EQ(done.code, 1);
    EXPECT_EQ(std::count(done.errors.begin(), done.errors.end(), '\n'), 1) << done.errors;
    for (const std::string& each : words) EXPECT_THAT(done.errors, HasSubstr(each));
  }
  // openssl's server in the place of rollcall's.
  void ServeWithOpenssl(const KeyPair& pair, const std::vector<std::string>& flags) {
    std::vector<std::string> argv = {"openssl",        "s_server", "-accept",
                                     https_.address(), "-www",     "-cert",
                                     pair.certificate, "-key",     pair.key};
    argv.insert(argv.end(), flags.begin(), flags.end());
    other_ = std::make_unique<Process>(
        ProcessOptions{.argv = argv, .output_path = dir_.File("s_server.log")});
    ASSERT_TRUE(Eventually([&] { return other_->Output().find("ACCEPT") != std::string::npos; }))
        << other_->Output();
  }

  std::unique_ptr<Process> other_;
};

TEST_F(HttpsClientsTest, CommandLineTrustsTheAuthorityThatItIsTold) {
  Start();
  EXPECT_THAT(Services({"--ca-file", CaFile()}).output, HasSubstr("consul"));
  EXPECT_THAT(Services({}, {"CONSUL_CACERT=" + CaFile()}).output, HasSubstr("consul"));
  Make("mkdir certs; cp consul-agent-ca.pem certs/");
  EXPECT_THAT(Services({"--ca-path", Made("certs")}).output, HasSubstr("consul"));
  EXPECT_THAT(Services({}, {"CONSUL_HTTP_SSL_VERIFY=false"}).output, HasSubstr("consul"));
  const Finished consuls = Run({ROLLCALL_PROGRAM, "services"}, "",
                               {"CONSUL_HTTP_ADDR=" + https_.address(), "CONSUL_HTTP_SSL=true",
                                "CONSUL_CACERT=" + CaFile()});
  EXPECT_THAT(consuls.output, HasSubstr("consul")) << consuls.errors;
  // What comes in many pieces, and what goes out in some.
  const std::string snapshot = dir_.File("snapshot");
  EXPECT_EQ(
      Run({ROLLCALL_PROGRAM, "export", snapshot, "--http-addr", Url(), "--ca-file", CaFile()}).code,
      0);
  EXPECT_EQ(Run({ROLLCALL_PROGRAM, "import", snapshot, "--merge", "--http-addr", Url(), "--ca-file",
                 CaFile()})
                .code,
            0);
}

TEST_F(HttpsClientsTest, AuthorityThatIsNotTrustedIsSaid) {
  Start();
  ExpectRefused(Services({}),
                {"no TLS connection with " + Url(), "authority that is not trusted", "--ca-file"});
  // Of another one the system's authorities do not count either.
  ExpectRefused(Services({"--ca-file", authority_.file()}, {"SSL_CERT_FILE=" + CaFile()}),
                {"authority that is not trusted"});
}

TEST_F(HttpsClientsTest, NameThatTheCertificateDoesNotHaveIsSaidWithThoseThatItHas) {
  Start();
  const std::string by_name = "https://localhost:" + https_.text();
  EXPECT_EQ(ServicesAt(by_name, {"--ca-file", CaFile()}).code, 0);
  ExpectRefused(
      Services({"--ca-file", CaFile(), "--tls-server-name", "server.dc2.consul"}),
      {"not for server.dc2.consul but for server.dc1.consul, localhost", "--tls-server-name"});
  EXPECT_EQ(Services({"--ca-file", CaFile(), "--tls-server-name", "server.dc1.consul"}).code, 0);
  EXPECT_EQ(
      Services({}, {"CONSUL_CACERT=" + CaFile(), "CONSUL_TLS_SERVER_NAME=server.dc1.consul"}).code,
      0);
  // A client's certificate is not a server's, whatever the authority.
  Install({Made("dc1-client-consul-0.pem"), Made("dc1-client-consul-0-key.pem")});
  ASSERT_EQ(server_.Put("/v1/agent/reload").status, 200);
  ExpectRefused(Services({"--ca-file", CaFile(), "--tls-server-name", "server.dc1.consul"}),
                {"not for server.dc1.consul but for client.dc1.consul"});
}

TEST_F(HttpsClientsTest, CertificateIsShownToServersThatWantOne) {
  Start({"--tls-ca-file", CaFile(), "--tls-verify-incoming"});
  const std::string cli = Made("dc1-cli-consul-0.pem");
  const std::string key = Made("dc1-cli-consul-0-key.pem");
  EXPECT_THAT(Services({"--ca-file", CaFile(), "--client-cert", cli, "--client-key", key}).output,
              HasSubstr("consul"));
  EXPECT_THAT(Services({}, {"CONSUL_CACERT=" + CaFile(), "CONSUL_CLIENT_CERT=" + cli,
                            "CONSUL_CLIENT_KEY=" + key})
                  .output,
              HasSubstr("consul"));
  ExpectRefused(Services({"--ca-file", CaFile()}),
                {"wants a certificate of its clients", "--client-cert"});
  const KeyPair stranger = authority_.Sign({.name = "stranger", .subject = "/CN=stranger"});
  ExpectRefused(Services({"--ca-file", CaFile(), "--client-cert", stranger.certificate,
                          "--client-key", stranger.key}),
                {"does not take the certificate of this side", "--client-cert"});
}

TEST_F(HttpsClientsTest, FilesThatCannotBeUsedAreNamed) {
  const std::string cli = Made("dc1-cli-consul-0.pem");
  ExpectRefused(Services({"--ca-file", "/missing.pem"}), {"/missing.pem", "No such file"});
  ExpectRefused(Services({"--ca-path", "/missing"}), {"/missing", "No such file"});
  ExpectRefused(Services({"--client-cert", cli, "--client-key", "/missing.key"}),
                {"/missing.key", "No such file"});
  ExpectRefused(
      Services({"--client-cert", cli, "--client-key", Made("dc1-client-consul-0-key.pem")}),
      {"dc1-client-consul-0-key.pem", "not that of the certificate"});
  ExpectRefused(Services({"--client-cert", cli, "--client-key", cli}), {cli, "no private key"});
}

TEST_F(HttpsClientsTest, HttpAndHttpsAreToldApart) {
  Start();
  ExpectRefused(Run({ROLLCALL_PROGRAM, "services", "--http-addr", "http://" + https_.address()}),
                {"400", "https://"});
  const std::string plain = "https://127.0.0.1:" + std::to_string(server_.http_port());
  ExpectRefused(Run({ROLLCALL_PROGRAM, "services", "--http-addr", plain, "--ca-file", CaFile()}),
                {"no TLS connection with " + plain, "http"});
}

TEST_F(HttpsClientsTest, ServersWithOldTlsOrOldCertificatesAreRefused) {
  const Authority other(dir_, "old-ca");
  const KeyPair expired = other.Sign({.name = "expired",
                                      .subject = "/CN=x",
                                      .extensions = "subjectAltName=IP:127.0.0.1\n",
                                      .days = -1});
  ServeWithOpenssl(expired, {});
  ExpectRefused(Services({"--ca-file", other.file()}), {"has expired"});
  ServeWithOpenssl(other.SignServer("old"), {"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"});
  ExpectRefused(Services({"--ca-file", other.file()}), {"1.2 or 1.3 is needed"});
}

}  // namespace
}  // namespace rollcall::e2e
