#include "registry/acl/objects/secrets.h"

#include <openssl/rand.h>

#include "registry/base/sha256_hasher.h"

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

SecretDigest DigestOf(std::string_view secret) {
  thread_local Sha256Hasher hasher;
  hasher.Add(secret);
  return hasher.Finish();
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
  return text.size() == 2 * Sha256Hasher::kBytes &&
         text.find_first_not_of(kHexDigits) == std::string_view::npos;
}

}  // namespace rollcall::acl
