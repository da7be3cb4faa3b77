#include "registry/pki/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>
#include <ctime>
#include <utility>

#include "registry/pki/openssl_handles.h"

namespace rollcall::pki {
namespace {

// The next one of a PEM text. kNotFound: there is none; kInvalidArgument: it is damaged.
Result<Certificate> ReadNext(BIO* pem) {
  ERR_clear_error();
  X509* const certificate = PEM_read_bio_X509(pem, nullptr, nullptr, nullptr);
  const bool has_none =
      certificate == nullptr && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (has_none) return NotFound("there is no certificate in it; expected one in PEM");
  if (certificate == nullptr) return InvalidArgument("the certificate in it is damaged");
  return Certificate::Take(certificate);
}

}  // namespace

std::string TimeText(Time time) {
  const std::time_t seconds = time.time_since_epoch().count();
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text.data();
}

void Certificate::Free::operator()(x509_st* certificate) const { X509_free(certificate); }

std::optional<Time> TimeOf(const ASN1_TIME* written) {
  std::tm utc{};
  if (written == nullptr || ASN1_TIME_to_tm(written, &utc) != 1) return std::nullopt;
  return Time(std::chrono::seconds(timegm(&utc)));
}

Result<Certificate> Certificate::FromPem(std::string_view pem) {
  const BioHandle bio = ReadFrom(pem);
  if (!bio) return OpensslError("cannot read a certificate");
  Result<Certificate> first = ReadNext(bio.get());
  if (!first) return InvalidArgument(first.error().message);
  return first;
}

Result<std::vector<Certificate>> Certificate::AllFromPem(std::string_view pem) {
  const BioHandle bio = ReadFrom(pem);
  if (!bio) return OpensslError("cannot read certificates");
  std::vector<Certificate> all;
  while (true) {
    Result<Certificate> next = ReadNext(bio.get());
    const bool is_end = !next && next.error().code == ErrorCode::kNotFound && !all.empty();
    if (is_end) return all;
    if (!next) return InvalidArgument(next.error().message);
    all.push_back(std::move(*next));
  }
}

Result<Certificate> Certificate::Take(x509_st* certificate) {
  Certificate taken(certificate);
  const std::optional<Time> begin = TimeOf(X509_get0_notBefore(certificate));
  const std::optional<Time> end = TimeOf(X509_get0_notAfter(certificate));
  if (!begin || !end) {
    ERR_clear_error();
    return InvalidArgument("the certificate does not say when it is valid");
  }
  taken.validity_ = {*begin, *end};
  return taken;
}

Result<std::string> Certificate::ToPem() const {
  const BioHandle memory(BIO_new(BIO_s_mem()));
  if (!memory || PEM_write_bio_X509(memory.get(), certificate_.get()) != 1) {
    return OpensslError("cannot write a certificate");
  }
  return TextOf(memory.get());
}

bool Certificate::IsAuthority() const {
  // What it answers above 1 stands for certificates that only look like one's (X509_check_ca(3)).
  return X509_check_ca(certificate_.get()) == 1;
}

bool Certificate::IsOfKey(const PrivateKey& key) const {
  const EVP_PKEY* const own = X509_get0_pubkey(certificate_.get());
  const bool same = own != nullptr && EVP_PKEY_eq(own, key.get()) == 1;
  ERR_clear_error();
  return same;
}

}  // namespace rollcall::pki
