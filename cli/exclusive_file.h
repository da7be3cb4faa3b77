// ExclusiveFile: a file under a name that nothing had before. It goes again unless it is kept, so
// that files which belong together are there together or not at all. Belongs to one thread.
#pragma once

#include <string>
#include <string_view>

#include "registry/base/owned_fd.h"
#include "registry/base/result.h"

namespace rollcall::cli {

class ExclusiveFile {
 public:
  // Modes 0600 and 0644, whatever the umask is; at no moment may more read it.
  enum class Readers { kOwner, kEverybody };

  // kConflict when there is something of that name, if only a link that leads nowhere.
  static Result<ExclusiveFile> Create(const std::string& path, Readers readers);
  ExclusiveFile(ExclusiveFile&&) = default;
  ExclusiveFile& operator=(ExclusiveFile&&) = delete;
  ~ExclusiveFile();

  // All that will be in it; on the disk when this returns.
  Result<void> Write(std::string_view bytes);
  void Keep() { is_kept_ = true; }

 private:
  ExclusiveFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::string path_;
  OwnedFd fd_;  // none: moved from
  bool is_kept_ = false;
};

}  // namespace rollcall::cli
