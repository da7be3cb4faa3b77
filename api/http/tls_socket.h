// TlsSocket: the server's side of TLS over a socket that does not block. It does what can be done
// at once and says how far it came, as socket_io does without TLS. OpenSSL reads and writes the
// socket itself: no bytes are copied between buffers of ours and its own.
//
// The socket is watched by its edges, in both directions from the beginning, because either
// direction may wait for the other one: reading answers a client that wants new keys (RFC 8446
// section 4.6.3). What an edge means for who reads and who writes is up to Meaning.
// So while a client does not take what it is sent, it is not read either, and that it has closed
// its sending side shows when it does, or when the deadline for writing comes.
//
// Worker's thread. Owned by a Transport. OpenSSL's errors are the thread's own: each call forgets
// those before it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/http/request.h"
#include "api/http/socket_io.h"
#include "api/http/socket_poller.h"
#include "api/http/ssl_handles.h"
#include "api/http/tls_bio.h"
#include "api/http/tls_context.h"
#include "api/http/tls_peer.h"

namespace rollcall::http {

class TlsSocket {
 public:
  // `socket` is the caller's and outlives the object. Throws std::bad_alloc.
  TlsSocket(std::shared_ptr<const TlsContext> context, int socket);

  enum class Handshake { kDone, kGoesOn, kFailed };
  // As far as it comes; again on the next edge when it goes on. After kFailed the client has been
  // told why, as far as TLS has a word for it, and the object is of no use any more.
  Handshake ContinueHandshake();

  // Of a handshake that failed. Empty: the client has gone, which scanners and probes do.
  const std::string& failure() const { return failure_; }
  // What the client sent was a request of HTTP without TLS, of this method; kOther: CONNECT or
  // TRACE. Empty: it was none.
  const std::optional<Method>& plain_method() const { return plain_method_; }

  // Of a handshake that is done.
  bool was_resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  // Null: there was no certificate to verify.
  const std::shared_ptr<const TlsPeer>& peer() const { return peer_; }

  // As ReceiveSome; `ended` also when the client has said that nothing more will come
  // (close_notify). While a record is half sent nothing is read: then there is nothing yet, or the
  // end when the socket has come to its end. Reads so much at a time that others get their turns:
  // where nothing came and it is not said to be emptied, there may be more. A client that sends
  // record after record with nothing in them is cut off.
  Received Receive(std::vector<char>& room);
  bool HasInput() const;
  // Whether a part of a record has come, of which the rest has not. After Receive.
  bool HasBegunRecord() const { return SSL_has_pending(ssl_.get()) == 1; }
  // As SendSome. Bytes that did not go out have to be offered again, with more behind them or not:
  // the record that they are in may be half sent.
  bool Send(const Parts& parts, size_t& sent);

  // Says that nothing more will come (close_notify). False: the socket takes nothing now, so once
  // more when it does.
  bool SayGoodbye();

  // Notes what is ready, and answers it in the terms of who reads and who writes.
  SocketPoller::Ready Meaning(SocketPoller::Ready ready);

 private:
  enum class Outcome { kWantsInput, kWantsOutput, kEnded, kBroken };
  // Why the last call did not do it, which answered `result`.
  Outcome OutcomeOf(int result) const;
  void NoteFailure();
  void NotePeer();
  // Told of each record that begins to be read.
  void NoteRecord();

  const std::shared_ptr<const TlsContext> context_;
  const int socket_;
  TlsBio bio_;
  const SslHandle ssl_;  // uses bio_
  bool is_agreed_ = false;
  size_t records_ = 0;  // since the last one that held something for the application
  bool read_wants_output_ = false;
  bool write_wants_input_ = false;
  bool has_half_record_ = false;  // the socket took a part of the last record, or nothing of it
  bool input_ended_ = false;      // nothing comes behind what is in the socket
  bool broken_ = false;
  std::optional<Method> plain_method_;
  std::string failure_;
  std::shared_ptr<const TlsPeer> peer_;
};

}  // namespace rollcall::http
