// Two services behind nginx and haproxy authenticate each other with certificates of `rollcall
// tls`, as docs/mtls.md says it: the configurations of examples/ with the ports of the test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/harness/certificates.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using std::chrono::seconds;
using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

class MtlsTest : public testing::Test {
 protected:
  void SetUp() override {
    Tls({"ca", "create"});
    for (const char* service : {"web", "orders", "billing"}) {
      Tls({"cert", "create", "--service", service});
    }
    dir_.Write("orders.pem", ReadFile(Certificate("orders")) + ReadFile(Key("orders")));
    ASSERT_TRUE(server_.Start());
    Register("web", web_tls_.number());
    Register("orders", orders_tls_.number());
    nginx_ = std::make_unique<Process>(
        ProcessOptions{.argv = {"/usr/sbin/nginx", "-p", dir_.path(), "-c",
                                Configuration("mtls-nginx.conf"), "-e", "stderr"},
                       .output_path = dir_.File("nginx.log")});
    StartHaproxy();
  }

  void Tls(const std::vector<std::string>& arguments) const {
    std::string line = "cd " + dir_.path() + " && exec " + ROLLCALL_PROGRAM + " tls";
    for (const std::string& each : arguments) line += " " + each;
    const Finished made = RunToEnd({.argv = {"/bin/sh", "-c", line},
                                    .output_path = dir_.File("tls.out"),
                                    .error_path = dir_.File("tls.err")});
    ASSERT_EQ(made.code, 0) << made.errors;
  }
  std::string Certificate(const std::string& service) const {
    return dir_.File("dc1-service-" + service + "-consul-0.pem");
  }
  std::string Key(const std::string& service) const {
    return dir_.File("dc1-service-" + service + "-consul-0-key.pem");
  }
  std::string Authority() const { return dir_.File("consul-agent-ca.pem"); }

  void Register(const std::string& service, int port) {
    const Reply reply =
        server_.Put("/v1/catalog/register",
                    {{"Node", "n1"},
                     {"Address", "127.0.0.1"},
                     {"Service", {{"ID", service}, {"Service", service}, {"Port", port}}}});
    ASSERT_TRUE(reply.ok()) << reply.body;
  }

  // An example of the repository, with this test's files and ports. Each of them has to be there.
  std::string Configuration(const std::string& name) const {
    std::string text = ReadFile(std::string(ROLLCALL_EXAMPLES) + "/" + name);
    const std::vector<std::pair<std::string, std::string>> all = {
        {"/run/rollcall-mtls-nginx.pid", dir_.File("nginx.pid")},
        {"/etc/rollcall/tls", dir_.path()},
        {"127.0.0.1:8600", "127.0.0.1:" + std::to_string(server_.dns_port())},
        {"0.0.0.0:9444", web_tls_.address()},
        {"0.0.0.0:9443", orders_tls_.address()},
        {"$orders:9443", "$orders:" + std::to_string(orders_tls_.number())},
        {"127.0.0.1:9001", to_orders_.address()},
        {"127.0.0.1:9002", to_web_.address()},
        {"127.0.0.1:8081", web_app_.address()},
        {"127.0.0.1:8082", orders_app_.address()}};
    size_t replaced = 0;
    for (const auto& [from, to] : all) {
      for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
        text.replace(at, from.size(), to);
        ++replaced;
      }
    }
    EXPECT_GE(replaced, 5U) << name;
    return dir_.Write(name, text);
  }

  void StartHaproxy() {
    haproxy_ = std::make_unique<Process>(ProcessOptions{
        .argv = {"/usr/sbin/haproxy", "-db", "-f", Configuration("mtls-haproxy.cfg")},
        .output_path = dir_.File("haproxy.log")});
  }

  static Reply Ask(const Port& port) { return Http(port.number(), seconds(3)).Get("/"); }
  // The body and the status of an answer at a TLS port, as "orders 200"; "? " and why when there is
  // none.
  std::string AskTls(const std::string& service, const Port& port,
                     const std::vector<std::string>& identity) const {
    std::vector<std::string> argv = {
        "/usr/bin/curl",
        "--silent",
        "--show-error",
        "--max-time",
        "10",
        "--write-out",
        " %{http_code}",
        "--cacert",
        Authority(),
        "--resolve",
        service + ".service.consul:" + std::to_string(port.number()) + ":127.0.0.1",
        "https://" + service + ".service.consul:" + std::to_string(port.number()) + "/"};
    argv.insert(argv.end(), identity.begin(), identity.end());
    const Finished done = RunToEnd({.argv = std::move(argv),
                                    .output_path = dir_.File("curl.out"),
                                    .error_path = dir_.File("curl.err")});
    return done.code == 0 ? done.output : "? " + done.errors;
  }
  std::vector<std::string> As(const std::string& service) const {
    return {"--cert", Certificate(service), "--key", Key(service)};
  }

  const TempDir dir_;
  const Port web_app_, web_tls_, to_orders_;
  const Port orders_app_, orders_tls_, to_web_;
  Server server_;
  Backend web_{"127.0.0.1", web_app_.number(), "web"};
  Backend orders_{"127.0.0.1", orders_app_.number(), "orders"};
  std::unique_ptr<Process> nginx_;
  std::unique_ptr<Process> haproxy_;
};

