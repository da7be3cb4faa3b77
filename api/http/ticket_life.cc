#include "api/http/ticket_life.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>

#include "registry/pki/certificate.h"

namespace rollcall::http {
namespace {

// In seconds of the epoch; long ago when it cannot be read.
int64_t EndOf(const X509* certificate) {
  const std::optional<pki::Time> end = pki::TimeOf(X509_get0_notAfter(certificate));
  return end ? end->time_since_epoch().count() : 0;
}

}  // namespace

// The bytes that a ticket carries.
struct TicketLife::Born {
  int64_t full_handshake;     // nanoseconds of the Clock
  int64_t last_valid_second;  // of the epoch: of the client's certificates

  static std::optional<Born> Of(SSL_SESSION* session) {
    void* bytes = nullptr;
    size_t size = 0;
    Born born{};
    if (SSL_SESSION_get0_ticket_appdata(session, &bytes, &size) != 1 || size != sizeof born) {
      return std::nullopt;
    }
    std::memcpy(&born, bytes, sizeof born);
    return born;
  }
};

TicketLife::Born TicketLife::BornNow(const SSL* ssl) const {
  Born born{clock_.Now().time_since_epoch() / std::chrono::nanoseconds(1),
            std::numeric_limits<int64_t>::max()};
  // From the client's own to the authority; null when no certificate was asked for.
  const STACK_OF(X509)* const chain = SSL_get0_verified_chain(ssl);
  for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i) {
    born.last_valid_second = std::min(born.last_valid_second, EndOf(sk_X509_value(chain, i)));
  }
  return born;
}

std::chrono::seconds TicketLife::LeftOf(const Born& born) const {
  using std::chrono::duration_cast;
  using std::chrono::seconds;
  const std::chrono::nanoseconds age =
      clock_.Now().time_since_epoch() - std::chrono::nanoseconds(born.full_handshake);
  const seconds left = duration_cast<seconds>(kLongest - age);
  const auto now = std::chrono::floor<seconds>(wall_time_()).time_since_epoch();
  // Compared without a difference, which could overflow.
  if (seconds(born.last_valid_second) >= now + left) return left;
  return seconds(born.last_valid_second) - now;
}

bool TicketLife::IsGood(SSL_SESSION* session) const {
  const std::optional<Born> born = Born::Of(session);
  return born && LeftOf(*born).count() > 0;
}

int TicketLife::OnWrite(SSL* ssl, void* self) {
  const TicketLife& life = *static_cast<const TicketLife*>(self);
  SSL_SESSION* const session = SSL_get_session(ssl);
  const bool is_resumed = SSL_session_reused(ssl) == 1;
  std::optional<Born> born;
  if (is_resumed) {
    born = Born::Of(session);
    if (!born) return 0;  // none that is not good was resumed
  } else {
    born = life.BornNow(ssl);
    if (SSL_SESSION_set1_ticket_appdata(session, &*born, sizeof *born) != 1) return 0;
  }
  // What is left is told to the client, which so keeps no ticket in vain. In TLS 1.2 a ticket that
  // follows another one counts from the full handshake anyway.
  if (!is_resumed || SSL_version(ssl) >= TLS1_3_VERSION) {
    SSL_SESSION_set_timeout(session, std::max<int64_t>(life.LeftOf(*born).count(), 0));
  }
  return 1;
}

SSL_TICKET_RETURN TicketLife::OnRead(SSL* /*ssl*/, SSL_SESSION* session,
                                     const unsigned char* /*key_name*/, size_t /*key_name_size*/,
                                     SSL_TICKET_STATUS status, void* self) {
  const bool is_read = status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW;
  if (!is_read || !static_cast<const TicketLife*>(self)->IsGood(session)) {
    return SSL_TICKET_RETURN_IGNORE_RENEW;
  }
  return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}

void TicketLife::Serve(SSL_CTX* context) {
  SSL_CTX_set_timeout(context, std::chrono::seconds(kLongest).count());
  SSL_CTX_set_session_ticket_cb(context, OnWrite, OnRead, this);
}

}  // namespace rollcall::http
