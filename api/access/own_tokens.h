// OwnTokens: the tokens that a server uses where a request brings none: Consul's acl.tokens. A
// reload and /v1/agent/token change them while it runs. Any thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace rollcall::api {

class OwnTokens {
 public:
  // Told of the secret by which DNS is to answer, at each change. Set before any thread changes
  // something.
  std::function<void(const std::string& secret)> on_dns = [](const std::string&) {};

  // Secrets; empty: none.
  void SetDefault(std::string secret) {
    const std::lock_guard lock(mutex_);
    default_.store(std::make_shared<const std::string>(std::move(secret)));
    on_dns(DnsSecret());
  }
  void SetDns(std::string secret) {
    const std::lock_guard lock(mutex_);
    dns_ = std::move(secret);
    on_dns(DnsSecret());
  }

  // Of who presents none. Never null.
  std::shared_ptr<const std::string> Default() const { return default_.load(); }

 private:
  // With mutex_ held.
  std::string DnsSecret() const { return dns_.empty() ? *default_.load() : dns_; }

  std::mutex mutex_;
  std::atomic<std::shared_ptr<const std::string>> default_{std::make_shared<const std::string>()};
  std::string dns_;  // guarded by mutex_
};

}  // namespace rollcall::api
