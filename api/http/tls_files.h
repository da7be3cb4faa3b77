// TlsFiles: where a server's certificate, its key and the authorities of its clients are, and
// reading them. Each error is one line that names the file and says what is wrong with it.
// Free functions; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "registry/base/result.h"
#include "registry/pki/certificate.h"
#include "registry/pki/private_key.h"

namespace rollcall::http {

// The oldest that is spoken. Those before 1.2 are not (RFC 8996).
enum class TlsVersion { k12, k13 };
// OpenSSL's number for it.
int ProtocolOf(TlsVersion version);
// Consul's names: "TLSv1_2", "TLSv1_3", and the older "tls12", "tls13". kInvalidArgument for
// others, which says what there is.
Result<TlsVersion> ParseTlsVersion(std::string_view name);
// The newer one of them.
std::string_view NameOf(TlsVersion version);

// All PEM. An empty path: there is none.
struct TlsFiles {
  std::string certificate;  // the server's own, and behind it those that lead to its authority
  std::string key;
  std::string authorities;
  // Only clients with a certificate of these authorities are served.
  bool verify_clients = false;
  TlsVersion min_version = TlsVersion::k12;

  bool operator==(const TlsFiles&) const = default;
};

// A certificate with its key, which belong together and are valid now.
struct TlsIdentity {
  std::vector<pki::Certificate> chain;  // its own first
  pki::PrivateKey key;
};

// kIo, kPermissionDenied: a file cannot be read. kInvalidArgument: it can, and is no PEM, is
// encrypted, has expired or is not valid yet, or the key is of another certificate.
Result<TlsIdentity> LoadIdentity(const std::string& certificate_file, const std::string& key_file);
// At least one. Errors likewise.
Result<std::vector<pki::Certificate>> LoadAuthorities(const std::string& file);

}  // namespace rollcall::http
