#include "registry/acl/objects/secrets.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <memory>
#include <new>

namespace rollcall::acl {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

void AppendHexOf(unsigned char byte, std::string* to) {
  *to += kHexDigits[byte >> 4];
  *to += kHexDigits[byte & 15];
}

// SHA-256 for one thread. Every request with a token needs one of 36 bytes, and OpenSSL's own
// SHA256() looks the algorithm up and makes a context each time, which takes several times as long
// as the hash.
class Hasher {
 public:
  Hasher()
      : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr), &EVP_MD_free),
        context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    if (algorithm_ == nullptr || context_ == nullptr) throw std::bad_alloc();
  }

  SecretDigest Hash(std::string_view bytes) {
    SecretDigest digest{};
    static_assert(digest.size() == SHA256_DIGEST_LENGTH);
    if (EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr) != 1 ||
        EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1 ||
        EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) != 1) {
      // Never a digest that is not one: all secrets would be the same.
      throw std::bad_alloc();
    }
    return digest;
  }

 private:
  std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> algorithm_;
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

Result<std::string> RandomUuid() {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return Unavailable("the system has no random numbers for a new ID; try again");
  }
  std::string uuid;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) uuid += '-';
    AppendHexOf(bytes[i], &uuid);
  }
  return uuid;
}

SecretDigest DigestOf(std::string_view secret) {
  thread_local Hasher hasher;
  return hasher.Hash(secret);
}

std::string HexOf(const SecretDigest& digest) {
  std::string text;
  text.reserve(2 * digest.size());
  for (const uint8_t byte : digest) AppendHexOf(byte, &text);
  return text;
}

std::string HashSecret(std::string_view secret) { return HexOf(DigestOf(secret)); }

std::string Sha256(std::string_view bytes) {
  const SecretDigest digest = DigestOf(bytes);
  return {digest.begin(), digest.end()};
}

bool IsSecretHash(std::string_view text) {
  return text.size() == size_t{2} * SHA256_DIGEST_LENGTH &&
         text.find_first_not_of(kHexDigits) == std::string_view::npos;
}

}  // namespace rollcall::acl
