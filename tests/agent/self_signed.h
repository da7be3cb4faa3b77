// SelfSigned: a key and a certificate that is signed by itself, as files for real servers. Who
// trusts the certificate's file trusts the server.
#pragma once

#include <cstdlib>
#include <string>

#include "tests/e2e/harness/files.h"

namespace rollcall::test {

class SelfSigned {
 public:
  // `names` as OpenSSL has them: "DNS:db.test", "IP:127.0.0.1".
  explicit SelfSigned(const std::string& names);

  std::string key_path() const { return dir_.File("key.pem"); }
  std::string certificate_path() const { return dir_.File("certificate.pem"); }

 private:
  const e2e::TempDir dir_;
};

// While it lives, the system's certificates are those in this file.
class SystemCertificates {
 public:
  explicit SystemCertificates(const std::string& path) { setenv(kName, path.c_str(), 1); }
  ~SystemCertificates() { unsetenv(kName); }
  SystemCertificates(const SystemCertificates&) = delete;
  SystemCertificates& operator=(const SystemCertificates&) = delete;

 private:
  static constexpr const char* kName = "SSL_CERT_FILE";  // OpenSSL's
};

}  // namespace rollcall::test
