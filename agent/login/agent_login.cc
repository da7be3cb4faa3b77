#include "agent/login/agent_login.h"

#include <spdlog/spdlog.h>

#include <utility>
#include <vector>

#include "registry/base/printable.h"

namespace rollcall::login {
namespace {

using std::chrono::milliseconds;

// For each of connecting and being answered.
constexpr milliseconds kLogoutStep{500};

// The registry may have to fetch the keys of an issuer first, for up to 10 s, after a pause
// of up to 10 s when the key is an unknown one.
front::StepTimes LoginTimes() {
  front::StepTimes times;
  times.answer = milliseconds(25'000);
  return times;
}

// These servers alone, the first one first.
agent::RegistryClient::Options InAHurry(agent::RegistryClient::Options options,
                                        std::vector<std::string> servers) {
  options.servers = std::move(servers);
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

void AgentLogin::LogOut(const std::string& server) {
  if (!login_) return;
  const std::string secret = login_->secret();
  const std::string left = login_->left_secret();
  login_ = nullptr;
  std::vector<std::string> servers = {upstream_.server()};
  if (!server.empty() && server != servers[0]) servers.insert(servers.begin(), server);
  agent::RegistryClient client(InAHurry(tools_.registry, std::move(servers)));
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
