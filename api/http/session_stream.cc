#include "api/http/session_stream.h"

#include <spdlog/spdlog.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <charconv>
#include <exception>
#include <utility>

#include "api/http/session.h"

namespace rollcall::http {

SessionStream::SessionStream(boost::asio::io_context& loop, std::weak_ptr<Session> session,
                             Options options)
    : loop_(loop), session_(std::move(session)), options_(options) {}

SessionStream::~SessionStream() {
  // The session may only be touched on its own thread, which need not be this one.
  if (state_ != State::kOpen || session_.expired()) return;
  try {
    boost::asio::post(loop_, [session = session_] {
      if (const auto open = session.lock()) open->AbortStream();
    });
  } catch (const std::exception& error) {
    spdlog::error("http: a stream that was given up cannot be closed: {}", error.what());
  }
}

bool SessionStream::Write(std::string_view bytes) {
  const auto session = session_.lock();
  if (state_ != State::kOpen || session == nullptr) return false;
  if (bytes.empty()) return true;  // as a chunk it would be the end
  if (queued_bytes() + bytes.size() > options_.max_queued_bytes) {
    NotifyClosed();
    boost::asio::post(loop_, [session] { session->AbortStream(); });
    return false;
  }
  if (options_.length == Framing::Length::kChunked) {
    std::array<char, 16> digits;
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16).ptr;
    queue_.append(digits.data(), end).append("\r\n").append(bytes).append("\r\n");
  } else {
    queue_.append(bytes);
  }
  session->FlushStream();
  return true;
}

void SessionStream::End() {
  if (state_ != State::kOpen) return;
  Complete(State::kEnded);
  const auto closed_hook = std::exchange(closed_hook_, nullptr);
  const auto sent_hook = std::exchange(sent_hook_, nullptr);
  if (const auto session = session_.lock()) session->FlushStream();
}

void SessionStream::Complete(State state) {
  state_ = state;
  if (options_.length == Framing::Length::kChunked) queue_.append("0\r\n\r\n");
}

void SessionStream::OnClosed(std::function<void()> hook) {
  if (state_ == State::kEnded) return;
  closed_hook_ = std::move(hook);
  if (state_ != State::kOpen) PostClosed();
}

void SessionStream::OnSent(std::function<void()> hook) {
  if (state_ != State::kOpen) return;
  if (queued_bytes() == 0) return Post(std::move(hook));
  sent_hook_ = std::move(hook);
}

void SessionStream::TakeSent(size_t sent) {
  sent_ += sent;
  // Moved to the front once that is the smaller part, so that a queue that is never quite empty
  // costs no more than a copy of its bytes.
  if (sent_ < queue_.size() - sent_) return;
  queue_.erase(0, sent_);
  sent_ = 0;
  if (!queue_.empty()) return;
  queue_ = {};
  Post(std::exchange(sent_hook_, nullptr));
}

void SessionStream::Finish() {
  if (state_ != State::kOpen) return;
  Complete(State::kFinished);
  PostClosed();
}

void SessionStream::NotifyClosed() {
  if (state_ != State::kOpen) return;
  state_ = State::kClosed;
  PostClosed();
}

void SessionStream::PostClosed() {
  // What it captured may be the last to hold this stream.
  const auto sent_hook = std::exchange(sent_hook_, nullptr);
  Post(std::exchange(closed_hook_, nullptr));
}

void SessionStream::Post(std::function<void()> hook) {
  if (!hook) return;
  boost::asio::post(loop_, [hook = std::move(hook)] {
    try {
      hook();
    } catch (const std::exception& error) {
      spdlog::error("http: a hook of a stream failed: {}", error.what());
    }
  });
}

}  // namespace rollcall::http
