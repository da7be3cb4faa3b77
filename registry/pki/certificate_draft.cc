#include "registry/pki/certificate_draft.h"

#include <openssl/evp.h>

#include <array>
#include <string_view>

namespace rollcall::pki {
namespace {

constexpr int kSerialBits = 128;

bool SetCommonName(X509* certificate, const std::string& name) {
  // Not const in OpenSSL; the text is copied.
  const auto* const bytes = reinterpret_cast<const unsigned char*>(name.data());
  X509_NAME* const subject = X509_get_subject_name(certificate);
  return X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, bytes,
                                    static_cast<int>(name.size()), -1, 0) == 1;
}

bool SetValidity(X509* certificate, const Validity& validity) {
  return ASN1_TIME_set(X509_getm_notBefore(certificate),
                       validity.begin.time_since_epoch().count()) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), validity.end.time_since_epoch().count()) !=
             nullptr;
}

// Null for the kinds of key that hash by themselves (Ed25519).
const EVP_MD* DigestOf(const PrivateKey& key) {
  constexpr int kMandatory = 2;
  std::array<char, 64> name{};
  const bool hashes_itself =
      EVP_PKEY_get_default_digest_name(key.get(), name.data(), name.size()) == kMandatory &&
      std::string_view(name.data()) == "UNDEF";
  return hashes_itself ? nullptr : EVP_sha256();
}

}  // namespace

Result<BigNumberHandle> RandomSerial() {
  BigNumberHandle serial(BN_new());
  if (!serial || BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) != 1) {
    return OpensslError("cannot draw a serial number");
  }
  return serial;
}

Result<CertificateDraft> CertificateDraft::Create(const Subject& subject, const BIGNUM* serial,
                                                  const Validity& validity) {
  CertificateDraft draft(X509_new());
  X509* const x509 = draft.certificate_.get();
  if (x509 == nullptr || X509_set_version(x509, X509_VERSION_3) != 1 ||
      BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(x509)) == nullptr ||
      !SetCommonName(x509, subject.common_name) || !SetValidity(x509, validity) ||
      X509_set_pubkey(x509, subject.key.get()) != 1) {
    return OpensslError("cannot make a certificate for \"" + subject.common_name + "\"");
  }
  return draft;
}

Result<void> CertificateDraft::SetIssuer(X509* issuer) {
  issuer_ = issuer == nullptr ? certificate_.get() : issuer;
  if (X509_set_issuer_name(certificate_.get(), X509_get_subject_name(issuer_)) != 1) {
    return OpensslError("cannot name the issuer of a certificate");
  }
  return {};
}

Result<void> CertificateDraft::AddExtension(int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer_, certificate_.get(), nullptr, nullptr, 0);
  X509V3_set_ctx_nodb(&context);
  const ExtensionHandle extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  if (!extension || X509_add_ext(certificate_.get(), extension.get(), -1) != 1) {
    return OpensslError("cannot put \"" + value + "\" into a certificate");
  }
  return {};
}

Result<Certificate> CertificateDraft::Sign(const PrivateKey& signer) {
  if (X509_sign(certificate_.get(), signer.get(), DigestOf(signer)) == 0) {
    return OpensslError("cannot sign a certificate");
  }
  return Certificate::Take(certificate_.release());
}

}  // namespace rollcall::pki
