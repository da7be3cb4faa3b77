// A certificate and its key, as the two PEM files of `consul tls`. Called by the commands of
// `rollcall tls`, on their one thread.
#pragma once

#include <string>

#include "registry/base/result.h"
#include "registry/pki/authority.h"

namespace rollcall::cli {

struct CertificatePaths {
  std::string certificate;
  std::string key;

  // "<name>.pem" and "<name>-key.pem".
  static CertificatePaths Of(const std::string& name) { return {name + ".pem", name + "-key.pem"}; }
};

// "consul-agent-ca": what the files of a domain's authority are called.
std::string AuthorityFilesOf(const std::string& domain);

// Both files or none. The key's is for its owner alone. kConflict when one of them is there.
Result<void> WriteNewFiles(const CertificatePaths& paths, const pki::CertificateAndKey& pem);

// What the commands say at their end, in Consul's words: a line for each file.
std::string SavedLines(const CertificatePaths& paths);

// From now on, for so many days. It began a minute ago, for hosts whose clocks are a little behind.
pki::Validity ValidFor(size_t days);

}  // namespace rollcall::cli
