#include "registry/acl/objects/secrets.h"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace rollcall::acl {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

void AppendHexOf(unsigned char byte, std::string* to) {
  *to += kHexDigits[byte >> 4];
  *to += kHexDigits[byte & 15];
}

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

std::string Sha256(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return {digest.begin(), digest.end()};
}

std::string HashSecret(std::string_view secret) {
  std::string text;
  for (const char byte : Sha256(secret)) AppendHexOf(static_cast<unsigned char>(byte), &text);
  return text;
}

bool IsSecretHash(std::string_view text) {
  return text.size() == size_t{2} * SHA256_DIGEST_LENGTH &&
         text.find_first_not_of(kHexDigits) == std::string_view::npos;
}

}  // namespace rollcall::acl
