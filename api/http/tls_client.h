// What a client of ours needs for TLS: whom it trusts, and who it is itself. TLS 1.2 and 1.3 alone.
//
// TlsClientContext is what the connections of a client share; a reload makes a new one, and
// connections that are there keep theirs. TlsClient hands out the newest one, to any thread.
#pragma once

#include <memory>
#include <string>

#include "api/http/ssl_handles.h"
#include "api/http/tls_files.h"
#include "registry/base/lock_guarded.h"
#include "registry/base/result.h"

namespace rollcall::http {

// All PEM. An empty path: there is none.
struct TlsClientFiles {
  // Whom to trust; neither of the two: whom the system trusts. The file goes before the directory,
  // of which all files are read, as Consul does.
  std::string authorities = {};
  std::string authorities_directory = {};
  // Shown to servers that ask for one; both or none of them.
  std::string certificate = {};
  std::string key = {};
  TlsVersion min_version = TlsVersion::k12;
  // Consul's CONSUL_HTTP_SSL_VERIFY=false: whoever answers is taken.
  bool verify = true;

  bool operator==(const TlsClientFiles&) const = default;
};

// Reads the files into a context that somebody else has made. Errors name the file and the reason,
// as those of tls_files.
Result<void> SetUpTlsClient(SSL_CTX* context, const TlsClientFiles& files);

// Immutable; OpenSSL's own locks make it any thread's.
class TlsClientContext {
 public:
  static Result<std::shared_ptr<const TlsClientContext>> Load(const TlsClientFiles& files);

  // Owned by this object. Of connections that are made with it, OpenSSL counts.
  SSL_CTX* native() const { return context_.get(); }

 private:
  explicit TlsClientContext(SslContextHandle context) : context_(std::move(context)) {}
  const SslContextHandle context_;
};

class TlsClient {
 public:
  explicit TlsClient(std::shared_ptr<const TlsClientContext> context)
      : context_(std::move(context)) {}

  // Never null.
  std::shared_ptr<const TlsClientContext> Current() const { return *context_.Lock(); }
  // For connections from now on.
  void Replace(std::shared_ptr<const TlsClientContext> context) {
    *context_.Lock() = std::move(context);
  }

 private:
  mutable LockGuarded<std::shared_ptr<const TlsClientContext>> context_;
};

}  // namespace rollcall::http
