#include "agent/login/login.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "agent/login/login_times.h"
#include "registry/base/printable.h"

namespace rollcall::login {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// For how long after a login a server may not have heard of its token, where several share a store.
constexpr seconds kSettleTime{5};
// What requests may still take that are under way with a token whose successor is there.
constexpr seconds kGraceTime{5};
// How much of what a server says of its patience is believed.
constexpr seconds kLongestPause{60};

constexpr int kOk = 200;
constexpr int kForbidden = 403;
constexpr int kTooManyRequests = 429;

// What the answer says, as a line for the log. One that repeats what was sent to it is not shown.
std::string Said(const front::UpstreamReply& reply, const std::string& bearer) {
  constexpr size_t kTelling = 8;
  const bool repeats = reply.body.find(bearer.substr(0, kTelling)) != std::string::npos;
  const std::string line = repeats ? std::string() : FirstLine(reply.body);
  return reply.server + " answers " + std::to_string(reply.status) +
         (line.empty() ? "" : ": " + line);
}

std::string AdviceOn(const front::UpstreamReply& reply) {
  if (reply.status != kForbidden) return "";
  return FirstLine(reply.body) == "ACL not found" ? "; is there an auth method of that name?"
                                                  : "; its log says why";
}

Result<LoginToken> TokenIn(const Result<front::UpstreamReply>& reply, const std::string& bearer) {
  if (!reply) return reply.error();
  if (reply->status != kOk) {
    return Error{ErrorCode::kPermissionDenied, Said(*reply, bearer) + AdviceOn(*reply)};
  }
  Result<LoginToken> token = ReadLoginAnswer(reply->body);
  if (!token) return Error{token.error().code, reply->server + ": " + token.error().message};
  return token;
}

// What a server that is asked too often wants to be left alone for (RFC 6585 section 4).
milliseconds PauseOf(const Result<front::UpstreamReply>& reply) {
  if (!reply || reply->status != kTooManyRequests) return milliseconds(0);
  const std::string_view text = reply->Header("Retry-After");
  int64_t wanted = 0;
  std::from_chars(text.data(), text.data() + text.size(), wanted);
  return seconds(std::clamp<int64_t>(wanted, 0, kLongestPause.count()));
}

}  // namespace

Login::Login(LoginOptions options, Tools tools, Listener listener)
    : options_(std::move(options)), tools_(std::move(tools)), listener_(std::move(listener)) {}

void Login::Wake() {
  const Clock::TimePoint now = tools_.clock.Now();
  if (left_until_ && *left_until_ <= now) LogOutLeft();
  if (expires_at_ && *expires_at_ <= now) {
    spdlog::error(
        "the token of the login has expired, and there is no other one yet: the agent has no token "
        "now but those of acl.tokens");
    Drop();
  }
  if (next_ && *next_ <= now) return Attempt();
  Arm();
}

void Login::OnUnknown(const std::string& secret) {
  if (!current_ || current_->secret != secret || is_unknown_) return;
  if (tools_.clock.Now() - taken_at_ < kSettleTime) return;
  is_unknown_ = true;
  spdlog::warn("the registry does not know the token of the login ({}) any more; logging in anew",
               current_->accessor_id);
  if (is_asking_) return;  // what comes of that counts
  if (failures_ == 0) return Attempt();
  Drop();
  Arm();
}

void Login::Replace(LoginOptions options) {
  const bool is_same = options == options_;
  if (is_same && (failures_ == 0 || is_asking_)) return;
  options_ = std::move(options);
  is_of_others_ = is_of_others_ || !is_same;
  failures_ = 0;
  last_failure_.clear();
  Attempt();
}

void Login::End() {
  ++attempt_;
  next_.reset();
  LogOutLeft();
  if (current_) {
    tools_.send(LogoutRequest(current_->secret), [](const Result<front::UpstreamReply>&) {});
    Drop();
  }
  Arm();
}

std::optional<milliseconds> Login::Left() const {
  if (!expires_at_) return std::nullopt;
  const auto left = std::chrono::duration_cast<milliseconds>(*expires_at_ - tools_.clock.Now());
  return std::max(left, milliseconds(0));
}

void Login::Attempt() {
  next_.reset();
  const uint64_t attempt = ++attempt_;
  is_asking_ = false;
  const Result<std::string> bearer = tools_.read(options_.bearer_token_file);
  if (!bearer) {
    return Fail(bearer.error().message, RereadDelay(failures_ + 1, tools_.random()));
  }
  is_asking_ = true;
  tools_.send(LoginRequest(options_, *bearer),
              [this, alive = std::weak_ptr<int>(alive_), attempt,
               bearer = *bearer](const Result<front::UpstreamReply>& reply) {
                if (alive.expired()) return;
                OnReply(attempt, TokenIn(reply, bearer), PauseOf(reply));
              });
  Arm();
}

void Login::OnReply(uint64_t attempt, const Result<LoginToken>& token, milliseconds pause) {
  if (attempt != attempt_) {
    // Nobody waits for it any more.
    if (token) tools_.send(LogoutRequest(token->secret), [](const auto&) {});
    return;
  }
  is_asking_ = false;
  if (token) return Take(*token);
  Fail(token.error().message, std::max(pause, RetryDelay(failures_ + 1, tools_.random())));
}

void Login::Take(const LoginToken& token) {
  counters_.made.Add();
  failures_ = 0;
  last_failure_.clear();
  const bool is_renewal = current_ && !is_unknown_ && !is_of_others_;
  if (current_ && is_of_others_) LeaveBehind();
  is_unknown_ = is_of_others_ = false;
  current_ = token;
  taken_at_ = tools_.clock.Now();
  expires_at_.reset();
  if (token.life) {
    expires_at_ = taken_at_ + *token.life;
    next_ = taken_at_ + RenewalDelay(*token.life, tools_.random());
  }
  spdlog::info("logged in with the auth method {} as token {}, until {}",
               Printable(options_.auth_method), token.accessor_id,
               token.expires.empty() ? "it is removed" : Printable(token.expires));
  Arm();
  listener_.on_token(token.secret, is_renewal);
  TellFirstOutcome();
}

void Login::Fail(const std::string& why, milliseconds delay) {
  counters_.failed.Add();
  ++failures_;
  next_ = tools_.clock.Now() + delay;
  if (std::exchange(last_failure_, why) != why) {
    spdlog::warn("login with the auth method {} failed: {}; trying until it works",
                 Printable(options_.auth_method), Printable(why));
  }
  if (is_unknown_) Drop();
  Arm();
  TellFirstOutcome();
}

void Login::Drop() {
  current_.reset();
  expires_at_.reset();
  is_unknown_ = is_of_others_ = false;
  listener_.on_token("", false);
}

void Login::LeaveBehind() {
  LogOutLeft();
  left_secret_ = current_->secret;
  left_until_ = tools_.clock.Now() + kGraceTime;
}

void Login::LogOutLeft() {
  left_until_.reset();
  const std::string secret = std::exchange(left_secret_, {});
  if (!secret.empty()) tools_.send(LogoutRequest(secret), [](const auto&) {});
}

void Login::Arm() {
  std::optional<Clock::TimePoint> first = next_;
  for (const auto& other : {expires_at_, left_until_}) {
    if (other && (!first || *other < *first)) first = other;
  }
  tools_.wake_at(first);
}

void Login::TellFirstOutcome() {
  if (!std::exchange(has_told_first_, true)) listener_.on_first_outcome();
}

}  // namespace rollcall::login
