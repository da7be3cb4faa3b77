// Blocking queries over real sockets: woken by their own changes and by nothing else.
#include <gtest/gtest.h>

#include <future>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Json Instance(const std::string& service, int port) {
  return {{"Node", "host"},
          {"Address", "10.0.0.1"},
          {"Service", {{"ID", service + "-1"}, {"Service", service}, {"Port", port}}}};
}

TEST(BlockingQueryTest, AThousandChangesOfAnotherServiceWakeNobody) {
  Server server;
  ASSERT_TRUE(server.Start());
  ASSERT_TRUE(server.Put("/v1/catalog/register", Instance("mine", 1)).ok());
  ASSERT_TRUE(server.Put("/v1/catalog/register", Instance("other", 1)).ok());
  const Reply first = server.Get("/v1/health/service/mine");
  ASSERT_GT(first.index, 0u);
  const auto watch = [&](uint64_t index, const char* wait) {
    return Http(server.http_port(), seconds(90))
        .Get("/v1/health/service/mine?index=" + std::to_string(index) + "&wait=" + wait);
  };

  std::future<Reply> watched = std::async(std::launch::async, watch, first.index, "60s");
  Http writer(server.http_port());
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(writer.Put("/v1/catalog/register", Instance("other", 2 + i)).ok()) << i;
  }
  EXPECT_EQ(watched.wait_for(milliseconds(200)), std::future_status::timeout);

  ASSERT_TRUE(writer.Put("/v1/catalog/register", Instance("mine", 2)).ok());
  ASSERT_EQ(watched.wait_for(seconds(10)), std::future_status::ready);
  const Reply woken = watched.get();
  ASSERT_TRUE(woken.ok());
  const Json service = woken.json().at(0).at("Service");
  EXPECT_EQ(service.at("Port"), 2);
  EXPECT_EQ(woken.index, service.at("ModifyIndex").get<uint64_t>());
  EXPECT_EQ(woken.index, writer.Get("/v1/health/service/mine").index);
  // Once: the next query waits for the next change.
  const auto start = std::chrono::steady_clock::now();
  const Reply next = watch(woken.index, "1s");
  EXPECT_GE(std::chrono::steady_clock::now() - start, seconds(1));
  EXPECT_EQ(next.index, woken.index);
}

TEST(BlockingQueryTest, IdenticalReregistrationsMoveNoIndex) {
  Server server;
  ASSERT_TRUE(server.Start());
  Json body = Instance("web", 80);
  body["Check"] = {
      {"CheckID", "alive"}, {"Name", "alive"}, {"Status", "passing"}, {"ServiceID", "web-1"}};
  ASSERT_TRUE(server.Put("/v1/catalog/register", body).ok());
  const std::vector<std::string> paths = {"/v1/health/service/web", "/v1/catalog/services",
                                          "/v1/catalog/nodes", "/v1/catalog/node/host",
                                          "/v1/health/state/any"};
  std::vector<uint64_t> before;
  before.reserve(paths.size());
  for (const std::string& path : paths) before.push_back(server.Get(path).index);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(server.Put("/v1/catalog/register", body).ok());
  for (size_t i = 0; i < paths.size(); ++i) {
    EXPECT_EQ(server.Get(paths[i]).index, before[i]) << paths[i];
  }
  body["Service"]["Port"] = 81;
  ASSERT_TRUE(server.Put("/v1/catalog/register", body).ok());
  EXPECT_GT(server.Get("/v1/health/service/web").index, before[0]);
}

}  // namespace
}  // namespace rollcall::e2e
