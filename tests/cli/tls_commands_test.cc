// What `rollcall tls` makes, and of which authorities.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/tls_fixture.h"

namespace rollcall::cli {
namespace {

using pki::ReadBack;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class TlsCommandsTest : public TlsFixture {};

TEST_F(TlsCommandsTest, AnAuthorityIsTwoFiles) {
  const e2e::Finished made = CreateCa();
  EXPECT_EQ(made.code, 0) << made.errors;
  EXPECT_EQ(made.output,
            "==> Saved consul-agent-ca.pem\n"
            "==> Saved consul-agent-ca-key.pem\n");
  EXPECT_THAT(made.errors, IsEmpty());
  EXPECT_THAT(Files(), ElementsAre("consul-agent-ca-key.pem", "consul-agent-ca.pem"));
  EXPECT_TRUE(KeyFits("consul-agent-ca"));
  const ReadBack ca(Text("consul-agent-ca.pem"));
  // It began a little before, and ends 1825 days from now.
  EXPECT_EQ(ca.End() - ca.Begin(), 1825 * 86400 + 60);
  EXPECT_FALSE(ca.Has(NID_name_constraints));
}

TEST_F(TlsCommandsTest, AnAuthorityIsNamedAfterItsDomain) {
  const e2e::Finished made =
      CreateCa({"--domain", "sd.example", "--days", "3", "--name-constraint",
                "--additional-name-constraint", "a.test", "--additional-name-constraint=b.test"});
  EXPECT_EQ(made.code, 0) << made.errors;
  EXPECT_THAT(Files(), ElementsAre("sd.example-agent-ca-key.pem", "sd.example-agent-ca.pem"));
  const ReadBack ca(Text("sd.example-agent-ca.pem"));
  EXPECT_EQ(ca.End() - ca.Begin(), 3 * 86400 + 60);
  EXPECT_EQ(ca.Extension(NID_name_constraints),
            "critical; Permitted:\n  DNS:sd.example\n  DNS:localhost\n  DNS:a.test\n  DNS:b.test");
}

TEST_F(TlsCommandsTest, AServersCertificateIsForItsNames) {
  ASSERT_EQ(CreateCa().code, 0);
  const e2e::Finished made = CreateCert({"--server"});
  EXPECT_EQ(made.code, 0) << made.errors;
  EXPECT_THAT(made.output, AllOf(StartsWith("==> WARNING: "),
                                 EndsWith("==> Using consul-agent-ca.pem and "
                                          "consul-agent-ca-key.pem\n"
                                          "==> Saved dc1-server-consul-0.pem\n"
                                          "==> Saved dc1-server-consul-0-key.pem\n")));
  EXPECT_THAT(made.errors, IsEmpty());
  EXPECT_TRUE(KeyFits("dc1-server-consul-0"));
  const ReadBack leaf(Text("dc1-server-consul-0.pem"));
  EXPECT_EQ(leaf.Subject(), "CN = server.dc1.consul");
  EXPECT_EQ(leaf.Issuer(), ReadBack(Text("consul-agent-ca.pem")).Subject());
  EXPECT_EQ(leaf.End() - leaf.Begin(), 365 * 86400 + 60);
  EXPECT_EQ(leaf.Extension(NID_subject_alt_name),
            "DNS:server.dc1.consul, DNS:localhost, IP Address:127.0.0.1, "
            "IP Address:0:0:0:0:0:0:0:1");
  EXPECT_EQ(leaf.Extension(NID_ext_key_usage),
            "TLS Web Server Authentication, TLS Web Client Authentication");
}

TEST_F(TlsCommandsTest, AServicesCertificateIsForTheServiceAlone) {
  ASSERT_EQ(CreateCa().code, 0);
  const e2e::Finished made = CreateCert({"--service", "orders"});
  EXPECT_EQ(made.code, 0) << made.errors;
  EXPECT_TRUE(KeyFits("dc1-service-orders-consul-0"));
  const ReadBack leaf(Text("dc1-service-orders-consul-0.pem"));
  EXPECT_EQ(leaf.Subject(), "CN = orders.service.consul");
  EXPECT_EQ(leaf.Extension(NID_subject_alt_name),
            "DNS:orders.service.consul, DNS:orders.service.dc1.consul");
  EXPECT_EQ(leaf.Extension(NID_ext_key_usage),
            "TLS Web Server Authentication, TLS Web Client Authentication");
}

TEST_F(TlsCommandsTest, EveryFlagOfAServersCertificateCounts) {
  ASSERT_EQ(CreateCa({"--domain", "sd.example"}).code, 0);
  const e2e::Finished made =
      CreateCert({"--server", "--dc", "dc2", "--domain", "sd.example", "--node", "n-1", "--days=7",
                  "--additional-dnsname", "registry.test", "--additional-dnsname", "*.web.test",
                  "--additional-dnsname", "localhost", "--additional-ipaddress", "10.0.0.5",
                  "--additional-ipaddress=2001:db8::7", "--additional-ipaddress", "127.0.0.1"});
  EXPECT_EQ(made.code, 0) << made.errors;
  const ReadBack leaf(Text("dc2-server-sd.example-0.pem"));
  EXPECT_EQ(leaf.Subject(), "CN = server.dc2.sd.example");
  EXPECT_EQ(leaf.End() - leaf.Begin(), 7 * 86400 + 60);
  EXPECT_EQ(leaf.Extension(NID_subject_alt_name),
            "DNS:server.dc2.sd.example, DNS:n-1.server.dc2.sd.example, DNS:localhost, "
            "DNS:registry.test, DNS:*.web.test, IP Address:127.0.0.1, "
            "IP Address:0:0:0:0:0:0:0:1, IP Address:10.0.0.5, IP Address:2001:DB8:0:0:0:0:0:7");
}

TEST_F(TlsCommandsTest, ClientsAndCommandLinesHaveNamesOfTheirOwn) {
  ASSERT_EQ(CreateCa().code, 0);
  const e2e::Finished client = CreateCert({"--client"});
  EXPECT_EQ(client.output,
            "==> Using consul-agent-ca.pem and consul-agent-ca-key.pem\n"
            "==> Saved dc1-client-consul-0.pem\n"
            "==> Saved dc1-client-consul-0-key.pem\n");
  EXPECT_EQ(Names("dc1-client-consul-0.pem"),
            "DNS:client.dc1.consul, DNS:localhost, IP Address:127.0.0.1, "
            "IP Address:0:0:0:0:0:0:0:1");
  EXPECT_EQ(ReadBack(Text("dc1-client-consul-0.pem")).Extension(NID_ext_key_usage),
            "TLS Web Server Authentication, TLS Web Client Authentication");

  ASSERT_EQ(CreateCert({"--cli", "--additional-dnsname", "me.test"}).code, 0);
  EXPECT_EQ(Names("dc1-cli-consul-0.pem"), "DNS:cli.dc1.consul, DNS:localhost, DNS:me.test");
  EXPECT_FALSE(ReadBack(Text("dc1-cli-consul-0.pem")).Has(NID_ext_key_usage));
}

TEST_F(TlsCommandsTest, ANameThatIsTooLongForACommonNameIsAnAlternativeOne) {
  const std::string domain = std::string(50, 'a') + "." + std::string(50, 'b');
  ASSERT_EQ(CreateCa({"--domain", domain}).code, 0);
  const e2e::Finished made = CreateCert({"--server", "--domain", domain});
  EXPECT_EQ(made.code, 0) << made.errors;
  const std::string file = "dc1-server-" + domain + "-0.pem";
  EXPECT_EQ(ReadBack(Text(file)).Subject(), "CN = Rollcall server certificate");
  EXPECT_THAT(Names(file), StartsWith("DNS:server.dc1." + domain + ", "));
}

TEST_F(TlsCommandsTest, ALeafEndsWithItsAuthorityAndItIsSaid) {
  WriteAuthority(1, 3);
  const e2e::Finished made = CreateCert({"--server"});
  EXPECT_EQ(made.code, 0) << made.errors;
  const ReadBack ca(Text("consul-agent-ca.pem"));
  const ReadBack leaf(Text("dc1-server-consul-0.pem"));
  EXPECT_EQ(leaf.End(), ca.End());
  EXPECT_EQ(made.errors, "rollcall: the certificate expires before 365 days are over, at " +
                             pki::TimeText(pki::Time(std::chrono::seconds(ca.End()))) +
                             ": that is when its authority does\n");
  EXPECT_THAT(CreateCert({"--server", "--days", "2"}).errors, IsEmpty());
}

TEST_F(TlsCommandsTest, AnAuthorityThatIsNoneOrIsOverSignsNothing) {
  const auto refused = [&](const std::string& why, const Words& more = {}) {
    Words arguments = {"--client"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const e2e::Finished result = CreateCert(arguments);
    EXPECT_EQ(result.code, 1) << why;
    EXPECT_THAT(result.errors, AllOf(StartsWith("rollcall: "), HasSubstr(why)));
    EXPECT_THAT(result.output, IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(files_.File("dc1-client-consul-0.pem")));
    EXPECT_FALSE(std::filesystem::exists(files_.File("dc1-client-consul-0-key.pem")));
  };
  refused(
      "consul-agent-ca.pem: cannot be read: No such file or directory; name it with --ca, or make");
  WriteAuthority(10, -1);
  refused("consul-agent-ca.pem with consul-agent-ca-key.pem: the CA expired at ");
  WriteAuthority(-1, 10);
  refused("is this host's clock right?");
  WriteAuthority(1, 10);
  const std::string ca = Text("consul-agent-ca.pem");
  WriteAuthority(1, 10);
  files_.Write("other-ca.pem", ca);
  refused("other-ca.pem with consul-agent-ca-key.pem: the key is not that of the certificate",
          {"--ca", "other-ca.pem"});
  refused("none.pem: cannot be read", {"--key", "none.pem"});
  refused("consul-agent-ca.pem: there is no private key in it", {"--key", "consul-agent-ca.pem"});
  refused("consul-agent-ca-key.pem: there is no certificate in it",
          {"--ca", "consul-agent-ca-key.pem"});
  refused("Is a directory", {"--ca", "/"});
  refused("/dev/zero: larger than 4 MiB", {"--ca", "/dev/zero"});
  ASSERT_EQ(CreateCert({"--cli"}).code, 0);
  refused("not that of a CA",
          {"--ca", "dc1-cli-consul-0.pem", "--key", "dc1-cli-consul-0-key.pem"});
}

TEST_F(TlsCommandsTest, AnEncryptedKeyIsRefusedAndComesDecryptedThroughAPipe) {
  ASSERT_EQ(CreateCa().code, 0);
  const std::string encrypt =
      "openssl pkcs8 -topk8 -in consul-agent-ca-key.pem -passout pass:x -out locked.pem;";
  const e2e::Finished refused = Run({"cert", "create", "--client", "--key", "locked.pem"}, encrypt);
  EXPECT_EQ(refused.code, 1);
  EXPECT_EQ(refused.errors,
            "rollcall: locked.pem: the key is encrypted; give it without a passphrase, as `openssl "
            "pkey -in FILE` writes it\n");
  const e2e::Finished made = Run({"cert", "create", "--client", "--key", "/dev/stdin"},
                                 "openssl pkey -in locked.pem -passin pass:x |");
  EXPECT_EQ(made.code, 0) << made.errors;
  EXPECT_TRUE(KeyFits("dc1-client-consul-0"));
}

TEST_F(TlsCommandsTest, NameConstraintsAreKept) {
  ASSERT_EQ(CreateCa({"--name-constraint"}).code, 0);
  EXPECT_EQ(CreateCert({"--server", "--node", "n"}).code, 0);
  const e2e::Finished refused = CreateCert({"--server", "--additional-dnsname", "web.test"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.errors,
              StartsWith("rollcall: consul-agent-ca.pem: the CA's name constraints do not permit"));
  EXPECT_EQ(Files().size(), 4u);
}

}  // namespace
}  // namespace rollcall::cli
