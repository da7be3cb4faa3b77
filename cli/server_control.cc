#include "cli/server_control.h"

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <csignal>
#include <utility>

namespace rollcall::cli {

ServerControl::ServerControl() : hangup_(loop_, SIGHUP) { AwaitHangup(); }

void ServerControl::Run(const Reload& reload) {
  reload_ = &reload;
  boost::asio::signal_set stop(loop_, SIGTERM, SIGINT);
  stop.async_wait([this](boost::system::error_code error, int) {
    if (!error) loop_.stop();
  });
  loop_.run();
  // What was asked for until now is still done, what comes later is refused: nobody is left
  // without an answer.
  *ended_.Lock() = true;
  stop.cancel();
  hangup_.cancel();
  do {
    loop_.restart();
  } while (loop_.poll() > 0);
  reload_ = nullptr;
}

void ServerControl::AwaitHangup() {
  hangup_.async_wait([this](boost::system::error_code error, int) {
    if (error) return;
    static_cast<void>(ReloadNow());
    AwaitHangup();
  });
}

Result<void> ServerControl::ReloadNow() {
  Result<void> done = (*reload_)();
  if (!done) spdlog::error("reload refused, nothing was changed: {}", done.error().message);
  return done;
}

void ServerControl::RequestReload(Done done) {
  {
    auto ended = ended_.Lock();
    if (!*ended) {
      boost::asio::post(loop_, [this, done = std::move(done)] { done(ReloadNow()); });
      return;
    }
  }
  done(Unavailable("the server is stopping"));
}

void ServerControl::RequestStop() {
  boost::asio::post(loop_, [this] { loop_.stop(); });
}

}  // namespace rollcall::cli
