#include "registry/store/snapshot_checksum.h"

#include <openssl/evp.h>
#include <zlib.h>

#include <new>

namespace rollcall::store {

uint32_t Crc32(std::string_view bytes) {
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

// OpenSSL's only reason to fail here is that there is no memory.
Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  if (context_ == nullptr || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) {
    throw std::bad_alloc();
  }
}

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

void Sha256::Add(std::string_view bytes) {
  if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) throw std::bad_alloc();
}

std::string Sha256::Finish() {
  unsigned char digest[kBytes];
  if (EVP_DigestFinal_ex(context_.get(), digest, nullptr) != 1) throw std::bad_alloc();
  return {reinterpret_cast<const char*>(digest), kBytes};
}

}  // namespace rollcall::store
