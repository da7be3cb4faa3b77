// DNS Cookies (RFC 7873): a client that sends back what it was given has been seen at its address.
// Server cookies are those that RFC 9018 describes, so that servers with the same secret accept
// each other's:
//
//   server cookie = version(1)=1 reserved(3)=0 timestamp(4) hash(8)
//   hash          = SipHash-2-4(client cookie | version | reserved | timestamp | client's address)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "registry/base/ip_address.h"

struct evp_mac_ctx_st;

namespace rollcall::dns {

// A COOKIE option as it was sent (RFC 7873 section 4).
struct SentCookie {
  static constexpr size_t kMinServer = 8;
  static constexpr size_t kMaxServer = 32;
  std::array<uint8_t, 8> client{};
  uint8_t server_size = 0;  // 0: the client has none yet
  std::array<uint8_t, kMaxServer> server{};
};

// What goes back: the client's and the server's part.
struct CookieReply {
  std::array<uint8_t, 8> client{};
  std::array<uint8_t, 16> server{};
};

using CookieSecret = std::array<uint8_t, 16>;

// One worker's. Allocates nothing once it is made.
class ServerCookies {
 public:
  // Throws std::runtime_error when the crypto library has no SipHash, and std::bad_alloc.
  explicit ServerCookies(const CookieSecret& secret);

  // Whether the client at `address` sent a cookie that it was given there within the last hour.
  // `now`: Unix time in seconds, which wraps around as RFC 9018 section 4.3 wants it.
  bool IsValid(const SentCookie& sent, const IpAddress& address, uint32_t now);

  // The cookie for that client: a valid one as it is while it is younger than half an hour, else a
  // new one (RFC 9018 section 4.3). `is_valid`: what IsValid said.
  CookieReply Answer(const SentCookie& sent, bool is_valid, const IpAddress& address, uint32_t now);

 private:
  struct ContextDeleter {
    void operator()(evp_mac_ctx_st* context) const;
  };

  std::array<uint8_t, 8> Hash(const std::array<uint8_t, 8>& client,
                              const std::array<uint8_t, 8>& front, const IpAddress& address);

  const CookieSecret secret_;
  std::unique_ptr<evp_mac_ctx_st, ContextDeleter> context_;
};

}  // namespace rollcall::dns
