// Session: one connection, from accept to close, and the requests on it one after the other.
//
// Worker's thread. Owned by its SessionSet.
// States:
//   kHandshaking TLS is being agreed on             -> kIdle, kWriting, kLingering, kClosed
//   kIdle        between requests                   -> kReading, kClosed
//   kReading     a request has begun                -> kHandling, kWriting (a refusal), kClosed
//   kHandling    an Exchange is out                 -> kWriting, kStreaming, kClosed
//   kWriting     an answer is going out             -> kIdle, kLingering, kClosed
//   kStreaming   an answer is made and goes out     -> kIdle, kLingering, kClosed
//   kLingering   the last answer is out, our sending side is closed, or will be when TLS has said
//                so; what the client still sends is thrown away, so that closing does not destroy
//                the answer on its way (RFC 9112 section 9.6)  -> kClosed
// Invariants:
//   1. A session that waits holds no read buffer; only pipelined bytes and an incomplete request
//      are kept. What its socket has been said to be ready for is in has_input_ until a read finds
//      the socket empty: the poller says nothing twice.
//   2. Requests that arrive behind an unanswered one wait in pipelined_; so answers go out in
//   order.
//   3. In kHandling the socket is read only when the exchange asked for it (OnClosed), in
//      kStreaming always.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "api/http/deadlines.h"
#include "api/http/request_reader.h"
#include "api/http/response.h"
#include "api/http/response_stream.h"
#include "api/http/session_set.h"
#include "api/http/socket_poller.h"
#include "api/http/transport.h"

namespace rollcall::http {

class SessionExchange;
class SessionStream;

class Session final : public DeadlineMember,
                      public SocketPoller::Member,
                      public std::enable_shared_from_this<Session> {
 public:
  // Whether ConnectionCounts has counted this connection in.
  enum class Admission { kCounted, kRefused };

  // `transport` is connected and does not block; TLS over it has yet to begin.
  Session(std::shared_ptr<SessionSet> set, Transport transport, std::string remote_address,
          Admission admission);

  // Enters the set and waits for the first request.
  void Start();
  // Enters the set, sends `response` unasked and closes.
  void Refuse(Response response);
  // The same for a client that is about to speak TLS: it is sent an alert in place of a handshake.
  void RefuseTls();

  // For the exchange: the answer to the current request.
  void Answer(Response response);
  // For the exchange: the answer is made as it goes out. Null when nobody would read it.
  std::shared_ptr<ResponseStream> AnswerStream(Response head);
  // For the stream: it has more to send, or has ended.
  void FlushStream();
  // For the stream: nothing more will come, or the client does not read what has.
  void AbortStream();
  // For the exchange: notice from now on when the client goes away.
  void WatchPeer();
  bool draining() const { return set_->draining(); }

  // Closes when idle; otherwise the current request is the last one, and its exchange is told.
  void BeginDrain();
  // At once; idempotent.
  void Close();
  // As Close, with a reset.
  void Cut();

  void OnDeadline(DeadlineKind kind) override;
  void OnReady(SocketPoller::Ready ready) noexcept override;

 private:
  enum class State {
    kHandshaking,
    kIdle,
    kReading,
    kHandling,
    kWriting,
    kStreaming,
    kLingering,
    kClosed
  };
  enum class After { kKeepOpen, kClose };
  // An answer that the socket did not take at once.
  struct Outgoing {
    std::string head;
    Body body;
    Parts parts;  // of both
    size_t sent = 0;
  };

  // Enters the poller; false, and closed, when there is no room in it.
  bool Register();
  // In session_handshake.cc.
  void BeginHandshake();
  void ContinueHandshake();
  void FinishHandshake();
  void FailHandshake();
  // Runs what a wait led to; an exception (no memory) costs this connection, not the worker.
  void Guard(void (Session::*step)()) noexcept;
  void WaitReadable();
  void WaitWritable();
  // Reads when that is waited for and there may be something.
  void ReadIfWanted() noexcept;
  void OnReadable();
  void OnWritable();
  void Receive();
  Received ReadSocket();
  void Discard();
  void NoticePeer();

  // There was an error of TLS in what came.
  void EndBrokenTls();

  void Process(std::string_view input);
  // Between requests, with nothing more to read for now.
  void RestIdle();
  bool ConsumeRequest(std::string_view& input);
  void BeginRequest();
  void SendContinue();
  void Dispatch();
  Response RefusalOf(const RequestReader::Failure& failure) const;
  void RefuseRequest(const RequestReader::Failure& failure);

  // The part of an answer's head that is the connection's business; also decides close_after_.
  Framing BeginAnswer(After after);
  void Send(Response response, After after);
  void SendFramed(Response response, const Framing& framing);
  void ContinueSending();
  void FinishAnswer();
  void EndConnection();
  void EndStream();

  const std::shared_ptr<SessionSet> set_;
  Transport transport_;
  const std::string remote_address_;
  const Admission admission_;
  State state_ = State::kIdle;
  bool has_input_ = false;       // there may be something to read
  bool input_ended_ = false;     // the client sends no more than what is in the socket
  bool waits_to_read_ = false;   // input is to be read when there is some
  bool waits_to_write_ = false;  // what is to go out goes on when the socket takes bytes again
  bool watches_output_ = false;  // the poller tells of room for output, too
  bool record_begun_ = false;    // kIdle: a part of a record of TLS has come
  bool processing_ = false;      // Process is on the stack and will go on by itself
  bool peer_ended_ = false;      // the client has closed its sending side
  bool close_after_ = false;     // the answer that is going out is the last one
  bool keep_alive_ = false;      // the current request's wish
  bool old_protocol_ = false;    // the current request is HTTP/1.0
  bool head_only_ = false;       // the current request is a HEAD
  bool wants_gzip_ = false;      // the current request accepts it
  bool watched_ = false;         // the current exchange asked to be told of the close: it may wait
  std::chrono::steady_clock::time_point dispatched_;  // the current request
  size_t discarded_ = 0;
  SessionSet::Members::iterator place_;
  std::unique_ptr<RequestReader> reader_;      // kReading
  std::shared_ptr<SessionExchange> incoming_;  // kReading: the exchange that reader_ fills
  std::weak_ptr<SessionExchange> exchange_;    // kHandling
  std::string pipelined_;
  std::unique_ptr<Outgoing> outgoing_;            // kWriting
  std::weak_ptr<SessionStream> stream_;           // kStreaming
  std::shared_ptr<SessionStream> ending_stream_;  // the same, which its writer may have let go
};

}  // namespace rollcall::http
