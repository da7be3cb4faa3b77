// AgentLogin: the agent's login, where it is configured (acl.login), with a timer of the agent's
// loop and connections of its own to the registry, over which no other token goes. On the loop's
// thread, but LogOut.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/front/upstream.h"
#include "agent/login/login.h"
#include "agent/login/login_request.h"
#include "agent/registry_client.h"
#include "registry/base/clock.h"

namespace rollcall::login {

class AgentLogin {
 public:
  struct Tools {
    boost::asio::io_context& loop;
    const Clock& clock;
    std::function<double()> random;
    agent::RegistryClient::Options registry;  // whom to ask, and how
  };

  AgentLogin(Tools tools, Login::Listener listener);

  // Begins to log in, goes on with other options, or, with none, ends it: the token is logged out.
  void Use(const std::optional<LoginOptions>& options);

  // As of Login.
  void OnUnknown(const std::string& secret);

  // Null: none is configured.
  const Login* login() const { return login_.get(); }

  // Takes the token back, if there is one, at `server`, which has answered the agent last (empty:
  // none has), or where the login was made. Once the loop has stopped: blocks for about a second at
  // most, for each of the two. Best effort: what is not taken back expires.
  void LogOut(const std::string& server);

 private:
  void WakeAt(std::optional<Clock::TimePoint> time);

  const Tools tools_;
  const Login::Listener listener_;
  boost::asio::steady_timer timer_;
  front::Upstream upstream_;
  std::unique_ptr<Login> login_;
};

}  // namespace rollcall::login
