// KeyServer: a real server on a free port of loopback that publishes an issuer's keys. The test's
// thread makes it; what it tells any thread may ask.
#pragma once

#include <httplib.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "registry/base/lock_guarded.h"

namespace rollcall::jwt {

class KeyServer {
 public:
  // Publishes that key set at /keys, and something else at /junk.
  explicit KeyServer(std::string keys,
                     std::unique_ptr<httplib::Server> server = std::make_unique<httplib::Server>())
      : server_(std::move(server)), keys_(std::move(keys)) {
    server_->Get("/keys", [this](const httplib::Request&, httplib::Response& response) {
      Answer(&response);
    });
    server_->Get("/junk", [](const httplib::Request&, httplib::Response& response) {
      response.set_content(R"({"keys": 1})", "application/json");
    });
    port_ = server_->bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_->listen_after_bind(); });
    while (!server_->is_running()) std::this_thread::yield();
  }
  ~KeyServer() {
    GoOn();
    server_->stop();
    thread_.join();
  }
  KeyServer(const KeyServer&) = delete;
  KeyServer& operator=(const KeyServer&) = delete;

  // From now on that set.
  void Publish(std::string keys) { *keys_.Lock() = std::move(keys); }
  // Whoever asks for /keys from now on is answered once it goes on.
  void Hold() { is_held_ = true; }
  void GoOn() {
    is_held_ = false;
    is_held_.notify_all();
  }

  int asked() const { return asked_; }
  // When it was asked for /keys last.
  std::chrono::steady_clock::time_point asked_at() const { return asked_at_; }
  int port() const { return port_; }
  std::string Url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }

 private:
  void Answer(httplib::Response* response) {
    asked_at_ = std::chrono::steady_clock::now();
    ++asked_;
    is_held_.wait(true);
    response->set_content(*keys_.Lock(), "application/json");
  }

  const std::unique_ptr<httplib::Server> server_;
  LockGuarded<std::string> keys_;
  std::atomic<bool> is_held_{false};
  std::atomic<int> asked_{0};
  std::atomic<std::chrono::steady_clock::time_point> asked_at_{};
  int port_ = 0;
  std::thread thread_;
};

}  // namespace rollcall::jwt
