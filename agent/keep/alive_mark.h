// AliveMark: when an agent with this data directory was last alive, so that the next one can tell
// whether anybody has noticed that it was away. In the file DATA_DIR/alive: the boot it ran in and
// the time since that boot; no wall clock, which may jump. Not synced: after a crash of the host it
// is of another boot anyway. Of one thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "registry/base/owned_fd.h"
#include "registry/base/result.h"

namespace rollcall::agent {

class AliveMark {
 public:
  static Result<AliveMark> Open(const std::string& data_dir);

  // Now.
  void Renew();

  // How long ago the last mark was made. Nothing when there is none, or it is of another boot.
  static std::optional<std::chrono::milliseconds> Age(const std::string& data_dir);

 private:
  AliveMark(OwnedFd file, std::string boot) : file_(std::move(file)), boot_(std::move(boot)) {}

  OwnedFd file_;
  std::string boot_;
};

}  // namespace rollcall::agent
