// The server is killed again and again while clients register: what was acknowledged is there.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

constexpr int kWriters = 4;
constexpr int kKills = 10;
constexpr size_t kWritesBetweenKills = 50;
// Between one client's requests: without it the catalog grows with the speed of the machine, and
// the test's own reading of it takes longer and longer.
constexpr std::chrono::milliseconds kPause{5};

// One client that registers instance after instance, each until it is acknowledged.
class Writer {
 public:
  Writer(int number, int port) : name_("w" + std::to_string(number)) {
    thread_ = std::thread([this, port] { Run(port); });
  }
  ~Writer() { Join(); }

  void Join() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  std::vector<std::string> Acknowledged() const {
    std::lock_guard lock(mutex_);
    return acknowledged_;
  }

 private:
  void Run(int port) {
    Http http(port, std::chrono::seconds(5));
    for (int i = 0; !stop_; ++i) {
      const std::string id = name_ + "-" + std::to_string(i);
      const Json body = {{"Node", "node-" + name_},
                         {"Address", "10.0.0.1"},
                         {"Service", {{"ID", id}, {"Service", "crash"}, {"Port", 1 + i % 1000}}}};
      while (!stop_) {
        if (http.Put("/v1/catalog/register", body).ok()) {
          std::lock_guard lock(mutex_);
          acknowledged_.push_back(id);
          break;
        }
        std::this_thread::sleep_for(kPause);
      }
      std::this_thread::sleep_for(kPause);
    }
  }

  const std::string name_;
  std::atomic<bool> stop_ = false;
  mutable std::mutex mutex_;
  std::vector<std::string> acknowledged_;  // guarded by mutex_
  std::thread thread_;
};

// Reads indexes all the time: the highest that any client has ever seen.
class IndexReader {
 public:
  explicit IndexReader(int port) {
    thread_ = std::thread([this, port] {
      Http http(port, std::chrono::seconds(5));
      while (!stop_) {
        const Reply reply = http.Get("/v1/catalog/service/crash");
        if (!reply.ok()) {
          std::this_thread::sleep_for(std::chrono::milliseconds(5));
          continue;
        }
        const uint64_t before = highest_.load();
        if (reply.index < before) ++backwards_;
        highest_ = std::max(before, reply.index);
        std::this_thread::sleep_for(kPause);
      }
    });
  }
  ~IndexReader() {
    stop_ = true;
    thread_.join();
  }
  uint64_t highest() const { return highest_; }
  int backwards() const { return backwards_; }

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<uint64_t> highest_ = 0;
  std::atomic<int> backwards_ = 0;
  std::thread thread_;
};

size_t CountAcknowledged(const std::vector<std::unique_ptr<Writer>>& writers) {
  size_t count = 0;
  for (const auto& writer : writers) count += writer->Acknowledged().size();
  return count;
}

// How often each instance ID is in the catalog.
std::map<std::string, int> Registered(Server& server) {
  std::map<std::string, int> registered;
  const Json instances = server.Get("/v1/catalog/service/crash").json();
  for (const Json& each : instances) ++registered[each.at("ServiceID")];
  return registered;
}

TEST(ServerCrashTest, AcknowledgedRegistrationsSurviveTenKills) {
  Server server;
  ASSERT_TRUE(server.Start());
  IndexReader reader(server.http_port());
  std::vector<std::unique_ptr<Writer>> writers;
  writers.reserve(kWriters);
  for (int i = 0; i < kWriters; ++i) {
    writers.push_back(std::make_unique<Writer>(i, server.http_port()));
  }

  for (int kill = 0; kill < kKills; ++kill) {
    const size_t before = CountAcknowledged(writers);
    ASSERT_TRUE(
        Eventually([&] { return CountAcknowledged(writers) >= before + kWritesBetweenKills; },
                   std::chrono::seconds(20)))
        << "registrations stopped after " << kill << " kills";
    server.Kill();
    std::vector<std::string> acknowledged;
    for (const auto& writer : writers) {
      const auto own = writer->Acknowledged();
      acknowledged.insert(acknowledged.end(), own.begin(), own.end());
    }
    const uint64_t seen = reader.highest();
    ASSERT_TRUE(server.Start());
    EXPECT_GE(server.Get("/v1/catalog/service/crash").index, seen);
    const std::map<std::string, int> registered = Registered(server);
    for (const std::string& id : acknowledged) {
      EXPECT_EQ(registered.count(id), 1u) << id << " is lost";
    }
    for (const auto& [id, times] : registered) EXPECT_EQ(times, 1) << id;
  }
  for (auto& writer : writers) writer->Join();
  EXPECT_EQ(reader.backwards(), 0);
}

TEST(ServerCrashTest, WhatAgentsRegisteredAtTheServerSurvivesToo) {
  Server server;
  ASSERT_TRUE(server.Start());
  const Json web = {{"Name", "web"},
                    {"Port", 80},
                    {"Check", {{"CheckID", "alive"}, {"TTL", "60s"}, {"Status", "passing"}}}};
  ASSERT_TRUE(server.Put("/v1/agent/service/register", web).ok());
  const Json before = server.Get("/v1/health/service/web").json();
  ASSERT_EQ(before.size(), 1u);
  server.Kill();
  ASSERT_TRUE(server.Start());
  EXPECT_EQ(server.Get("/v1/health/service/web").json(), before);
  EXPECT_EQ(server.PassingInstances("web").size(), 1u);
  EXPECT_TRUE(server.Get("/v1/agent/services").json().contains("web"));
  EXPECT_TRUE(server.Put("/v1/agent/check/fail/alive").ok());
  EXPECT_TRUE(server.PassingInstances("web").empty());
}

TEST(ServerCrashTest, MaintenanceOutlivesTheServer) {
  Server server;
  ASSERT_TRUE(server.Start());
  for (const char* name : {"web", "db"}) {
    ASSERT_TRUE(server.Put("/v1/agent/service/register", Json{{"Name", name}}).ok());
  }
  ASSERT_TRUE(server.Put("/v1/agent/service/maintenance/web?enable=true&reason=new%20disk").ok());
  server.Kill();
  ASSERT_TRUE(server.Start());
  EXPECT_TRUE(server.PassingInstances("web").empty());
  EXPECT_EQ(server.PassingInstances("db").size(), 1u);
  const Json check = server.Get("/v1/agent/checks").json().at("_service_maintenance:web");
  EXPECT_EQ(check.at("Notes"), "new disk");

  ASSERT_TRUE(server.Put("/v1/agent/service/maintenance/web?enable=false").ok());
  EXPECT_EQ(server.PassingInstances("web").size(), 1u);
  ASSERT_TRUE(server.Put("/v1/agent/maintenance?enable=true").ok());
  server.Kill();
  ASSERT_TRUE(server.Start());
  EXPECT_TRUE(server.PassingInstances("web").empty());
  EXPECT_TRUE(server.PassingInstances("db").empty());
}

}  // namespace
}  // namespace rollcall::e2e
