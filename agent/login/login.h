// Login: the agent's token of a login, from one to the next. It logs in with what a file holds,
// again when 2/3 of the token's life are over, and when the registry does not know the token any
// more. What fails is tried again with growing pauses, all the while the token stays as long as it
// lives.
//
//   no token --login--> token --login, at 2/3 of its life--> next token
//                         |--it expires, or is unknown and no login works--> no token
//
// A token that another one of the same options has taken the place of is left to expire: requests
// that are under way with it, and reads that wait, go on. One of other options is logged out some
// seconds after its successor has come: somebody may have wanted its rights to end.
//
// What it needs of the world is given to it: it has no thread, no timer and no socket. All of it on
// the agent's loop. The secrets are in memory alone, and in no log.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/front/upstream.h"
#include "agent/login/login_request.h"
#include "registry/base/bearer_token.h"
#include "registry/base/clock.h"
#include "registry/base/counter.h"
#include "registry/base/result.h"

namespace rollcall::login {

class Login {
 public:
  struct Tools {
    const Clock& clock;
    std::function<double()> random;  // a number in [0, 1)
    // Asks the registry; calls back once, never from within. Adds no token.
    std::function<void(front::UpstreamRequest, front::Upstream::Callback)> send;
    // Wake is to be called at that time, and no more at the one that was said before.
    std::function<void(std::optional<Clock::TimePoint>)> wake_at;
    std::function<Result<std::string>(const std::string& file)> read = ReadBearerTokenFile;
  };
  struct Listener {
    // The secret to be used from now on; empty: there is none. A renewal takes the place of a token
    // that the same options have made, and that is still good.
    std::function<void(const std::string& secret, bool is_renewal)> on_token;
    // Once: it is known what became of the first login.
    std::function<void()> on_first_outcome;
  };
  struct Counters {
    Counter made;
    Counter failed;
  };

  Login(LoginOptions options, Tools tools, Listener listener);
  // Whatever is answered from here on is dropped.
  ~Login() = default;
  Login(const Login&) = delete;
  Login& operator=(const Login&) = delete;

  // Logs in for the first time.
  void Start() { Attempt(); }
  void Wake();

  // The registry does not know the token of that secret. Right after a login that is taken for a
  // server that has not heard of it yet.
  void OnUnknown(const std::string& secret);

  // What files say now. Other options are logged in with at once; the same are tried at once where
  // they have failed. The token stays until there is another one, and is logged out then.
  void Replace(LoginOptions options);

  // Takes its token back, and is over. What a login that is under way makes expires by itself.
  void End();

  // Empty: there is none.
  std::string secret() const { return current_ ? current_->secret : std::string(); }
  // Of the token of other options, which is yet to be logged out. Empty: there is none.
  const std::string& left_secret() const { return left_secret_; }
  // Until the token expires; nothing when there is none, or it never does.
  std::optional<std::chrono::milliseconds> Left() const;
  const Counters& counters() const { return counters_; }

 private:
  void Attempt();
  void OnReply(uint64_t attempt, const Result<LoginToken>& token, std::chrono::milliseconds pause);
  void Take(const LoginToken& token);
  void Fail(const std::string& why, std::chrono::milliseconds delay);
  void Drop();
  // Has the current token logged out once what is under way with it is over.
  void LeaveBehind();
  void LogOutLeft();
  void Arm();
  void TellFirstOutcome();

  LoginOptions options_;
  const Tools tools_;
  const Listener listener_;
  Counters counters_;

  std::optional<LoginToken> current_;
  Clock::TimePoint taken_at_{};
  std::optional<Clock::TimePoint> expires_at_;  // of the current one
  bool is_unknown_ = false;                     // to the registry, the current one
  bool is_of_others_ = false;                   // other options than those now, the current one
  std::string left_secret_;
  std::optional<Clock::TimePoint> left_until_;  // then it is logged out
  std::optional<Clock::TimePoint> next_;        // login
  uint64_t attempt_ = 0;                        // the newest
  bool is_asking_ = false;
  int failures_ = 0;  // one after the other
  std::string last_failure_;
  bool has_told_first_ = false;
  const std::shared_ptr<int> alive_ = std::make_shared<int>();  // answers look whether it still is
};

}  // namespace rollcall::login
