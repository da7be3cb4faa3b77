// PrivateKey: a key that signs, as a certificate's owner keeps it. Immutable; may be read from any
// thread, and is moved, never copied.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "registry/base/result.h"

struct evp_pkey_st;

namespace rollcall::pki {

class PrivateKey {
 public:
  // A new key on P-256 (FIPS 186-4), the curve of Consul's own certificates.
  static Result<PrivateKey> Generate();

  // The first private key of a PEM text, of any kind that OpenSSL knows: PKCS #8, SEC 1, PKCS #1.
  // One with a passphrase is refused (kInvalidArgument, as everything that is no key): nobody is
  // ever asked for one.
  static Result<PrivateKey> FromPem(std::string_view pem);

  // As PEM, without a passphrase: an elliptic key as "EC PRIVATE KEY" (SEC 1, RFC 5915), the only
  // form that Consul 1.8 takes for a CA's key; any other as PKCS #8.
  Result<std::string> ToPem() const;

  evp_pkey_st* get() const { return key_.get(); }

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };

  explicit PrivateKey(evp_pkey_st* key) : key_(key) {}

  std::unique_ptr<evp_pkey_st, Free> key_;
};

}  // namespace rollcall::pki
