#include "api/shared/monitor_handler.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/shared/log_monitor.h"
#include "registry/base/ascii.h"

namespace rollcall::api {
namespace {

namespace level = spdlog::level;

// Well below what the server cuts a client off for (http::Limits::max_stream_bytes).
constexpr size_t kMaxQueuedBytes = 256 * 1024;

// So often is a client whose log is silent asked whether he still may.
constexpr std::chrono::seconds kBetweenLooks{1};

// Consul's names, in any case.
std::optional<level::level_enum> ParseLevel(std::string_view text) {
  constexpr std::pair<std::string_view, level::level_enum> kLevels[] = {
      {"trace", level::trace}, {"debug", level::debug}, {"info", level::info},
      {"warn", level::warn},   {"err", level::err},     {"error", level::err},
  };
  for (const auto& [name, value] : kLevels) {
    if (EqualsIgnoreCase(text, name)) return value;
  }
  return std::nullopt;
}

// One client that follows the log. Worker's thread; the subscription's wake comes from any.
class Follower : public std::enable_shared_from_this<Follower> {
 public:
  Follower(boost::asio::io_context& loop, std::function<bool()> still_may)
      : still_may_(std::move(still_may)), next_look_(loop) {}

  void Subscribe(LogMonitor& monitor, const LogMonitor::Options& options,
                 boost::asio::io_context& loop) {
    subscription_ = monitor.Subscribe(options, [follower = weak_from_this(), &loop] {
      boost::asio::post(loop, [follower] {
        if (const auto self = follower.lock()) self->Deliver();
      });
    });
  }

  // The stream holds the follower from here on, and lets it go with everything when its client has
  // gone.
  void Follow(std::shared_ptr<http::ResponseStream> stream) {
    stream_ = std::move(stream);
    stream_->OnClosed([self = shared_from_this()] { self->Stop(); });
    LookAgain();
  }

 private:
  void Stop() {
    subscription_.reset();
    next_look_.cancel();
  }

  void LookAgain() {
    next_look_.expires_after(kBetweenLooks);
    next_look_.async_wait([follower = weak_from_this()](boost::system::error_code cancelled) {
      const auto self = cancelled ? nullptr : follower.lock();
      if (self != nullptr && self->IsGoingOn()) self->LookAgain();
    });
  }

  // Ends the answer of who may not have it any more.
  bool IsGoingOn() {
    if (subscription_ == nullptr) return false;
    if (still_may_()) return true;
    Stop();
    stream_->End();
    return false;
  }

  void Deliver() {
    if (!IsGoingOn()) return;
    const LogMonitor::Taken taken = subscription_->Take();
    if (stream_->queued_bytes() + taken.text.size() > kMaxQueuedBytes) {
      lost_ += taken.lines + taken.lost;
      return;
    }
    stream_->Write(NoteOf(std::exchange(lost_, 0)) + taken.text + NoteOf(taken.lost));
  }

  std::string NoteOf(size_t lost) {
    if (lost == 0) return "";
    return subscription_->Line(
        level::warn, std::to_string(lost) + " log lines are missing here: read too slowly");
  }

  const std::function<bool()> still_may_;
  boost::asio::steady_timer next_look_;
  std::shared_ptr<http::ResponseStream> stream_;
  std::unique_ptr<LogMonitor::Subscription> subscription_;
  size_t lost_ = 0;  // before the next lines
};

}  // namespace

void FollowLog(LogMonitor& log, const std::shared_ptr<http::Exchange>& exchange,
               std::function<bool()> still_may) {
  const http::Request& request = exchange->request();
  LogMonitor::Options options;
  const std::string_view name = request.FindQuery("loglevel").value_or("");
  if (!name.empty()) {
    const std::optional<level::level_enum> wanted = ParseLevel(name);
    if (!wanted) {
      return exchange->Respond(http::TextResponse(400, "Unknown log level: " + std::string(name)));
    }
    options.level = *wanted;
  }
  http::Response head = http::EmptyResponse(200);
  if (request.HasQuery("logjson")) {
    options.format = LogMonitor::Format::kJson;
    head.AddHeader("Content-Type", "application/x-ndjson");
  } else {
    head.AddHeader("Content-Type", "text/plain; charset=utf-8");
  }
  // First of all: a client that has the header gets every line from then on.
  const auto follower = std::make_shared<Follower>(exchange->loop(), std::move(still_may));
  follower->Subscribe(log, options, exchange->loop());
  follower->Follow(exchange->RespondStream(std::move(head)));
}

http::Handler MonitorHandler(LogMonitor& log) {
  return [&log](const std::shared_ptr<http::Exchange>& exchange) {
    FollowLog(log, exchange, [] { return true; });
  };
}

}  // namespace rollcall::api
