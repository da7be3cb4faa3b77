#include "api/http/tls_files.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <utility>

#include "registry/base/ascii.h"

namespace rollcall::http {
namespace {

// Of PEM that anybody would use; /dev/zero is not read to its end.
constexpr size_t kMaxFileBytes = size_t{4} << 20;

std::string LowerFirst(std::string text) {
  if (!text.empty()) text[0] = AsciiLower(text[0]);
  return text;
}

Error CannotRead(const std::string& file, const std::string& why) {
  return IoError(file + ": cannot be read: " + why);
}

Error BadFile(const std::string& file, const std::string& why) {
  return InvalidArgument(file + ": " + why);
}

Result<std::string> ReadPem(const std::string& file) {
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return CannotRead(file, LowerFirst(std::strerror(errno)));
  std::string text(kMaxFileBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return CannotRead(file, LowerFirst(std::strerror(errno)));
  text.resize(static_cast<size_t>(stream.gcount()));
  if (text.size() > kMaxFileBytes) return BadFile(file, "larger than 4 MiB");
  return text;
}

BioPtr BioOf(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

bool IsEndOfPem() {
  const auto error = ERR_peek_last_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

Result<std::vector<CertificatePtr>> ReadCertificates(const std::string& file) {
  const Result<std::string> text = ReadPem(file);
  if (!text) return text.error();
  const BioPtr bio = BioOf(*text);
  std::vector<CertificatePtr> certificates;
  ERR_clear_error();
  while (auto certificate =
             CertificatePtr(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))) {
    certificates.push_back(std::move(certificate));
  }
  const bool ended = IsEndOfPem();
  const std::string reason = TakeOpensslReason();
  if (!ended) return BadFile(file, "a certificate in it cannot be decoded: " + reason);
  if (certificates.empty()) return BadFile(file, "there is no certificate in it (PEM)");
  return certificates;
}

// Called for a key that is encrypted: nobody is there to be asked.
int NoteEncryption(char* /*room*/, int /*size*/, int /*writing*/, void* is_encrypted) {
  *static_cast<bool*>(is_encrypted) = true;
  return -1;
}

Result<KeyPtr> ReadKey(const std::string& file) {
  const Result<std::string> text = ReadPem(file);
  if (!text) return text.error();
  if (text->find("PRIVATE KEY-----") == std::string::npos) {
    return BadFile(file, "there is no private key in it (PEM)");
  }
  const BioPtr bio = BioOf(*text);
  bool is_encrypted = false;
  ERR_clear_error();
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoteEncryption, &is_encrypted));
  const std::string reason = TakeOpensslReason();
  if (is_encrypted) {
    return BadFile(file,
                   "the key is encrypted; decrypt it with openssl pkey, and protect the file");
  }
  if (key == nullptr) return BadFile(file, "the key in it cannot be decoded: " + reason);
  return key;
}

// "2026-11-24 10:00:00 UTC", with the time itself.
struct Moment {
  std::chrono::system_clock::time_point time;
  std::string text;
};

Moment MomentOf(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {{}, "a time that cannot be read"};
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return {std::chrono::system_clock::from_time_t(timegm(&parts)), text.data()};
}

}  // namespace

std::string TakeOpensslReason() {
  const auto error = ERR_peek_last_error();
  const char* reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  ERR_clear_error();
  return reason == nullptr ? "unknown error" : reason;
}

int ProtocolOf(TlsVersion version) {
  return version == TlsVersion::k13 ? TLS1_3_VERSION : TLS1_2_VERSION;
}

Result<TlsVersion> ParseTlsVersion(std::string_view name) {
  if (name == "TLSv1_2" || name == "tls12") return TlsVersion::k12;
  if (name == "TLSv1_3" || name == "tls13") return TlsVersion::k13;
  return InvalidArgument("expected TLSv1_2 or TLSv1_3, found \"" + std::string(name) +
                         "\"; older ones are not spoken");
}

Result<TlsIdentity> LoadIdentity(const std::string& certificate_file, const std::string& key_file) {
  auto chain = ReadCertificates(certificate_file);
  if (!chain) return chain.error();
  auto key = ReadKey(key_file);
  if (!key) return key.error();
  TlsIdentity identity{std::move(*chain), std::move(*key), {}};
  X509* const own = identity.chain.front().get();
  if (X509_check_private_key(own, identity.key.get()) != 1) {
    ERR_clear_error();
    return BadFile(key_file, "the key is not that of the certificate in " + certificate_file);
  }
  const Moment begin = MomentOf(X509_get0_notBefore(own));
  const Moment end = MomentOf(X509_get0_notAfter(own));
  const auto now = std::chrono::system_clock::now();
  if (end.time < now) return BadFile(certificate_file, "the certificate expired on " + end.text);
  if (begin.time > now) {
    return BadFile(certificate_file, "the certificate is not valid before " + begin.text);
  }
  identity.not_after = end.time;
  return identity;
}

Result<std::vector<CertificatePtr>> LoadAuthorities(const std::string& file) {
  return ReadCertificates(file);
}

}  // namespace rollcall::http
