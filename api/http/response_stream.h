// ResponseStream: an answer that is made while it goes out, and whose length nobody knows before.
//
//   auto stream = exchange->RespondStream(head);
//   stream->OnClosed([=] { /* stop making it */ });
//   stream->Write("a part");  ...  stream->End();
//
// Threads: the worker's, that of the exchange; only the last reference may be dropped anywhere.
// Ownership: whoever writes holds the shared_ptr. When the last one is dropped before End, the
// connection is cut, so that the client knows that a part is missing. A hook is let go, with what
// it captured, when it has been called, when the stream is closed, or at End; one that captures the
// stream's own shared_ptr keeps it from being dropped.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace rollcall::http {

class ResponseStream {
 public:
  virtual ~ResponseStream() = default;

  // Sends it, or keeps what the client has not room for yet; never blocks. False when it can reach
  // nobody any more. A client that has let more than Limits::max_stream_bytes queue up is cut off.
  virtual bool Write(std::string_view bytes) = 0;
  // How much is kept: who would rather leave something out than be cut off looks here first.
  virtual size_t queued_bytes() const = 0;
  // The answer is complete; what is kept still goes out.
  virtual void End() = 0;

  // `hook` is called, never from within a call of this object, when the stream is closed before its
  // End: the client has gone or did not read, or the server drains; the answer has then been
  // completed in good order where it could. One hook; a second call replaces the first.
  virtual void OnClosed(std::function<void()> hook) = 0;

  // `hook` is called once, never from within a call of this object, when nothing is queued any
  // more: who makes a long answer part by part makes the next one then. Let go when the stream is
  // closed before; Write says whether it is still open. One hook; a second call replaces the first.
  virtual void OnSent(std::function<void()> hook) = 0;
};

}  // namespace rollcall::http
