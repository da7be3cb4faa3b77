// `rollcall tls` as a person or a script meets it: the real program in a directory of its own.
#include "cli/tls_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "registry/pki/authority.h"
#include "tests/e2e/harness/files.h"
#include "tests/e2e/harness/process.h"
#include "tests/registry/pki/read_back.h"

namespace rollcall::cli {
namespace {

using pki::ReadBack;
using std::chrono::days;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

using Words = std::vector<std::string>;

pki::Time Now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

class TlsCommandsTest : public testing::Test {
 protected:
  // `before` are commands of a shell in the directory of the files.
  e2e::Finished Run(const Words& arguments, const std::string& before = "") {
    Words argv = {"sh", "-c", "cd \"$1\" && shift && " + before + " exec \"$0\" tls \"$@\"",
                  ROLLCALL_PROGRAM, files_.path()};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return e2e::RunToEnd(
        {.argv = std::move(argv), .output_path = dir_.File("out"), .error_path = dir_.File("err")});
  }
  e2e::Finished CreateCa(Words arguments = {}) {
    arguments.insert(arguments.begin(), {"ca", "create"});
    return Run(arguments);
  }
  e2e::Finished CreateCert(Words arguments) {
    arguments.insert(arguments.begin(), {"cert", "create"});
    return Run(arguments);
  }