TEST_F(MtlsTest, BothServicesAreServedByEachOther) {
  ASSERT_TRUE(Eventually([&] { return Ask(to_orders_).body == "orders"; }, seconds(30)))
      << ReadFile(dir_.File("nginx.log"));
  ASSERT_TRUE(Eventually([&] { return Ask(to_web_).body == "web"; }, seconds(30)))
      << ReadFile(dir_.File("haproxy.log"));
  EXPECT_EQ(AskTls("orders", orders_tls_, As("web")), "orders 200");
  EXPECT_EQ(AskTls("web", web_tls_, As("orders")), "web 200");
}

TEST_F(MtlsTest, NobodyElseIsServed) {
  ASSERT_TRUE(Eventually([&] { return Ask(to_orders_).ok(); }, seconds(30)));
  ASSERT_TRUE(Eventually([&] { return AskTls("web", web_tls_, As("orders")) == "web 200"; }));
  // Without a certificate: haproxy ends the connection, nginx says why.
  EXPECT_THAT(AskTls("orders", orders_tls_, {}), StartsWith("? "));
  EXPECT_THAT(AskTls("web", web_tls_, {}), HasSubstr("No required SSL certificate was sent"));
  // Another service of the fleet.
  EXPECT_THAT(AskTls("orders", orders_tls_, As("billing")), testing::EndsWith(" 403"));
  EXPECT_THAT(AskTls("web", web_tls_, As("billing")), testing::EndsWith(" 403"));
  // The same name, of another authority.
  const e2e::Authority other(dir_, "other");
  for (const auto& [service, port, peer] :
       {std::tuple("orders", &orders_tls_, "web"), std::tuple("web", &web_tls_, "orders")}) {
    const KeyPair forged = other.Sign({.name = std::string("forged-") + peer,
                                       .subject = std::string("/CN=") + peer + ".service.consul"});
    EXPECT_THAT(AskTls(service, *port, {"--cert", forged.certificate, "--key", forged.key}),
                AnyOf(HasSubstr("alert"), HasSubstr("The SSL certificate error")));
  }
}

TEST_F(MtlsTest, WhoIsRegisteredAndIsNotTheServiceGetsNoTraffic) {
  ASSERT_TRUE(Eventually([&] { return Ask(to_orders_).body == "orders"; }, seconds(30)));
  // Billing, which the authority has signed too, in the place of orders.
  haproxy_.reset();
  const Process impostor({.argv = {"/usr/bin/openssl", "s_server", "-accept", orders_tls_.address(),
                                   "-cert", Certificate("billing"), "-key", Key("billing"),
                                   "-CAfile", Authority(), "-Verify", "1", "-www", "-quiet"},
                          .output_path = dir_.File("impostor.log")});
  // Who does not look at the name gets an answer from it, so that it is there.
  ASSERT_TRUE(Eventually([&] {
    std::vector<std::string> careless = As("web");
    careless.emplace_back("--insecure");
    return AskTls("orders", orders_tls_, careless).ends_with(" 200");
  })) << ReadFile(dir_.File("impostor.log"));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Ask(to_orders_).status, 502);
  EXPECT_THAT(ReadFile(dir_.File("nginx.log")), HasSubstr("does not match"));
}

TEST_F(MtlsTest, HaproxyGivesAnImpostorNoTrafficEither) {
  ASSERT_TRUE(Eventually([&] { return Ask(to_web_).body == "web"; }, seconds(30)));
  // Killed, its workers would stay.
  nginx_->Stop();
  const Process impostor({.argv = {"/usr/bin/openssl", "s_server", "-accept", web_tls_.address(),
                                   "-cert", Certificate("billing"), "-key", Key("billing"),
                                   "-CAfile", Authority(), "-Verify", "1", "-www", "-quiet"},
                          .output_path = dir_.File("impostor.log")});
  ASSERT_TRUE(Eventually([&] {
    std::vector<std::string> careless = As("orders");
    careless.emplace_back("--insecure");
    return AskTls("web", web_tls_, careless).ends_with(" 200");
  })) << ReadFile(dir_.File("impostor.log"));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Ask(to_web_).status, 503);
}

}  // namespace
}  // namespace rollcall::e2e
