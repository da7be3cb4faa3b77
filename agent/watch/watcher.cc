#include "agent/watch/watcher.h"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "registry/base/printable.h"

namespace rollcall::watch {
namespace {

using std::chrono::milliseconds;

std::string IdOf(const nlohmann::json& event) {
  return event.is_object() && event.contains("ID") && event["ID"].is_string()
             ? event["ID"].get<std::string>()
             : std::string();
}

}  // namespace

Watcher::Watcher(const front::KeptRead::Tools& tools, WatchDefinition definition, MakeHandler make,
                 const Times& times)
    : tools_(tools),
      definition_(std::move(definition)),
      make_(std::move(make)),
      times_(times),
      pause_(tools.loop) {}

void Watcher::Start() {
  front::KeptRead::Listener listener;
  listener.on_kept = [self = weak_from_this()] {
    if (const auto watcher = self.lock()) watcher->OnAnswer();
  };
  listener.on_failure = [](const Error&) {};  // it tries again by itself, and so after the next
  listener.on_other = [self = weak_from_this()](const front::UpstreamReply& reply) {
    if (const auto watcher = self.lock()) watcher->OnOther(reply);
  };
  front::UpstreamRequest read{.target = definition_.target};
  front::AddToken(&read, definition_.token);
  read_ = std::make_shared<front::KeptRead>(tools_, std::move(read), std::move(listener));
  read_->Refresh();
}

void Watcher::OnOtherToken() {
  if (read_ && definition_.token.empty()) read_->AskAnew();
}

void Watcher::Stop() {
  stopped_ = true;
  if (read_) read_->Stop();
  read_ = nullptr;
  if (running_) running_->Cancel();
  running_ = nullptr;
  pause_.cancel();
}

void Watcher::OnOther(const front::UpstreamReply& reply) {
  const std::string refusal = std::to_string(reply.status) + ": " + FirstLine(reply.body);
  if (std::exchange(last_refusal_, refusal) == refusal) return;
  spdlog::error("{}: {} answers {}; trying on", Describe(definition_), reply.server, refusal);
}

void Watcher::OnAnswer() {
  const front::KeptAnswer* answer = read_->answer();
  last_refusal_.clear();
  if (answer == nullptr || answer->body == seen_) return;
  seen_ = answer->body;
  const auto part = NewPartOf(std::string(answer->body->bytes()));
  if (part == nullptr) return;
  news_ = News{answer->index, part};
  attempts_ = 0;
  if (!running_) {
    pause_.cancel();  // of an earlier attempt, whose news are old now
    Tell();
  }
}

std::shared_ptr<const std::string> Watcher::NewPartOf(const std::string& body) {
  if (definition_.kind != WatchKind::kEvent) return std::make_shared<const std::string>(body);
  // The list is of the last events, the newest at its end.
  nlohmann::json events = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!events.is_array()) return nullptr;
  const std::optional<std::string> known =
      std::exchange(last_event_, events.empty() ? std::string() : IdOf(events.back()));
  if (!known) return nullptr;  // what had happened before is no news
  size_t begin = 0;
  for (size_t i = 0; i < events.size(); ++i) {
    if (IdOf(events[i]) == *known) begin = i + 1;
  }
  if (begin == events.size()) return nullptr;
  events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(begin));
  return std::make_shared<const std::string>(
      events.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void Watcher::Tell() {
  if (stopped_ || running_ || !news_) return;
  ++attempts_;
  running_ = make_(definition_, *news_);
  running_->Start([self = weak_from_this(), told = news_->json](const probe::ProbeResult& result) {
    const auto watcher = self.lock();
    if (watcher == nullptr || watcher->stopped_) return;
    watcher->running_ = nullptr;
    // What came meanwhile is told next, whatever became of the old.
    if (watcher->news_ && watcher->news_->json != told) return watcher->Tell();
    watcher->OnTold(result);
  });
}

void Watcher::OnTold(const probe::ProbeResult& result) {
  if (result.status == model::CheckStatus::kPassing) {
    news_.reset();
    return;
  }
  const bool again =
      definition_.handler.kind == model::CheckKind::kHttp && attempts_ < times_.attempts;
  spdlog::warn("{}: its handler failed{}: {}", Describe(definition_),
               again ? ", and is tried again" : "", FirstLine(result.output));
  if (again) return TellLater(times_.first_retry * (1 << (attempts_ - 1)));
  news_.reset();
}

void Watcher::TellLater(milliseconds pause) {
  pause_.expires_after(pause);
  pause_.async_wait([self = weak_from_this()](boost::system::error_code cancelled) {
    const auto watcher = self.lock();
    if (!cancelled && watcher != nullptr) watcher->Tell();
  });
}

}  // namespace rollcall::watch
