// The certificates of `rollcall tls` in the hands of others: the real `openssl` verifies them, and
// the real `curl` and `openssl s_server` speak mutual TLS with them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/files.h"
#include "tests/e2e/harness/page.h"
#include "tests/e2e/harness/port.h"
#include "tests/e2e/harness/process.h"

namespace rollcall::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class TlsCertificatesTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(mkdir(ours_.c_str(), 0755), 0);
    ASSERT_EQ(mkdir(others_.c_str(), 0755), 0);
  }

  // Commands of a shell that knows `rollcall`, in `directory`.
  Finished Shell(const std::string& directory, const std::string& script) {
    const std::string folder = std::filesystem::path(ROLLCALL_PROGRAM).parent_path();
    return RunToEnd({.argv = {"bash", "-euc", "cd \"$0\"; export PATH=\"$1:$PATH\"\n" + script,
                              directory, folder},
                     .output_path = dir_.File("out"),
                     .error_path = dir_.File("err")});
  }
  void Do(const std::string& directory, const std::string& script) {
    const Finished done = Shell(directory, script);
    ASSERT_EQ(done.code, 0) << script << "\n" << done.output << done.errors;
  }
  // An authority with a certificate of each kind.
  void MakeAll(const std::string& directory) {
    Do(directory,
       "rollcall tls ca create; rollcall tls cert create -server -node=n1;"
       "rollcall tls cert create -client; rollcall tls cert create -cli");
  }

  // Serves HTTPS with the first server certificate of `directory` to clients of the authority
  // there.
  void Serve(const std::string& directory) {
    server_ = std::make_unique<Process>(ProcessOptions{
        .argv = {"openssl", "s_server", "-accept", port_.address(), "-www", "-cert",
                 directory + "/dc1-server-consul-0.pem", "-key",
                 directory + "/dc1-server-consul-0-key.pem", "-CAfile",
                 directory + "/consul-agent-ca.pem", "-Verify", "1", "-verify_return_error"},
        .output_path = dir_.File("server.log")});
    ASSERT_TRUE(Eventually([&] { return server_->Output().find("ACCEPT") != std::string::npos; }))
        << server_->Output();
  }

  struct Asking {
    std::string host = "server.dc1.consul";
    std::string trusted;      // a directory; empty: ours
    std::string certificate;  // a path without .pem; empty: none
  };
  Finished Curl(const Asking& asking) {
    const std::string trusted = asking.trusted.empty() ? ours_ : asking.trusted;
    std::vector<std::string> argv = {"curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}",
                                     "--max-time", "15", "--noproxy", "*", "--cacert",
                                     trusted + "/consul-agent-ca.pem",
                                     // Whatever the URL says, this is where it goes.
                                     "--connect-to", "::" + port_.address()};
    if (!asking.certificate.empty()) {
      argv.insert(argv.end(), {"--cert", asking.certificate + ".pem", "--key",
                               asking.certificate + "-key.pem"});
    }
    argv.push_back("https://" + asking.host + "/");
    return RunToEnd(
        {.argv = argv, .output_path = dir_.File("out"), .error_path = dir_.File("err")});
  }
  void ExpectAnswer(const Asking& asking) {
    const Finished asked = Curl(asking);
    EXPECT_EQ(asked.code, 0) << asking.host << " " << asking.certificate << asked.errors;
    EXPECT_EQ(asked.output, "200");
  }

  // Of curl(1).
  static constexpr int kServerNotVerified = 60;

  const TempDir dir_;
  const std::string ours_ = dir_.File("ours");
  const std::string others_ = dir_.File("others");
  const Port port_;
  std::unique_ptr<Process> server_;
};

TEST_F(TlsCertificatesTest, OpensslVerifiesEachKindByItsStrictestRules) {
  MakeAll(ours_);
  MakeAll(others_);
  const std::string verify = "openssl verify -x509_strict -CAfile consul-agent-ca.pem ";
  Do(ours_, "openssl verify -x509_strict -CAfile consul-agent-ca.pem consul-agent-ca.pem");
  Do(ours_, verify +
                "-purpose sslserver -verify_hostname server.dc1.consul -verify_ip ::1 "
                "dc1-server-consul-0.pem");
  Do(ours_, verify +
                "-purpose sslclient -verify_hostname n1.server.dc1.consul "
                "dc1-server-consul-0.pem");
  Do(ours_, verify +
                "-purpose sslclient -verify_hostname client.dc1.consul -verify_ip 127.0.0.1 "
                "dc1-client-consul-0.pem");
  Do(ours_, verify + "-purpose sslclient -verify_hostname cli.dc1.consul dc1-cli-consul-0.pem");
  EXPECT_THAT(
      Shell(ours_, verify + "-verify_hostname server.dc2.consul dc1-server-consul-0.pem").errors,
      HasSubstr("hostname mismatch"));
  EXPECT_NE(Shell(ours_, verify + others_ + "/dc1-server-consul-0.pem").code, 0);
  const Finished text = Shell(ours_, "openssl x509 -in dc1-server-consul-0.pem -noout -text");
  EXPECT_THAT(text.output,
              AllOf(HasSubstr("Signature Algorithm: ecdsa-with-SHA256"),
                    HasSubstr("Subject: CN = server.dc1.consul\n"), HasSubstr("NIST CURVE: P-256"),
                    HasSubstr("X509v3 Basic Constraints: critical\n                CA:FALSE"),
                    HasSubstr("DNS:server.dc1.consul, DNS:n1.server.dc1.consul, DNS:localhost, "
                              "IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1")));
}

