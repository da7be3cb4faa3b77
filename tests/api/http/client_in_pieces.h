// ClientInPieces: TLS of a client whose bytes go through a RawClient without TLS, so that a test
// can cut, change and hold back what is sent. The test's thread's alone.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>

#include <algorithm>

#include <string>
#include <string_view>

#include "api/http/ssl_handles.h"
#include "tests/api/http/raw_client.h"

namespace rollcall::http {

class ClientInPieces {
 public:
  explicit ClientInPieces(uint16_t port)
      : raw_(RawClient::WithoutTls(port)),
        context_(SSL_CTX_new(TLS_client_method())),
        ssl_(SSL_new(context_.get())),
        in_(BIO_new(BIO_s_mem())),
        out_(BIO_new(BIO_s_mem())) {
    SSL_set_bio(ssl_.get(), in_, out_);
    SSL_set_connect_state(ssl_.get());
  }

  RawClient& raw() { return raw_; }

  // The next flight of the handshake, encoded and not sent; empty when there is none.
  std::string NextFlight() {
    SSL_do_handshake(ssl_.get());
    return TakeOutput();
  }
  // `bytes` of an application as records, not sent.
  std::string Encrypt(std::string_view bytes) {
    SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    return TakeOutput();
  }
  void SendInPieces(std::string_view bytes, size_t piece) {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
      raw_.Send(bytes.substr(0, piece));
    }
  }
  // Takes what the server has sent; false when it has closed.
  bool Take() {
    const std::string bytes = raw_.ReadSome();
    BIO_write(in_, bytes.data(), static_cast<int>(bytes.size()));
    return !bytes.empty();
  }
  bool Handshake(size_t piece) {
    while (true) {
      SendInPieces(NextFlight(), piece);
      if (SSL_is_init_finished(ssl_.get()) == 1) return true;
      if (!Take()) return false;
    }
  }
  // What the application is sent until there are `words` in it.
  std::string ReadUntil(std::string_view words) {
    std::string text;
    std::string room(16384, '\0');
    while (text.find(words) == std::string::npos) {
      ERR_clear_error();
      const int size = SSL_read(ssl_.get(), room.data(), static_cast<int>(room.size()));
      if (size > 0) {
        text.append(room, 0, static_cast<size_t>(size));
        continue;
      }
      if (failure_.empty() && ERR_peek_error() != 0) failure_ = pki::TakeOpensslReason();
      if (!Take()) return text;
    }
    return text;
  }
  // Why nothing more can be read, in OpenSSL's words.
  const std::string& failure() const { return failure_; }

 private:
  std::string TakeOutput() {
    std::string bytes(BIO_ctrl_pending(out_), '\0');
    BIO_read(out_, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }

  RawClient raw_;
  std::string failure_;
  const SslContextHandle context_;
  const SslHandle ssl_;
  BIO* const in_;   // ssl_'s
  BIO* const out_;  // likewise
};

}  // namespace rollcall::http
