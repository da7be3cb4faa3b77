#include "agent/keep/file_name.h"

#include <openssl/sha.h>

#include <array>

#include "registry/base/ascii.h"

namespace rollcall::agent {
namespace {

constexpr size_t kMaxName = 200;
constexpr size_t kReadablePart = 120;  // of a name that is too long

void AppendHex(unsigned char byte, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  *out += kHex[byte >> 4];
  *out += kHex[byte & 15];
}

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

}  // namespace

std::string FileNameOf(std::string_view id) {
  const std::string lower = AsciiLower(id);
  std::string name;
  for (const char c : lower) {
    if (IsPlain(c) && !(c == '.' && name.empty())) {
      name += c;
    } else {
      name += '%';
      AppendHex(static_cast<unsigned char>(c), &name);
    }
  }
  if (name.size() <= kMaxName) return name;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(lower.data()), lower.size(), digest.data());
  name.resize(kReadablePart);
  // A '%' that two digits do not follow: no short ID has such a name.
  name += "%-";
  for (const unsigned char byte : digest) AppendHex(byte, &name);
  return name;
}

}  // namespace rollcall::agent
