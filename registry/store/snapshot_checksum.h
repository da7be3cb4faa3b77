// The checksums of a snapshot file: CRC-32 of each frame, which finds what a disk or a wire
// changes, and SHA-256 of the whole. A CRC over the whole would not see frames that are missing or
// in another order: the CRC of bytes that end with their own CRC depends on their length alone.
// Values; each belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace rollcall::store {

// That of zlib, gzip and PNG.
uint32_t Crc32(std::string_view bytes);

class Sha256 {
 public:
  static constexpr size_t kBytes = 32;

  Sha256();
  void Add(std::string_view bytes);
  // Of all that was added; to be called once, and nothing added after it.
  std::string Finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace rollcall::store
