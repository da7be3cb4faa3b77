// CertificateDraft: a certificate until it is signed. For the files of this folder. A value of one
// thread.
#pragma once

#include <string>

#include "registry/base/result.h"
#include "registry/pki/certificate.h"
#include "registry/pki/openssl_handles.h"

namespace rollcall::pki {

// 128 bits, 127 of them random and the first one set: positive, within the 20 octets of RFC 5280
// section 4.1.2.2, and never given twice.
Result<BigNumberHandle> RandomSerial();

class CertificateDraft {
 public:
  struct Subject {
    std::string common_name;  // 1 to 64 characters (RFC 5280 appendix A: ub-common-name)
    const PrivateKey& key;
  };

  static Result<CertificateDraft> Create(const Subject& subject, const BIGNUM* serial,
                                         const Validity& validity);

  // Says whose certificate will sign it; null: it signs itself. Before extensions are added.
  Result<void> SetIssuer(X509* issuer);
  // `value` as x509v3_config(5) has it: it may hold no text that was not checked.
  Result<void> AddExtension(int nid, const std::string& value);
  // Nothing may be done with the draft afterwards.
  Result<Certificate> Sign(const PrivateKey& signer);

 private:
  explicit CertificateDraft(X509* certificate) : certificate_(certificate) {}

  std::unique_ptr<X509, FreeWith<X509_free>> certificate_;
  X509* issuer_ = nullptr;
};

}  // namespace rollcall::pki