  // Sorted.
  Words Files() const {
    Words names;
    for (const auto& entry : std::filesystem::directory_iterator(files_.path())) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  std::string Text(const std::string& name) const { return e2e::ReadFile(files_.File(name)); }
  mode_t Mode(const std::string& name) const {
    struct stat info {};
    EXPECT_EQ(stat(files_.File(name).c_str(), &info), 0) << name;
    return info.st_mode & 07777;
  }
  bool KeyFits(const std::string& name) const {
    const Result<pki::Certificate> certificate = pki::Certificate::FromPem(Text(name + ".pem"));
    const Result<pki::PrivateKey> key = pki::PrivateKey::FromPem(Text(name + "-key.pem"));
    return certificate && key && certificate->IsOfKey(*key);
  }
  std::string Names(const std::string& file) const {
    return ReadBack(Text(file)).Extension(NID_subject_alt_name);
  }

  // An authority's files, valid from so many days before now to so many after.
  void WriteAuthority(int before, int after) const {
    const auto made = pki::Authority::Create({{}, {Now() - days(before), Now() + days(after)}});
    ASSERT_TRUE(made);
    files_.Write("consul-agent-ca.pem", made->certificate);
    files_.Write("consul-agent-ca-key.pem", made->key);
  }

  const e2e::TempDir dir_;
  const e2e::TempDir files_;
};

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

TEST_F(TlsCommandsTest, EachNewOneTakesTheFirstFreeNumber) {
  ASSERT_EQ(CreateCa().code, 0);
  ASSERT_EQ(CreateCert({"--client"}).code, 0);
  const std::string first = Text("dc1-client-consul-0.pem");
  files_.Write("dc1-client-consul-1-key.pem", "precious");
  files_.Write("dc1-client-consul-2.pem", "precious");
  ASSERT_EQ(symlink("nowhere", files_.File("dc1-client-consul-3.pem").c_str()), 0);
  ASSERT_EQ(symlink("nowhere", files_.File("dc1-client-consul-4-key.pem").c_str()), 0);
  const e2e::Finished made = CreateCert({"--client"});
  EXPECT_EQ(made.code, 0) << made.errors;
  EXPECT_THAT(made.output, EndsWith("==> Saved dc1-client-consul-5.pem\n"
                                    "==> Saved dc1-client-consul-5-key.pem\n"));
  EXPECT_EQ(Text("dc1-client-consul-0.pem"), first);
  EXPECT_EQ(Text("dc1-client-consul-1-key.pem"), "precious");
  EXPECT_EQ(Text("dc1-client-consul-2.pem"), "precious");
  EXPECT_THAT(Files(), ElementsAre("consul-agent-ca-key.pem", "consul-agent-ca.pem",
                                   "dc1-client-consul-0-key.pem", "dc1-client-consul-0.pem",
                                   "dc1-client-consul-1-key.pem", "dc1-client-consul-2.pem",
                                   "dc1-client-consul-3.pem", "dc1-client-consul-4-key.pem",
                                   "dc1-client-consul-5-key.pem", "dc1-client-consul-5.pem"));
}

TEST_F(TlsCommandsTest, SeveralAtOnceNeverShareAFile) {
  ASSERT_EQ(CreateCa().code, 0);
  const e2e::Finished all =
      Run({}, "for i in 1 2 3 4 5 6; do \"$0\" tls cert create --client & done; wait; exit 0;");
  EXPECT_EQ(all.code, 0) << all.errors;
  EXPECT_THAT(all.errors, IsEmpty());
  EXPECT_EQ(Files().size(), 2u + 2 * 6) << testing::PrintToString(Files());
  for (int i = 0; i < 6; ++i) {
    EXPECT_TRUE(KeyFits("dc1-client-consul-" + std::to_string(i))) << i;
  }
}

TEST_F(TlsCommandsTest, AnAuthorityIsNeverOverwritten) {
  const auto refused = [&](const std::string& file) {
    const e2e::Finished result = CreateCa();
    EXPECT_EQ(result.code, 1);
    EXPECT_THAT(result.output, IsEmpty());
    EXPECT_EQ(
        result.errors,
        "rollcall: " + file + " is there already, and is never overwritten; move it away first\n");
    EXPECT_THAT(Files(), ElementsAre(file));
  };
  files_.Write("consul-agent-ca.pem", "precious");
  refused("consul-agent-ca.pem");
  EXPECT_EQ(Text("consul-agent-ca.pem"), "precious");
  unlink(files_.File("consul-agent-ca.pem").c_str());
  // The certificate, which could have been written, is not left alone there.
  files_.Write("consul-agent-ca-key.pem", "precious");
  refused("consul-agent-ca-key.pem");
  EXPECT_EQ(Text("consul-agent-ca-key.pem"), "precious");
}

TEST_F(TlsCommandsTest, AKeyGoesThroughNoLink) {
  const std::string elsewhere = dir_.File("elsewhere");
  const std::string link = files_.File("consul-agent-ca-key.pem");
  ASSERT_EQ(symlink(elsewhere.c_str(), link.c_str()), 0);
  const e2e::Finished result = CreateCa();
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.errors, HasSubstr("consul-agent-ca-key.pem is there already"));
  EXPECT_FALSE(std::filesystem::exists(elsewhere));
  EXPECT_THAT(Files(), ElementsAre("consul-agent-ca-key.pem"));
}

TEST_F(TlsCommandsTest, ModesAreTheSameWhateverTheUmaskIs) {
  for (const char* mask : {"0", "022", "077", "0777"}) {
    const std::string before = std::string("umask ") + mask + ";";
    const std::string domain = std::string("m") + mask;
    EXPECT_EQ(Run({"ca", "create", "--domain", domain}, before).code, 0) << mask;
    EXPECT_EQ(Mode(domain + "-agent-ca.pem"), 0644u) << mask;
    EXPECT_EQ(Mode(domain + "-agent-ca-key.pem"), 0600u) << mask;
    EXPECT_EQ(Run({"cert", "create", "--server", "--domain", domain}, before).code, 0) << mask;
    EXPECT_EQ(Mode("dc1-server-" + domain + "-0.pem"), 0644u) << mask;
    EXPECT_EQ(Mode("dc1-server-" + domain + "-0-key.pem"), 0600u) << mask;
  }
}

TEST_F(TlsCommandsTest, WhatCannotBeWrittenWholeIsNotThere) {
  ASSERT_EQ(CreateCa().code, 0);
  const Words before = Files();
  // A disk that takes a block of 512 bytes: the key fits, the certificate does not.
  const e2e::Finished full = Run({"cert", "create", "--client"}, "trap '' XFSZ; ulimit -f 1;");
  EXPECT_EQ(full.code, 1);
  EXPECT_EQ(full.errors, "rollcall: cannot write dc1-client-consul-0.pem: File too large\n");
  EXPECT_EQ(Files(), before);
  const e2e::Finished none = Run({"cert", "create", "--client"}, "trap '' XFSZ; ulimit -f 0;");
  EXPECT_EQ(none.code, 1);
  EXPECT_EQ(Files(), before);
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
  refused("cannot read consul-agent-ca.pem: No such file or directory; name it with --ca, or make");
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
  refused("cannot read none.pem", {"--key", "none.pem"});
  refused("consul-agent-ca.pem: there is no private key in it", {"--key", "consul-agent-ca.pem"});
  refused("consul-agent-ca-key.pem: there is no certificate in it",
          {"--ca", "consul-agent-ca-key.pem"});
  refused("Is a directory", {"--ca", "/"});
  refused("/dev/zero: larger than 1 MiB", {"--ca", "/dev/zero"});
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

TEST_F(TlsCommandsTest, AWrongCommandLineIsExitCode2AndWritesNothing) {
  WriteAuthority(1, 10);
  const Words before = Files();
  const std::pair<Words, const char*> cases[] = {
      {{}, "see rollcall tls --help"},
      {{"ca"}, "see rollcall tls ca --help"},
      {{"cert"}, "see rollcall tls cert --help"},
      {{"cert", "create"}, "give exactly one of --server, --client and --cli"},
      {{"cert", "create", "--server", "--client"}, "give exactly one of"},
      {{"cert", "create", "--server", "--client", "--cli"}, "give exactly one of"},
      {{"cert", "create", "--server=false"}, "give exactly one of"},
      {{"cert", "create", "--client", "--node", "n"}, "--node is for --server alone"},
      {{"cert", "create", "--server", "extra"}, "see rollcall tls cert create --help"},
      {{"cert", "create", "--server", "--days", "0"}, "days \"0\": expected a number from 1"},
      {{"cert", "create", "--server", "--days", "-1"}, "days \"-1\": expected a number from 1"},
      {{"cert", "create", "--server", "--days=36501"}, "expected a number from 1 to 36500"},
      {{"cert", "create", "--server", "--days=18446744073709551617"}, "expected a number"},
      {{"cert", "create", "--server", "--days=1d"}, "expected a number"},
      {{"cert", "create", "--server", "--days="}, "--days: 1 required"},
      {{"ca", "create", "--days", "0"}, "days \"0\": expected a number from 1 to 36500"},
      {{"cert", "create", "--server", "--dc", "d.c"}, "dc \"d.c\": expected letters, digits"},
      {{"cert", "create", "--server", "--dc", std::string(64, 'd')}, "longer than 63"},
      {{"cert", "create", "--server", "--dc", "dc-"}, "begins or ends with -"},
      {{"cert", "create", "--server", "--domain", "../x"}, "domain \"../x\": expected a DNS name"},
      {{"cert", "create", "--server", "--domain", "consul."},
       "the name \"server.dc1.consul.\": a label is empty"},
      {{"cert", "create", "--server", "--node", "a b"}, "node \"a b\": expected letters"},
      {{"cert", "create", "--server", "--node", "*"}, "node \"*\": expected letters"},
      {{"cert", "create", "--server", "--node", std::string(64, 'n')}, "longer than 63"},
      {{"cert", "create", "--server", "--additional-dnsname", "*"}, "a wildcard is the whole"},
      {{"cert", "create", "--server", "--additional-dnsname", "*.x"}, "a wildcard is the whole"},
      {{"cert", "create", "--server", "--additional-dnsname", "10.0.0.5"}, "not an IP address"},
      {{"cert", "create", "--server", "--additional-dnsname", "a", "b"}, "not expected: b"},
      {{"cert", "create", "--server", "--additional-dnsname="}, "1 required NAME"},
      {{"cert", "create", "--server", "--additional-ipaddress", "10.0.0"},
       "additional-ipaddress \"10.0.0\": expected an IPv4 or IPv6 address"},
      {{"cert", "create", "--server", "--additional-ipaddress", "web.test"}, "expected an IPv4"},
      {{"cert", "create", "--server", "--additional-ipaddress", "10.0.0.1/8"}, "expected an IPv4"},
      {{"cert", "create", "--server", "--additional-ipaddress", "fe80::1%eth0"}, "expected an IP"},
      {{"cert", "create", "--server", "--additional-ipaddress", "0.0.0.0"}, "that clients connect"},
      {{"cert", "create", "--server", "--additional-ipaddress", "::"}, "that clients connect"},
      {{"ca", "create", "--domain", ""}, "domain \"\": expected a DNS name"},
      {{"ca", "create", "--domain", "*.consul"}, "domain \"*.consul\": expected a DNS name"},
      {{"ca", "create", "--additional-name-constraint", "x.y"}, "requires --name-constraint"},
      {{"ca", "create", "--name-constraint", "--additional-name-constraint", "*.x.y"},
       "additional-name-constraint \"*.x.y\": no wildcard"},
  };
  for (const auto& [arguments, why] : cases) {
    const e2e::Finished result = Run(arguments);
    const std::string what = testing::PrintToString(arguments);
    EXPECT_EQ(result.code, 2) << what;
    EXPECT_THAT(result.errors, AllOf(StartsWith("rollcall: "), HasSubstr(why))) << what;
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << what;
    EXPECT_THAT(result.output, IsEmpty()) << what;
    EXPECT_EQ(Files(), before) << what;
  }
}

TEST_F(TlsCommandsTest, TooManyNamesAreRefused) {
  WriteAuthority(1, 10);
  Words arguments = {"--cli"};
  for (int i = 0; i < 256; ++i) {
    arguments.push_back("--additional-dnsname=n" + std::to_string(i) + ".test");
  }
  const e2e::Finished result = CreateCert(arguments);
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.errors, HasSubstr("1 to 256 names and addresses, not 258"));
}

TEST_F(TlsCommandsTest, ConsulsOwnCommandLinesAreUnderstood) {
  EXPECT_EQ(CreateCa({"-domain=sd.test", "-days=30", "-name-constraint",
                      "-additional-name-constraint=a.test"})
                .code,
            0);
  const e2e::Finished made =
      CreateCert({"-server", "-dc=dc9", "-domain", "sd.test", "-days", "3", "-node=n",
                  "-additional-dnsname=x.a.test", "-additional-ipaddress", "10.0.0.5",
                  "-ca=sd.test-agent-ca.pem", "-key", "sd.test-agent-ca-key.pem"});
  EXPECT_EQ(made.code, 0) << made.errors;
  EXPECT_EQ(Names("dc9-server-sd.test-0.pem"),
            "DNS:server.dc9.sd.test, DNS:n.server.dc9.sd.test, DNS:localhost, DNS:x.a.test, "
            "IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:10.0.0.5");
  EXPECT_EQ(CreateCert({"-cli", "-domain=sd.test"}).code, 0);
  EXPECT_EQ(CreateCert({"-client=true", "-domain=sd.test"}).code, 0);
  EXPECT_THAT(CreateCert({"-help"}).output, HasSubstr("--additional-dnsname"));
  EXPECT_THAT(CreateCert({"-h"}).output, HasSubstr("--additional-dnsname"));
}

TEST(TakeSingleDashesTest, WritesOutTheFlagsOfTlsAndNothingElse) {
  const auto taken = [](Words arguments) {
    TakeSingleDashes(&arguments);
    return arguments;
  };
  EXPECT_THAT(taken({"tls", "cert", "create", "-server", "-days=3", "-dc", "dc1"}),
              ElementsAre("tls", "cert", "create", "--server", "--days=3", "--dc", "dc1"));
  EXPECT_THAT(taken({"tls", "-h", "--server", "-", "-5", "-55", "--", "-server"}),
              ElementsAre("tls", "-h", "--server", "-", "-5", "-55", "--", "-server"));
  EXPECT_THAT(taken({"services", "-json", "tls", "-x1"}),
              ElementsAre("services", "-json", "tls", "-x1"));
  EXPECT_THAT(taken({}), IsEmpty());
}

}  // namespace
}  // namespace rollcall::cli
