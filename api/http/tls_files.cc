#include "api/http/tls_files.h"

#include <openssl/ssl.h>

#include <chrono>
#include <utility>

#include "registry/pki/pem_file.h"

namespace rollcall::http {
namespace {

Error BadFile(const std::string& file, const std::string& why) {
  return InvalidArgument(file + ": " + why);
}

Result<std::vector<pki::Certificate>> ReadCertificates(const std::string& file) {
  const Result<pki::SecretText> pem =
      pki::ReadPemFile(file, pki::PemSource::kRegularFile);  // a key may stand in front of them
  if (!pem) return pem.error();
  auto certificates = pki::Certificate::AllFromPem(pem->view());
  if (!certificates) return BadFile(file, certificates.error().message);
  return certificates;
}

Result<pki::PrivateKey> ReadKey(const std::string& file) {
  const Result<pki::SecretText> pem = pki::ReadPemFile(file, pki::PemSource::kRegularFile);
  if (!pem) return pem.error();
  Result<pki::PrivateKey> key = pki::PrivateKey::FromPem(pem->view());
  if (!key) return BadFile(file, key.error().message);
  return key;
}

}  // namespace

int ProtocolOf(TlsVersion version) {
  return version == TlsVersion::k13 ? TLS1_3_VERSION : TLS1_2_VERSION;
}

Result<TlsVersion> ParseTlsVersion(std::string_view name) {
  if (name == "TLSv1_2" || name == "tls12") return TlsVersion::k12;
  if (name == "TLSv1_3" || name == "tls13") return TlsVersion::k13;
  return InvalidArgument("expected TLSv1_2 or TLSv1_3, found \"" + std::string(name) +
                         "\"; older ones are not spoken");
}

std::string_view NameOf(TlsVersion version) {
  return version == TlsVersion::k13 ? "TLSv1_3" : "TLSv1_2";
}

Result<TlsIdentity> LoadIdentity(const std::string& certificate_file, const std::string& key_file) {
  auto chain = ReadCertificates(certificate_file);
  if (!chain) return chain.error();
  auto key = ReadKey(key_file);
  if (!key) return key.error();
  const pki::Certificate& own = chain->front();
  if (!own.IsOfKey(*key)) {
    return BadFile(key_file, "the key is not that of the certificate in " + certificate_file);
  }
  const pki::Validity& valid = own.validity();
  const auto now = std::chrono::system_clock::now();
  if (valid.end < now) {
    return BadFile(certificate_file, "the certificate expired on " + pki::TimeText(valid.end));
  }
  if (valid.begin > now) {
    return BadFile(certificate_file,
                   "the certificate is not valid before " + pki::TimeText(valid.begin));
  }
  return TlsIdentity{std::move(*chain), std::move(*key)};
}

Result<std::vector<pki::Certificate>> LoadAuthorities(const std::string& file) {
  return ReadCertificates(file);
}

}  // namespace rollcall::http
