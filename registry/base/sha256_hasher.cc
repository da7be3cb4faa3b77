#include "registry/base/sha256_hasher.h"

#include <openssl/evp.h>

#include <new>

namespace rollcall {

void Sha256Hasher::Free::operator()(evp_md_st* algorithm) const { EVP_MD_free(algorithm); }
void Sha256Hasher::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256Hasher::Sha256Hasher()
    : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
  if (algorithm_ == nullptr || context_ == nullptr) throw std::bad_alloc();
  Begin();
}

void Sha256Hasher::Begin() {
  if (EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr) != 1) throw std::bad_alloc();
}

void Sha256Hasher::Add(std::string_view bytes) {
  if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) throw std::bad_alloc();
}

Sha256Hasher::Digest Sha256Hasher::Finish() {
  Digest digest{};
  if (EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) != 1) throw std::bad_alloc();
  Begin();
  return digest;
}

std::string Sha256Hasher::FinishAsText() {
  const Digest digest = Finish();
  return {digest.begin(), digest.end()};
}

}  // namespace rollcall
