#include "api/http/session_exchange.h"

#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cassert>
#include <exception>
#include <utility>

#include "api/http/session.h"
#include "api/http/session_stream.h"

namespace rollcall::http {
namespace {

Response InternalError() { return TextResponse(500, "Internal server error"); }

}  // namespace

SessionExchange::SessionExchange(boost::asio::io_context& loop, std::weak_ptr<Session> session,
                                 std::string remote_address)
    : loop_(loop), session_(std::move(session)), request_(std::move(remote_address)) {}

SessionExchange::~SessionExchange() {
  TellOfNone();
  // The session may only be touched on its own thread, which need not be this one.
  if (state_ != State::kOpen || session_.expired()) return;
  try {
    boost::asio::post(loop_, [session = session_] {
      if (const auto open = session.lock()) open->Answer(InternalError());
    });
  } catch (const std::exception& error) {
    spdlog::error("http: an unanswered request cannot be reported: {}", error.what());
  }
}

bool SessionExchange::BecomeAnswered() {
  assert(state_ != State::kAnswered && "answered twice");
  return std::exchange(state_, State::kAnswered) == State::kOpen;
}

void SessionExchange::TellOf(const Response& answer) {
  LogAnswer(answer.status);
  if (const AnswerHook hook = std::exchange(answer_hook_, nullptr)) hook(request_, &answer);
}

// What it throws must not get out of a destructor.
void SessionExchange::TellOfNone() noexcept {
  try {
    if (const AnswerHook hook = std::exchange(answer_hook_, nullptr)) hook(request_, nullptr);
  } catch (const std::exception& error) {
    spdlog::error("http: an unanswered request cannot be told of: {}", error.what());
  }
}

// Without the query, which may hold a token.
void SessionExchange::LogAnswer(int status) const {
  if (!spdlog::should_log(spdlog::level::debug)) return;
  const TlsPeer* const peer = request_.tls_peer();
  spdlog::debug("http: {} {} from {}{}: {}", request_.method_name(), request_.raw_path(),
                request_.remote_address(), peer == nullptr ? "" : " (" + peer->subject + ")",
                status);
}

void SessionExchange::Respond(Response response) {
  const bool open = BecomeAnswered();
  TellOf(response);
  // What the hooks captured may own this exchange: let go at the end.
  const auto closed = std::exchange(closed_hook_, nullptr);
  const auto shutdown = std::exchange(shutdown_hook_, nullptr);
  if (!open) return;
  if (const auto session = session_.lock()) session->Answer(std::move(response));
}

std::shared_ptr<ResponseStream> SessionExchange::RespondStream(Response head) {
  const bool open = BecomeAnswered();
  TellOf(head);
  const auto closed = std::exchange(closed_hook_, nullptr);
  const auto shutdown = std::exchange(shutdown_hook_, nullptr);
  std::shared_ptr<ResponseStream> stream;
  const auto session = session_.lock();
  if (open && session != nullptr) stream = session->AnswerStream(std::move(head));
  if (stream != nullptr) return stream;
  const auto unheard = std::make_shared<SessionStream>(loop_, session_, SessionStream::Options());
  unheard->NotifyClosed();
  return unheard;
}

void SessionExchange::OnClosed(std::function<void()> hook) {
  if (state_ != State::kOpen) return;
  closed_hook_ = std::move(hook);
  if (const auto session = session_.lock()) session->WatchPeer();
}

void SessionExchange::OnShutdown(std::function<void()> hook) {
  if (state_ != State::kOpen) return;
  shutdown_hook_ = std::move(hook);
  const auto session = session_.lock();
  if (session == nullptr || !session->draining()) return;
  boost::asio::post(loop_, [self = weak_from_this()] {
    if (const auto exchange = self.lock()) exchange->NotifyShutdown();
  });
}

void SessionExchange::PostToWorker(std::function<void()> work) {
  boost::asio::post(loop_,
                    [self = shared_from_this(), work = std::move(work)] { self->Guard(work); });
}

void SessionExchange::NotifyClosed() {
  if (state_ != State::kOpen) return;
  state_ = State::kClosed;
  const auto closed = std::exchange(closed_hook_, nullptr);
  const auto shutdown = std::exchange(shutdown_hook_, nullptr);
  if (closed) Guard(closed);
}

void SessionExchange::NotifyShutdown() {
  if (state_ != State::kOpen) return;
  if (const auto hook = std::exchange(shutdown_hook_, nullptr)) Guard(hook);
}

void SessionExchange::Guard(const std::function<void()>& work) {
  std::string what = "not a std::exception";
  try {
    return work();
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {  // whatever it is, it must not take the worker down
  }
  spdlog::error("http: {} {} failed: {}", request_.method_name(), request_.raw_path(), what);
  if (state_ == State::kOpen) Respond(InternalError());
}

}  // namespace rollcall::http
