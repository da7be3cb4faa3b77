// ReadBack: what is in a PEM certificate, by OpenSSL's own functions and nothing of ours. For
// tests; single-threaded.
#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>
#include <string>

namespace rollcall::pki {

class ReadBack {
 public:
  explicit ReadBack(const std::string& pem) {
    BIO* const bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    certificate_.reset(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr));
    BIO_free(bio);
    EXPECT_NE(get(), nullptr) << pem;
  }

  X509* get() const { return certificate_.get(); }

  std::string Subject() const { return Oneline(X509_get_subject_name(get())); }
  std::string Issuer() const { return Oneline(X509_get_issuer_name(get())); }

  bool Has(int nid) const { return X509_get_ext_by_NID(get(), nid, -1) >= 0; }
  // The text of `openssl x509 -text`, with "critical; " before it where it is; empty: not there.
  std::string Extension(int nid) const {
    const int at = X509_get_ext_by_NID(get(), nid, -1);
    if (at < 0) return "";
    X509_EXTENSION* const extension = X509_get_ext(get(), at);
    BIO* const bio = BIO_new(BIO_s_mem());
    X509V3_EXT_print(bio, extension, 0, 0);
    const std::string critical = X509_EXTENSION_get_critical(extension) != 0 ? "critical; " : "";
    return critical + Text(bio);
  }

  time_t Begin() const { return Seconds(X509_get0_notBefore(get())); }
  time_t End() const { return Seconds(X509_get0_notAfter(get())); }

  // In decimal.
  std::string Serial() const {
    BIGNUM* const number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(get()), nullptr);
    char* const digits = BN_bn2dec(number);
    std::string text = digits;
    OPENSSL_free(digits);
    BN_free(number);
    return text;
  }

  std::string SignatureAlgorithm() const { return OBJ_nid2sn(X509_get_signature_nid(get())); }

 private:
  struct Free {
    void operator()(X509* certificate) const { X509_free(certificate); }
  };

  static std::string Text(BIO* bio) {
    char* bytes = nullptr;
    const auto size = BIO_get_mem_data(bio, &bytes);
    std::string text(bytes, static_cast<size_t>(size));
    BIO_free(bio);
    return text;
  }
  static std::string Oneline(const X509_NAME* name) {
    BIO* const bio = BIO_new(BIO_s_mem());
    X509_NAME_print_ex(bio, name, 0, XN_FLAG_ONELINE);
    return Text(bio);
  }
  static time_t Seconds(const ASN1_TIME* time) {
    std::tm utc{};
    EXPECT_EQ(ASN1_TIME_to_tm(time, &utc), 1);
    return timegm(&utc);
  }

  std::unique_ptr<X509, Free> certificate_;
};

}  // namespace rollcall::pki
