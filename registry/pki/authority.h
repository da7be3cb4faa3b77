// Authority: a certificate authority (CA) of one's own, which signs the certificates of servers and
// clients, as `consul tls` makes them. Nothing here reads or writes a file. Immutable; may be used
// from any thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "registry/base/ip_address.h"
#include "registry/base/result.h"
#include "registry/pki/certificate.h"
#include "registry/pki/dns_name.h"
#include "registry/pki/private_key.h"

namespace rollcall::pki {

// What becomes of a request: both are PEM.
struct CertificateAndKey {
  std::string certificate;
  std::string key;
};

struct AuthorityRequest {
  // The names that it can sign for, each with all below it (RFC 5280 section 4.2.1.10); none: any.
  std::vector<DnsName> permitted;
  Validity validity;
};

// What a certificate may be used for (RFC 5280 section 4.2.1.12).
enum class Usage { kServerAndClient, kAnything };

struct LeafRequest {
  std::string common_name;           // 1 to 64 characters
  std::vector<DnsName> names;        // what it is for: names and addresses together
  std::vector<IpAddress> addresses;  // at least 1, at most kMaxNames
  Usage usage = Usage::kServerAndClient;
  Validity validity;
};

class Authority {
 public:
  static constexpr size_t kMaxNames = 256;

  // A new one that has signed itself: P-256 and SHA-256, for certificates of leaves alone.
  static Result<CertificateAndKey> Create(const AuthorityRequest& request);

  // kInvalidArgument when `certificate` is no authority's, not of `key`, or not valid at `now`.
  static Result<Authority> Load(Certificate certificate, PrivateKey key, Time now);

  struct Issued {
    CertificateAndKey pem;
    Validity validity;  // within the request's and the authority's own: a leaf outlives none
  };
  // A new key, and a certificate for it. kInvalidArgument when the authority may not sign for one
  // of the names; nothing is issued that would not be taken at `request.validity.end`.
  Result<Issued> Issue(const LeafRequest& request) const;

  const Validity& validity() const { return certificate_.validity(); }

 private:
  Authority(Certificate certificate, PrivateKey key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}

  Result<void> Verify(const Certificate& leaf) const;

  Certificate certificate_;
  PrivateKey key_;
};

}  // namespace rollcall::pki
