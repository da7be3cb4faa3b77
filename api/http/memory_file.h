// MemoryFile: bytes in a file of the kernel's that is only in memory (memfd_create), so that it can
// send them (sendfile) without a copy for each receiver: a body of 200 KB that goes to thousands of
// watchers is there once, and what a slow one has not taken yet are references to it.
// Immutable: any thread reads it.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "registry/base/owned_fd.h"

namespace rollcall::http {

class MemoryFile {
 public:
  // For fewer bytes the further system calls are not worth it. A choice: only bodies well above it
  // were measured.
  static constexpr size_t kMinBytes = size_t{64} << 10;
  // Each takes a descriptor of the process. Threads that make one at once may exceed it by one
  // each.
  static constexpr size_t kMaxFiles = 256;

  // Null where it is not worth it, there are kMaxFiles already, or the kernel gives none: whoever
  // asks keeps the bytes for himself then.
  static std::unique_ptr<const MemoryFile> Make(std::string_view bytes);

  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string_view bytes() const { return bytes_; }
  int fd() const { return file_.get(); }

 private:
  explicit MemoryFile(OwnedFd file);

  const OwnedFd file_;
  std::string_view bytes_;  // mapped, by Make
};

}  // namespace rollcall::http
