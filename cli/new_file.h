// NewFile: a file that has its name only when it is whole and on the disk. Until then it lies
// beside it as "NAME.partial-XXXXXX", readable by its owner alone, and is removed when it is given
// up. Belongs to one thread.
#pragma once

#include <string>
#include <string_view>

#include "registry/base/owned_fd.h"
#include "registry/base/result.h"

namespace rollcall::cli {

class NewFile {
 public:
  // What becomes of a file that has the name already.
  enum class Existing { kRefused, kReplaced };

  static Result<NewFile> Create(const std::string& path, Existing existing);
  NewFile(NewFile&&) = default;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  Result<void> Write(std::string_view bytes);
  // Makes it durable and gives it its name; nothing may be written any more.
  Result<void> Place();
  // Whether it has its name. It may have it after an error of Place as well, when the directory
  // could not be made durable: what was there before is gone then.
  bool is_placed() const { return partial_.empty(); }

 private:
  NewFile(std::string path, Existing existing, std::string partial, int fd)
      : path_(std::move(path)), existing_(existing), partial_(std::move(partial)), fd_(fd) {}

  std::string path_;
  Existing existing_;
  std::string partial_;  // empty: it has its name
  OwnedFd fd_;
};

}  // namespace rollcall::cli
