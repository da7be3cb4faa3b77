#include "registry/store/snapshot_checksum.h"

#include <zlib.h>

namespace rollcall::store {

uint32_t Crc32(std::string_view bytes) {
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

}  // namespace rollcall::store
