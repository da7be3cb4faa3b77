// SessionExchange: the Exchange of a Session. Holds its session weakly: the session goes when the
// connection does, the exchange when the handler lets it go.
// Threads as Exchange says; the last reference may be dropped on any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "api/http/exchange.h"

namespace rollcall::http {

class Session;

class SessionExchange final : public Exchange,
                              public std::enable_shared_from_this<SessionExchange> {
 public:
  SessionExchange(boost::asio::io_context& loop, std::weak_ptr<Session> session,
                  std::string remote_address);
  // Dropped without an answer: tells the session.
  ~SessionExchange() override;

  const Request& request() const override { return request_; }
  void Respond(Response response) override;
  std::shared_ptr<ResponseStream> RespondStream(Response head) override;
  void OnClosed(std::function<void()> hook) override;
  void OnShutdown(std::function<void()> hook) override;
  void OnAnswer(AnswerHook hook) override { answer_hook_ = std::move(hook); }
  void PostToWorker(std::function<void()> work) override;
  boost::asio::io_context& loop() override { return loop_; }

  // For the session.
  Request& mutable_request() { return request_; }
  // The handler has it from here on: it must be answered.
  void Open() { state_ = State::kOpen; }
  bool is_open() const { return state_ == State::kOpen; }
  bool has_closed_hook() const { return closed_hook_ != nullptr; }
  // The connection has gone; calls the hook. Answers are ignored from now on.
  void NotifyClosed();
  void NotifyShutdown();
  // Runs a handler's or a hook's code: what it throws is logged and becomes a 500.
  void Guard(const std::function<void()>& work);

 private:
  // kReading: still the session's own. kClosed: unanswered, and nobody there to answer.
  enum class State { kReading, kOpen, kClosed, kAnswered };

  // What answering means for the exchange itself: true when somebody is there to answer.
  bool BecomeAnswered();
  // To the hook of OnAnswer.
  void TellOf(const Response& answer);
  void TellOfNone() noexcept;
  void LogAnswer(int status) const;

  boost::asio::io_context& loop_;
  const std::weak_ptr<Session> session_;
  Request request_;
  State state_ = State::kReading;
  std::function<void()> closed_hook_;
  std::function<void()> shutdown_hook_;
  AnswerHook answer_hook_;
};

}  // namespace rollcall::http
