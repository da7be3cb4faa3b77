// What the README tells a newcomer to write works as it stands there: its blocks are taken from the
// file and run, with only ports and paths changed.
#include <gtest/gtest.h>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/page.h"
#include "tests/e2e/harness/programs.h"
#include "tests/e2e/harness/prometheus.h"

namespace rollcall::e2e {
namespace {

using std::chrono::seconds;

std::string Block(const std::string& language, const std::string& words) {
  return BlockOf(ROLLCALL_README, language, words);
}

class ReadmeTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(server_.Start()); }

  std::string HttpAddress() const { return "127.0.0.1:" + std::to_string(server_.http_port()); }
  std::string DnsAddress() const { return "127.0.0.1:" + std::to_string(server_.dns_port()); }

  void RegisterWeb(const std::string& id, int port) {
    const Json web = {{"ID", id}, {"Name", "web"}, {"Address", "127.0.0.1"}, {"Port", port}};
    ASSERT_TRUE(server_.Put("/v1/agent/service/register", web).ok());
  }

  // That what listens at `listen_` answers with what the backend says.
  testing::AssertionResult ProxiesToTheBackend() const {
    std::string body;
    const auto proxied = [&] {
      body = Http(listen_.number(), seconds(2)).Get("/").body;
      return body == "the backend";
    };
    if (Eventually(proxied, seconds(15))) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "it answers: " << body;
  }

  const TempDir dir_;
  const Port listen_;
  const Port backend_;
  Server server_;
};

TEST_F(ReadmeTest, TheDefinitionOfAServiceIsOneForTheAgent) {
  Backend backend("127.0.0.1", backend_.number(), "the backend");
  const std::string definition = With(Block("json", "\"service\""), "8080", backend_.text());
  Agent agent({.server_url = server_.Url(), .definitions = Json::parse(definition)});
  agent.Start();
  EXPECT_TRUE(Eventually([&] { return server_.PassingInstances("web").size() == 1; }));
}

TEST_F(ReadmeTest, TheLoopOfCurlSeesEachChange) {
  std::string loop = With(Block("sh", "curl"), "127.0.0.1:8500", HttpAddress());
  loop = With(std::move(loop), "/tmp/head", dir_.File("head"));
  Process shell({.argv = {"bash", "-euc", loop},
                 .output_path = dir_.File("answers"),
                 .error_path = dir_.File("errors")});
  ASSERT_TRUE(Eventually([&] { return shell.Output() == "[]"; })) << shell.Errors();
  const auto sees = [&](const std::string& id) {
    const std::string field = "\"ID\":\"" + id + "\"";
    return Eventually([&] { return shell.Output().find(field) != std::string::npos; });
  };
  RegisterWeb("web-1", 1);
  EXPECT_TRUE(sees("web-1")) << shell.Output() << shell.Errors();
  RegisterWeb("web-2", 2);
  EXPECT_TRUE(sees("web-2")) << shell.Output() << shell.Errors();
  // It waits between the changes instead of asking again and again.
  const std::string output = shell.Output();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_EQ(shell.Output(), output);
  EXPECT_TRUE(shell.Running());
}

TEST_F(ReadmeTest, NginxFindsTheBackend) {
  Backend backend("127.0.0.1", backend_.number(), "the backend");
  RegisterWeb("web", backend_.number());
  std::string http = With(Block("nginx", "resolver"), "127.0.0.1:8600", DnsAddress());
  http = With(std::move(http), ":8080;", ":" + backend_.text() + ";");
  http = With(std::move(http), "server {", "server {\n    listen " + listen_.address() + ";");
  std::string own_files = "access_log off;\n";
  for (const char* what : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    own_files += std::string(what) + "_temp_path " + dir_.File(what) + ";\n";
  }
  const std::string config =
      dir_.Write("nginx.conf", "daemon off;\nmaster_process off;\npid " + dir_.File("nginx.pid") +
                                   ";\nevents {}\nhttp {\n" + own_files + http + "}\n");
  const Process nginx({.argv = {"/usr/sbin/nginx", "-p", dir_.path(), "-c", config, "-e", "stderr"},
                       .output_path = dir_.File("nginx.log")});
  EXPECT_TRUE(ProxiesToTheBackend()) << nginx.Output();
}

TEST_F(ReadmeTest, HaproxyFindsTheBackend) {
  Backend backend("127.0.0.1", backend_.number(), "the backend");
  RegisterWeb("web", backend_.number());
  const std::string config =
      dir_.Write("haproxy.cfg",
                 "defaults\n  mode http\n  timeout connect 1s\n  timeout client 5s\n"
                 "  timeout server 5s\nfrontend web\n  bind " +
                     listen_.address() + "\n  default_backend web\n" +
                     With(Block("haproxy", "resolvers"), "127.0.0.1:8600", DnsAddress()));
  const Process haproxy({.argv = {"/usr/sbin/haproxy", "-db", "-f", config},
                         .output_path = dir_.File("haproxy.log")});
  EXPECT_TRUE(ProxiesToTheBackend()) << haproxy.Output();
}

TEST_F(ReadmeTest, PrometheusFindsTheInstance) {
  RegisterWeb("web", backend_.number());
  Prometheus prometheus(With(Block("yaml", "http_sd_configs"), "127.0.0.1:8500", HttpAddress()));
  ASSERT_TRUE(prometheus.Start());
  const auto found = [&] {
    return prometheus.Targets("services", "__meta_consul_service_id").contains("web");
  };
  EXPECT_TRUE(Eventually(found, seconds(30))) << prometheus.process().Output();
}

}  // namespace
}  // namespace rollcall::e2e
