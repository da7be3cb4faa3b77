// SessionStream: the ResponseStream of a Session. It frames and keeps the bytes; the session sends
// them. Each holds the other weakly: the session goes when the connection does, the stream when its
// writer lets it go.
// Threads as ResponseStream says.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "api/http/response.h"
#include "api/http/response_stream.h"

namespace boost::asio {
class io_context;
}

namespace rollcall::http {

class Session;

class SessionStream final : public ResponseStream,
                            public std::enable_shared_from_this<SessionStream> {
 public:
  struct Options {
    Framing::Length length = Framing::Length::kChunked;  // or kUntilClose
    size_t max_queued_bytes = 0;
  };

  SessionStream(boost::asio::io_context& loop, std::weak_ptr<Session> session, Options options);
  // Dropped before its end: tells the session.
  ~SessionStream() override;

  bool Write(std::string_view bytes) override;
  size_t queued_bytes() const override { return queue_.size() - sent_; }
  void End() override;
  void OnClosed(std::function<void()> hook) override;
  void OnSent(std::function<void()> hook) override;

  // For the session. What is to be sent next; `sent` of it has been.
  std::string_view queue() const { return std::string_view(queue_).substr(sent_); }
  void TakeSent(size_t sent);
  // Puts the head in front; nothing has been written yet.
  void BeginWith(std::string_view head) { queue_.assign(head); }
  bool has_ended() const { return state_ == State::kEnded || state_ == State::kFinished; }
  // The server ends it: completes the answer and calls the hook.
  void Finish();
  // The connection has gone; calls the hook.
  void NotifyClosed();

 private:
  // kEnded: by its writer. kFinished: by the server, in good order.
  enum class State { kOpen, kEnded, kFinished, kClosed };

  void Complete(State state);
  void Post(std::function<void()> hook);
  // Lets both hooks go, and calls the one of OnClosed.
  void PostClosed();

  boost::asio::io_context& loop_;
  const std::weak_ptr<Session> session_;
  const Options options_;
  State state_ = State::kOpen;
  std::string queue_;
  size_t sent_ = 0;  // how much of the queue's front has gone
  std::function<void()> closed_hook_;
  std::function<void()> sent_hook_;
};

}  // namespace rollcall::http