TEST_F(TlsCertificatesTest, MutualTlsWorksUnderEachName) {
  MakeAll(ours_);
  Serve(ours_);
  const std::string client = ours_ + "/dc1-client-consul-0";
  for (const char* host :
       {"server.dc1.consul", "n1.server.dc1.consul", "localhost", "127.0.0.1", "[::1]"}) {
    ExpectAnswer({.host = host, .certificate = client});
  }
  ExpectAnswer({.certificate = ours_ + "/dc1-cli-consul-0"});
  ExpectAnswer({.certificate = ours_ + "/dc1-server-consul-0"});
}

TEST_F(TlsCertificatesTest, AnotherNameIsRefused) {
  MakeAll(ours_);
  Serve(ours_);
  const std::string client = ours_ + "/dc1-client-consul-0";
  for (const char* host : {"server.dc2.consul", "client.dc1.consul", "n2.server.dc1.consul",
                           "web.example", "127.0.0.2", "[::2]"}) {
    const Finished asked = Curl({.host = host, .certificate = client});
    EXPECT_EQ(asked.code, kServerNotVerified) << host << asked.errors;
  }
  ExpectAnswer({.certificate = client});
}

TEST_F(TlsCertificatesTest, AnotherAuthoritysCertificatesAreRefusedByBothSides) {
  MakeAll(ours_);
  MakeAll(others_);
  Serve(ours_);
  const std::string client = ours_ + "/dc1-client-consul-0";
  EXPECT_EQ(Curl({.trusted = others_, .certificate = client}).code, kServerNotVerified);
  const Finished stranger = Curl({.certificate = others_ + "/dc1-client-consul-0"});
  EXPECT_NE(stranger.code, 0);
  EXPECT_THAT(stranger.errors, HasSubstr("alert"));
  const Finished nobody = Curl({});
  EXPECT_NE(nobody.code, 0);
  EXPECT_THAT(nobody.errors, HasSubstr("alert"));
  ExpectAnswer({.certificate = client});
}

TEST_F(TlsCertificatesTest, OthersKeepToTheConstraintsOfTheAuthority) {
  Do(ours_, "rollcall tls ca create -name-constraint; rollcall tls cert create -server");
  // What the command would not make, made around it.
  const auto forge = [&](const std::string& name, const std::string& extensions) {
    Do(ours_, "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + name +
                  ".key -out " + name + ".csr -subj /CN=x; openssl x509 -req -in " + name +
                  ".csr -CA consul-agent-ca.pem -CAkey consul-agent-ca-key.pem -CAcreateserial "
                  "-extfile <(echo -e '" +
                  extensions + "') -out " + name + ".pem");
  };
  const std::string verify = "openssl verify -CAfile consul-agent-ca.pem ";
  forge("inside", "subjectAltName=DNS:web.consul");
  Do(ours_, verify + "inside.pem dc1-server-consul-0.pem");
  forge("outside", "subjectAltName=DNS:web.example");
  EXPECT_THAT(Shell(ours_, verify + "outside.pem").errors,
              HasSubstr("permitted subtree violation"));
  // An authority below ours is one too many.
  forge("below", "basicConstraints=critical,CA:TRUE\\nkeyUsage=keyCertSign");
  Do(ours_, "cp below.key below-key.pem");
  Do(ours_, "rollcall tls cert create -client -ca=below.pem -key=below-key.pem");
  EXPECT_THAT(Shell(ours_, verify + "-untrusted below.pem dc1-client-consul-0.pem").errors,
              HasSubstr("path length constraint exceeded"));
}

TEST_F(TlsCertificatesTest, ThePageWorksAsItStandsThere) {
  const std::string page = ROLLCALL_TLS_PAGE;
  Do(ours_, BlockOf(page, "sh", "once:"));
  for (const char* file :
       {"consul-agent-ca.pem", "consul-agent-ca-key.pem", "dc1-server-consul-0.pem",
        "dc1-client-consul-0-key.pem", "dc1-cli-consul-0-key.pem"}) {
    EXPECT_TRUE(std::filesystem::exists(ours_ + "/" + file)) << file;
  }
  const Finished looked = Shell(ours_, BlockOf(page, "sh", "openssl verify"));
  EXPECT_EQ(looked.code, 0) << looked.errors;
  EXPECT_THAT(looked.output, AllOf(HasSubstr("subject=CN = server.dc1.consul"),
                                   HasSubstr("dc1-server-consul-0.pem: OK")));
  // While the authority changes, both are trusted; then the new one alone.
  Do(ours_, BlockOf(page, "sh", "mkdir next"));
  const std::string both = "dc1-server-consul-0.pem next/dc1-server-consul-0.pem";
  Do(ours_, "openssl verify -CAfile ca-bundle.pem " + both);
  Do(ours_, "openssl verify -CAfile next/consul-agent-ca.pem next/dc1-server-consul-0.pem");
  EXPECT_NE(Shell(ours_, "openssl verify -CAfile next/consul-agent-ca.pem " + both).code, 0);
}

}  // namespace
}  // namespace rollcall::e2e
