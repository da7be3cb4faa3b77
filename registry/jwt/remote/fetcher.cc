#include "registry/jwt/remote/fetcher.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "registry/base/small_file.h"
#include "registry/jwt/key_set.h"
#include "registry/jwt/shown.h"

namespace rollcall::jwt {
namespace {

// One that is too large is refused as a key set.
Result<std::string> TextOfFile(const std::string& path) {
  Result<std::string> text = ReadSmallFile(path, kMaxKeySetSize);
  if (text) return text;
  return Unavailable("the key set " + Shown(path) + " cannot be read: " + text.error().message);
}

}  // namespace

Fetcher::Fetcher(ResolveName resolve)
    : names_(loop_, std::move(resolve)),
      until_stopped_(boost::asio::make_work_guard(loop_)),
      thread_([this] { loop_.run(); }) {}

Fetcher::~Fetcher() {
  boost::asio::post(loop_, [this] {
    is_stopping_ = true;
    for (const auto& exchange : std::exchange(under_way_, {})) {
      if (const auto alive = exchange.lock()) alive->Cancel();
    }
    for (const auto& timer : timers_) timer->cancel();
  });
  until_stopped_.reset();
  thread_.join();
}

void Fetcher::Get(const std::string& url, const std::string& ca_cert, OnBody on_body) {
  boost::asio::post(loop_, [this, url, ca_cert, on_body = std::move(on_body)] {
    if (is_stopping_) return on_body(Unavailable("the server shuts down"));
    auto where = ParseHttpUrl(url);
    if (!where) return on_body(where.error());
    std::erase_if(under_way_, [](const auto& exchange) { return exchange.expired(); });
    under_way_.push_back(StartExchange(
        loop_, names_, {*std::move(where), ca_cert, kFetchTimeout, kMaxKeySetSize},
        [url, on_body](Result<std::string> body) {
          if (body) return on_body(std::move(body));
          on_body(Unavailable("no key set from " + Shown(url) + ": " + body.error().message));
        }));
  });
}

void Fetcher::After(std::chrono::nanoseconds time, std::function<void()> then) {
  boost::asio::post(loop_, [this, time, then = std::move(then)] {
    if (is_stopping_) return then();
    const auto timer = std::make_shared<boost::asio::steady_timer>(loop_, time);
    timers_.insert(timer);
    // Cancelled only by the end.
    timer->async_wait([this, timer, then](boost::system::error_code /*cancelled*/) {
      timers_.erase(timer);
      then();
    });
  });
}

void Fetcher::ReadFile(const std::string& path, OnBody on_body) {
  boost::asio::post(loop_, [path, on_body = std::move(on_body)] { on_body(TextOfFile(path)); });
}

}  // namespace rollcall::jwt
