#include "cli/certificate_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>

#include "cli/exclusive_file.h"
#include "registry/base/owned_fd.h"
#include "registry/base/system_error.h"

namespace rollcall::cli {
namespace {

constexpr size_t kMaxPemBytes = 1 << 20;
constexpr std::chrono::minutes kClockSkew{1};

}  // namespace

std::string AuthorityFilesOf(const std::string& domain) { return domain + "-agent-ca"; }

Result<std::string> ReadPemFile(const std::string& path) {
  const OwnedFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return SystemError("cannot read " + path, errno);
  std::string text;
  std::array<char, 16384> buffer{};
  while (true) {
    const ssize_t count = read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError("cannot read " + path, errno);
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<size_t>(count));
    if (text.size() > kMaxPemBytes) return InvalidArgument(path + ": larger than 1 MiB; no PEM");
  }
}

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
