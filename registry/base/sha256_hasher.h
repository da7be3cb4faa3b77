// Sha256Hasher: SHA-256 (FIPS 180-4) of bytes that come in pieces, one text after another.
// OpenSSL's functions for this algorithm alone, under its EVP: a request hashes its token's secret
// unless the worker remembers that, and of a text that short EVP makes 170 ns where these take 70
// (and OpenSSL's one call SHA256(), which looks the algorithm up each time, several times that).
// OpenSSL 3 advises against them and keeps them; should they go, EVP belongs here again. Belongs to
// one thread.
#pragma once

#include <openssl/sha.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rollcall {

class Sha256Hasher {
 public:
  static constexpr size_t kBytes = 32;
  using Digest = std::array<uint8_t, kBytes>;

  Sha256Hasher();

  void Add(std::string_view bytes);
  // Of all that was added since the last Finish. After it, the next text begins.
  Digest Finish();
  // The same, as a string of kBytes.
  std::string FinishAsText();

 private:
  SHA256_CTX context_;
};

}  // namespace rollcall
