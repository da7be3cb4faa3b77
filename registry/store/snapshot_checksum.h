// The checksum of a frame of a snapshot file: CRC-32, which finds what a disk or a wire changes.
// The whole has SHA-256 besides: a CRC over the whole would not see frames that are missing or in
// another order, because the CRC of bytes that end with their own CRC depends on their length
// alone. Any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace rollcall::store {

// That of zlib, gzip and PNG.
uint32_t Crc32(std::string_view bytes);

}  // namespace rollcall::store
