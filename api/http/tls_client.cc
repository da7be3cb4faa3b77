#include "api/http/tls_client.h"

#include <openssl/err.h>

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "api/http/tls_client_talk.h"

namespace rollcall::http {
namespace {

namespace fs = std::filesystem;

Error RefusedForClient(const std::string& what) {
  return InvalidArgument(what + ": OpenSSL refuses it: " + pki::TakeOpensslReason());
}

// Not those that begin with a dot: editors and package managers leave such files behind.
Result<std::vector<std::string>> FilesIn(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> files;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const bool is_hidden = entry->path().filename().string().starts_with('.');
    if (!is_hidden && entry->is_regular_file(error)) files.push_back(entry->path().string());
  }
  if (error) return IoError(directory + ": cannot be read: " + error.message());
  if (files.empty()) return InvalidArgument(directory + ": there is no file in it");
  std::sort(files.begin(), files.end());
  return files;
}

Result<void> TrustAll(SSL_CTX* context, const std::string& file) {
  const auto authorities = LoadAuthorities(file);
  if (!authorities) return authorities.error();
  for (const pki::Certificate& each : *authorities) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), each.get()) != 1) {
      return RefusedForClient(file);
    }
  }
  return {};
}

Result<void> TrustThoseOf(SSL_CTX* context, const TlsClientFiles& files) {
  if (!files.authorities.empty()) return TrustAll(context, files.authorities);
  if (files.authorities_directory.empty()) {
    // Without the system's certificates every verification fails, and each request says so.
    SSL_CTX_set_default_verify_paths(context);
    ERR_clear_error();
    return {};
  }
  const auto all = FilesIn(files.authorities_directory);
  if (!all) return all.error();
  for (const std::string& file : *all) {
    if (Result<void> ok = TrustAll(context, file); !ok) return ok;
  }
  return {};
}

Result<void> ShowCertificate(SSL_CTX* context, const TlsClientFiles& files) {
  Result<TlsIdentity> identity = LoadIdentity(files.certificate, files.key);
  if (!identity) return identity.error();
  ERR_clear_error();
  if (SSL_CTX_use_certificate(context, identity->chain.front().get()) != 1) {
    return RefusedForClient(files.certificate);
  }
  if (SSL_CTX_use_PrivateKey(context, identity->key.get()) != 1) return RefusedForClient(files.key);
  for (size_t i = 1; i < identity->chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, identity->chain[i].get()) != 1) {
      return RefusedForClient(files.certificate);
    }
  }
  return {};
}

}  // namespace

Result<void> SetUpTlsClient(SSL_CTX* context, const TlsClientFiles& files) {
  ERR_clear_error();
  if (SSL_CTX_set_min_proto_version(context, ProtocolOf(files.min_version)) != 1 ||
      SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) != 1) {
    return RefusedForClient("TLS");
  }
  // HTTP knows by itself whether an answer is whole.
  SSL_CTX_set_options(
      context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_verify(context, files.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (files.verify) {
    if (Result<void> ok = TrustThoseOf(context, files); !ok) return ok;
  }
  if (files.certificate.empty() != files.key.empty()) {
    return InvalidArgument((files.key.empty() ? files.certificate : files.key) +
                           ": a certificate and its key go together; " +
                           (files.key.empty() ? "the key" : "the certificate") + " is missing");
  }
  return files.certificate.empty() ? Result<void>() : ShowCertificate(context, files);
}

Result<std::shared_ptr<const TlsClientContext>> TlsClientContext::Load(
    const TlsClientFiles& files) {
  SslContextHandle context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) return RefusedForClient("TLS");
  if (Result<void> ok = SetUpTlsClient(context.get(), files); !ok) return ok.error();
  TlsClientTalk::KeepSessions(context.get());
  return std::shared_ptr<const TlsClientContext>(new TlsClientContext(std::move(context)));
}

}  // namespace rollcall::http
