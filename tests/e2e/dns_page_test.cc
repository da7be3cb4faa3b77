// What docs/dns.md shows is what a server answers, and what it tells people to write works: its
// blocks are taken from the file and run, with only ports changed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "tests/e2e/harness/page.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using testing::ElementsAreArray;

// Its lines, with one space where there are several or a tab, and without what differs from query
// to query.
std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream all(text);
  for (std::string line; std::getline(all, line);) {
    line = std::regex_replace(line, std::regex("[ \t]+"), " ");
    lines.push_back(std::regex_replace(line, std::regex("id: [0-9]+"), "id: ..."));
  }
  return lines;
}

class DnsPageTest : public testing::Test {
 protected:
  bool Register(const Json& body) { return server_.Put("/v1/catalog/register", body).ok(); }

  // What the shell prints.
  Finished Run(std::vector<std::string> shell) {
    return RunToEnd({.argv = std::move(shell),
                     .environment = {"HOME=" + dir_.path()},  // nobody's .digrc
                     .output_path = dir_.File("out")});
  }

  const TempDir dir_;
  Server server_;
};

TEST_F(DnsPageTest, ShowsWhatDigPrints) {
  ASSERT_TRUE(server_.Start());
  // The catalog that the page describes.
  ASSERT_TRUE(Register({{"Node", "host-7"},
                        {"Address", "10.0.0.1"},
                        {"NodeMeta", {{"rack", "r1"}}},
                        {"Service", {{"Service", "web"}, {"Port", 8080}, {"Tags", {"v2"}}}}}));
  ASSERT_TRUE(Register({{"Node", "host-8"}, {"Address", "2001:db8::8"}}));

  // "$ command", and what it prints up to the next one. The page's server is the node "reg".
  const std::string block =
      With(BlockOf(ROLLCALL_DNS_PAGE, "console", "$ dig"), "reg.node.", "n1.node.");
  size_t commands = 0;
  for (size_t at = block.find("$ "); at < block.size(); ++commands) {
    const size_t next = std::min(block.find("\n$ ", at), block.size() - 1) + 1;
    const size_t end = block.find('\n', at);
    const std::string command = With(block.substr(at + 2, end - at - 2), "-p 8600",
                                     "-p " + std::to_string(server_.dns_port()));
    const Finished got = Run({"bash", "-euo", "pipefail", "-c", command});
    EXPECT_EQ(got.code, 0) << command;
    EXPECT_THAT(LinesOf(got.output),
                ElementsAreArray(LinesOf(block.substr(end + 1, next - end - 1))))
        << command;
    at = next;
  }
  EXPECT_GT(commands, 10u);
}

// In a network namespace of its own, where the ports are those of the page.
TEST_F(DnsPageTest, RedirectsPort53) {
  const std::vector<std::string> shell = {"unshare", "--map-root-user", "--net", "bash", "-euc"};
  const auto in_namespace = [&](const std::string& script) {
    std::vector<std::string> argv = shell;
    argv.push_back(script);
    return Run(std::move(argv));
  };
  if (in_namespace("true").code != 0) GTEST_SKIP() << "this machine gives no network namespaces";
  const Finished got = in_namespace(
      "ip link set lo up\n"
      "setpriv --pdeathsig KILL '" ROLLCALL_PROGRAM "' server --dev --node n1 >'" +
      dir_.File("server.log") +
      "' 2>&1 &\n"
      "trap 'kill $!' EXIT\n"
      "until curl -fs http://127.0.0.1:8500/v1/status/leader >/dev/null; do sleep 0.05; done\n" +
      BlockOf(ROLLCALL_DNS_PAGE, "sh", "iptables") +
      "for how in +notcp +tcp; do dig @127.0.0.1 $how +tries=1 +short n1.node.consul; done\n");
  EXPECT_EQ(got.code, 0);
  EXPECT_EQ(got.output, "127.0.0.1\n127.0.0.1\n") << ReadFile(dir_.File("server.log"));
}

}  // namespace
}  // namespace rollcall::e2e
