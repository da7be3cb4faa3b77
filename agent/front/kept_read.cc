#include "agent/front/kept_read.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <charconv>
#include <string_view>
#include <utility>

#include "agent/front/messages.h"

namespace rollcall::front {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// The cache says these itself.
constexpr std::string_view kOfTheCache[] = {"x-cache", "age"};
// A blocking query that ends sooner and with nothing new was not one.
constexpr seconds kShortWatch{1};

// 0 when there is none: the read is not one that blocks.
uint64_t IndexOf(const UpstreamReply& reply) {
  const std::string_view text = reply.Header("X-Consul-Index");
  uint64_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  return error == std::errc() && end == text.data() + text.size() ? index : 0;
}

// What is no answer to the question but says that there is none now.
bool IsFailure(int status) { return status >= 500 || status == 429; }

}  // namespace

KeptRead::KeptRead(const Tools& tools, UpstreamRequest read, Listener listener)
    : tools_(tools), read_(std::move(read)), listener_(std::move(listener)), pause_(tools.loop) {}

void KeptRead::Stop() {
  stopped_ = true;
  fetch_.Cancel();
  watch_.Cancel();
  pause_.cancel();
}

seconds KeptRead::Age() const {
  if (is_current_) return seconds(0);
  return std::chrono::duration_cast<seconds>(tools_.clock.Now() - current_until_);
}

void KeptRead::AskAnew() {
  if (stopped_) return;
  ++turn_;
  fetch_.Cancel();
  watch_.Cancel();
  fetching_ = watching_ = false;
  pauses_ = 0;
  Refresh();
}

void KeptRead::Refresh() {
  if (fetching_ || stopped_) return;
  fetching_ = true;
  pause_.cancel();
  fetch_ = tools_.upstream.Send(
      read_, [self = shared_from_this(), turn = turn_](Result<UpstreamReply> reply) {
        if (turn != self->turn_) return;
        self->fetching_ = false;
        self->OnReply(Asked::kFetch, std::move(reply));
      });
}

void KeptRead::Watch() {
  if (watching_ || stopped_) return;
  watching_ = true;
  watch_begun_ = tools_.clock.Now();
  UpstreamRequest request = read_;
  request.target = WithParameter(std::move(request.target), "index", std::to_string(answer_.index));
  request.target = WithParameter(std::move(request.target), "wait",
                                 std::to_string(tools_.options.watch.count()) + "s");
  request.wait = tools_.options.watch;
  watch_ = tools_.upstream.Send(
      std::move(request), [self = shared_from_this(), turn = turn_](Result<UpstreamReply> reply) {
        if (turn != self->turn_) return;
        self->watching_ = false;
        self->OnReply(Asked::kWatch, std::move(reply));
      });
}

void KeptRead::OnReply(Asked asked, Result<UpstreamReply> reply) {
  if (stopped_) return;
  if (!reply) return OnFailure(reply.error());
  const bool has_answer = answer() != nullptr;
  if (has_answer && IsFailure(reply->status)) {
    return OnFailure(
        Unavailable(reply->server + " answers with status " + std::to_string(reply->status)));
  }
  const uint64_t index_before = answer_.index;
  if (!Keep(*reply)) {
    listener_.on_other(*reply);
    if (!stopped_ && !fetching_ && !watching_) PauseAnd(&KeptRead::Refresh);
    return;
  }
  const bool is_short = asked == Asked::kWatch && answer_.index == index_before &&
                        tools_.clock.Now() - watch_begun_ < kShortWatch;
  if (!is_short) pauses_ = 0;
  listener_.on_kept();
  if (stopped_ || watching_) return;
  if (is_short) {
    PauseAnd(&KeptRead::Watch);
  } else {
    Watch();
  }
}

bool KeptRead::Keep(UpstreamReply& reply) {
  const uint64_t index = IndexOf(reply);
  if (reply.status != 200 || index == 0) return false;
  const bool is_same = answer_.body != nullptr && answer_.body->bytes() == reply.body;
  answer_.index = index;
  answer_.header_block = HeaderBlockOf(reply, kOfTheCache);
  answer_.etag = reply.Header("ETag");
  // The old one may have its compressed form already.
  if (!is_same) answer_.body = std::make_shared<http::SharedBody>(std::move(reply.body));
  is_current_ = true;
  last_error_.clear();
  return true;
}

void KeptRead::OnFailure(const Error& error) {
  if (is_current_) {
    is_current_ = false;
    // A connection that broke was good until then. One that was silent for all of its time may not
    // have been.
    const auto now = tools_.clock.Now();
    const bool was_silent = now - watch_begun_ >= tools_.options.watch;
    current_until_ = was_silent ? watch_begun_ : now;
  }
  last_error_ = error.message;
  fetch_.Cancel();
  watch_.Cancel();
  fetching_ = watching_ = false;
  listener_.on_failure(error);
  if (!stopped_ && !fetching_) PauseAnd(&KeptRead::Refresh);
}

void KeptRead::PauseAnd(void (KeptRead::*next)()) {
  // The whole of the pause is drawn, so that the many who lost one server do not come back at once.
  const milliseconds longest =
      std::min(tools_.options.max_pause, tools_.options.min_pause * (1 << std::min(pauses_, 10)));
  ++pauses_;
  pause_.expires_after(std::chrono::duration_cast<milliseconds>(longest * tools_.random()));
  pause_.async_wait([self = shared_from_this(), next](boost::system::error_code cancelled) {
    if (!cancelled && !self->stopped_) (self.get()->*next)();
  });
}

}  // namespace rollcall::front
