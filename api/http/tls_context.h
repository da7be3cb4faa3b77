// TlsContext: what the TLS connections of a server share: certificate and key, whom of their
// clients they trust, protocol and ciphers, the keys of session tickets. One for all workers, so
// that each can resume what another one began; a reload makes a new one, with other ticket keys, so
// that nobody comes back by what was trusted before, and connections that are there keep theirs.
//
// TLS 1.2 and 1.3 alone, with the ciphers and groups of Mozilla's "intermediate" configuration
// (https://wiki.mozilla.org/Security/Server_Side_TLS, 5.7) but those of plain Diffie-Hellman, which
// need parameters and serve no client that ECDHE does not. No compression and no renegotiation.
//
// Immutable but for what synchronises itself: any thread.
#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include "api/http/ssl_handles.h"
#include "api/http/ticket_keys.h"
#include "api/http/ticket_life.h"
#include "api/http/tls_files.h"
#include "registry/base/clock.h"
#include "registry/base/result.h"

namespace rollcall::http {

class TlsContext {
 public:
  // Reads the files. `clock` outlives the object and its connections; `wall_time` is for tickets
  // alone. Errors name the file and the reason: those of tls_files, and kInvalidArgument for what
  // OpenSSL refuses, such as a short key.
  static Result<std::shared_ptr<const TlsContext>> Load(
      const TlsFiles& files, const Clock& clock,
      WallTime wall_time = std::chrono::system_clock::now);

  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext() = default;

  // The server's side of a connection that begins on what `bio` reads and writes. Throws
  // std::bad_alloc, also when there is no `bio`.
  SslHandle MakeServerSide(BioHandle bio) const;

  // When the certificate ends.
  std::chrono::system_clock::time_point not_after() const { return not_after_; }

 private:
  TlsContext(const Clock& clock, WallTime wall_time)
      : ticket_keys_(clock), ticket_life_(clock, std::move(wall_time)) {}

  Result<void> SetUp(const TlsFiles& files);
  Result<void> UseIdentity(const TlsFiles& files);
  Result<void> VerifyClients(const TlsFiles& files);

  SslContextHandle context_;
  TicketKeys ticket_keys_;
  TicketLife ticket_life_;
  std::chrono::system_clock::time_point not_after_;
};

}  // namespace rollcall::http
