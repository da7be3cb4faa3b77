#include "tests/cli/fake_registry.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace rollcall::cli {

class FakeRegistry::State {
 public:
  explicit State(int port) {
    const auto handler = [this](const httplib::Request& request, httplib::Response& response) {
      Handle(request, &response);
    };
    server_.Get(".*", handler);
    server_.Put(".*", handler);
    server_.Post(".*", handler);
    server_.Delete(".*", handler);
    server_.set_keep_alive_timeout(1);
    if (port == 0) {
      port_ = server_.bind_to_any_port("127.0.0.1");
    } else {
      port_ = server_.bind_to_port("127.0.0.1", port) ? port : -1;
    }
    EXPECT_GT(port_, 0);
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }

  ~State() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    server_.stop();
    thread_.join();
  }

  int port() const { return port_; }

  void Set(const std::string& path, Answer answer) {
    {
      std::lock_guard lock(mutex_);
      answers_[path] = std::move(answer);
    }
    changed_.notify_all();
  }

  std::vector<std::string> Requests() const {
    std::lock_guard lock(mutex_);
    return requests_;
  }

  std::vector<std::string> Tokens() const {
    std::lock_guard lock(mutex_);
    return tokens_;
  }

 private:
  void Handle(const httplib::Request& request, httplib::Response* response) {
    std::unique_lock lock(mutex_);
    requests_.push_back(request.method + " " + request.target +
                        (request.body.empty() ? "" : " " + request.body));
    tokens_.push_back(request.get_header_value("X-Consul-Token"));
    const std::string asked = request.get_param_value("index");
    changed_.wait(lock, [&] {
      return stopping_ || asked.empty() || std::to_string(answers_[request.path].index) != asked;
    });
    auto answer = answers_.find(request.method + " " + request.path);
    if (answer == answers_.end()) answer = answers_.find(request.path);
    if (stopping_) {
      response->status = 503;
    } else if (answer == answers_.end()) {
      response->status = 404;
    } else {
      response->status = answer->second.status;
      const uint64_t index = answer->second.index;
      if (index != 0) response->set_header("X-Consul-Index", std::to_string(index));
      for (const auto& [name, value] : answer->second.headers) response->set_header(name, value);
      response->set_content(answer->second.body, "application/json");
    }
  }

  httplib::Server server_;
  int port_ = -1;
  std::thread thread_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  bool stopping_ = false;
  std::map<std::string, Answer> answers_;
  std::vector<std::string> requests_;
  std::vector<std::string> tokens_;
};

FakeRegistry::FakeRegistry(int port) : state_(std::make_unique<State>(port)) {}
FakeRegistry::~FakeRegistry() = default;

int FakeRegistry::port() const { return state_->port(); }

std::string FakeRegistry::Url() const { return "http://127.0.0.1:" + std::to_string(port()); }

void FakeRegistry::Set(const std::string& path, Answer answer) {
  state_->Set(path, std::move(answer));
}

std::vector<std::string> FakeRegistry::Requests() const { return state_->Requests(); }

std::vector<std::string> FakeRegistry::Tokens() const { return state_->Tokens(); }

}  // namespace rollcall::cli
