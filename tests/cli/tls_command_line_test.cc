// How the flags of `rollcall tls` are written, and what is said of those that are wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/tls_command.h"
#include "tests/cli/tls_fixture.h"

namespace rollcall::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class TlsCommandLineTest : public TlsFixture {};

TEST_F(TlsCommandLineTest, AWrongCommandLineIsExitCode2AndWritesNothing) {
  WriteAuthority(1, 10);
  const Words before = Files();
  const std::pair<Words, const char*> cases[] = {
      {{}, "see rollcall tls --help"},
      {{"ca"}, "see rollcall tls ca --help"},
      {{"cert"}, "see rollcall tls cert --help"},
      {{"cert", "create"}, "give exactly one of --server, --client, --cli and --service NAME"},
      {{"cert", "create", "--server", "--client"}, "give exactly one of"},
      {{"cert", "create", "--server", "--client", "--cli"}, "give exactly one of"},
      {{"cert", "create", "--server=false"}, "give exactly one of"},
      {{"cert", "create", "--service", "web", "--client"}, "give exactly one of"},
      {{"cert", "create", "--service", "no name"}, "service"},
      {{"cert", "create", "--service", std::string(60, 'a')}, "longer than the 64 characters"},
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

TEST_F(TlsCommandLineTest, TooManyNamesAreRefused) {
  WriteAuthority(1, 10);
  Words arguments = {"--cli"};
  for (int i = 0; i < 256; ++i) {
    arguments.push_back("--additional-dnsname=n" + std::to_string(i) + ".test");
  }
  const e2e::Finished result = CreateCert(arguments);
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.errors, HasSubstr("1 to 256 names and addresses, not 258"));
}

TEST_F(TlsCommandLineTest, ConsulsOwnCommandLinesAreUnderstood) {
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

TEST(TakeSingleDashesTest, WritesOutFlagsAndNothingElse) {
  const auto taken = [](Words arguments) {
    TakeSingleDashes(&arguments);
    return arguments;
  };
  EXPECT_THAT(taken({"tls", "cert", "create", "-server", "-days=3", "-dc", "dc1"}),
              ElementsAre("tls", "cert", "create", "--server", "--days=3", "--dc", "dc1"));
  EXPECT_THAT(taken({"tls", "-h", "--server", "-", "-5", "-55", "--", "-server"}),
              ElementsAre("tls", "-h", "--server", "-", "-5", "-55", "--", "-server"));
  EXPECT_THAT(taken({"-http-addr=a:1", "services", "-json"}),
              ElementsAre("--http-addr=a:1", "services", "--json"));
  EXPECT_THAT(taken({}), IsEmpty());
}

}  // namespace
}  // namespace rollcall::cli
