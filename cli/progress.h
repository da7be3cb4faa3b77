// Progress: one line on stderr that says how far a long task is, rewritten a few times a second;
// nothing where stderr is no terminal. The line is wiped away in the end. Belongs to one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace rollcall::cli {

class Progress {
 public:
  // "exporting"
  explicit Progress(std::string what);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `of` 0: not known.
  void Show(uint64_t done, uint64_t of);

 private:
  const std::string what_;
  const bool wanted_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace rollcall::cli
