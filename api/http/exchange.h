// Exchange: one request waiting for its one answer, which a handler gives now or later.
//
// Threads: everything but PostToWorker belongs to the worker's thread, the one that called the
// handler. The pointer itself may travel: another thread holds it and comes back with PostToWorker.
// Ownership: whoever will answer holds the shared_ptr. When the last one is dropped without an
// answer the client gets a 500. It may outlive its connection (everything is then a no-op), but not
// the worker's loop. The hooks are let go, with what they captured, after the answer or the close;
// a hook that captures the exchange's own shared_ptr therefore keeps it from being dropped.
#pragma once

#include <functional>
#include <memory>

#include "api/http/request.h"
#include "api/http/response.h"
#include "api/http/response_stream.h"

namespace boost::asio {
class io_context;
}

namespace rollcall::http {

class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual const Request& request() const = 0;

  // Answers, exactly once; a second call is a programming error. Ignored when the client has gone.
  virtual void Respond(Response response) = 0;

  // Answers, in place of Respond, with an answer that is yet to be made: `head` has no body, and
  // its status is one that has content. Always a stream; when the client has gone, or asks with
  // HEAD, it is closed already.
  virtual std::shared_ptr<ResponseStream> RespondStream(Response head) = 0;

  // `hook` is called at once when the connection goes away before the answer: the client closed it
  // (also only its sending side), it broke, or the server gave up on it. For exchanges that wait
  // long. Without a hook nobody watches the connection meanwhile, and a client that has closed only
  // its sending side still gets its answer. One hook; a second call replaces the first.
  virtual void OnClosed(std::function<void()> hook) = 0;

  // `hook` is called when the server drains (Server::Drain) and this exchange is still unanswered:
  // it is to answer now. An exchange without one is waited for until the drain's deadline. Never
  // called from within this call.
  virtual void OnShutdown(std::function<void()> hook) = 0;

  // `hook` is called once, before the answer goes out, with the request and its answer, whoever
  // gives it: also with the 500 of a handler that throws, and when the client has gone meanwhile.
  // Null: the exchange was dropped without an answer, maybe on another thread. One hook; a second
  // call replaces the first.
  using AnswerHook = std::function<void(const Request& request, const Response* answer)>;
  virtual void OnAnswer(AnswerHook hook) = 0;

  // Any thread: runs `work` on the worker's thread, soon, also when the connection has gone. What
  // `work` throws is logged and answered with a 500.
  virtual void PostToWorker(std::function<void()> work) = 0;

  // The worker's loop, for timers on it.
  virtual boost::asio::io_context& loop() = 0;
};

}  // namespace rollcall::http
