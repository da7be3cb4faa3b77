// The registry's HTTP API on a free port of loopback, over a catalog that keeps nothing, with one
// worker. What a test does goes through real sockets.
#pragma once

#include <gtest/gtest.h>
#include <httplib.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "api/api_worker.h"
#include "api/http/server.h"
#include "api/routes.h"
#include "registry/store/volatile_store.h"

namespace rollcall::api {

struct Answer {
  int status = 0;
  std::string body;
  uint64_t index = 0;
  httplib::Headers headers;
  nlohmann::json json() const { return nlohmann::json::parse(body); }
  // "" when it is not there.
  std::string Header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

class ApiTest : public testing::Test {
 protected:
  using OpenCatalog = std::function<Result<std::unique_ptr<catalog::Catalog>>(const Clock& clock)>;

  // A catalog of the test's own.
  static Result<std::unique_ptr<catalog::Catalog>> OpenVolatile(const Clock& clock) {
    return catalog::Catalog::Open(std::make_unique<store::VolatileStore>(), clock, {});
  }

  explicit ApiTest(size_t max_parked_queries = 100'000)
      : ApiTest(OpenVolatile, max_parked_queries) {}

  explicit ApiTest(const OpenCatalog& open, size_t max_parked_queries = 100'000,
                   acl::BearerCache::Options access = {})
      : shared_(max_parked_queries) {
    info_.controls_access = access.enabled;
    shared_.access = std::move(access);
    catalog_ = std::move(*open(clock_));
    info_.node_name = "n1";
    info_.address = "127.0.0.1";
    info_.version = "test";
    worker_ = std::make_unique<ApiWorker>(loop_, *catalog_, info_, shared_, 1);
    router_ = std::make_unique<http::Router>(Routes(*worker_));
    auto server = http::Server::Listen(loop_, {}, *router_);
    server_ = std::move(*server);
    server_->Start();
    thread_ = std::thread([this] { loop_.run(); });
    model::Register own_node;
    own_node.node.name = "n1";
    own_node.node.address = "127.0.0.1";
    Write(std::move(own_node));
  }

  ~ApiTest() override {
    StopServer();
    server_.reset();
    worker_.reset();
  }

  // As the server's main does it: drain, end the thread, stop the catalog.
  void StopServer() {
    if (!thread_.joinable()) return;
    boost::asio::post(
        loop_, [this] { server_->Drain(std::chrono::seconds(5), [this] { loop_.stop(); }); });
    thread_.join();
    catalog_->Stop();
  }

  Answer Get(const std::string& target, const httplib::Headers& headers = {}) const {
    httplib::Client client("127.0.0.1", server_->port());
    client.set_read_timeout(30);
    return From(client.Get(target, headers));
  }

  Answer PutText(const std::string& target, const std::string& body) const {
    httplib::Client client("127.0.0.1", server_->port());
    return From(client.Put(target, body, "application/json"));
  }
  Answer Put(const std::string& target, const nlohmann::json& body) const {
    return PutText(target, body.dump());
  }
  Answer Put(const std::string& target) const { return PutText(target, ""); }

  // What no request asks for.
  void Write(model::Command command) {
    std::promise<Result<catalog::Written>> done;
    catalog_->Submit(std::move(command),
                     [&done](Result<catalog::Written> written) { done.set_value(written); });
    const Result<catalog::Written> written = done.get_future().get();
    ASSERT_TRUE(written) << written.error().message;
  }

  // A GET that is answered later.
  std::future<Answer> Start(const std::string& target) const {
    return std::async(std::launch::async, [this, target] { return Get(target); });
  }

  template <typename Function>
  auto OnWorker(Function function) {
    std::packaged_task<decltype(function())()> task(std::move(function));
    auto result = task.get_future();
    boost::asio::post(loop_, [&task] { task(); });
    return result.get();
  }

  // How many connections there are right now.
  size_t Connections() {
    return OnWorker([this] { return server_->connection_count(); });
  }
  // How many queries are parked right now.
  size_t Parked() {
    return OnWorker([this] { return worker_->parked().size(); });
  }
  void AwaitParked(size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (Parked() != count && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ASSERT_EQ(Parked(), count);
  }

  catalog::Catalog& catalog() { return *catalog_; }
  const ServerInfo& info() const { return info_; }
  SharedState& shared() { return shared_; }
  // Its loop's thread alone uses it: OnWorker.
  ApiWorker& worker() { return *worker_; }
  const Clock& clock() const { return clock_; }
  uint16_t port() const { return server_->port(); }
  boost::asio::io_context& loop() { return loop_; }
  const std::vector<http::Route>& routes() const { return router_->routes(); }

  static Answer From(const httplib::Result& result) {
    if (!result) return {-1, httplib::to_string(result.error()), 0, {}};
    Answer answer{result->status, result->body, 0, result->headers};
    if (result->has_header("X-Consul-Index")) {
      answer.index = std::stoull(result->get_header_value("X-Consul-Index"));
    }
    return answer;
  }

 private:
  SteadyClock clock_;
  ServerInfo info_;
  SharedState shared_;
  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{
      loop_.get_executor()};
  std::unique_ptr<catalog::Catalog> catalog_;
  std::unique_ptr<ApiWorker> worker_;
  std::unique_ptr<http::Router> router_;
  std::unique_ptr<http::Server> server_;
  std::thread thread_;
};

}  // namespace rollcall::api
