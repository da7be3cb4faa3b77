// dig and drill as clients.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <memory>
#include <string>

#include "tests/dns/catalog_text.h"
#include "tests/dns/running_server.h"

namespace rollcall::dns {
namespace {

using testing::HasSubstr;
using testing::Not;

struct CloseProgram {
  void operator()(FILE* program) const { pclose(program); }
};

// What `command` prints, on a shell of its own.
std::string OutputOf(const std::string& command) {
  std::unique_ptr<FILE, CloseProgram> program(popen((command + " 2>&1").c_str(), "r"));
  std::string output;
  char part[4096];
  while (const size_t count = fread(part, 1, sizeof part, program.get()))
    output.append(part, count);
  EXPECT_EQ(WEXITSTATUS(pclose(program.release())), 0) << command << "\n" << output;
  return output;
}

class DnsClientsTest : public testing::Test {
 protected:
  std::string Dig(const std::string& arguments) const {
    return OutputOf("dig @127.0.0.1 -p " + std::to_string(server_.port()) + " " + arguments);
  }
  std::string Drill(const std::string& arguments) const {
    return OutputOf("drill -p " + std::to_string(server_.port()) + " " + arguments);
  }

  static std::shared_ptr<const catalog::Snapshot> Catalog() {
    CatalogText text;
    text.Node("n1", "127.0.0.1").Node("n2", "2001:db8::7");
    text.Instance({.node = "n1", .name = "web", .port = 8080});
    text.Instance({.node = "n2", .name = "web", .port = 8081});
    for (int i = 0; i < 200; ++i) {
      const std::string name = "node" + std::to_string(i);
      text.Node(name, "10.0.0." + std::to_string(i)).Instance({.node = name, .name = "many"});
    }
    return text.Build();
  }

  RunningServer server_{Catalog()};
};

TEST_F(DnsClientsTest, DigFindsAServiceWithItsAddresses) {
  const std::string output = Dig("web.service.consul SRV");
  EXPECT_THAT(output, HasSubstr("status: NOERROR"));
  EXPECT_THAT(output, HasSubstr("flags: qr aa rd;"));
  EXPECT_THAT(output, HasSubstr("1 1 8080 n1.node.dc1.consul."));
  EXPECT_THAT(output, HasSubstr("2001:db8::7"));
  EXPECT_THAT(output, Not(HasSubstr("Warning: Message parser reports malformed")));
  EXPECT_THAT(output, HasSubstr("udp: 8192"));
}

TEST_F(DnsClientsTest, DigTurnsToTcpWhenTheAnswerIsTruncated) {
  const std::string output = Dig("+noedns many.service.consul A");
  EXPECT_THAT(output, HasSubstr("Truncated, retrying in TCP mode"));
  EXPECT_THAT(output, HasSubstr("ANSWER: 200,"));
}

TEST_F(DnsClientsTest, DigLearnsThatANewerEdnsIsNotSpoken) {
  // +noednsneg: not to ask again with the version that we speak.
  EXPECT_THAT(Dig("+edns=1 +noednsneg web.service.consul A"), HasSubstr("status: BADVERS"));
  EXPECT_THAT(Dig("+edns=1 web.service.consul A"), HasSubstr("status: NOERROR"));
}

TEST_F(DnsClientsTest, DigReadsOptionsThatWeDoNotKnow) {
  EXPECT_THAT(Dig("+subnet=198.51.100.0/24 +cookie web.service.consul A"),
              HasSubstr("status: NOERROR"));
}

TEST_F(DnsClientsTest, DigAsksOverIpv6) {
  if (!OpenSockets("::1", 0, 1)) GTEST_SKIP() << "this machine has no IPv6";
  for (const char* address : {"::1", "::"}) {
    RunningServer server(Catalog(), TestOptions(), 1, address);
    const std::string dig = "dig @::1 -p " + std::to_string(server.port()) + " ";
    EXPECT_THAT(OutputOf(dig + "+short n1.node.consul A"), HasSubstr("127.0.0.1"));
    EXPECT_THAT(OutputOf(dig + "+short +tcp n1.node.consul A"), HasSubstr("127.0.0.1"));
  }
}

TEST_F(DnsClientsTest, DrillFindsNodesAndTheirAbsence) {
  EXPECT_THAT(Drill("n1.node.consul @127.0.0.1 A"), HasSubstr("127.0.0.1"));
  const std::string absent = Drill("-t nosuch.node.consul @127.0.0.1 A");
  EXPECT_THAT(absent, HasSubstr("rcode: NXDOMAIN"));
  EXPECT_THAT(absent, HasSubstr("hostmaster.consul."));
}

}  // namespace
}  // namespace rollcall::dns
