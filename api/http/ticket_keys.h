// TicketKeys: what a server encrypts session tickets with (RFC 5077, RFC 8446 section 4.6.1). A
// ticket holds all that resuming its session needs, so no server keeps sessions: any worker can
// resume what another one began, for they share these keys.
//
// A key encrypts for kLifetime and is then still good for decrypting for as long again. They are
// drawn by the process and never leave it: whoever finds them can read recorded sessions of TLS 1.2
// that began with a ticket.
//
// Synchronises itself: every worker's handshakes ask it.
#pragma once

#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

#include "registry/base/clock.h"
#include "registry/base/lock_guarded.h"

namespace rollcall::http {

class TicketKeys {
 public:
  static constexpr std::chrono::hours kLifetime{12};

  // Of one key; its `name` stands in front of each ticket.
  struct Key {
    std::array<uint8_t, 16> name;
    std::array<uint8_t, 32> cipher;  // AES-256-CBC
    std::array<uint8_t, 32> mac;     // HMAC-SHA256

    // No copy is left in memory behind its owner.
    ~Key() {
      OPENSSL_cleanse(cipher.data(), cipher.size());
      OPENSSL_cleanse(mac.data(), mac.size());
    }
  };

  // `clock` outlives the object.
  explicit TicketKeys(const Clock& clock) : clock_(clock) {}

  // To encrypt with; a new one when the last one is too old. Empty: there is no randomness.
  std::optional<Key> Current();
  // To decrypt a ticket of that name; empty when there is no such key any more.
  std::optional<Key> Find(const uint8_t* name);

  // Has `context` use these, as long as it lives.
  void Serve(SSL_CTX* context);

 private:
  struct TimedKey {
    Key key;
    Clock::TimePoint since;
  };
  using Ring = std::deque<TimedKey>;  // the newest first

  // Lets go of what is too old to decrypt with.
  void Age(Ring& ring) const;

  const Clock& clock_;
  LockGuarded<Ring> ring_;
};

}  // namespace rollcall::http
