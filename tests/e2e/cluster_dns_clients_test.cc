// haproxy and nginx ask all three servers of a cluster over DNS, and go on while any one is down.
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <deque>
#include <future>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/haproxy.h"
#include "tests/e2e/harness/nginx_proxy.h"
#include "tests/e2e/harness/programs.h"
#include "tests/registry/store/etcd/etcd_cluster.h"

namespace rollcall::e2e {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kFirst = "127.0.0.2";
constexpr const char* kSecond = "127.0.0.3";

// Sends one request after the other to a port of loopback, from construction to End.
class Requests {
 public:
  explicit Requests(int port)
      : answers_(std::async(std::launch::async, [this, port] { return Send(port); })) {}
  ~Requests() { is_ending_ = true; }

  // How often each body came; "failed" is everything but a 200.
  std::map<std::string, int> End() {
    is_ending_ = true;
    return answers_.get();
  }

 private:
  std::map<std::string, int> Send(int port) const {
    std::map<std::string, int> answers;
    while (!is_ending_) {
      const Reply reply = Http(port, seconds(20)).Get("/");
      ++answers[reply.ok() ? reply.body : "failed"];
      std::this_thread::sleep_for(milliseconds(5));
    }
    return answers;
  }

  std::atomic<bool> is_ending_{false};
  std::future<std::map<std::string, int>> answers_;
};

class ClusterDnsClientsTest : public testing::Test {
 protected:
  void SetUp() override {
    etcd_.Start();
    for (const char* name : {"registry-a", "registry-b", "registry-c"}) {
      ASSERT_TRUE(servers_.emplace_back(name, "etcd://" + etcd_.address(0)).Start());
    }
    for (const char* address : {kFirst, kSecond}) Register(address);
    for (Server& each : servers_) {
      ASSERT_TRUE(Eventually([&] { return each.PassingInstances("web").size() == 2; }));
    }
  }

  std::vector<std::string> Nameservers() const {
    std::vector<std::string> all;
    for (const Server& each : servers_) {
      all.push_back("127.0.0.1:" + std::to_string(each.dns_port()));
    }
    return all;
  }
  std::string Endpoint(const std::string& address) const { return address + ":" + backend_.text(); }
  void Register(const std::string& address, size_t server = 0) {
    const Json service = {{"ID", "web-" + address},
                          {"Service", "web"},
                          {"Address", address},
                          {"Port", backend_.number()}};
    ASSERT_TRUE(Eventually([&] {
      return servers_[server]
          .Put("/v1/catalog/register",
               {{"Node", "host-" + address}, {"Address", address}, {"Service", service}})
          .ok();
    }));
  }
  void Deregister(const std::string& address, size_t server) {
    ASSERT_TRUE(Eventually([&] {
      return servers_[server]
          .Put("/v1/catalog/deregister",
               {{"Node", "host-" + address}, {"ServiceID", "web-" + address}})
          .ok();
    }));
  }

  // What is asked of a client while each server in turn is killed and started again, and is paused:
  // that every request is answered, and that changes made at another server come through.
  template <typename Follows>
  void EndureEachServer(int port, const Follows& follows) {
    for (size_t down = 0; down < servers_.size(); ++down) {
      for (const bool is_killed : {true, false}) {
        SCOPED_TRACE(std::string(is_killed ? "killed: " : "paused: ") + std::to_string(down));
        Requests requests(port);
        Server& server = servers_[down];
        is_killed ? server.Kill() : server.process().Signal(SIGSTOP);
        const size_t other = (down + 1) % servers_.size();
        Deregister(kSecond, other);
        EXPECT_TRUE(Eventually([&] { return follows({kFirst}); }, seconds(20)));
        Register(kSecond, other);
        EXPECT_TRUE(Eventually([&] { return follows({kFirst, kSecond}); }, seconds(20)));
        if (is_killed) {
          EXPECT_TRUE(server.Start());
        } else {
          server.process().Signal(SIGCONT);
        }
        EXPECT_TRUE(Eventually([&] { return follows({kFirst, kSecond}); }, seconds(20)));
        const std::map<std::string, int> answers = requests.End();
        EXPECT_EQ(answers.count("failed"), 0u) << testing::PrintToString(answers);
        EXPECT_GT(answers.count("first"), 0u);
      }
    }
  }

  const Port backend_;
  store::EtcdCluster etcd_{1};
  std::deque<Server> servers_;
  Backend first_{kFirst, backend_.number(), "first"};
  Backend second_{kSecond, backend_.number(), "second"};
};

TEST_F(ClusterDnsClientsTest, HaproxyServesWhileAnyServerIsDown) {
  Haproxy haproxy;
  haproxy.Start({.resolvers = Haproxy::OverUdp(Nameservers())});
  const auto follows = [&](const std::vector<std::string>& addresses) {
    Endpoints expected;
    for (const std::string& each : addresses) expected.insert(Endpoint(each));
    return haproxy.FilledSlots() == expected;
  };
  ASSERT_TRUE(Eventually([&] { return follows({kFirst, kSecond}); }));
  EndureEachServer(haproxy.port(), follows);
  EXPECT_TRUE(haproxy.process().Running());
}

TEST_F(ClusterDnsClientsTest, NginxServesWhileAnyServerIsDown) {
  NginxProxy nginx;
  nginx.Start(Nameservers(), backend_.number());
  // Which backends answer a number of requests.
  const auto follows = [&](const std::vector<std::string>& addresses) {
    std::map<std::string, int> seen;
    for (int i = 0; i < 20; ++i) ++seen[Http(nginx.port()).Get("/").body];
    return seen.size() == addresses.size() && seen.contains("first");
  };
  ASSERT_TRUE(Eventually([&] { return follows({kFirst, kSecond}); }));
  EndureEachServer(nginx.port(), follows);
  EXPECT_TRUE(nginx.process().Running());
}

}  // namespace
}  // namespace rollcall::e2e
