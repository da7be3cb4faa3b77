// Sha256Hasher: SHA-256 (FIPS 180-4) of bytes that come in pieces, one text after another.
// OpenSSL's own SHA256() looks the algorithm up and makes a context each time, which takes several
// times as long as the hash of a short text; a hasher does that once. Belongs to one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;
struct evp_md_st;

namespace rollcall {

class Sha256Hasher {
 public:
  static constexpr size_t kBytes = 32;
  using Digest = std::array<uint8_t, kBytes>;

  // All functions throw std::bad_alloc, OpenSSL's only reason to fail here; what would be returned
  // in its place would be taken for a digest.
  Sha256Hasher();

  void Add(std::string_view bytes);
  // Of all that was added since the last Finish. After it, the next text begins.
  Digest Finish();
  // The same, as a string of kBytes.
  std::string FinishAsText();

 private:
  struct Free {
    void operator()(evp_md_st* algorithm) const;
    void operator()(evp_md_ctx_st* context) const;
  };

  void Begin();

  std::unique_ptr<evp_md_st, Free> algorithm_;
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace rollcall
