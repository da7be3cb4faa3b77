// A TLS client's stream, set up before its handshake: whom to ask for, whose certificate to take.
#pragma once

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <optional>
#include <string>

namespace rollcall::probe {

// Over a stream that its owner keeps.
using TlsStream = boost::asio::ssl::stream<boost::beast::tcp_stream&>;

struct TlsPeer {
  std::string name;         // a host name or an IP address, without brackets
  bool verify_name = true;  // the certificate must be the name's
};

// Makes the handshake of `tls` ask for `peer`. False when OpenSSL is out of memory. Whether a
// certificate's issuer is checked is the context's choice.
[[nodiscard]] bool AskFor(TlsStream& tls, const TlsPeer& peer);

// The same, and for HTTP/2 alone (ALPN "h2", RFC 7301).
[[nodiscard]] bool AskForHttp2(TlsStream& tls, const TlsPeer& peer);

// What has been agreed on by the handshake: only "h2" may be talked on (RFC 9113, section 3.3).
bool AgreedOnHttp2(TlsStream& tls);

}  // namespace rollcall::probe
