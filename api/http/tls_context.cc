#include "api/http/tls_context.h"

#include <openssl/err.h>

#include <new>
#include <string_view>
#include <utility>

namespace rollcall::http {
namespace {

// Of TLS 1.2; those of 1.3 are all good and stay as they are.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kGroups = "X25519:P-256:P-384";
// A session is resumed only under the name under which it began.
constexpr std::string_view kSessionName = "rollcall";

// The one protocol that is spoken (RFC 7301). A client that offers others alone is told so, before
// it sends what nobody here can read; one that offers none speaks HTTP/1.1, too.
int ChooseProtocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* chosen_size,
                   const unsigned char* offered, unsigned int offered_size, void* /*argument*/) {
  constexpr std::string_view kHttp1 = "http/1.1";
  std::string_view rest(reinterpret_cast<const char*>(offered), offered_size);
  while (!rest.empty()) {
    const size_t size = static_cast<unsigned char>(rest.front());
    const std::string_view name = rest.substr(1, size);
    if (name == kHttp1) {
      *chosen = reinterpret_cast<const unsigned char*>(name.data());
      *chosen_size = static_cast<unsigned char>(size);
      return SSL_TLSEXT_ERR_OK;
    }
    rest.remove_prefix(1 + name.size());
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

Error Refused(const std::string& what) {
  return InvalidArgument(what + ": OpenSSL refuses it: " + pki::TakeOpensslReason());
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::Load(const TlsFiles& files,
                                                           const Clock& clock, WallTime wall_time) {
  std::shared_ptr<TlsContext> context(new TlsContext(clock, std::move(wall_time)));
  if (Result<void> ok = context->SetUp(files); !ok) return ok.error();
  return std::shared_ptr<const TlsContext>(std::move(context));
}

Result<void> TlsContext::SetUp(const TlsFiles& files) {
  ERR_clear_error();
  context_.reset(SSL_CTX_new(TLS_server_method()));
  if (context_ == nullptr) return Refused("TLS");
  SSL_CTX* const context = context_.get();
  const bool is_set = SSL_CTX_set_min_proto_version(context, ProtocolOf(files.min_version)) == 1 &&
                      SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
                      SSL_CTX_set_cipher_list(context, kCiphers) == 1 &&
                      SSL_CTX_set1_groups_list(context, kGroups) == 1;
  if (!is_set) return Refused("TLS");
  // Many clients close without the word that TLS has for it (close_notify). HTTP knows by itself
  // whether a request is whole.
  SSL_CTX_set_options(
      context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // Writes go on with the same bytes wherever they lie by then; a connection that waits keeps no
  // buffers; what is there is read with one call rather than one for each part of a record.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_alpn_select_cb(context, ChooseProtocol, nullptr);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_session_id_context(context,
                                 reinterpret_cast<const unsigned char*>(kSessionName.data()),
                                 static_cast<unsigned int>(kSessionName.size()));
  ticket_keys_.Serve(context);
  ticket_life_.Serve(context);
  if (Result<void> ok = UseIdentity(files); !ok) return ok;
  if (!files.authorities.empty()) return VerifyClients(files);
  if (files.verify_clients)
    return InvalidArgument("clients cannot be verified without authorities");
  return {};
}

Result<void> TlsContext::UseIdentity(const TlsFiles& files) {
  Result<TlsIdentity> identity = LoadIdentity(files.certificate, files.key);
  if (!identity) return identity.error();
  SSL_CTX* const context = context_.get();
  ERR_clear_error();
  if (SSL_CTX_use_certificate(context, identity->chain.front().get()) != 1) {
    return Refused(files.certificate);
  }
  if (SSL_CTX_use_PrivateKey(context, identity->key.get()) != 1) return Refused(files.key);
  for (size_t i = 1; i < identity->chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, identity->chain[i].get()) != 1) {
      return Refused(files.certificate);
    }
  }
  not_after_ = identity->chain.front().validity().end;
  return {};
}

Result<void> TlsContext::VerifyClients(const TlsFiles& files) {
  const auto authorities = LoadAuthorities(files.authorities);
  if (!authorities) return authorities.error();
  if (!files.verify_clients) return {};
  SSL_CTX* const context = context_.get();
  for (const pki::Certificate& each : *authorities) {
    // The second tells clients whose certificates they may choose from.
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), each.get()) != 1 ||
        SSL_CTX_add_client_CA(context, each.get()) != 1) {
      return Refused(files.authorities);
    }
  }
  // Each authority in the file is trusted for itself, also one that another one has signed: without
  // this, naming such a one alone would refuse everybody.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return {};
}

SslHandle TlsContext::MakeServerSide(BioHandle bio) const {
  SslHandle ssl(SSL_new(context_.get()));
  if (ssl == nullptr || bio == nullptr) {
    ERR_clear_error();
    throw std::bad_alloc();
  }
  SSL_set_bio(ssl.get(), bio.get(), bio.get());
  bio.release();  // NOLINT(bugprone-unused-return-value): it is the connection's now
  SSL_set_accept_state(ssl.get());
  return ssl;
}

}  // namespace rollcall::http
