// Before the first header of OpenSSL: see sha256_hasher.h.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "registry/base/sha256_hasher.h"

namespace rollcall {

// None of the three can fail.
Sha256Hasher::Sha256Hasher() { SHA256_Init(&context_); }

void Sha256Hasher::Add(std::string_view bytes) {
  SHA256_Update(&context_, bytes.data(), bytes.size());
}

Sha256Hasher::Digest Sha256Hasher::Finish() {
  Digest digest{};
  SHA256_Final(digest.data(), &context_);
  SHA256_Init(&context_);
  return digest;
}

std::string Sha256Hasher::FinishAsText() {
  const Digest digest = Finish();
  return {digest.begin(), digest.end()};
}

}  // namespace rollcall
