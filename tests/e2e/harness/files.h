// Files of a test: a fresh directory that goes away with it, whole files at once.
#pragma once

#include <string>

namespace rollcall::e2e {

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  // A path inside of it.
  std::string File(const std::string& name) const { return path_ + "/" + name; }
  // Writes a file and answers its path.
  std::string Write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

// Empty when there is no such file.
std::string ReadFile(const std::string& path);

}  // namespace rollcall::e2e
