// Servers that share one etcd and speak HTTPS alone, with certificates of `rollcall tls`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/files.h"
#include "tests/e2e/harness/http.h"
#include "tests/e2e/harness/port.h"
#include "tests/e2e/harness/process.h"
#include "tests/registry/store/etcd/etcd_cluster.h"

namespace rollcall::e2e {
namespace {

using testing::HasSubstr;

class ClusterHttpsTest : public testing::Test {
 protected:
  void SetUp() override {
    etcd_.Start();
    const std::string program = ROLLCALL_PROGRAM;
    const Finished made = Run({"bash", "-euc",
                               "cd \"$0\"; export PATH=\"$1:$PATH\"; rollcall tls ca create; "
                               "rollcall tls cert create -server; rollcall tls cert create -client",
                               dir_.path(), program.substr(0, program.rfind('/'))});
    ASSERT_EQ(made.code, 0) << made.errors;
  }

  Finished Run(const std::vector<std::string>& argv) const {
    return RunToEnd(
        {.argv = argv, .output_path = dir_.File("out"), .error_path = dir_.File("err")});
  }
  std::unique_ptr<Process> StartServer(const std::string& node, const Port& port,
                                       const std::string& kind) const {
    return std::make_unique<Process>(ProcessOptions{
        .argv = {ROLLCALL_PROGRAM, "server", "--store", "etcd://" + etcd_.address(0), "--node",
                 node, "--http", "off", "--dns", "off", "--https", port.address(),
                 "--tls-cert-file", dir_.File("dc1-" + kind + "-consul-0.pem"), "--tls-key-file",
                 dir_.File("dc1-" + kind + "-consul-0-key.pem"), "--tls-ca-file",
                 dir_.File("consul-agent-ca.pem"), "--tls-verify-incoming"},
        .output_path = dir_.File(node + ".log")});
  }
  // What `rollcall servers` says of the one at that port.
  Finished Servers(const Port& port) const {
    return Run({ROLLCALL_PROGRAM, "servers", "--json", "--http-addr", "https://" + port.address(),
                "--ca-file", dir_.File("consul-agent-ca.pem"), "--client-cert",
                dir_.File("dc1-client-consul-0.pem"), "--client-key",
                dir_.File("dc1-client-consul-0-key.pem")});
  }
  // How many servers it lists as well.
  size_t Well(const Port& port) const {
    const Json list = Json::parse(Servers(port).output, nullptr, false);
    size_t well = 0;
    if (!list.is_array()) return well;
    for (const Json& each : list) well += each.at("Status") == "ok" ? 1 : 0;
    return well;
  }

  const TempDir dir_;
  const Port a_;
  const Port b_;
  store::EtcdCluster etcd_{1};
};

TEST_F(ClusterHttpsTest, HeartbeatsReachTheOwnerOverHttpsAlone) {
  const auto first = StartServer("registry-a", a_, "server");
  const auto second = StartServer("registry-b", b_, "server");
  // One of them owns expiry; the other takes heartbeats only once it has reached the owner.
  EXPECT_TRUE(Eventually([&] { return Well(a_) == 2 && Well(b_) == 2; }, std::chrono::seconds(30)))
      << Servers(a_).output << first->Output() << second->Output();
}

TEST_F(ClusterHttpsTest, ServerWithTheCertificateOfAClientIsNotToldHeartbeats) {
  const auto owner = StartServer("registry-a", a_, "client");
  ASSERT_TRUE(Eventually([&] { return Well(a_) == 1; }, std::chrono::seconds(30)))
      << owner->Output();
  const auto second = StartServer("registry-b", b_, "server");
  EXPECT_TRUE(Eventually(
      [&] {
        return second->Output().find("not for server.dc1.consul but for client.dc1.consul") !=
               std::string::npos;
      },
      std::chrono::seconds(40)))
      << second->Output();
}

}  // namespace
}  // namespace rollcall::e2e
