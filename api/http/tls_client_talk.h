// TlsClientTalk: one handshake of a client: for whom it asks, which session it takes up again, and,
// when it fails, why, in words for a person: OpenSSL itself says "certificate verify failed"
// whether the authority is unknown, the name another one or the certificate too old.
//
// Of the thread that makes the handshake. It outlives the SSL, or the context, that it began with.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "api/http/ssl_handles.h"
#include "api/http/tls_client.h"

namespace rollcall::http {

// The newest session with one server, to be taken up by the next connection to it (RFC 8446 section
// 2.2): of one thread. A session of an older context is not taken up, because what it has agreed on
// was verified by other authorities.
struct TlsSession {
  SslSessionHandle session;
  std::shared_ptr<const TlsClientContext> context;
};

class TlsClientTalk {
 public:
  // What advice calls the settings.
  struct Words {
    const char* authorities = "ca_file";
    const char* certificate = "cert_file and key_file";
    const char* name = "tls_server_name";
  };
  // `name`: the host name or the IP address, without brackets, that the server's certificate must
  // have. `sessions` may be null, and outlives the talk.
  TlsClientTalk(std::string name, const Words& words, TlsSession* sessions = nullptr);
  TlsClientTalk(const TlsClientTalk&) = delete;
  TlsClientTalk& operator=(const TlsClientTalk&) = delete;

  // Before the handshake of a connection made with `context`. False: out of memory.
  [[nodiscard]] bool Begin(SSL* ssl, std::shared_ptr<const TlsClientContext> context);
  // For all connections of a context that are made one after the other, by whoever makes them.
  [[nodiscard]] bool BeginAll(SSL_CTX* context);

  // Has the connections of a context give their sessions to their talks. Before any of them is.
  static void KeepSessions(SSL_CTX* context);

  // Why the last handshake failed, or, in TLS 1.3, what the server said behind it of our
  // certificate; empty: it is not TLS's to say.
  std::string Why() const;

 private:
  static TlsClientTalk* Of(const SSL* ssl);
  static int OnVerify(int is_good, X509_STORE_CTX* store);
  static void OnStep(const SSL* ssl, int where, int result);
  static int OnSession(SSL* ssl, SSL_SESSION* session);

  bool Expect(X509_VERIFY_PARAM* expected) const;
  std::string WhyNotVerified() const;
  std::string WhyRefused() const;

  const std::string name_;
  const Words words_;
  TlsSession* const sessions_;
  const bool is_address_;
  std::shared_ptr<const TlsClientContext> context_;

  int verify_error_ = X509_V_OK;
  std::string certificate_names_;
  int alert_ = 0;   // of the server (RFC 8446 section 6); 0: none
  int reason_ = 0;  // OpenSSL's; 0: none
};

}  // namespace rollcall::http
