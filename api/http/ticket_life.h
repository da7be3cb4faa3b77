// TicketLife: until when a session may be resumed. Each ticket carries when its session's full
// handshake was, and when the certificates end by which the client was verified in it. A ticket
// that follows another one carries the same: coming back prolongs nothing. One whose time is over
// leads to a full handshake, in which the client has to show its certificate again.
//
// What a ticket carries is encrypted and signed with TicketKeys, and so read by the process that
// wrote it alone.
//
// Immutable: every worker's handshakes ask it.
#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <functional>
#include <utility>

#include "registry/base/clock.h"

namespace rollcall::http {

// The time of day, by which certificates end. Any thread.
using WallTime = std::function<std::chrono::system_clock::time_point()>;

class TicketLife {
 public:
  // From the full handshake on.
  static constexpr std::chrono::hours kLongest{12};

  // `clock` outlives the object.
  TicketLife(const Clock& clock, WallTime wall_time)
      : clock_(clock), wall_time_(std::move(wall_time)) {}

  // Has `context` keep to it, as long as it lives.
  void Serve(SSL_CTX* context);

 private:
  struct Born;

  Born BornNow(const SSL* ssl) const;
  // Not positive: it is over.
  std::chrono::seconds LeftOf(const Born& born) const;
  bool IsGood(SSL_SESSION* session) const;

  // OpenSSL's callbacks: a ticket is about to be written, or has been decrypted.
  static int OnWrite(SSL* ssl, void* self);
  static SSL_TICKET_RETURN OnRead(SSL* ssl, SSL_SESSION* session, const unsigned char* key_name,
                                  size_t key_name_size, SSL_TICKET_STATUS status, void* self);

  const Clock& clock_;
  const WallTime wall_time_;
};

}  // namespace rollcall::http
