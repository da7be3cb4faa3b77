#include "agent/login/agent_login.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "registry/base/printable.h"

namespace rollcall::login {
namespace {

using std::chrono::milliseconds;

// For each of connecting and being answered, by so many servers: nobody waits long for an agent's
// end, also when the network has gone.
constexpr milliseconds kLogoutStep{500};
constexpr size_t kLogoutServers = 3;

// The registry may have to fetch the keys of an issuer first, for up to 10 s, after a pause
// of up to 10 s when the key is an unknown one.
front::StepTimes LoginTimes() {
  front::StepTimes times;
  times.answer = milliseconds(25'000);
  return times;
}

// `first`: the server that has answered last. The others take a logout too, where that one has
// gone.
agent::RegistryClient::Options InAHurry(agent::RegistryClient::Options options,
                                        const std::string& first) {
  std::vector<std::string>& servers = options.servers;
  std::rotate(servers.begin(), std::find(servers.begin(), servers.end(), first), servers.end());
  if (servers.size() > kLogoutServers) servers.resize(kLogoutServers);
  options.connect_timeout = options.answer_timeout = kLogoutStep;
  return options;
}

}  // namespace

AgentLogin::AgentLogin(Tools tools, Login::Listener listener)
    : tools_(std::move(tools)),
      listener_(std::move(listener)),
      timer_(tools_.loop),
      upstream_(tools_.loop, {.servers = tools_.registry.servers,
                              .tls = tools_.registry.tls,
                              .tls_name = tools_.registry.tls_name,
                              .times = LoginTimes()}) {}

void AgentLogin::Use(const std::optional<LoginOptions>& options) {
  if (!options) {
    if (login_) login_->End();
    login_ = nullptr;
    return;
  }
  if (login_) return login_->Replace(*options);
  login_ = std::make_unique<Login>(
      *options,
      Login::Tools{.clock = tools_.clock,
                   .random = tools_.random,
                   .send =
                       [this](front::UpstreamRequest request, front::Upstream::Callback callback) {
                         upstream_.Send(std::move(request), std::move(callback));
                       },
                   .wake_at = [this](std::optional<Clock::TimePoint> time) { WakeAt(time); }},
      listener_);
  login_->Start();
}

void AgentLogin::OnUnknown(const std::string& secret) {
  if (login_) login_->OnUnknown(secret);
}

void AgentLogin::WakeAt(std::optional<Clock::TimePoint> time) {
  timer_.cancel();
  if (!time) return;
  timer_.expires_at(*time);
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled && login_) login_->Wake();
  });
}

void AgentLogin::LogOut() {
  if (!login_) return;
  const std::string secret = login_->secret();
  const std::string left = login_->left_secret();
  login_ = nullptr;
  agent::RegistryClient client(InAHurry(tools_.registry, upstream_.server()));
  const auto log_out = [&client](const std::string& token) {
    return client.Send(
        {.method = http::Method::kPost, .path = "/v1/acl/logout", .body = {}, .token = token});
  };
  if (!left.empty()) static_cast<void>(log_out(left));
  if (secret.empty()) return;
  const Result<agent::RegistryAnswer> answer = log_out(secret);
  if (answer && answer->status == 200) return spdlog::info("logged out");
  spdlog::warn("could not log out ({}); the token is good until it expires",
               answer ? FirstLine(answer->body) : answer.error().message);
}

}  // namespace rollcall::login
