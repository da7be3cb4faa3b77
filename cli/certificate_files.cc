#include "cli/certificate_files.h"

#include <chrono>

#include "cli/exclusive_file.h"

namespace rollcall::cli {
namespace {

constexpr std::chrono::minutes kClockSkew{1};

}  // namespace

std::string AuthorityFilesOf(const std::string& domain) { return domain + "-agent-ca"; }

Result<void> WriteNewFiles(const CertificatePaths& paths, const pki::CertificateAndKey& pem) {
  using Readers = ExclusiveFile::Readers;
  Result<ExclusiveFile> certificate = ExclusiveFile::Create(paths.certificate, Readers::kEverybody);
  if (!certificate) return certificate.error();
  Result<ExclusiveFile> key = ExclusiveFile::Create(paths.key, Readers::kOwner);
  if (!key) return key.error();
  if (Result<void> ok = key->Write(pem.key); !ok) return ok;
  if (Result<void> ok = certificate->Write(pem.certificate); !ok) return ok;
  key->Keep();
  certificate->Keep();
  return {};
}

std::string SavedLines(const CertificatePaths& paths) {
  return "==> Saved " + paths.certificate + "\n==> Saved " + paths.key + "\n";
}

pki::Validity ValidFor(size_t days) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return {now - kClockSkew, now + std::chrono::days(days)};
}

}  // namespace rollcall::cli
