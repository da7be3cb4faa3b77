#include "api/http/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <utility>

namespace rollcall::http {
namespace {

std::atomic<size_t> open_files{0};

bool WriteAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

// From here on not even this process can change it: it may be on its way to somebody.
bool Seal(int file) {
  return fcntl(file, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0;
}

}  // namespace

std::unique_ptr<const MemoryFile> MemoryFile::Make(std::string_view bytes) {
  if (bytes.size() < kMinBytes || open_files.load(std::memory_order_relaxed) >= kMaxFiles) {
    return nullptr;
  }
  OwnedFd file(memfd_create("rollcall-answer", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (file.get() < 0 || !WriteAll(file.get(), bytes) || !Seal(file.get())) return nullptr;
  std::unique_ptr<MemoryFile> made(new MemoryFile(std::move(file)));
  // Private: older kernels share no mapping of a sealed file, not even one that only reads.
  void* const mapped = mmap(nullptr, bytes.size(), PROT_READ, MAP_PRIVATE, made->fd(), 0);
  if (mapped == MAP_FAILED) return nullptr;
  made->bytes_ = {static_cast<const char*>(mapped), bytes.size()};
  return made;
}

MemoryFile::MemoryFile(OwnedFd file) : file_(std::move(file)) {
  open_files.fetch_add(1, std::memory_order_relaxed);
}

MemoryFile::~MemoryFile() {
  if (!bytes_.empty()) munmap(const_cast<char*>(bytes_.data()), bytes_.size());
  open_files.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace rollcall::http
